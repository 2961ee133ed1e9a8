"""The visit schedule: dates of the anchors, and the windows that hang on them."""

from datetime import date, datetime
from typing import Any

import pytest

from patients import protocol
from tests.patients.subject_rows import at, subject
from trial import visit_schedule
from trial.lifecycle import SubjectState


def block(name: str, start: date | None) -> dict[str, Any]:
    return {"block": name, "ecstdat": start}


def infusion(start: datetime | None, stop: datetime | None = None) -> dict[str, Any]:
    return {"exstdtc": start, "exendtc": stop}


START, STOP = at("2024-01-10 12:00"), at("2024-02-07 12:00")


def test_there_are_20_follow_ups_of_30_days_each_way() -> None:
    follow_ups = [visit for visit in protocol.SCHEDULE if visit.forms == ("follow_up",)]
    assert [visit.code for visit in follow_ups][:3] == ["fu_03", "fu_06", "fu_09"]
    assert (len(follow_ups), follow_ups[-1].code) == (20, "fu_60")
    assert {(visit.before, visit.after, visit.anchor) for visit in follow_ups} == {(30, 30, "infusion_end")}


@pytest.mark.parametrize(
    ("code", "target", "opens", "closes"),
    [
        ("screening", date(2024, 1, 8), date(2023, 12, 25), date(2024, 1, 8)),
        ("day_1", date(2024, 1, 10), date(2024, 1, 10), date(2024, 1, 10)),
        ("day_8", date(2024, 1, 17), date(2024, 1, 16), date(2024, 1, 18)),
        ("day_15", date(2024, 1, 24), date(2024, 1, 23), date(2024, 1, 25)),
        ("day_22", date(2024, 1, 31), date(2024, 1, 30), date(2024, 2, 1)),
        ("day_29", date(2024, 2, 7), date(2024, 2, 7), date(2024, 2, 10)),
        ("before_marma", date(2024, 4, 1), date(2024, 3, 25), date(2024, 4, 1)),
        ("before_octadad", date(2024, 7, 1), date(2024, 6, 24), date(2024, 7, 1)),
        ("before_maintenance", date(2024, 10, 1), date(2024, 9, 24), date(2024, 10, 1)),
        ("fu_03", date(2024, 5, 7), date(2024, 4, 7), date(2024, 6, 6)),
        ("fu_60", date(2029, 2, 7), date(2029, 1, 8), date(2029, 3, 9)),
    ],
)
def test_each_visit_has_the_window_of_the_protocol(code: str, target: date, opens: date, closes: date) -> None:
    data = subject(
        screening=[{"enroldat": date(2024, 1, 8)}],
        infusion=[infusion(START, STOP)],
        treatment_block=[
            block("MARMA", date(2024, 4, 1)),
            block("OCTADAD", date(2024, 7, 1)),
            block("MAINTENANCE", date(2024, 10, 1)),
        ],
    )
    planned = visit_schedule.plan(protocol.PROTOCOL.visit(code), protocol.anchors(data))
    assert (planned.target, planned.opens, planned.closes) == (target, opens, closes)


def test_the_end_of_the_infusion_is_28_days_after_its_start_while_it_runs() -> None:
    assert protocol.anchors(subject(infusion=[infusion(START)]))["infusion_end"] == date(2024, 2, 7)
    longer = subject(infusion=[infusion(START, at("2024-02-09 12:00"))])
    assert protocol.anchors(longer)["infusion_end"] == date(2024, 2, 9)


def test_the_start_is_that_of_the_block_while_there_is_no_infusion_form() -> None:
    blocks = [block("BLINATUMOMAB", date(2024, 1, 9))]
    assert protocol.infusion_start(subject(treatment_block=blocks)) == date(2024, 1, 9)
    assert protocol.infusion_start(subject(treatment_block=blocks, infusion=[infusion(None)])) == date(2024, 1, 9)
    assert protocol.infusion_start(subject(treatment_block=blocks, infusion=[infusion(START)])) == date(2024, 1, 10)


@pytest.mark.parametrize(
    ("blocks", "anchor"),
    [
        ([], None),
        ([block("OCTADAD", date(2024, 7, 1))], date(2024, 7, 1)),
        ([block("OCTADA", date(2024, 7, 1))], date(2024, 7, 1)),
        ([block("HSCT", date(2024, 6, 1))], date(2024, 6, 1)),
        ([block("OCTADAD", date(2024, 7, 1)), block("HSCT", date(2024, 9, 1))], date(2024, 7, 1)),
        ([block("OCTADAD", date(2024, 7, 1)), block("HSCT", date(2024, 6, 1))], date(2024, 6, 1)),
        ([block("HSCT", None), block("OCTADAD", date(2024, 7, 1))], date(2024, 7, 1)),
    ],
)
def test_before_octadad_hangs_on_octadad_or_the_transplantation(
    blocks: list[dict[str, Any]], anchor: date | None
) -> None:
    assert protocol.anchors(subject(treatment_block=blocks))["octadad_start"] == anchor


def test_no_form_no_anchor() -> None:
    assert set(protocol.anchors(subject()).values()) == {None}


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"eligible": None, "enrolled": None, "enroldat": None}, SubjectState.SCREENING),
        ({"eligible": "Y", "enrolled": "Y", "enroldat": None}, SubjectState.SCREENING),
        ({"eligible": "Y", "enrolled": "Y", "enroldat": date(2024, 1, 8)}, SubjectState.ENROLLED),
        ({"eligible": "N", "enrolled": None, "enroldat": None}, SubjectState.SCREEN_FAILED),
        ({"eligible": "Y", "enrolled": "N", "enroldat": None}, SubjectState.SCREEN_FAILED),
    ],
)
def test_the_state_of_a_subject_follows_from_screening(answers: dict[str, Any], state: SubjectState) -> None:
    assert protocol.standing(subject(screening=[answers]))[0] == state
    assert protocol.standing(subject()) == (SubjectState.SCREENING, None)


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("screening", {"screening", "baseline", "end_of_induction", "laboratory", "mrd_sample"}),
        ("day_1", {"infusion", "vital_signs", "neurological", "laboratory"}),
        ("day_8", {"vital_signs", "neurological", "laboratory"}),
        ("day_15", {"vital_signs", "neurological", "laboratory", "mrd_sample"}),
        ("day_22", {"vital_signs", "neurological", "laboratory"}),
        ("day_29", {"vital_signs", "neurological", "laboratory", "mrd_sample"}),
        ("before_marma", {"laboratory", "mrd_sample"}),
        ("before_octadad", {"laboratory", "mrd_sample"}),
        ("before_maintenance", {"laboratory", "mrd_sample"}),
        ("fu_03", {"follow_up"}),
    ],
)
def test_each_visit_expects_the_forms_of_the_protocol(code: str, forms: set[str]) -> None:
    assert set(protocol.PROTOCOL.visit(code).forms) == forms
