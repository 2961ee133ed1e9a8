"""A submit that arrives again saves nothing; one that brings something else is shown, not lost."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.people import VITAL_SIGNS, make_user
from tests.trial.pages import browser, new_url, record_of, words
from trial.actions import forms
from trial.history import item_changes
from trial.models import FormRecord, Site, Subject, User

pytestmark = pytest.mark.django_db
TYPED = {"vsdat": "3 jan 24", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}
REASON = {"reason_code": "entry-error"}
URL = "/api/v1/forms/vital_signs/"


@pytest.fixture
def site(coordinator: User) -> Client:
    return browser(coordinator)


@pytest.fixture
def colleague(nl01: Site) -> User:
    return make_user("site-coordinator", nl01, "colleague")


def submission_in(answer: Any) -> str:
    found = re.search(r'name="submission" value="([0-9a-f-]{36})"', answer.content.decode())
    return found[1] if found else ""


# --- once --------------------------------------------------------------------------------------------------------


def test_a_form_sent_again_saves_nothing_and_says_when_it_was_saved(site: Client, subject: Subject) -> None:
    url = new_url(subject, "vital_signs", subject.visits.get(code="day_1"))
    sent = {**TYPED, "version": "0", "submission": submission_in(site.get(url))}
    first, again = site.post(url, sent), site.post(url, sent, follow=True)
    assert record_of(first).version == 1
    assert "This was saved already at" in words(again)


def test_a_new_row_of_a_log_sent_again_is_one_row_also_after_later_saves(
    site: Client, subject: Subject, coordinator: User
) -> None:
    url = new_url(subject, "adverse_event")
    blank = [f"adverse_event.{item.name}.blank" for item in FormRecord(crf_code="adverse_event").spec.items]
    sent = {"aeterm": "Vomiting", "version": "0", "submission": submission_in(site.get(url)), "seen": blank}
    record = record_of(site.post(url, sent))
    forms.save_form(record=record, values={"aeterm": "Nausea"}, by=coordinator, reason="New information")
    again = site.post(url, sent)
    assert record_of(again) == record
    assert FormRecord.objects.count() == 1
    assert record.answers().aeterm == "Nausea"


def test_a_correction_sent_again_after_a_colleagues_save_is_no_conflict(
    site: Client, vital_signs: FormRecord, colleague: User
) -> None:
    url = f"/forms/{vital_signs.pk}/"
    sent = {**TYPED, **REASON, "hr": "130", "version": "1", "submission": submission_in(site.get(url))}
    site.post(url, sent)
    forms.save_form(record=vital_signs, values={"hr": 140}, by=colleague, reason="Read again")
    assert "This was saved already at" in words(site.post(url, sent, follow=True))
    assert vital_signs.answers().hr == 140


def test_a_form_sent_again_with_something_else_typed_shows_both(site: Client, vital_signs: FormRecord) -> None:
    url = f"/forms/{vital_signs.pk}/"
    submission = submission_in(site.get(url))
    sent = {**TYPED, **REASON, "version": "1", "submission": submission}
    site.post(url, {**sent, "hr": "130"})
    back = site.post(url, {**sent, "hr": "131"})
    assert back.status_code == 409
    assert "130 (Site Coordinator Person: Entry error) 131" in words(back)
    assert submission_in(back) not in ("", submission)


def test_the_page_keeps_its_submission_until_something_is_saved(site: Client, vital_signs: FormRecord) -> None:
    url, submission = f"/forms/{vital_signs.pk}/", str(uuid4())
    sent = {**TYPED, "version": "1", "submission": submission}
    for answers in ({"hr": "401"}, {"hr": "130"}, {"hr": "230", **REASON}):
        assert submission_in(site.post(url, {**sent, **answers})) == submission
    assert submission_in(site.get(url)) != submission


def test_the_api_takes_a_key(site: Client, subject: Subject) -> None:
    body, key = {"subject": subject.number, "visit": "day_1", **VITAL_SIGNS}, {"Idempotency-Key": str(uuid4())}
    created = site.post(URL, body, "application/json", headers=key)
    again = site.post(URL, body, "application/json", headers=key)
    assert (created.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == created.json()["id"]
    assert "saved_before_at" in again.json()
    assert site.post(URL, {**body, "hr": 99}, "application/json", headers=key).status_code == 409
    assert site.post(URL, body, "application/json", headers={"Idempotency-Key": "x"}).status_code == 400


# --- both versions -----------------------------------------------------------------------------------------------


def test_for_each_item_one_keeps_mine_or_theirs(site: Client, vital_signs: FormRecord, colleague: User) -> None:
    url = f"/forms/{vital_signs.pk}/"
    forms.save_form(
        record=vital_signs,
        values={"hr": 140, "temp": "37.6", "sysbp": 95, "weight": None},
        missing_codes={"weight": {"code": "ND", "reason": "No scales"}},
        by=colleague,
        reason="Read again",
    )
    mine = {**TYPED, **REASON, "version": "1", "hr": "130", "temp": "37.9", "weight": "6.90"}
    both = site.post(url, mine)
    page, said = both.content.decode(), words(both)
    assert set(re.findall(r'name="keep__(\w+)"', page)) == {"hr", "temp", "weight"}
    assert "Not done (No scales) (Colleague Person: Read again) 6.9" in said
    assert "95 (Colleague Person: Read again) left as it was" in said
    chosen = {
        **mine,
        "version": "2",
        "sysbp": "95",
        "keep__hr": "theirs",
        "keep__temp": "mine",
        "keep__weight": "theirs",
    }
    answer = site.post(url, chosen)
    assert answer.status_code == 302, words(answer)
    row = vital_signs.answers()
    assert (row.hr, str(row.temp), row.sysbp, row.weight) == (140, "37.9", 95, None)
    assert row.missing == {"weight": {"code": "ND", "reason": "No scales"}}


def test_a_choice_outlives_a_page_that_comes_back(site: Client, vital_signs: FormRecord, colleague: User) -> None:
    url = f"/forms/{vital_signs.pk}/"
    forms.save_form(record=vital_signs, values={"hr": 140}, by=colleague, reason="Read again")
    sent = {**TYPED, "version": "2", "hr": "130", "temp": "37.9", "keep__hr": "theirs"}
    page = site.post(url, sent)
    assert page.status_code == 422  # the reason is missing
    assert 'name="hr" value="140"' in page.content.decode()


def test_a_third_save_in_between_is_shown_again(site: Client, vital_signs: FormRecord, colleague: User) -> None:
    url = f"/forms/{vital_signs.pk}/"
    for hr in (140, 150):
        forms.save_form(record=vital_signs, values={"hr": hr, "temp": "38.0"}, by=colleague, reason="Read again")
    sent = {**TYPED, **REASON, "version": "2", "hr": "130", "temp": "37.9", "keep__temp": "theirs"}
    page = site.post(url, sent)
    assert page.status_code == 409
    assert set(re.findall(r'name="keep__(\w+)"', page.content.decode())) == {"hr"}
    assert 'name="version" value="3"' in page.content.decode()
    assert 'name="temp" value="38"' in page.content.decode()


# --- reasons -----------------------------------------------------------------------------------------------------


def reasons_of(record: FormRecord) -> dict[str, str]:
    changes = item_changes(record.spec.model, record.pk, ["hr", "temp"])
    return {change.item: change.reason for change in changes}


def test_an_item_may_change_for_a_reason_of_its_own(site: Client, vital_signs: FormRecord) -> None:
    url = f"/forms/{vital_signs.pk}/"
    own = {"reason__hr__code": "other", "reason__hr__text": "Read 2 for 3", "reason__weight__code": "query"}
    answer = site.post(url, {**TYPED, **REASON, **own, "version": "1", "hr": "130", "temp": "37.9"})
    assert answer.status_code == 302
    assert reasons_of(vital_signs) == {"hr": "Other: Read 2 for 3", "temp": "Entry error"}


def test_an_own_reason_for_each_item_is_reason_enough_and_none_says_nothing(
    site: Client, vital_signs: FormRecord
) -> None:
    url, sent = f"/forms/{vital_signs.pk}/", {**TYPED, "version": "1", "hr": "130"}
    for own in ({"reason__hr__text": "."}, {"reason__temp__code": "query"}):
        assert site.post(url, {**sent, **own}).status_code == 422
    assert site.post(url, {**sent, "reason__hr__code": "query"}).status_code == 302
    assert reasons_of(vital_signs)["hr"] == "Answer to a query"


def test_the_api_takes_reasons_by_item(site: Client, vital_signs: FormRecord) -> None:
    url, headers = f"{URL}{vital_signs.pk}/", {"If-Match": "1", "X-Reason": "Entry error"}
    body = {"hr": 130, "temp": "37.9", "reasons": {"hr": "Read 2 for 3"}}
    assert site.patch(url, body, "application/json", headers=headers).status_code == 200
    assert reasons_of(vital_signs) == {"hr": "Read 2 for 3", "temp": "Entry error"}
    for wrong in ("x", {"hr": 1}, {"hr": "."}):
        again = site.patch(url, {"hr": 131, "reasons": wrong}, "application/json", headers={"If-Match": "2"})
        assert again.status_code == 400
