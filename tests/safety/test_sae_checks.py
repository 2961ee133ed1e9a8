"""Checks of the serious adverse event, each with its failing and its passing case."""

from typing import Any

import pytest

from tests.safety.entering import SAE, asked, correct, enter, enter_ae, enter_sae, query_of
from trial.actions import forms
from trial.models import Subject, User

pytestmark = pytest.mark.django_db


def test_a_complete_sae_may_stand_alone(subject: Subject, coordinator: User) -> None:
    record = enter_sae(subject, coordinator)
    assert (asked(subject), record.state) == (set(), "complete")


@pytest.mark.requirement("CT-02")
def test_sae_01_a_grade_that_the_term_lacks_is_refused(subject: Subject, coordinator: User) -> None:
    with pytest.raises(forms.Refused) as refused:
        enter_sae(subject, coordinator, saeterm="Sepsis", saetoxgr=3)
    assert "Its grades: 4, 5." in refused.value.errors["saetoxgr"][0]
    enter_sae(subject, coordinator, saeterm="Sepsis", saetoxgr=4)


@pytest.mark.parametrize(
    ("item", "values"),
    [
        ("saeout", {"saeterm": "Neutrophil count decreased", "saetoxgr": 4, "saeout": "FATAL", "sdth": "Y"}),
        ("saeendat", {"saeendat": "2024-03-09"}),
    ],
)
def test_sae_02_and_05_what_cannot_be_is_refused(
    subject: Subject, coordinator: User, item: str, values: dict[str, Any]
) -> None:
    with pytest.raises(forms.Refused) as refused:
        enter_sae(subject, coordinator, **values)
    assert list(refused.value.errors) == [item]


@pytest.mark.requirement("SA-01")
def test_sae_08_at_least_one_criterion_of_seriousness(subject: Subject, coordinator: User) -> None:
    record = enter_sae(subject, coordinator, shosp="N")
    assert asked(subject) == {"SAE-08"}
    correct(record, coordinator, smie="Y")
    assert asked(subject) == set()


@pytest.mark.requirement("SA-02")
def test_serious_is_not_severe(subject: Subject, coordinator: User) -> None:
    enter_sae(subject, coordinator, saetoxgr=1)
    enter_ae(subject, coordinator, aeterm="Neutrophil count decreased", aetoxgr=4, aeser="N")
    assert asked(subject) == set()


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("SAE-03", {"saeterm": "Sepsis", "saetoxgr": 5}),
        ("SAE-04", {"saeterm": "Sepsis", "saetoxgr": 4, "saeout": "FATAL", "sdth": "Y"}),
        ("SAE-06", {"saeongo": "Y", "saeendat": ""}),
        ("SAE-07", {"saeout": "RECOVERING"}),
        ("SAE-09", {"sdth": "Y"}),
        ("SAE-09", {"saeterm": "Sepsis", "saetoxgr": 5, "saeout": "FATAL"}),
        ("SAE-10", {"awaredtc": "2024-03-09T10:00", "reportdtc": "2024-03-09T18:00"}),
        ("SAE-50", {"saeterm": "Sepsis", "saetoxgr": 5, "saeout": "FATAL", "sdth": "Y"}),
        ("SAE-52", {"reportdtc": "2024-03-10T09:59"}),
    ],
)
def test_what_contradicts_itself_is_asked_about(
    subject: Subject, coordinator: User, code: str, values: dict[str, Any]
) -> None:
    record = enter_sae(subject, coordinator, **values)
    assert code in asked(subject)
    correct(record, coordinator, **SAE)
    assert asked(subject) == set()


@pytest.mark.requirement("SA-03")
@pytest.mark.parametrize(
    ("aware", "reported", "late"),
    [
        ("2024-03-10T10:00", "2024-03-11T10:00", False),
        ("2024-03-10T10:00", "2024-03-11T10:01", True),
        ("2024-03-10T10:00", "2024-03-11T12:00", True),
        # The night to 31-Mar-2024 is an hour short in Amsterdam, the one to 27-Oct-2024 an hour long.
        ("2024-03-30T12:00", "2024-03-31T13:00", False),
        ("2024-10-26T12:00", "2024-10-27T11:30", True),
    ],
)
def test_sae_51_a_report_after_24_hours_is_asked_about(
    subject: Subject, coordinator: User, aware: str, reported: str, late: bool
) -> None:
    enter_sae(subject, coordinator, awaredtc=aware, reportdtc=reported)
    assert asked(subject) == ({"SAE-51"} if late else set())


def test_sae_51_names_the_hours(subject: Subject, coordinator: User) -> None:
    enter_sae(subject, coordinator, reportdtc="2024-03-11T12:00")
    assert "26 hours" in query_of(subject, "SAE-51").text


# --- reconciliation ------------------------------------------------------------------------------------------------


def test_sae_53_an_sae_links_an_adverse_event(subject: Subject, coordinator: User) -> None:
    record = enter_sae(subject, coordinator, ae=enter_sae(subject, coordinator).pk)
    assert asked(subject) == {"SAE-53"}
    correct(record, coordinator, ae=enter_ae(subject, coordinator, aeser="Y").pk)
    assert "SAE-53" not in asked(subject)


def test_sae_54_and_55_serious_on_both_sides(subject: Subject, coordinator: User) -> None:
    event = enter_ae(subject, coordinator, aeser="Y")
    assert asked(subject) == {"SAE-54"}
    enter_sae(subject, coordinator, ae=event.pk)
    assert asked(subject) == set()
    correct(event, coordinator, aeser="N")
    assert asked(subject) == {"SAE-55"}


def test_sae_56_an_unlinked_event_that_looks_the_same_is_asked_about(subject: Subject, coordinator: User) -> None:
    event = enter_ae(subject, coordinator)
    enter_sae(subject, coordinator)
    assert asked(subject) == {"SAE-56"}
    correct(event, coordinator, aestdat="2024-03-09")
    assert asked(subject) == set()


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("SAE-60", {"saerel": "UNLIKELY"}),
        ("SAE-61", {"saetoxgr": 2}),
        ("SAE-62", {"saeterm": "Chills"}),
        ("SAE-63", {"saestdat": "2024-03-09"}),
        ("SAE-64", {"saeendat": "2024-03-13"}),
        ("SAE-65", {"saeacn": "REDUCED"}),
        ("SAE-66", {"saeout": "SEQUELAE"}),
    ],
)
def test_sae_60_to_66_an_item_that_differs_from_the_linked_event_is_asked_about(
    subject: Subject, coordinator: User, code: str, values: dict[str, Any]
) -> None:
    event = enter_ae(subject, coordinator, aeser="Y")
    record = enter_sae(subject, coordinator, ae=event.pk, **values)
    assert asked(subject) == {code}
    assert query_of(subject, code).item == next(iter(values))
    correct(record, coordinator, **SAE)
    assert asked(subject) == set()


def test_an_sae_makes_no_adverse_event(subject: Subject, coordinator: User) -> None:
    enter_sae(subject, coordinator)
    assert not subject.records.filter(crf_code="adverse_event").exists()


def test_sae_50_goes_when_the_death_is_entered(subject: Subject, coordinator: User) -> None:
    fatal: dict[str, Any] = {"saeterm": "Sepsis", "saetoxgr": 5, "saeout": "FATAL", "sdth": "Y"}
    enter_sae(subject, coordinator, **fatal)
    assert asked(subject) == {"SAE-50"}
    enter(subject, coordinator, "death", dthdat="2024-03-12", dthcause="INFECTION", in_remission="Y", dthrel="UNLIKELY")
    assert asked(subject) == set()
