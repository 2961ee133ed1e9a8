import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.exposure import (
    DoseChange,
    ImpossibleCourse,
    Interruption,
    bsa_m2,
    course,
    daily_dose_ug,
    infusion_day,
)

ROOT = Path(__file__).parents[2]
DATA = ROOT / "reports" / "demo" / "data"
START = datetime(2019, 11, 27, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FIVE = Decimal(5)


def rows_of(name):
    return list(csv.DictReader((DATA / name).open(encoding="utf-8")))


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def paper_interruption(restart_dose=FIVE):
    return Interruption(START + 4 * DAY, START + 6 * DAY, restart_dose, START + 8 * DAY)


def doses(segments):
    return [int(segment.dose_ug_m2_day) for segment in segments]


def test_course_without_interruption_is_one_segment_at_full_dose():
    whole = course(START, START + 28 * DAY)
    assert doses(whole.segments) == [15]
    assert whole.delivered_days == 28
    assert whole.delivered_hours == 672
    assert whole.interrupted == whole.longest_interruption == timedelta(0)
    assert whole.full_course is True
    assert whole.dose_ug_m2 == 420
    assert whole.percent_of_planned == 100


def test_course_of_the_interrupted_subject_of_the_paper():
    interrupted = course(START, START + 30 * DAY, [paper_interruption()])
    assert doses(interrupted.segments) == [15, 0, 5, 15]
    assert doses(interrupted.infusing) == [15, 5, 15]
    assert interrupted.longest_interruption == interrupted.interrupted == 2 * DAY
    assert interrupted.infusing[1].duration == 2 * DAY
    assert interrupted.delivered_days == 28
    assert interrupted.full_course is True
    assert interrupted.dose_ug_m2 == 4 * 15 + 2 * 5 + 22 * 15
    assert interrupted.percent_of_planned.quantize(Decimal("0.01")) == Decimal("95.24")


@pytest.mark.parametrize(("days", "expected"), [(27, True), (26, False), (28, True)])
def test_full_course_is_27_days_infused(days, expected):
    assert course(START, START + days * DAY).full_course is expected
    assert course(START, START + 27 * DAY - timedelta(minutes=1)).full_course is False


def test_full_course_leaves_pauses_out():
    pause = Interruption(START + DAY, START + 3 * DAY)
    assert course(START, START + 28 * DAY, [pause]).full_course is False
    assert course(START, START + 29 * DAY, [pause]).full_course is True


@pytest.mark.parametrize("restored_after_days", [None, 6])
def test_restart_at_full_dose_at_once(restored_after_days):
    restored = None if restored_after_days is None else START + restored_after_days * DAY
    pause = Interruption(START + 4 * DAY, START + 6 * DAY, None if restored is None else FIVE, restored)
    assert doses(course(START, START + 30 * DAY, [pause]).segments) == [15, 0, 15]


def test_a_lower_restart_dose_goes_on_until_the_full_dose_is_restored():
    pause = Interruption(START + 4 * DAY, START + 6 * DAY, FIVE)
    assert doses(course(START, START + 30 * DAY, [pause]).segments) == [15, 0, 5]


def test_dose_change_without_a_stop():
    change = DoseChange(START + 10 * DAY, FIVE)
    changed = course(START, START + 28 * DAY, dose_changes=[change])
    assert doses(changed.segments) == [15, 5]
    assert changed.interrupted == timedelta(0)
    assert changed.dose_ug_m2 == 10 * 15 + 18 * 5


def test_running_course_has_no_totals_until_it_is_measured_at_a_moment():
    running = course(START, None, [paper_interruption()])
    assert running.running
    totals = (running.delivered, running.delivered_days, running.full_course, running.percent_of_planned)
    assert totals == (None, None, None, None)
    assert running.interrupted == 2 * DAY

    so_far = course(START, None, [paper_interruption()], as_of=START + 10 * DAY)
    assert so_far.delivered_days == 8
    assert so_far.full_course is False


def test_course_that_is_paused_now():
    paused = course(START, None, [Interruption(START + 4 * DAY)])
    assert doses(paused.segments) == [15, 0]
    assert paused.longest_interruption is paused.interrupted is None
    assert paused.delivered_days == 4
    assert course(START, None, [Interruption(START + 4 * DAY)], as_of=START + 5 * DAY).interrupted == DAY


def test_stop_for_good_at_the_end_of_the_infusion_is_no_pause():
    stopped = course(START, START + 4 * DAY, [Interruption(START + 4 * DAY)])
    assert doses(stopped.segments) == [15]
    assert stopped.interrupted == timedelta(0)


def test_clock_changes_count_elapsed_time():
    rome = ZoneInfo("Europe/Rome")
    spring = course(datetime(2019, 3, 30, 12, tzinfo=rome), datetime(2019, 4, 27, 12, tzinfo=rome))
    autumn = course(datetime(2019, 10, 26, 12, tzinfo=rome), datetime(2019, 11, 23, 12, tzinfo=rome))
    assert spring.delivered == 28 * DAY - HOUR
    assert autumn.delivered == 28 * DAY + HOUR


def test_interruption_across_the_doubled_hour():
    rome = ZoneInfo("Europe/Rome")
    stopped = datetime(2019, 10, 27, 2, 45, tzinfo=rome, fold=0)
    restarted = datetime(2019, 10, 27, 2, 15, tzinfo=rome, fold=1)  # 30 minutes later, although the clock says less
    pause = Interruption(stopped, restarted)
    began = datetime(2019, 10, 20, 12, tzinfo=rome)
    assert course(began, began + 28 * DAY, [pause]).interrupted == timedelta(minutes=30)


IMPOSSIBLE = {
    "end before start": ([], [], -DAY, "end of the infusion is not later than the start"),
    "end at start": ([], [], timedelta(0), "end of the infusion is not later than the start"),
    "stop before start": (
        [Interruption(START - DAY, START + DAY)],
        [],
        28 * DAY,
        "interruption of 26-Nov-2019 12:30 is not later than the start of the infusion",
    ),
    "restart after end": (
        [Interruption(START + 27 * DAY, START + 29 * DAY)],
        [],
        28 * DAY,
        "restart after the interruption of 24-Dec-2019 12:30 is later than the end of the infusion",
    ),
    "restart before stop": (
        [Interruption(START + 4 * DAY, START + 3 * DAY)],
        [],
        28 * DAY,
        "restart after the interruption of 01-Dec-2019 12:30 is not later than its stop",
    ),
    "restored before restart": (
        [Interruption(START + 4 * DAY, START + 6 * DAY, FIVE, START + 5 * DAY)],
        [],
        28 * DAY,
        "restored before its restart",
    ),
    "ramp without dose": (
        [Interruption(START + 4 * DAY, START + 6 * DAY, None, START + 8 * DAY)],
        [],
        28 * DAY,
        "restart dose after .* is missing",
    ),
    "dose without restart": ([Interruption(START + 4 * DAY, None, FIVE)], [], 28 * DAY, "no moment of the restart"),
    "restart dose 0": (
        [Interruption(START + 4 * DAY, START + 6 * DAY, Decimal(0))],
        [],
        28 * DAY,
        "must be above 0",
    ),
    "two interruptions overlap": (
        [Interruption(START + 5 * DAY, START + 7 * DAY), Interruption(START + 4 * DAY, START + 6 * DAY)],
        [],
        28 * DAY,
        "interruption of 02-Dec-2019 12:30 begins before the interruption of 01-Dec-2019 12:30 is over",
    ),
    "stopped again before full dose": (
        [paper_interruption(), Interruption(START + 7 * DAY, START + 9 * DAY)],
        [],
        28 * DAY,
        "the two overlap",
    ),
    "stopped again before a restart": (
        [Interruption(START + 4 * DAY), Interruption(START + 7 * DAY, START + 9 * DAY)],
        [],
        28 * DAY,
        "the two overlap",
    ),
    "dose change in a pause": (
        [paper_interruption()],
        [DoseChange(START + 5 * DAY, FIVE)],
        28 * DAY,
        "dose change of 02-Dec-2019 12:30 lies within the interruption of 01-Dec-2019 12:30",
    ),
    "dose change to 0": ([], [DoseChange(START + DAY, Decimal(0))], 28 * DAY, "a stop is an interruption"),
    "two dose changes at once": (
        [],
        [DoseChange(START + DAY, FIVE), DoseChange(START + DAY, Decimal(10))],
        28 * DAY,
        "at the same moment",
    ),
    "dose change as the full dose is restored": (
        [paper_interruption()],
        [DoseChange(START + 8 * DAY, FIVE)],
        28 * DAY,
        "at the same moment",
    ),
}


@pytest.mark.parametrize(("interruptions", "changes", "length", "sentence"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_impossible_courses_are_refused_with_the_rows_named(interruptions, changes, length, sentence):
    with pytest.raises(ImpossibleCourse, match=sentence):
        course(START, START + length, interruptions, changes)


def test_measuring_to_a_moment_before_the_last_change_is_refused():
    with pytest.raises(ImpossibleCourse, match="later than the moment to measure to"):
        course(START, None, [paper_interruption()], as_of=START + 5 * DAY)


def test_moments_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="27-Nov-2019 12:30 has no time zone"):
        course(START.replace(tzinfo=None), None)


@st.composite
def interrupted_courses(draw):
    """A possible course: its end and its interruptions, from increasing numbers of minutes."""
    minutes = sorted(draw(st.sets(st.integers(1, 60 * 24 * 60), min_size=1, max_size=13)))
    moments = [START + timedelta(minutes=count) for count in minutes]
    *changes, end = moments
    interruptions = []
    while len(changes) >= 3:
        stopped, restarted, restored, *changes = changes
        with_ramp = draw(st.booleans())
        interruptions.append(
            Interruption(stopped, restarted, FIVE, restored) if with_ramp else Interruption(stopped, restarted)
        )
    return end, draw(st.permutations(interruptions))


@given(interrupted_courses())
def test_segments_tile_the_course(end_and_interruptions):
    end, interruptions = end_and_interruptions
    built = course(START, end, interruptions)
    assert built.segments[0].start == START
    assert built.segments[-1].end == end
    assert all(left.end == right.start for left, right in zip(built.segments, built.segments[1:], strict=False))
    assert all(segment.start < segment.end for segment in built.segments)
    assert built.delivered + built.interrupted == end - START
    assert built.interrupted == sum((row.restarted_at - row.stopped_at for row in interruptions), timedelta(0))
    assert built.longest_interruption <= built.interrupted
    rounding = Decimal("1e-20")
    assert 0 < built.dose_ug_m2 <= 15 * built.delivered_days + rounding


@pytest.mark.parametrize(
    ("weight_kg", "height_cm", "expected"),
    [("6.96", "74.0", "0.38"), ("4.35", "61.5", "0.27"), ("3600", "0.000025", "0.01"), ("36", "0.0225", "0.02")],
)
def test_bsa_by_mosteller_half_up(weight_kg, height_cm, expected):
    assert bsa_m2(weight_kg=Decimal(weight_kg), height_cm=Decimal(height_cm)) == Decimal(expected)


def test_bsa_and_daily_dose_refuse_impossible_numbers():
    with pytest.raises(ValueError, match="above 0"):
        bsa_m2(weight_kg=Decimal(0), height_cm=Decimal(70))
    with pytest.raises(ValueError, match="above 0"):
        daily_dose_ug(bsa=Decimal(0))
    assert daily_dose_ug(bsa=Decimal("0.37")) == Decimal("5.55")
    assert daily_dose_ug(bsa=Decimal("0.37"), dose_ug_m2_day=FIVE) == Decimal("1.85")


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2019, 11, 27), 1), (date(2019, 11, 26), -1), (date(2019, 12, 11), 15)]
)
def test_infusion_day_has_no_day_0(day, expected):
    assert infusion_day(START.date(), day) == expected


def test_bsa_of_the_synthetic_subjects_but_for_the_planted_errors():
    wrong = {
        row["patient_id"]
        for row in rows_of("infusion.csv")
        if bsa_m2(weight_kg=Decimal(row["weight_kg"]), height_cm=Decimal(row["height_cm"])) != Decimal(row["bsa_m2"])
    }
    assert wrong == {"S015", "S022"}


def test_segments_of_every_synthetic_subject():
    segments = defaultdict(list)
    for row in rows_of("infusion_segments.csv"):
        segments[row["patient_id"]].append(row)
    interruptions = defaultdict(list)
    for row in rows_of("interruptions.csv"):
        stop = Interruption(
            moment(row["stopped_at"]),
            moment(row["restarted_at"]),
            Decimal(row["restart_dose_ug_m2_day"]),
            moment(row["full_dose_restored_at"]),
        )
        interruptions[row["patient_id"]].append(stop)
    differing = []
    for subject, rows in segments.items():
        start, end = moment(rows[0]["start_datetime"]), moment(rows[-1]["end_datetime"])
        built = course(start, end, interruptions[subject])
        assert built.full_course is True
        recorded = [
            (moment(row["start_datetime"]), moment(row["end_datetime"]), Decimal(row["dose_ug_m2_day"])) for row in rows
        ]
        if [(part.start, part.end, part.dose_ug_m2_day) for part in built.infusing] != recorded:
            differing.append(subject)
            assert doses(built.infusing) == [15, 10, 15]  # the planted restart dose; the segments say 5
    planted = [row["key"] for row in csv.DictReader((ROOT / "tests/reference/planted.csv").open(encoding="utf-8"))]
    assert "S011/1" in planted
    assert differing == ["S011"]
