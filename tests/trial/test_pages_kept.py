"""Two people at one form, a save that is refused, a form with links to it: nothing is lost or said falsely."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.people import PASSWORD, make_user
from tests.trial.pages import browser, new_url, save, words
from trial import actions
from trial.actions import forms
from trial.history import item_changes
from trial.models import AccessEvent, FormRecord, Site, Subject, User, Visit

TYPED = {"vsdat": "3 jan 24", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}
REASON = {"reason_code": "entry-error"}


@pytest.fixture
def site(coordinator: User) -> Client:
    return browser(coordinator)


@pytest.fixture
def day_1(subject: Subject) -> Visit:
    return subject.visits.get(code="day_1")


def fields(answer: Any) -> dict[str, str]:
    """What the text fields of a page hold."""
    page = answer.content.decode()
    return dict(re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', page))


def test_a_colleagues_items_stand_where_a_stale_form_left_them_alone(
    vital_signs: FormRecord, coordinator: User, nl01: Site
) -> None:
    colleague = make_user("site-coordinator", nl01, "colleague")
    forms.save_form(record=vital_signs, values={"hr": 140, "temp": "38.0"}, by=colleague, reason="Entry error")
    mine = browser(coordinator)
    stale = mine.post(f"/forms/{vital_signs.pk}/", {**TYPED, **REASON, "version": "1", "weight": "6.90"})
    assert stale.status_code == 409
    held = fields(stale)
    assert (held["hr"], held["temp"], held["weight"]) == ("140", "38", "6.90")
    assert "Heart rate 140 (Colleague Person: Entry error) left as it was" in words(stale)
    assert "Colleague Person saved this form" in words(stale)
    assert mine.post(f"/forms/{vital_signs.pk}/", {**held, **REASON, "version": "2"}).status_code == 302
    answers = vital_signs.answers()
    assert (answers.hr, answers.temp, answers.weight) == (140, Decimal("38.0"), Decimal("6.90"))
    assert [c.by for c in item_changes(vital_signs.spec.model, vital_signs.pk, ["hr"])][-1] == colleague.full_name


def test_a_save_of_ones_own_in_another_window_is_called_that(site: Client, vital_signs: FormRecord) -> None:
    for temp in ("37.4", "37.6"):
        answer = site.post(f"/forms/{vital_signs.pk}/", {**TYPED, **REASON, "version": "1", "temp": temp})
    assert "You saved this form in another window" in words(answer)


def test_a_refused_new_form_is_still_a_new_form(site: Client, subject: Subject, day_1: Visit) -> None:
    refused = site.post(new_url(subject, "vital_signs", day_1), {**TYPED, "version": "0", "hr": "401"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "/history/" not in page
    assert "/delete/" not in page
    assert "401 cannot be: the most is 400." in words(refused)
    assert save(site, new_url(subject, "vital_signs", day_1), TYPED).status_code == 302


def test_findings_stand_at_the_top_with_links_before_anything_is_saved(
    site: Client, subject: Subject, day_1: Visit
) -> None:
    shown = site.post(new_url(subject, "vital_signs", day_1), {**TYPED, "version": "0", "hr": "230"})
    page = shown.content.decode()
    assert "Not saved yet: 1 thing to look at" in words(shown)
    assert page.index('href="#row-hr"') < page.index('id="row-vsdat"')


def test_a_code_of_an_import_survives_a_correction_of_another_item(subject: Subject, coordinator: User) -> None:
    day_1 = subject.visits.get(code="day_1")
    values = {"vsdat": "2024-01-03", "temp": "37.2", "sysbp": 90, "diabp": 55, "hr": 120}
    saved = forms.save_form(
        record=forms.new_record(subject=subject, crf_code="vital_signs", visit=day_1),
        values=values,
        missing_codes={"weight": {"code": "NIS", "reason": "not in source"}},
        by=coordinator,
    )
    site = browser(coordinator)
    page = site.get(f"/forms/{saved.record.pk}/")
    assert "Not in source" in words(page)
    posted = {**TYPED, **REASON, "version": "1", "hr": "125", "weight": "", "weight__missing": "NIS",
              "weight__missing_reason": "not in source"}  # fmt: skip
    assert site.post(f"/forms/{saved.record.pk}/", posted).status_code == 302
    row = saved.record.answers()
    assert (row.hr, row.missing) == (125, {"weight": {"code": "NIS", "reason": "not in source"}})


def test_deleting_a_form_names_the_forms_that_link_to_it(site: Client, subject: Subject, coordinator: User) -> None:
    block = {"block": "HSCT", "ecstdat": "2024-03-01", "econgo": "N", "ecendat": "2024-03-01", "as_protocol": "Y"}
    linked = forms.save_form(
        record=forms.new_record(subject=subject, crf_code="treatment_block"), values=block, by=coordinator
    ).record
    forms.save_form(
        record=forms.new_record(subject=subject, crf_code="transplantation"),
        values={"trkind": "HSCT", "trdat": "2024-03-01", "block": linked.pk},
        by=coordinator,
    )
    page = site.get(f"/forms/{linked.pk}/delete/")
    assert "Other forms link to this one" in words(page)
    assert "Stem-cell transplantation, 01-Mar-2024" in words(page)


def test_another_step_than_lock_or_unlock_does_nothing(vital_signs: FormRecord, data_manager: User) -> None:
    manager = browser(data_manager)
    asked = {"step": "bogus", "reason": "Source checked"}
    assert manager.post(f"/forms/{vital_signs.pk}/lock/", asked).status_code == 404
    assert manager.post(f"/forms/{vital_signs.pk}/lock/", {**asked, "step": "unlock"}).status_code == 409
    assert manager.post(f"/forms/{vital_signs.pk}/lock/", {**asked, "step": "lock"}).status_code == 302
    assert manager.post(f"/forms/{vital_signs.pk}/lock/", {**asked, "step": "lock"}).status_code == 409
    assert "Data Manager Person" in words(manager.get(f"/forms/{vital_signs.pk}/"))


def test_a_closed_query_can_be_asked_again_on_its_page(vital_signs: FormRecord, data_manager: User) -> None:
    query = actions.open_query(target=vital_signs, item="temp", text="Where was it taken?", by=data_manager)
    actions.close_query(query=query, by=data_manager, text="Seen in the source")
    manager = browser(data_manager)
    assert "Ask again" in words(manager.get(f"/queries/{query.pk}/"))
    assert manager.post(f"/queries/{query.pk}/reopen/", {"text": "Not in the source"}).status_code == 302
    query.refresh_from_db()
    assert query.state == "open"


def test_a_query_longer_than_a_page_is_refused(vital_signs: FormRecord, data_manager: User) -> None:
    answer = browser(data_manager).post(f"/forms/{vital_signs.pk}/ask/", {"item": "temp", "text": "why " * 600})
    assert answer.status_code == 422
    assert "2000 are the most" in words(answer)


def test_who_enters_nothing_gets_no_link_to_an_empty_form(subject: Subject, data_manager: User, site: Client) -> None:
    empty = f"/subjects/{subject.number}/forms/vital_signs/new/?visit=day_1"
    assert empty in site.get(f"/subjects/{subject.number}/").content.decode()
    assert empty not in browser(data_manager).get(f"/subjects/{subject.number}/").content.decode()


def test_the_laboratory_sees_neither_other_visits_nor_other_queries(
    vital_signs: FormRecord, subject: Subject, data_manager: User
) -> None:
    actions.open_query(target=vital_signs, item="temp", text="Where was it taken?", by=data_manager)
    laboratory = browser(make_user("mrd-laboratory"))
    assert "Day 8" not in words(laboratory.get(f"/subjects/{subject.number}/"))
    assert "Day 15" in words(laboratory.get(f"/subjects/{subject.number}/"))
    assert re.search(r'data-label="Open queries">0<', laboratory.get("/subjects/").content.decode())
    assert re.search(r'data-label="Open queries">1<', browser(data_manager).get("/subjects/").content.decode())


def test_an_sae_begun_from_an_adverse_event_shows_its_answers(
    coordinator: User, subject: Subject, stranger: User
) -> None:
    values = {"aeterm": "Vomiting", "aetoxgr": 3, "aestdat": "2024-01-12", "aeongo": "Y", "aerel": "POSSIBLE"}
    event = forms.save_form(
        record=forms.new_record(subject=subject, crf_code="adverse_event"), values=values, by=coordinator
    ).record
    site = browser(coordinator)
    url = f"/subjects/{subject.number}/forms/serious_adverse_event/new/?from={event.pk}"
    assert url in site.get(f"/forms/{event.pk}/").content.decode()
    begun = site.get(url).content.decode()
    assert 'value="Vomiting"' in begun
    assert 'value="12-Jan-2024"' in begun
    assert re.search(rf'<option value="{event.pk}" selected>', begun)
    assert re.search(r'value="POSSIBLE"[^>]*checked', begun)
    assert not FormRecord.objects.filter(crf_code="serious_adverse_event").exists()
    assert site.get(url.replace(f"={event.pk}", "=999999")).status_code == 404
    assert site.get(url.replace("serious_adverse_event", "death")).status_code == 404
    assert browser(stranger).get(url).status_code == 404


def test_a_link_to_a_deleted_form_stays_until_somebody_changes_it(
    site: Client, subject: Subject, coordinator: User
) -> None:
    event = forms.save_form(
        record=forms.new_record(subject=subject, crf_code="adverse_event"),
        values={"aeterm": "Vomiting", "aetoxgr": 3, "aestdat": "2024-01-12"},
        by=coordinator,
    ).record
    sae = forms.save_form(
        record=forms.new_record(subject=subject, crf_code="serious_adverse_event"),
        values={"ae": event.pk, "saeterm": "Vomiting", "saetoxgr": 3},
        by=coordinator,
    ).record
    forms.delete_form(record=event, by=coordinator, reason="Entered for the wrong child")
    page = site.get(f"/forms/{sae.pk}/").content.decode()
    assert re.search(rf'<option value="{event.pk}" selected>[^<]*\(deleted\)', page)
    posted = {"version": "1", "ae": str(event.pk), "saeterm": "Vomiting", "saetoxgr": "3", "narrative": "Once, at noon"}
    assert save(site, f"/forms/{sae.pk}/", posted, version=1).status_code == 302
    assert sae.answers().ae_id == event.pk


def test_a_form_under_a_lock_is_not_offered_for_entry_and_keeps_what_was_typed(
    site: Client, subject: Subject, day_1: Visit, data_manager: User
) -> None:
    url = new_url(subject, "vital_signs", day_1)
    actions.lock(target=subject, by=data_manager, reason="Subject is clean")
    assert 'name="temp"' not in site.get(url).content.decode()
    refused = site.post(url, {**TYPED, "version": "0"})
    assert refused.status_code == 423
    assert "is locked and cannot be changed" in words(refused)


def test_the_lock_that_holds_is_the_one_that_is_named(
    site: Client, vital_signs: FormRecord, subject: Subject, data_manager: User
) -> None:
    actions.lock(target=subject, by=data_manager, reason="Subject is clean")
    actions.lock(target=vital_signs, by=data_manager, reason="Form is clean")
    actions.unlock(target=vital_signs, by=data_manager, reason="A query is open")
    page = words(site.get(f"/forms/{vital_signs.pk}/"))
    assert "Subject is clean" in page
    assert "Form is clean" not in page


def test_a_token_leaves_an_event_and_ends_with_the_password(coordinator: User) -> None:
    client = browser()
    token = client.post("/api/v1/token/", {"username": coordinator.username, "password": PASSWORD}, "application/json")
    headers = {"Authorization": f"Token {token.json()['token']}"}
    assert client.get("/api/v1/subjects/", headers=headers).status_code == 200
    assert AccessEvent.objects.get(event="token taken").user == coordinator
    actions.set_password(user=coordinator, password="another horse battery staple")
    assert client.get("/api/v1/subjects/", headers=headers).status_code == 401


@pytest.mark.parametrize(("code", "offered"), [("adverse_event", True), ("death", False), ("disposition", False)])
def test_another_row_is_offered_where_a_subject_has_several(
    subject: Subject, coordinator: User, code: str, offered: bool
) -> None:
    page = words(browser(coordinator).get(new_url(subject, code)))
    assert ("Save and add another" in page) is offered
    assert ("Save and go on with this subject" in page) is not offered
