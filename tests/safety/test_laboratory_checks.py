"""Checks of the laboratory panel, each with its failing and its passing case."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from safety import grading
from safety.crfs.laboratory import TESTS, Laboratory, LabTest
from tests.safety import entering
from tests.safety.entering import (
    asked,
    correct,
    enter,
    enter_ae,
    enter_laboratory,
    query_of,
    start_infusion,
)
from trial.actions import forms
from trial.crf import registry
from trial.models import Subject, User

pytestmark = pytest.mark.django_db
TYPED: dict[str, Any] = {"lbdat": date(2024, 3, 1), "lbnam": "Laboratory NL01"}
for _name, (_value, _unit, _lln, _uln) in entering.TESTS.items():
    TYPED |= {_name: Decimal(_value), f"{_name}_lln": Decimal(_lln), f"{_name}_uln": Decimal(_uln)}
    TYPED[f"{_name}_unit"] = _unit


def test_a_complete_panel_raises_nothing(subject: Subject, coordinator: User) -> None:
    record = enter_laboratory(subject, coordinator)
    assert (asked(subject), record.state) == (set(), "complete")


def test_a_panel_may_stand_at_a_visit_and_in_the_log(subject: Subject, coordinator: User) -> None:
    at_visit = enter_laboratory(subject, coordinator, "day_1")
    unscheduled = [enter_laboratory(subject, coordinator) for _ in range(2)]
    assert at_visit.visit_id is not None
    assert [(record.visit_id, record.sequence) for record in unscheduled] == [(None, 1), (None, 2)]


def test_lb_01_02_and_05_a_value_is_asked_for_unit_and_range(subject: Subject, coordinator: User) -> None:
    record = enter_laboratory(subject, coordinator, plat_unit="", plat_lln="")
    assert asked(subject) == {"LB-01-PLAT", "LB-02-PLAT"}
    correct(record, coordinator, plat_unit="10^9/L", plat_lln=160)
    assert asked(subject) == set()
    correct(record, coordinator, plat="")
    assert asked(subject) == {"LB-05-PLAT", "laboratory.plat.blank"}


def test_lb_03_limits_the_wrong_way_round_are_refused(subject: Subject, coordinator: User) -> None:
    with pytest.raises(forms.Refused) as refused:
        enter_laboratory(subject, coordinator, hgb_lln=140, hgb_uln=105)
    assert list(refused.value.errors) == ["hgb_lln"]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_each_test_of_the_panel_has_these_checks(test: LabTest) -> None:
    name, limit = test.name, f"{test.name}_{test.limit}"
    low, high = f"{name}_lln", f"{name}_uln"
    assert codes_of() == set()
    assert codes_of(**{f"{name}_unit": None}) == {f"LB-01-{test.testcd}"}
    assert codes_of(**{limit: None}) == {f"LB-02-{test.testcd}"}
    assert codes_of(**{low: TYPED[high], high: TYPED[low]}) == {f"LB-03-{test.testcd}"}
    assert f"LB-04-{test.testcd}" in codes_of(**{name: Decimal(2_000_000)})
    assert f"LB-05-{test.testcd}" in codes_of(**{name: None})


def codes_of(**changed: Any) -> set[str]:
    """Codes of the findings within a panel, without a database."""
    return {finding.code for finding in registry.get("laboratory").findings(TYPED | changed, {})}


@pytest.mark.parametrize(
    ("values", "odd"),
    [
        ({"hgb": 11}, True),  # g/dL entered as g/L
        ({"hgb": 11, "hgb_unit": "g/dL", "hgb_lln": "10.5", "hgb_uln": 14}, False),
        ({"plat": 250_000}, True),
        ({"plat": 250_000, "plat_unit": "/mm3", "plat_lln": 160_000, "plat_uln": 500_000}, False),
        ({"creat": "0.3"}, True),
        ({"creat": "0.3", "creat_unit": "mg/dL", "creat_lln": "0.1", "creat_uln": "0.5"}, False),
        ({"alb": 4}, True),
        ({"neut": 0}, False),
    ],
)
def test_lb_04_a_value_in_the_wrong_unit_is_asked_about(
    subject: Subject, coordinator: User, values: dict[str, Any], odd: bool
) -> None:
    enter_laboratory(subject, coordinator, **values)
    assert any(code.startswith("LB-04") for code in asked(subject)) is odd


def test_lb_06_neutrophils_are_not_more_than_all_white_cells(subject: Subject, coordinator: User) -> None:
    record = enter_laboratory(subject, coordinator, neut="6.2")
    assert asked(subject) == {"LB-06"}
    correct(record, coordinator, neut="6.1")
    assert asked(subject) == set()


@pytest.mark.parametrize(("item", "value"), [("hgb", -1), ("hgb", "low"), ("hgb", "1.2345"), ("hgb_unit", "g")])
def test_what_cannot_be_is_refused(subject: Subject, coordinator: User, item: str, value: object) -> None:
    with pytest.raises(forms.Refused) as refused:
        enter_laboratory(subject, coordinator, **{item: value})
    assert list(refused.value.errors) == [item]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_every_unit_has_a_plausible_range_and_every_test_its_bands(test: LabTest) -> None:
    choices = {code for code, _ in Laboratory._meta.get_field(f"{test.name}_unit").choices}
    assert choices == set(test.plausible)
    assert test.testcd in grading.gradable_tests()


# --- against other forms -------------------------------------------------------------------------------------------


def test_lb_40_and_41_a_sample_before_birth_or_after_death_is_asked_about(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "baseline", "screening", brthdat="2024-01-01", diagdat="2024-01-20")
    record = enter_laboratory(subject, coordinator, lbdat="2023-12-31")
    assert "LB-40" in asked(subject)
    correct(record, coordinator, lbdat="2024-01-01")
    assert "LB-40" not in asked(subject)
    death = {"dthcause": "INFECTION", "in_remission": "Y", "dthrel": "UNLIKELY"}
    enter(subject, coordinator, "death", dthdat="2023-12-31", **death)
    assert "LB-41" in asked(subject)


@pytest.mark.parametrize(
    ("day", "outside"),
    [("2024-03-13", True), ("2024-03-14", False), ("2024-03-16", False), ("2024-03-17", True)],
)
def test_lb_44_a_sample_outside_the_window_of_its_visit_is_asked_about(
    subject: Subject, coordinator: User, day: str, outside: bool
) -> None:
    start_infusion(subject, coordinator)  # day 15 is 15-Mar-2024
    enter_laboratory(subject, coordinator, "day_15", lbdat=day)
    enter_laboratory(subject, coordinator, lbdat=day)
    assert asked(subject) == ({"LB-44"} if outside else set())


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({"neut": "0.99"}, True),  # grade 3
        ({"neut": "1.0"}, False),  # grade 2
        ({"neut": "0.49"}, True),
        ({"neut": "0.49", "neut_unit": ""}, False),
        ({"alt": 250}, False),
        ({"alt": 251}, True),
        ({"hgb": 79}, True),
        ({"alt": 251, "lbdat": "2024-02-29"}, False),
        ({"alt": 251, "lbdat": "2024-04-09"}, True),
        ({"alt": 251, "lbdat": "2024-04-10"}, False),
    ],
)
def test_lb_50_grade_3_without_an_event_is_asked_about_while_events_are_collected(
    subject: Subject, coordinator: User, values: dict[str, Any], seen: bool
) -> None:
    start_infusion(subject, coordinator)
    enter(subject, coordinator, "treatment_block", block="IB", ecstdat="2024-04-10", econgo="Y", as_protocol="Y")
    enter_laboratory(subject, coordinator, **(values | {"lbdat": values.get("lbdat", "2024-03-10")}))
    assert ("LB-50" in asked(subject)) is seen


@pytest.mark.parametrize(
    ("term", "grade", "onset", "answered"),
    [
        ("Neutrophil count decreased", 4, "2024-03-10", True),
        ("Febrile neutropenia", 3, "2024-03-12", True),
        ("Neutrophil count decreased", 4, "2024-03-13", False),
        ("Anemia", 3, "2024-03-10", False),
    ],
)
def test_lb_50_an_event_of_that_term_around_that_day_answers_it(
    subject: Subject, coordinator: User, term: str, grade: int, onset: str, answered: bool
) -> None:
    start_infusion(subject, coordinator)
    enter_laboratory(subject, coordinator, lbdat="2024-03-10", neut="0.42")
    assert query_of(subject, "LB-50").item == "neut"
    enter_ae(subject, coordinator, aeterm=term, aetoxgr=grade, aestdat=onset, aeendat="2024-03-20")
    assert ("LB-50" not in asked(subject)) is answered


def test_decimals_are_kept_as_typed(subject: Subject, coordinator: User) -> None:
    assert enter_laboratory(subject, coordinator, neut="2.465").answers().neut == Decimal("2.465")
