"""Forbidden sequences: refused on the page, findings on import, where the step has been taken long ago."""

import pytest

from tests.trial.pages import browser, new_url, typed, words
from trial.actions import forms
from trial.crf import registry
from trial.models import FormRecord, Query, Subject, User

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DE-07")]

CONSENT = {"icdat": "2024-01-05", "icver": "1.0", "ickind": "FIRST"}
CRITERIA = dict.fromkeys(
    (
        "age_lt_1y",
        "kmt2a_rearranged",
        "cd19_positive",
        "b_precursor",
        "interfant06_induction",
        "eoi_blasts_lt_25",
        "no_cns_condition",
        "no_cns_involvement_eoi",
    ),
    "Y",
)
SCREENING = {**CRITERIA, "eligible": "Y", "enrolled": "Y", "enroldat": "2024-01-08"}
NOT_ELIGIBLE = {
    **CRITERIA,
    "cd19_positive": "N",
    "eligible": "N",
    "failure_reason": "blasts CD19 negative",
    "enrolled": "N",
}
INFUSION = {"exstdtc": "2024-01-10T12:00", "exongo": "Y"}


def enter(
    subject: Subject, by: User, crf: str, values: dict[str, str], *, visit: str = "", imported: str = ""
) -> FormRecord:
    at = subject.visits.get(code=visit) if visit else None
    record = forms.new_record(subject=subject, crf_code=crf, visit=at)
    source = forms.Source("csv", imported, f"{crf}.csv", 2, "0" * 64) if imported else None
    return forms.save_form(record=record, values=values, by=by, source=source).record


def refusal(subject: Subject, by: User, crf: str, values: dict[str, str], visit: str) -> str:
    with pytest.raises(forms.Refused) as refused:
        enter(subject, by, crf, values, visit=visit)
    assert not FormRecord.objects.filter(subject=subject, crf_code=crf).exists()
    return " ".join(sentence for sentences in refused.value.errors.values() for sentence in sentences)


def test_no_enrolment_before_consent(subject: Subject, coordinator: User) -> None:
    assert "no consent is recorded" in refusal(subject, coordinator, "screening", SCREENING, "screening")
    enter(subject, coordinator, "consent", CONSENT | {"icdat": "2024-01-09"})
    assert "before the consent" in refusal(subject, coordinator, "screening", SCREENING, "screening")
    enter(subject, coordinator, "screening", SCREENING | {"enroldat": "2024-01-09"}, visit="screening")


def test_no_infusion_before_consent(subject: Subject, coordinator: User) -> None:
    assert "no consent is recorded" in refusal(subject, coordinator, "infusion", INFUSION, "day_1")
    enter(subject, coordinator, "consent", CONSENT)
    enter(subject, coordinator, "screening", SCREENING, visit="screening")
    early = {"exstdtc": "2024-01-04T12:00", "exongo": "Y"}
    assert "before the consent of 05-Jan-2024" in refusal(subject, coordinator, "infusion", early, "day_1")
    enter(subject, coordinator, "infusion", INFUSION, visit="day_1")


def test_no_infusion_before_eligibility(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "consent", CONSENT)
    assert "No infusion before eligibility" in refusal(subject, coordinator, "infusion", INFUSION, "day_1")
    record = enter(subject, coordinator, "screening", NOT_ELIGIBLE, visit="screening")
    assert "No infusion before eligibility" in refusal(subject, coordinator, "infusion", INFUSION, "day_1")
    corrected = SCREENING | {"failure_reason": ""}
    forms.save_form(record=record, values=corrected, by=coordinator, reason="Second report: CD19 positive")
    enter(subject, coordinator, "infusion", INFUSION, visit="day_1")


def test_no_procedure_of_the_study_before_consent(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "consent", CONSENT)
    early, later = {"neudat": "2024-01-04"}, {"neudat": "2024-01-05"}
    assert "before the consent" in refusal(subject, coordinator, "neurological", early, "day_1")
    enter(subject, coordinator, "neurological", later, visit="day_1")


STEPS = [
    ("screening", SCREENING, "screening"),
    ("infusion", INFUSION, "day_1"),
    ("neurological", {"neudat": "2024-01-10"}, "day_1"),
    ("dose_change", {"dcdtc": "2024-01-10T12:00", "dcdose": "15"}, ""),
    ("interruption", {"intstdtc": "2024-01-10T12:00", "intongo": "Y"}, ""),
]


@pytest.mark.requirement("DP-04")
@pytest.mark.parametrize(("crf", "values", "visit"), STEPS, ids=[crf for crf, _, _ in STEPS])
def test_page_and_api_refuse_a_step_of_the_study_before_the_consent_form(
    subject: Subject, coordinator: User, crf: str, values: dict[str, str], visit: str
) -> None:
    person = browser(coordinator)
    at = subject.visits.get(code=visit) if visit else None
    page = {"version": "0", **typed(registry.get(crf), values)}
    body = {"subject": subject.number, "visit": visit or None, **values}
    answers = (
        person.post(new_url(subject, crf, at), page),
        person.post(f"/api/v1/forms/{crf}/", body, content_type="application/json"),
    )
    assert [answer.status_code for answer in answers] == [422, 400]
    for answer in answers:
        assert "no consent is recorded. Enter the consent form first." in words(answer)
    assert not FormRecord.objects.filter(subject=subject).exists()


@pytest.mark.requirement("DP-04")
def test_page_and_api_refuse_an_infusion_before_eligibility(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "consent", CONSENT)
    person, visit = browser(coordinator), subject.visits.get(code="day_1")
    page = {"version": "0", **typed(registry.get("infusion"), INFUSION)}
    body = {"subject": subject.number, "visit": "day_1", **INFUSION}
    answers = (
        person.post(new_url(subject, "infusion", visit), page),
        person.post("/api/v1/forms/infusion/", body, content_type="application/json"),
    )
    assert [answer.status_code for answer in answers] == [422, 400]
    assert all("No infusion before eligibility" in words(answer) for answer in answers)
    assert not FormRecord.objects.filter(subject=subject, crf_code="infusion").exists()


def test_standard_care_before_consent_is_entered(subject: Subject, coordinator: User) -> None:
    enter(subject, coordinator, "consent", CONSENT)
    enter(subject, coordinator, "end_of_induction", {"eoidat": "2024-01-02", "blast_pct": "3"}, visit="screening")
    enter(subject, coordinator, "treatment_block", {"block": "INDUCTION", "ecstdat": "2023-12-01"})


def test_an_import_stores_the_forbidden_step_and_asks(subject: Subject) -> None:
    system = User.objects.system()
    enter(subject, system, "screening", SCREENING, visit="screening", imported="S001")
    record = enter(subject, system, "infusion", INFUSION, visit="day_1", imported="S001")
    asked = Query.objects.filter(subject=subject, state="open")
    assert {"EL-43", "BI-43"} <= set(asked.values_list("check_code", flat=True))
    enter(subject, system, "consent", CONSENT | {"icdat": "2024-01-11"}, imported="S001")
    assert {"EL-42", "BI-42", "IC-51"} <= set(asked.values_list("check_code", flat=True))
    assert not asked.filter(check_code__in=("EL-43", "BI-43")).exists()
    assert record.answers().exstdtc is not None
