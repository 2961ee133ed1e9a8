"""Checks of the adverse event, each with its failing and its passing case."""

from datetime import date
from typing import Any

import pytest

from tests.people import give_consent
from tests.safety.entering import AE, asked, correct, enter, enter_ae, query_of
from trial.actions import forms
from trial.models import Query, Subject, User

pytestmark = pytest.mark.django_db
DEATH = {
    "dthdat": "2024-03-12",
    "dthcause": "INFECTION",
    "in_remission": "Y",
    "dthrel": "UNLIKELY",
}
FATAL_SEPSIS = {"aeterm": "Sepsis", "aetoxgr": 5, "aeout": "FATAL", "aeser": "Y"}


def refusals(subject: Subject, by: User, **values: Any) -> dict[str, list[str]]:
    with pytest.raises(forms.Refused) as refused:
        enter_ae(subject, by, **values)
    return refused.value.errors


def test_a_complete_adverse_event_raises_nothing(subject: Subject, coordinator: User) -> None:
    record = enter_ae(subject, coordinator)
    assert (asked(subject), record.state) == (set(), "complete")


@pytest.mark.requirement("CT-01")
def test_the_dictionary_version_stands_on_each_event(subject: Subject, coordinator: User) -> None:
    assert enter_ae(subject, coordinator).answers().ctcae_version == "4.03"
    assert "5.0" in refusals(subject, coordinator, ctcae_version="5.0")["ctcae_version"][0]


@pytest.mark.parametrize("term", ["Neutropenia", "Hypoproteinemia", "Rhinitis", "neutrophil count decreased"])
def test_a_text_that_is_no_term_is_refused_with_what_to_do(subject: Subject, coordinator: User, term: str) -> None:
    sentence = refusals(subject, coordinator, aeterm=term)["aeterm"][0]
    assert "Other, specify" in sentence or "Neutrophil count decreased" in sentence


@pytest.mark.requirement("CT-02")
@pytest.mark.parametrize(
    ("term", "grade", "exist"),
    [
        ("Sepsis", 3, "4, 5"),
        ("Febrile neutropenia", 2, "3, 4, 5"),
        ("Neutrophil count decreased", 5, "1, 2, 3, 4"),
    ],
)
def test_ae_01_a_grade_that_the_term_lacks_is_refused(
    subject: Subject, coordinator: User, term: str, grade: int, exist: str
) -> None:
    sentence = refusals(subject, coordinator, aeterm=term, aetoxgr=grade)["aetoxgr"][0]
    assert sentence == f"“{term}” has no grade {grade} in CTCAE v4.03. Its grades: {exist}."
    enter_ae(subject, coordinator, aeterm=term, aetoxgr=int(exist[0]))
    assert asked(subject) == set()


@pytest.mark.parametrize("grade", [0, 6, -1, "two"])
def test_a_grade_outside_1_to_5_is_refused(subject: Subject, coordinator: User, grade: object) -> None:
    assert refusals(subject, coordinator, aetoxgr=grade)["aetoxgr"]


@pytest.mark.requirement("CT-03")
def test_ae_02_a_death_by_a_term_without_grade_5_is_refused(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "death", **DEATH)
    fatal: dict[str, Any] = {"aetoxgr": 4, "aeout": "FATAL", "aeser": "Y"}
    sentence = refusals(subject, coordinator, aeterm="Neutrophil count decreased", **fatal)["aeout"][0]
    assert "Death NOS" in sentence
    enter_ae(subject, coordinator, **(FATAL_SEPSIS | {"aeser": "Y"}))
    assert asked(subject) == {"SAE-54"}  # only its SAE form is still to come


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("AE-03", {"aeterm": "Sepsis", "aetoxgr": 5}),
        ("AE-04", {"aeterm": "Sepsis", "aetoxgr": 4, "aeout": "FATAL", "aeser": "Y"}),
        ("AE-06", {"aeongo": "Y", "aeendat": ""}),
        ("AE-07", {"aeout": "NOT_RECOVERED"}),
        ("AE-08", {"aeterm": "Sepsis", "aetoxgr": 5, "aeout": "FATAL"}),
        ("AE-09", {"aeterm": "Cytokine release syndrome"}),
        ("adverse_event.aeendat.blank", {"aeendat": ""}),
        ("adverse_event.aeendat.unasked", {"aeongo": "Y", "aeout": "RECOVERING"}),
    ],
)
def test_what_contradicts_itself_is_asked_about(
    subject: Subject, coordinator: User, code: str, values: dict[str, Any]
) -> None:
    record = enter_ae(subject, coordinator, **values)
    assert code in asked(subject)
    correct(record, coordinator, **(AE | {"aeesi": "CRS" if code == "AE-09" else "NONE"}))
    assert code not in asked(subject)


def test_ae_05_an_end_before_the_onset_is_refused(subject: Subject, coordinator: User) -> None:
    assert "before its onset" in refusals(subject, coordinator, aeendat="2024-03-09")["aeendat"][0]
    enter_ae(subject, coordinator, aeendat="2024-03-10")


def test_an_event_without_a_term_is_asked_about_in_a_whole_sentence(subject: Subject, coordinator: User) -> None:
    enter_ae(subject, coordinator, **(FATAL_SEPSIS | {"aeterm": "", "aeser": "Y"}))
    asks = dict(Query.objects.filter(subject=subject).values_list("check_code", "text"))
    assert asks["AE-50"].startswith("The event was fatal, ")
    assert asks["SAE-54"].startswith("The event is serious, ")


@pytest.mark.requirement("CT-04")
def test_other_specify_needs_its_text_and_no_other_term_has_one(subject: Subject, coordinator: User) -> None:
    term = "Metabolism and nutrition disorders - Other, specify"
    record = enter_ae(subject, coordinator, aeterm=term, aetoxgr=3)
    assert (asked(subject), record.state) == ({"adverse_event.aespec.blank"}, "in_progress")
    correct(record, coordinator, aespec="Hypoproteinemia")
    assert asked(subject) == set()
    correct(record, coordinator, aeterm="Fever", aetoxgr=1)
    assert asked(subject) == {"adverse_event.aespec.unasked"}


# --- against other forms -------------------------------------------------------------------------------------------


def test_ae_40_an_onset_before_birth_is_asked_about(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "baseline", "screening", brthdat="2024-03-11", diagdat="2024-03-12")
    record = enter_ae(subject, coordinator)
    assert "AE-40" in asked(subject)
    correct(record, coordinator, aestdat="2024-03-11")
    assert "AE-40" not in asked(subject)


def test_ae_41_an_onset_after_death_is_asked_about(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "death", **(DEATH | {"dthdat": "2024-03-09"}))
    record = enter_ae(subject, coordinator)
    assert "AE-41" in asked(subject)
    correct(record, coordinator, aestdat="2024-03-09")
    assert "AE-41" not in asked(subject)


def test_ae_50_a_fatal_event_without_a_death_form_is_asked_about(subject: Subject, coordinator: User) -> None:
    enter_ae(subject, coordinator, **FATAL_SEPSIS)
    assert "AE-50" in asked(subject)
    enter(subject, coordinator, "death", **DEATH)
    assert "AE-50" not in asked(subject)


def test_ae_51_the_same_event_twice_is_asked_about(subject: Subject, coordinator: User) -> None:
    enter_ae(subject, coordinator)
    second = enter_ae(subject, coordinator)
    assert query_of(subject, "AE-51").record_id == second.pk
    correct(second, coordinator, aeterm="Headache")
    assert asked(subject) == set()


@pytest.mark.parametrize(
    ("onset", "end", "grade", "overlaps"),
    [
        ("2024-03-12", "2024-03-15", 1, True),
        ("2024-03-09", "2024-03-10", 1, True),
        ("2024-03-13", "2024-03-15", 1, False),
        ("2024-03-12", "2024-03-15", 2, False),
    ],
)
def test_ae_52_overlapping_episodes_of_one_grade_are_asked_about(
    subject: Subject, coordinator: User, onset: str, end: str, grade: int, overlaps: bool
) -> None:
    enter_ae(subject, coordinator)
    enter_ae(subject, coordinator, aestdat=onset, aeendat=end, aetoxgr=grade)
    assert asked(subject) == ({"AE-52"} if overlaps else set())


INTERRUPTION = {
    "intstdtc": "2024-03-10T12:00",
    "intongo": "N",
    "intendtc": "2024-03-12T12:00",
    "intreason": "TOXICITY",
    "restart_dose": 5,
    "full_dtc": "2024-03-14T12:00",
}


def test_ae_53_and_54_action_and_interruption_form_agree(subject: Subject, coordinator: User) -> None:
    event = enter_ae(subject, coordinator, aeacn="INTERRUPTED")
    assert asked(subject) == {"AE-53"}
    give_consent(subject, coordinator)
    enter(subject, coordinator, "interruption", **INTERRUPTION, ae=event.pk)
    assert asked(subject).isdisjoint({"AE-53", "AE-54"})
    correct(event, coordinator, aeacn="NONE")
    assert "AE-54" in asked(subject)


def test_ae_55_an_interruption_links_an_adverse_event(subject: Subject, coordinator: User) -> None:
    other = enter(subject, coordinator, "death", **DEATH)
    give_consent(subject, coordinator)
    record = enter(subject, coordinator, "interruption", **INTERRUPTION, ae=other.pk)
    assert "AE-55" in asked(subject)
    correct(record, coordinator, ae=enter_ae(subject, coordinator, aeacn="INTERRUPTED").pk)
    assert "AE-55" not in asked(subject)


def test_ae_56_the_infusion_was_not_stopped_before_its_event(subject: Subject, coordinator: User) -> None:
    event = enter_ae(subject, coordinator, aeacn="INTERRUPTED", aestdat="2024-03-11")
    give_consent(subject, coordinator)
    enter(subject, coordinator, "interruption", **INTERRUPTION, ae=event.pk)
    assert "AE-56" in asked(subject)
    correct(event, coordinator, aestdat="2024-03-10")
    assert "AE-56" not in asked(subject)


def test_ae_57_and_58_withdrawal_and_stop_reason_agree(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "consent", icdat="2024-01-02", icver="1.0", ickind="FIRST")
    enter(subject, coordinator, "screening", "screening", eligible="Y", enrolled="Y", enroldat="2024-02-28")
    event = enter_ae(subject, coordinator, aeacn="WITHDRAWN")
    infusion = enter(
        subject,
        coordinator,
        "infusion",
        "day_1",
        exstdtc="2024-03-01T12:00",
        exongo="N",
        exendtc="2024-03-29T12:00",
        stop_reason="COMPLETED",
    )
    assert "AE-57" in asked(subject)
    correct(infusion, coordinator, stop_reason="TOXICITY")
    assert asked(subject).isdisjoint({"AE-57", "AE-58"})
    correct(event, coordinator, aeacn="NONE")
    assert "AE-58" in asked(subject)


@pytest.mark.parametrize(
    ("temp", "day", "seen"),
    [
        ("38.1", "2024-03-20", True),
        ("38.0", "2024-03-20", False),
        ("39.5", "2024-03-08", False),
        ("39.5", "2024-03-07", True),
        ("39.5", "2024-03-14", False),
        ("39.5", "2024-03-15", True),
    ],
)
def test_ae_59_fever_without_an_event_around_that_day_is_asked_about(
    subject: Subject, coordinator: User, temp: str, day: str, seen: bool
) -> None:
    enter_ae(subject, coordinator)  # fever from the 10th to the 12th
    measured = {"vsdat": day, "temp": temp, "sysbp": 90, "diabp": 55, "hr": 120, "weight": "6.80"}
    enter(subject, coordinator, "vital_signs", "day_1", **measured)
    assert ("AE-59" in asked(subject)) is seen


def test_ae_59_goes_when_the_event_is_entered(subject: Subject, coordinator: User) -> None:
    measured = {"vsdat": date(2024, 3, 10), "temp": "39.5", "sysbp": 90, "diabp": 55, "hr": 120, "weight": "6.80"}
    enter(subject, coordinator, "vital_signs", "day_1", **measured)
    assert asked(subject) == {"AE-59"}
    enter_ae(subject, coordinator, aeterm="Febrile neutropenia", aetoxgr=3)
    assert asked(subject) == set()
