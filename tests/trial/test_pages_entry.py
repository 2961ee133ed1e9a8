"""Entering and correcting forms on the page: what people type, what is asked back, what is kept."""

import html
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.every_crf import made_up
from tests.people import give_consent, make_user
from tests.trial.pages import browser, new_url, record_of, save, seen, typed, words
from trial import actions
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.models import FormRecord, Query, Subject, User, Visit, item_fields

pytestmark = pytest.mark.django_db
TYPED = {"vsdat": "3 jan 24", "temp": "37,2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}


@pytest.fixture
def site(coordinator: User) -> Client:
    return browser(coordinator)


@pytest.fixture
def day_1(subject: Subject) -> Visit:
    return subject.visits.get(code="day_1")


def correct(client: Client, record: FormRecord, version: int = 1, **changes: Any) -> Any:
    data = {"version": str(version), **TYPED, "reason_code": "entry-error", **changes}
    return client.post(f"/forms/{record.pk}/", data)


# --- every CRF ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", registry.all_specs(), ids=lambda spec: spec.code)
def test_every_form_is_offered_filled_in_and_read_back(
    spec: CrfSpec, subject: Subject, coordinator: User, site: Client
) -> None:
    made_up.prepare(spec, subject, coordinator)
    url = new_url(subject, spec.code, made_up.visit_for(spec, subject))
    empty = site.get(url)
    page = words(empty)
    assert empty.status_code == 200
    assert all(item.label in page and item.unit in page for item in spec.items)
    answers = made_up.answers(spec, subject, coordinator)
    saved = save(site, url, typed(spec, answers))
    assert saved.status_code == 302, words(saved)
    record = record_of(saved)
    row = record.answers()
    for field in item_fields(spec.model):
        stored, given = getattr(row, field.attname), answers.get(field.name)
        if given is not None and not isinstance(stored, datetime):
            assert stored == field.to_python(given), field.name
    assert site.get(f"/forms/{record.pk}/").status_code == 200
    unchanged = site.post(f"/forms/{record.pk}/", {"version": "1", **typed(spec, answers), "seen": every_code(record)})
    assert (unchanged.status_code, FormRecord.objects.get(pk=record.pk).version) == (302, 1)


def every_code(record: FormRecord) -> list[str]:
    return list(record.queries.values_list("check_code", flat=True))


# --- what people type --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["3 jan 24", "3/1/2024", "03.01.2024", "2024-01-03", "03-Jan-2024", " 3 January 2024 "])
def test_a_day_is_read_as_people_type_it(site: Client, subject: Subject, day_1: Visit, day: str) -> None:
    saved = save(site, new_url(subject, "vital_signs", day_1), {**TYPED, "vsdat": day})
    row = record_of(saved).answers()
    assert (row.vsdat, row.temp) == (date(2024, 1, 3), Decimal("37.2"))


@pytest.mark.parametrize(
    ("item", "value", "sentence"),
    [
        ("vsdat", "31/2/2024", "does not exist in the calendar"),
        ("vsdat", "1/13/2024", "no such month: 13. The day comes first"),
        ("vsdat", "jan 2024", "is not a full date"),
        ("vsdat", "3 jan 1024", "outside 1900 to 2100"),
        ("temp", "warm", "“warm” is not a number"),
        ("temp", "37,2,1", "is not a number"),
        ("temp", "37,25", "“37.25” has 2 decimals. Enter it with at most 1."),
        ("hr", "90.7", "is not a whole number"),
        ("hr", "9" * 5000, "is not a whole number"),
        ("hr", "-5", "the least is 0"),
        ("weight", "1e400", "the most is 100"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_item_and_what_was_typed_stays(
    site: Client, subject: Subject, day_1: Visit, item: str, value: str, sentence: str
) -> None:
    refused = site.post(new_url(subject, "vital_signs", day_1), {"version": "0", **TYPED, item: value})
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert f'value="{html.escape(value)}"' in refused.content.decode()
    assert 'value="120"' in refused.content.decode() or item == "hr"
    assert not FormRecord.objects.filter(crf_code="vital_signs").exists()


@pytest.mark.parametrize(
    ("given", "kept", "shown"),
    [("2024", "2024", "UN-UN-2024"), ("jan 2024", "2024-01", "UN-Jan-2024"), ("un-feb-2024", "2024-02", "UN-Feb-2024"),
     ("2024-03-10", "2024-03-10", "10-Mar-2024")],
)  # fmt: skip
@pytest.mark.requirement("DE-02")
def test_a_partial_day_keeps_what_is_unknown(site: Client, subject: Subject, given: str, kept: str, shown: str) -> None:
    saved = save(site, new_url(subject, "concomitant"), {"cmstdat": given, "cmongo": "Y"})
    record = record_of(saved)
    assert record.answers().cmstdat == kept
    assert f'value="{shown}"' in site.get(f"/forms/{record.pk}/").content.decode()


@pytest.mark.requirement("VA-01")
def test_a_moment_is_the_clock_of_the_site(site: Client, subject: Subject, coordinator: User) -> None:
    give_consent(subject, coordinator)
    moment = {"dcdtc_day": "10 jul 2024", "dcdtc_time": "1405"}
    record = record_of(save(site, new_url(subject, "dose_change"), moment))
    assert record.answers().dcdtc == datetime(2024, 7, 10, 12, 5, tzinfo=UTC)
    page = site.get(f"/forms/{record.pk}/").content.decode()
    assert 'value="10-Jul-2024"' in page
    assert 'value="14:05"' in page


@pytest.mark.parametrize(
    ("day", "clock", "sentence"),
    [
        ("31 mar 2024", "02:30", "does not exist in Europe/Amsterdam"),
        ("31 mar 2024", "", "Enter both the date and the time"),
        ("", "02:30", "Enter both the date and the time"),
        ("31 mar 2024", "24:00", "is not a time"),
        ("31 mar 2024", "²:00", "is not a time"),
        ("31 mar 2024", "noon", "is not a time"),
        ("31 mar 2024", "1:2:3", "is not a time"),
        ("31 mar 2024", "14:5", "is not a time"),
    ],
)
def test_an_impossible_moment_is_a_sentence(
    site: Client, subject: Subject, day: str, clock: str, sentence: str
) -> None:
    data = {"version": "0", "dcdtc_day": day, "dcdtc_time": clock}
    refused = site.post(new_url(subject, "dose_change"), data)
    assert refused.status_code == 422
    assert sentence in words(refused)


# --- findings and missing codes ----------------------------------------------------------------------------------


@pytest.mark.requirement("DE-01")
def test_findings_are_shown_before_they_become_queries(site: Client, subject: Subject, day_1: Visit) -> None:
    url, data = new_url(subject, "vital_signs", day_1), {"version": "0", **TYPED, "sysbp": "50"}
    asked = site.post(url, data)
    assert (asked.status_code, seen(asked)) == (200, ["VS-01"])
    assert "Save as it is, with 1 query" in words(asked)
    assert not FormRecord.objects.filter(crf_code="vital_signs").exists()
    record = record_of(site.post(url, {**data, "seen": seen(asked)}))
    assert [(q.check_code, q.state) for q in record.queries.all()] == [("VS-01", "open")]


def test_a_finding_confirmed_with_its_reason_is_no_open_query(site: Client, subject: Subject, day_1: Visit) -> None:
    url, data = new_url(subject, "vital_signs", day_1), {"version": "0", **TYPED, "sysbp": "50"}
    codes = seen(site.post(url, data))
    confirmed = {f"confirm__{code}": "Measured twice, right" for code in codes}
    record = record_of(site.post(url, {**data, "seen": codes, **confirmed}))
    assert {(q.state, q.confirmed) for q in record.queries.all()} == {("closed", True)}


def test_a_confirmation_without_words_keeps_the_page(site: Client, subject: Subject, day_1: Visit) -> None:
    url, data = new_url(subject, "vital_signs", day_1), {"version": "0", **TYPED, "sysbp": "50"}
    codes = seen(site.post(url, data))
    refused = site.post(url, {**data, "seen": codes, f"confirm__{codes[0]}": "."})
    assert refused.status_code == 422
    assert "give the reason" in words(refused)
    assert 'value="37,2"' in refused.content.decode()
    assert not FormRecord.objects.filter(crf_code="vital_signs").exists()


@pytest.mark.requirement("DE-02")
def test_a_missing_code_takes_the_place_of_a_saved_value(site: Client, vital_signs: FormRecord) -> None:
    code = {"weight": "6.80", "weight__missing": "ND", "weight__missing_reason": "Scales broken"}
    asked = correct(site, vital_signs, **code)
    assert asked.status_code == 422
    assert "The value 6.80 will be replaced by: not done" in words(asked)
    assert vital_signs.answers().weight == Decimal("6.80")
    saved = correct(site, vital_signs, **code, weight__replaces="1")
    assert saved.status_code == 302, words(saved)
    row = vital_signs.answers()
    assert (row.weight, row.missing) == (None, {"weight": {"code": "ND", "reason": "Scales broken"}})
    assert "Not done (Scales broken)" in words(browser_of_reader().get(f"/forms/{vital_signs.pk}/"))


def browser_of_reader() -> Client:

    return browser(make_user("inspector"))


# --- corrections -------------------------------------------------------------------------------------------------


@pytest.mark.requirement("AT-09")
def test_a_correction_needs_a_reason_and_keeps_what_was_typed(site: Client, vital_signs: FormRecord) -> None:
    for reason in ({"reason_code": ""}, {"reason_code": "other"}, {"reason_code": "nonsense"}):
        asked = correct(site, vital_signs, temp="37,4", **reason)
        assert asked.status_code == 422
        assert 'value="37,4"' in asked.content.decode()
        assert vital_signs.answers().temp == Decimal("37.2")
    assert correct(site, vital_signs, temp="37,4").status_code == 302
    assert vital_signs.answers().temp == Decimal("37.4")


def test_a_stale_version_shows_both_and_saves_again(site: Client, vital_signs: FormRecord) -> None:
    assert correct(site, vital_signs, temp="37.4").status_code == 302
    stale = correct(site, vital_signs, temp="37.9")
    assert stale.status_code == 409
    assert re.search(r"Temperature 37\.4 \(Site Coordinator Person[^)]*\) 37\.9", words(stale))
    assert 'name="version" value="2"' in stale.content.decode()
    assert correct(site, vital_signs, version=2, temp="37.9").status_code == 302
    assert vital_signs.answers().temp == Decimal("37.9")


@pytest.mark.parametrize("version", ["abc", "", "-1", "²", "٣", "9" * 5000])
def test_a_version_that_is_none_is_a_conflict(site: Client, vital_signs: FormRecord, version: str) -> None:
    answer = site.post(f"/forms/{vital_signs.pk}/", {**TYPED, "version": version, "temp": "37.4"})
    assert answer.status_code == 409
    assert vital_signs.answers().temp == Decimal("37.2")


def test_the_same_new_form_sent_from_two_tabs_is_entered_once(site: Client, subject: Subject, day_1: Visit) -> None:
    url = new_url(subject, "vital_signs", day_1)
    first = save(site, url, TYPED)
    second = site.post(url, {"version": "0", **TYPED, "temp": "37.9"}, follow=True)
    record = FormRecord.objects.get(crf_code="vital_signs")
    assert record_of(first) == record
    assert record.answers().temp == Decimal("37.2")
    assert second.redirect_chain or "37.9" in words(second)


def test_what_was_typed_in_a_second_tab_is_not_lost_without_a_word(
    site: Client, subject: Subject, day_1: Visit
) -> None:
    url = new_url(subject, "vital_signs", day_1)
    record = record_of(save(site, url, TYPED))
    second = site.post(url, {"version": "0", **TYPED, "temp": "37.9"})
    assert second.status_code == 409
    assert re.search(r"Temperature 37\.2 \(Site Coordinator Person[^)]*\) 37\.9", words(second))
    again = site.post(url, {"version": "1", **TYPED, "temp": "37.9", "reason_code": "entry-error"})
    assert record_of(again) == record
    assert record.answers().temp == Decimal("37.9")


def test_a_deleted_form_can_be_entered_anew(site: Client, subject: Subject, day_1: Visit) -> None:
    url = new_url(subject, "vital_signs", day_1)
    first = record_of(save(site, url, TYPED))
    gone = site.post(f"/forms/{first.pk}/delete/", {"reason": "Entered for the wrong child"})
    assert gone.headers["Location"] == f"/subjects/{subject.number}/"
    assert "Deleted: Entered for the wrong child" in words(site.get(f"/forms/{first.pk}/"))
    second = record_of(save(site, url, {**TYPED, "temp": "37.5"}))
    assert second.pk != first.pk
    assert FormRecord.objects.filter(subject=subject, crf_code="vital_signs", deleted_at=None).get() == second


@pytest.mark.parametrize("reason", ["", " ", ".", "xx"])
def test_a_form_is_not_deleted_without_a_reason(site: Client, vital_signs: FormRecord, reason: str) -> None:
    refused = site.post(f"/forms/{vital_signs.pk}/delete/", {"reason": reason})
    assert refused.status_code == 422
    assert "Why is this form deleted?" in words(refused)
    vital_signs.refresh_from_db()
    assert vital_signs.deleted_at is None


@pytest.mark.requirement("AT-03")
def test_the_history_of_an_item_shows_every_value_with_who_and_why(
    site: Client, vital_signs: FormRecord, coordinator: User
) -> None:
    correct(site, vital_signs, temp="37.4", reason_text="read 2 for 4")
    page = words(site.get(f"/forms/{vital_signs.pk}/items/temp/history/"))
    for shown in ("no value 37.2", "37.2 37.4", coordinator.full_name, "Entry error: read 2 for 4", "Europe/Amsterdam"):
        assert shown in page
    assert site.get(f"/forms/{vital_signs.pk}/items/no_such_item/history/").status_code == 404


def test_save_and_next_opens_what_is_due_or_the_casebook(site: Client, subject: Subject, day_1: Visit) -> None:
    url = new_url(subject, "vital_signs", day_1)
    saved = site.post(url, {"version": "0", **TYPED, "save_and_next": "1"})
    assert saved.status_code == 302
    assert site.get(saved.headers["Location"]).status_code == 200


@pytest.mark.requirement("DE-06")
def test_a_locked_form_is_read_only_until_it_is_unlocked(
    site: Client, vital_signs: FormRecord, data_manager: User
) -> None:
    manager, url = browser(data_manager), f"/forms/{vital_signs.pk}/lock/"
    assert manager.post(url, {"step": "lock", "reason": "."}).status_code == 422
    assert manager.post(url, {"step": "lock", "reason": "Data are clean"}).status_code == 302
    assert "Locked: no answer can be changed" in words(site.get(f"/forms/{vital_signs.pk}/"))
    refused = correct(site, vital_signs, temp="37.4")
    assert refused.status_code == 423
    assert "Not saved of what you typed: Temperature 37.4." in words(refused)
    assert site.post(f"/forms/{vital_signs.pk}/delete/", {"reason": "Wrong child"}).status_code == 423
    assert manager.post(url, {"step": "unlock", "reason": "A query is open"}).status_code == 302
    assert correct(site, vital_signs, temp="37.4").status_code == 302


@pytest.mark.requirement("DE-06")
def test_a_locked_subject_takes_no_new_form(site: Client, subject: Subject, day_1: Visit, data_manager: User) -> None:
    lock = {"step": "lock", "reason": "Data are clean"}
    assert browser(data_manager).post(f"/subjects/{subject.number}/lock/", lock).status_code == 302
    refused = site.post(new_url(subject, "vital_signs", day_1), {"version": "0", **TYPED})
    assert refused.status_code == 423
    assert "locked" in words(refused)
    assert not Query.objects.exists()


@pytest.mark.requirement("AC-03")
def test_links_offered_are_of_this_subject_alone(
    site: Client, subject: Subject, coordinator: User, stranger: User
) -> None:
    made_up.save(registry.get("adverse_event"), subject, coordinator)
    sibling = actions.screen_subject(site=subject.site, by=coordinator)
    url = new_url(sibling, "serious_adverse_event")
    link = FormRecord.objects.get(crf_code="adverse_event")
    assert f'value="{link.pk}"' not in site.get(url).content.decode()
    assert f'value="{link.pk}"' in site.get(new_url(subject, "serious_adverse_event")).content.decode()
    assert site.post(url, {"version": "0", "ae": str(link.pk)}).status_code == 422
