"""What is typed and not saved is kept for its author alone, offered again, and gone once it is saved or given up."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import make_user
from tests.trial.pages import browser, new_url, words
from trial import actions, drafts
from trial.actions import forms
from trial.models import Draft, FormRecord, Site, Subject, User
from trial.tasks import forget_drafts_of_yesterday
from trial.worklists.forms import your_drafts

pytestmark = pytest.mark.django_db
TYPED = {"vsdat": "3 jan 24", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}
REASON = {"reason_code": "entry-error"}


@pytest.fixture
def site(coordinator: User) -> Client:
    return browser(coordinator)


def keep(client: Client, address: str, entries: dict[str, str], version: int = 1, submission: str = "") -> Any:
    sent = {"address": address, "version": str(version), "submission": submission, "entries": json.dumps(entries)}
    return client.post("/drafts/", sent)


def address_of(record: FormRecord) -> str:
    return f"/forms/{record.pk}/"


def test_what_was_typed_is_offered_and_never_filled_in(site: Client, vital_signs: FormRecord) -> None:
    keep(site, address_of(vital_signs), {**TYPED, "temp": "38.5"})
    page = site.get(address_of(vital_signs))
    assert "You typed here on" in words(page)
    assert "Temperature 37.2 38.5 Take it up" in words(page)
    assert 'name="temp" value="37.2"' in page.content.decode()
    taken = site.get(address_of(vital_signs), {"draft": Draft.objects.get().pk})
    assert 'name="temp" value="38.5"' in taken.content.decode()
    assert vital_signs.answers().temp != 38.5


def test_a_draft_is_its_authors_alone(site: Client, vital_signs: FormRecord, nl01: Site) -> None:
    keep(site, address_of(vital_signs), {**TYPED, "temp": "38.5"})
    colleague = browser(make_user("site-coordinator", nl01, "colleague"))
    assert "You typed here" not in words(colleague.get(address_of(vital_signs)))
    assert colleague.post(f"/drafts/{Draft.objects.get().pk}/throw-away/").status_code == 404


def test_a_new_form_is_kept_too_and_goes_on_where_it_was(site: Client, subject: Subject, coordinator: User) -> None:
    url, submission = new_url(subject, "adverse_event"), str(uuid4())
    keep(site, url, {"aeterm": "Vomiting", "reason_text": "so far"}, 0, submission)
    draft = drafts.of(coordinator)[0]
    page = site.get(f"{url}?draft={draft.pk}").content.decode()
    assert 'value="Vomiting"' in page
    assert f'name="submission" value="{submission}"' in page


def test_one_form_has_one_draft_and_it_costs_six_statements_at_most(site: Client, vital_signs: FormRecord) -> None:
    keep(site, address_of(vital_signs), TYPED)
    with CaptureQueriesContext(connection) as captured:
        keep(site, address_of(vital_signs), {**TYPED, "hr": "130"})
    spent = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(spent) <= 6, "\n".join(spent)
    assert Draft.objects.get().entries["hr"] == "130"


def test_a_save_forgets_its_draft_and_one_that_comes_after_it_is_not_offered(
    site: Client, vital_signs: FormRecord, coordinator: User
) -> None:
    submission = str(uuid4())
    sent = {**TYPED, **REASON, "hr": "130", "version": "1", "submission": submission}
    keep(site, address_of(vital_signs), {**TYPED, "hr": "130"}, 1, submission)
    assert site.post(address_of(vital_signs), sent).status_code == 302
    assert not Draft.objects.exists()
    keep(site, address_of(vital_signs), {**TYPED, "hr": "131"}, 1, submission)
    assert "You typed here" not in words(site.get(address_of(vital_signs)))
    assert drafts.of(coordinator) == []


def test_a_form_that_a_colleague_saved_meanwhile_shows_both(
    site: Client, vital_signs: FormRecord, nl01: Site, coordinator: User
) -> None:
    keep(site, address_of(vital_signs), {**TYPED, "hr": "130", "weight": "6.90"})
    colleague = make_user("site-coordinator", nl01, "colleague")
    forms.save_form(record=vital_signs, values={"hr": 140, "temp": "38.0"}, by=colleague, reason="Read again")
    assert "Colleague Person saved this form meanwhile" in words(site.get(address_of(vital_signs)))
    taken = site.get(address_of(vital_signs), {"draft": Draft.objects.get().pk})
    assert "Heart rate 140 (Colleague Person: Read again) 130" in words(taken)
    page = taken.content.decode()
    assert 'name="temp" value="38"' in page
    assert 'name="keep__hr"' in page
    assert 'name="keep__temp"' not in page


def test_a_new_form_that_a_colleague_entered_meanwhile_shows_both(site: Client, subject: Subject, nl01: Site) -> None:
    day_1 = subject.visits.get(code="day_1")
    keep(site, new_url(subject, "vital_signs", day_1), {**TYPED, "hr": "130"}, 0)
    colleague = make_user("site-coordinator", nl01, "colleague")
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=day_1)
    saved = forms.save_form(record=record, values={"hr": 140}, by=colleague).record
    assert "Heart rate 140 130" in words(site.get(address_of(saved)))


def test_signing_out_and_a_day_forget_drafts(site: Client, vital_signs: FormRecord, coordinator: User) -> None:
    keep(site, address_of(vital_signs), {**TYPED, "temp": "38.5"})
    site.post("/sign-out/")
    assert not Draft.objects.exists()
    site = browser(coordinator)
    keep(site, address_of(vital_signs), {**TYPED, "temp": "38.5"})
    Draft.objects.update(typed_at=timezone.now() - timedelta(hours=25))
    assert "You typed here" not in words(site.get(address_of(vital_signs)))
    forget_drafts_of_yesterday()
    assert not Draft.objects.exists()


def test_a_draft_that_is_thrown_away_is_gone_and_the_form_as_it_was(site: Client, vital_signs: FormRecord) -> None:
    keep(site, address_of(vital_signs), {**TYPED, "temp": "38.5"})
    gone = site.post(f"/drafts/{Draft.objects.get().pk}/throw-away/")
    assert gone.headers["Location"] == address_of(vital_signs)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "entries", ["", "[]", '{"temp": 1}', '{"temp": "\\u0000"}', '{"temp": "\\ud800"}', "x" * 200_001]
)
def test_what_cannot_be_kept_is_refused(site: Client, vital_signs: FormRecord, entries: str) -> None:
    sent = {"address": address_of(vital_signs), "version": "1", "entries": entries}
    assert site.post("/drafts/", sent).status_code == 422
    assert site.post("/drafts/", {**sent, "entries": '{"temp": "38\\\\u00"}'}).status_code == 200


def test_what_another_person_typed_in_this_window_is_not_ones_own(site: Client, vital_signs: FormRecord) -> None:
    sent = {"address": address_of(vital_signs), "user": "1", "version": "1", "entries": '{"temp": "38.5"}'}
    assert site.post("/drafts/", sent).status_code == 409
    assert not Draft.objects.exists()


def test_an_address_that_is_no_form_is_not_found(site: Client, vital_signs: FormRecord) -> None:
    for address in ("", "/", "/nowhere/", "//evil.invalid/forms/1/x", "/forms/999999/"):
        assert keep(site, address, TYPED).status_code == 404
    assert actions.forget_old_drafts() == 0


def test_two_new_rows_of_a_log_on_the_way_at_a_time_are_both_kept(
    site: Client, subject: Subject, coordinator: User
) -> None:
    url, first, second = new_url(subject, "adverse_event"), str(uuid4()), str(uuid4())
    keep(site, url, {"aeterm": "Vomiting"}, 0, first)
    keep(site, url, {"aeterm": "Fev"}, 0, second)
    keep(site, url, {"aeterm": "Fever"}, 0, second)
    assert {draft.entries["aeterm"] for draft in drafts.of(coordinator)} == {"Vomiting", "Fever"}
    lines = your_drafts(coordinator)
    assert lines is not None
    taken = [site.get(line.url).content.decode() for line in lines.lines]
    assert [submission in page for submission, page in zip((second, first), taken, strict=True)] == [True, True]
    assert ['value="Fever"' in taken[0], 'value="Vomiting"' in taken[1]] == [True, True]
