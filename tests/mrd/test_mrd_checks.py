"""Checks of MRD samples and results, each with its failing and its passing case; who may enter them."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from tests.people import VITAL_SIGNS, make_user
from tests.safety.entering import asked, correct, enter, query_of, start_infusion
from trial.actions import forms
from trial.actions.forms import Source
from trial.models import FormRecord, Subject, User

pytestmark = pytest.mark.django_db
SAMPLE = {"timepoint": "D15", "msdat": "2024-03-15", "material": "BM"}
RESULT = {"target": "KMT2A", "result": "POS", "value": "2.8e-4", "quant_range": "5e-5", "sensitivity": "1e-5"}


@pytest.fixture
def sample(subject: Subject, coordinator: User) -> FormRecord:
    return enter(subject, coordinator, "mrd_sample", "day_15", **SAMPLE)


def enter_result(sample: FormRecord, by: User, **values: Any) -> FormRecord:
    return enter(sample.subject, by, "mrd_result", **(RESULT | {"sample": sample.pk} | values))


def refusals(sample: FormRecord, by: User, **values: Any) -> dict[str, list[str]]:
    with pytest.raises(forms.Refused) as refused:
        enter_result(sample, by, **values)
    return refused.value.errors


# --- results -------------------------------------------------------------------------------------------------------


def test_a_complete_result_raises_nothing(sample: FormRecord, coordinator: User) -> None:
    record = enter_result(sample, coordinator)
    assert (asked(sample.subject), record.state) == (set(), "complete")


@pytest.mark.parametrize(
    ("written", "fraction"),
    [
        ("0.00028", "0.00028"),
        ("2.8e-4", "0.00028"),
        ("2,8 x 10^-4", "0.00028"),
        ("0.028 %", "0.00028"),
        ("1.23e-7", "0.000000123"),
        (0.126, "0.126"),
        ("1", "1"),
    ],
)
def test_a_value_is_understood_as_laboratories_write_it(
    sample: FormRecord, coordinator: User, written: object, fraction: str
) -> None:
    record = enter_result(sample, coordinator, value=written)
    assert record.answers().value == Decimal(fraction)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("28 e", "is not an MRD value"),
        ("1.01", "at most 1"),
        ("28", "Is the % sign missing?"),
        ("0", "has the result negative"),
        (Decimal("1.5"), "the most is 1"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_a_sentence(
    sample: FormRecord, coordinator: User, written: object, sentence: str
) -> None:
    assert sentence in refusals(sample, coordinator, value=written)["value"][0]


@pytest.mark.parametrize("result", ["NEG", "POS_NQ"])
def test_mr_01_only_a_quantified_result_has_a_value(sample: FormRecord, coordinator: User, result: str) -> None:
    assert "Only a quantified" in refusals(sample, coordinator, result=result)["value"][0]
    enter_result(sample, coordinator, result=result, value="")
    assert asked(sample.subject) == set()


def test_mr_02_a_quantified_result_needs_its_value(sample: FormRecord, coordinator: User) -> None:
    assert "needs its value" in refusals(sample, coordinator, value="")["value"][0]
    enter_result(sample, coordinator)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"value": "9e-6"}, {"MR-03", "MR-04"}),
        ({"value": "1e-5", "quant_range": "1e-5"}, set()),
        ({"value": "4.9e-5"}, {"MR-04"}),
        ({"value": "5e-5"}, set()),
        ({"result": "NEG", "value": "", "sensitivity": "1.1e-4", "quant_range": "5e-4"}, {"MR-05"}),
        ({"result": "NEG", "value": "", "sensitivity": "1e-4", "quant_range": "5e-4"}, set()),
        ({"value": "1e-3", "sensitivity": "1.1e-4", "quant_range": "5e-4"}, set()),
        ({"quant_range": "9e-6"}, {"MR-06"}),
    ],
)
def test_mr_03_to_06_value_range_and_sensitivity_fit_together(
    sample: FormRecord, coordinator: User, values: dict[str, Any], codes: set[str]
) -> None:
    enter_result(sample, coordinator, **values)
    assert asked(sample.subject) == codes


def test_mr_50_a_result_links_a_sample(sample: FormRecord, coordinator: User) -> None:
    other = enter_result(sample, coordinator)
    record = enter(sample.subject, coordinator, "mrd_result", **RESULT, sample=other.pk)
    assert asked(sample.subject) == {"MR-50"}
    correct(record, coordinator, sample=sample.pk, target="IGTCR")
    assert asked(sample.subject) == set()
    correct(record, coordinator, sample="")
    assert asked(sample.subject) == {"mrd_result.sample.blank"}


def test_mr_50_a_deleted_sample_is_asked_about(sample: FormRecord, coordinator: User) -> None:
    enter_result(sample, coordinator)
    forms.delete_form(record=sample, by=coordinator, reason="Of another subject")
    assert "MR-50" in asked(sample.subject)


def test_mr_51_a_target_twice_for_one_sample_is_asked_about(sample: FormRecord, coordinator: User) -> None:
    enter_result(sample, coordinator)
    second = enter_result(sample, coordinator)
    assert query_of(sample.subject, "MR-51").record_id == second.pk
    correct(second, coordinator, target="IGTCR")
    assert asked(sample.subject) == set()


# --- samples -------------------------------------------------------------------------------------------------------


def test_ms_40_41_and_52_a_sample_lies_within_life_and_illness(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "baseline", "screening", brthdat="2024-01-01", diagdat="2024-01-20")
    record = enter(subject, coordinator, "mrd_sample", **(SAMPLE | {"msdat": "2023-12-31"}))
    assert {"MS-40", "MS-52"} <= asked(subject)
    correct(record, coordinator, msdat="2024-01-19")
    assert asked(subject) & {"MS-40", "MS-52"} == {"MS-52"}
    correct(record, coordinator, msdat="2024-01-20")
    assert asked(subject).isdisjoint({"MS-40", "MS-41", "MS-52"})
    death = {"dthcause": "INFECTION", "in_remission": "Y", "dthrel": "UNLIKELY"}
    enter(subject, coordinator, "death", dthdat="2024-01-19", **death)
    assert "MS-41" in asked(subject)


@pytest.mark.parametrize("timepoint", ["D15", "MAINT", "UNSCHEDULED"])
def test_ms_42_a_study_sample_before_consent_is_refused_and_asked_about_on_import(
    subject: Subject, coordinator: User, timepoint: str
) -> None:
    enter(subject, coordinator, "consent", icdat="2024-03-16", icver="1.0", ickind="FIRST")
    values = SAMPLE | {"timepoint": timepoint}
    with pytest.raises(forms.Refused) as refused:
        enter(subject, coordinator, "mrd_sample", **values)
    assert list(refused.value.errors) == ["msdat"]
    source = Source(system="test", id="1", file="mrd_samples.csv", line=2, sha256="")
    record = forms.new_record(subject=subject, crf_code="mrd_sample")
    forms.save_form(record=record, values=values, by=coordinator, source=source)
    assert "MS-42" in asked(subject)


@pytest.mark.parametrize(("timepoint", "day"), [("EOI", "2024-03-15"), ("D15", "2024-03-16")])
def test_ms_42_standard_care_and_the_day_of_consent_are_fine(
    subject: Subject, coordinator: User, timepoint: str, day: str
) -> None:
    enter(subject, coordinator, "consent", icdat="2024-03-16", icver="1.0", ickind="FIRST")
    enter(subject, coordinator, "mrd_sample", timepoint=timepoint, msdat=day, material="BM")
    assert "MS-42" not in asked(subject)


@pytest.mark.parametrize(
    ("day", "outside"),
    [("2024-03-13", True), ("2024-03-14", False), ("2024-03-16", False), ("2024-03-17", True)],
)
def test_ms_44_a_sample_outside_the_window_of_its_visit_is_asked_about(
    subject: Subject, coordinator: User, day: str, outside: bool
) -> None:
    start_infusion(subject, coordinator)  # day 15 is 15-Mar-2024
    enter(subject, coordinator, "mrd_sample", "day_15", **(SAMPLE | {"msdat": day}))
    assert asked(subject) == ({"MS-44"} if outside else set())


@pytest.mark.parametrize(
    ("block", "day", "outside"),
    [
        ("OCTADAD", "2024-08-13", True),
        ("OCTADAD", "2024-08-14", False),
        ("HSCT", "2024-07-30", True),
        ("HSCT", "2024-07-31", False),
        ("HSCT", "2024-08-22", True),
    ],
)
def test_ms_44_before_a_transplantation_there_is_room_for_the_conditioning(
    subject: Subject, coordinator: User, block: str, day: str, outside: bool
) -> None:
    given = {"block": block, "ecstdat": "2024-08-21", "econgo": "Y", "as_protocol": "Y"}
    enter(subject, coordinator, "treatment_block", **given)
    enter(subject, coordinator, "mrd_sample", "before_octadad", timepoint="OCTADAD", msdat=day, material="BM")
    assert ("MS-44" in asked(subject)) is outside


@pytest.mark.parametrize(
    ("visit", "timepoint", "odd"),
    [("day_15", "D29", True), ("day_29", "D29", False), ("screening", "UNSCHEDULED", True), ("", "D15", False)],
)
def test_ms_50_the_time_point_is_that_of_the_visit(
    subject: Subject, coordinator: User, visit: str, timepoint: str, odd: bool
) -> None:
    enter(subject, coordinator, "mrd_sample", visit, **(SAMPLE | {"timepoint": timepoint}))
    assert ("MS-50" in asked(subject)) is odd


@pytest.mark.parametrize(
    ("values", "odd"),
    [({}, True), ({"material": "PB"}, False), ({"timepoint": "D29"}, False), ({"timepoint": "UNSCHEDULED"}, False)],
)
def test_ms_51_two_samples_of_one_time_point_are_asked_about(
    sample: FormRecord, coordinator: User, values: dict[str, Any], odd: bool
) -> None:
    enter(sample.subject, coordinator, "mrd_sample", **(SAMPLE | values))
    assert ("MS-51" in asked(sample.subject)) is odd


# --- who -----------------------------------------------------------------------------------------------------------


def test_the_laboratory_enters_results_and_no_other_form(sample: FormRecord, subject: Subject) -> None:
    laboratory = make_user("mrd-laboratory")
    assert enter_result(sample, laboratory).state == "complete"
    with pytest.raises(PermissionDenied):
        enter(subject, laboratory, "vital_signs", "day_1", **VITAL_SIGNS)
