"""What edit checks said at a deliberate save, what had been entered then, and what became of it."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.people import VITAL_SIGNS
from tests.trial.pages import browser, new_url, record_of
from trial import prompts
from trial.actions import forms
from trial.models import FormRecord, Prompt, Subject, User
from trial.prompts import Outcome

pytestmark = pytest.mark.django_db
TYPED = {"vsdat": "3 jan 24", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "4.0"}
URL = "/api/v1/forms/vital_signs/"


@pytest.fixture
def site(coordinator: User) -> Client:
    return browser(coordinator)


def post(client: Client, url: str, submission: str, **answers: Any) -> Any:
    return client.post(url, {**TYPED, "version": "0", "submission": submission, **answers})


@pytest.mark.requirement("AT-12")
def test_400_kg_corrected_to_4_leaves_400_the_check_and_4(site: Client, subject: Subject) -> None:
    url, submission = new_url(subject, "vital_signs", subject.visits.get(code="day_1")), str(uuid4())
    assert post(site, url, submission, weight="400").status_code == 422
    assert not FormRecord.objects.exists()
    record = record_of(post(site, url, submission))
    (said,) = prompts.of(record, "weight")
    assert (said.entered, said.check_code) == ({"weight": "400"}, "vital_signs.weight.limit")
    assert (said.outcome, said.value, said.sentence) == (Outcome.CORRECTED, "4", "Corrected to 4")
    assert said.message == "400 cannot be: the most is 100."
    assert said.by == "Site Coordinator Person"


@pytest.mark.requirement("AT-12")
def test_a_soft_finding_is_corrected_confirmed_or_asked_about(site: Client, subject: Subject) -> None:
    outcomes = {}
    for code, then in {
        "day_1": {"hr": "130"},
        "day_8": {"confirm__vital_signs.hr.range": "Crying loudly"},
        "day_15": {},
    }.items():
        url, submission = new_url(subject, "vital_signs", subject.visits.get(code=code)), str(uuid4())
        assert post(site, url, submission, hr="230").status_code == 200
        seen = {"seen": "vital_signs.hr.range"}
        record = record_of(post(site, url, submission, **{"hr": "230", **seen, **then}))
        (said,) = prompts.of(record, "hr")
        assert said.entered == {"hr": "230"}
        outcomes[code] = said.sentence
    assert outcomes == {
        "day_1": "Corrected to 130",
        "day_8": "Confirmed: Crying loudly",
        "day_15": "Saved with query",
    }


def test_a_finding_seen_as_the_field_was_left_is_kept_with_the_save(site: Client, subject: Subject) -> None:
    url = new_url(subject, "vital_signs", subject.visits.get(code="day_1"))
    record = record_of(post(site, url, str(uuid4()), hr="230", seen="vital_signs.hr.range"))
    assert [said.outcome for said in prompts.of(record, "hr")] == [Outcome.QUERIED]
    again = {"version": "1", "temp": "37.3", "hr": "230", "reason_code": "entry-error"}
    assert post(site, f"/forms/{record.pk}/", str(uuid4()), **again).status_code == 302
    assert Prompt.objects.filter(item="hr").count() == 1  # what was left alone is not said again


def test_an_entry_that_cannot_be_read_is_kept_as_typed(site: Client, subject: Subject) -> None:
    url, submission = new_url(subject, "vital_signs", subject.visits.get(code="day_1")), str(uuid4())
    assert post(site, url, submission, vsdat="31 feb 24").status_code == 422
    record = record_of(post(site, url, submission))
    (said,) = prompts.of(record, "vsdat")
    assert (said.entered["vsdat"], said.check_code, said.value) == (
        "31 feb 24",
        "vital_signs.vsdat.type",
        "03-Jan-2024",
    )


def test_the_api_keeps_them_too(site: Client, subject: Subject) -> None:
    body = {"subject": subject.number, "visit": "day_1", **VITAL_SIGNS}
    assert site.post(URL, {**body, "weight": "400"}, "application/json").status_code == 400
    created = site.post(URL, {**body, "hr": 230}, "application/json").json()
    record = FormRecord.objects.get(pk=created["id"])
    assert [(said.check_code, said.outcome) for said in prompts.of(record)] == [
        ("vital_signs.weight.limit", Outcome.CORRECTED),
        ("vital_signs.hr.range", Outcome.QUERIED),
    ]


def test_what_came_to_nothing_says_so(site: Client, vital_signs: FormRecord) -> None:
    url = f"/forms/{vital_signs.pk}/"
    assert post(site, url, str(uuid4()), version="1", weight="400", reason_code="entry-error").status_code == 422
    (said,) = prompts.of(vital_signs, "weight")
    assert (said.outcome, said.sentence) == (Outcome.UNSAVED, "Not saved")


def test_an_import_is_no_deliberate_save(subject: Subject, coordinator: User) -> None:
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    source = forms.Source(system="REGISTRY", id="1", file="vs.csv", line=2, sha256="0" * 64)
    forms.save_form(record=record, values={"hr": 230}, by=coordinator, source=source)
    assert not Prompt.objects.exists()
