import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.pathway import next_course_start
from safety.ctcae import code_free_text, term
from safety.emergence import Event, highest_grades, in_window, reporting_category

DATA = Path(__file__).parents[2] / "reports" / "demo" / "data"
START, NEXT = date(2020, 5, 4), date(2020, 6, 8)


@pytest.mark.parametrize(
    ("onset", "next_course", "expected"),
    [
        (date(2020, 5, 3), NEXT, False),
        (date(2020, 5, 4), NEXT, True),
        (date(2020, 6, 7), NEXT, True),
        (date(2020, 6, 8), NEXT, False),
        (date(2020, 6, 9), NEXT, False),
        (date(2024, 1, 1), None, True),
        (date(2020, 5, 3), None, False),
    ],
)
def test_window_includes_its_first_day_and_excludes_the_next_course(onset, next_course, expected):
    assert in_window(onset, START, next_course) is expected


@pytest.mark.parametrize("next_course", [START, date(2020, 5, 3)])
def test_next_course_before_the_infusion_is_refused(next_course):
    with pytest.raises(ValueError, match="must start after the infusion"):
        in_window(START, START, next_course)


@pytest.mark.requirement("CT-06")
def test_highest_grade_for_each_subject_and_term():
    other = "Infections and infestations - Other, specify"
    first, second = Event("S001", "Fever", 1), Event("S001", "Fever", 3)
    elsewhere = Event("S002", "Fever", 2)
    rhinitis, again, wart = (Event("S001", other, 1, text) for text in ("Rhinitis", " rhinitis", "Wart"))
    missing, known = Event("S003", "Fever", None), Event("S003", "Fever", 1)
    events = [first, second, elsewhere, rhinitis, again, wart, missing, known]
    assert highest_grades(events) == [second, elsewhere, rhinitis, wart, known]
    assert highest_grades([missing]) == [missing]
    assert highest_grades([]) == []


graded_events = st.builds(
    Event,
    subject=st.sampled_from(["S001", "S002"]),
    term=st.sampled_from(["Fever", "Cough"]),
    grade=st.none() | st.integers(1, 5),
)


@given(st.lists(graded_events))
def test_highest_grades_keep_each_pair_once_and_nothing_higher_is_lost(events):
    kept = highest_grades(events)
    grade_of = {(event.subject, event.term): event.grade or 0 for event in kept}
    assert len(grade_of) == len(kept) == len({(event.subject, event.term) for event in events})
    assert all((event.grade or 0) <= grade_of[event.subject, event.term] for event in events)
    assert highest_grades(kept) == kept


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sepsis", "Infection"),
        ("Pharyngitis", "Infection"),
        ("Infections and infestations - Other, specify", "Infection"),
        ("Fever", "Fever"),
        ("Febrile neutropenia", "Febrile neutropenia"),
    ],
)
def test_reporting_category(name, expected):
    assert reporting_category(term(name).soc, name) == expected


def test_reporting_category_of_every_synthetic_sae():
    for row in rows_of("sae.csv"):
        assert reporting_category(term(row["term"]).soc, row["term"]) == row["category"]


def rows_of(name):
    with (DATA / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def windows():
    """First infusion day and start of the next course of each subject."""
    blocks: dict[str, list] = {}
    for row in rows_of("treatment_blocks.csv"):
        blocks.setdefault(row["patient_id"], []).append((row["block"], date.fromisoformat(row["start_date"])))
    starts: dict[str, date] = {}
    for row in rows_of("infusion_segments.csv"):
        day = date.fromisoformat(row["start_datetime"][:10])
        starts[row["patient_id"]] = min(day, starts.get(row["patient_id"], day))
    return {subject: (start, next_course_start(start, blocks[subject])) for subject, start in starts.items()}


def test_synthetic_events_that_the_tables_count():
    window_of = windows()
    rows = rows_of("ae.csv") + rows_of("ae_out_of_window.csv")
    counted = [row for row in rows if in_window(date.fromisoformat(row["start_date"]), *window_of[row["patient_id"]])]
    assert len(window_of) == 30
    assert [row["ae_id"] for row in counted] == [row["ae_id"] for row in rows_of("ae.csv")]
    assert len(counted) == 78


@pytest.mark.requirement("CT-06")
def test_synthetic_events_come_to_61_pairs_of_subject_and_term():
    events = []
    for row in rows_of("ae.csv"):
        coded, specified = code_free_text(row["term"], row["soc"])
        events.append(Event(row["patient_id"], coded.name, int(row["grade"]), specified))
    highest = highest_grades(events)
    assert (len(events), len(highest)) == (78, 61)
    assert sum(event.grade >= 3 for event in highest) == 16
