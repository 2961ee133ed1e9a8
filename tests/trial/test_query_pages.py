"""The pages of queries: the list and its CSV, the thread with what was changed, asking, many at once."""

import csv
import re
from typing import Any

import pytest
from django.test import Client

from tests.people import VITAL_SIGNS, make_user
from tests.trial.pages import browser, words
from trial import actions
from trial.actions.query_bulk import MOST, BulkStep, TooMany, change_many, plan
from trial.history import rows_of
from trial.models import FormRecord, Query, Site, Subject, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(data_manager: User) -> Client:
    return browser(data_manager)


@pytest.fixture
def query(vital_signs: FormRecord, data_manager: User) -> Query:
    return actions.open_query(target=vital_signs, item="weight", text="Is 6.8 kg in the chart?", by=data_manager)


def test_a_visit_shows_what_is_asked_about_it_and_about_its_missing_forms(
    vital_signs: FormRecord, monitor: User, coordinator: User
) -> None:
    visit = vital_signs.visit
    assert visit is not None
    actions.open_query(target=visit, item="", text="Did the child come?", by=monitor)
    missing = actions.MissingForm(visit=visit, crf_code="neurological")
    actions.open_query(target=missing, item="", text="Where is it?", by=monitor)
    page = words(browser(coordinator).get(f"/subjects/{visit.subject.number}/visits/{visit.code}/"))
    assert "The visit: Did the child come?" in page
    assert "Neurological assessment (missing): Where is it?" in page


def test_the_frame_counts_the_queries_that_the_reader_can_settle(
    query: Query, coordinator: User, monitor: User, manager: Client
) -> None:
    assert '?state=open">Queries <span class="count is-open">1' in browser(coordinator).get("/").content.decode()
    assert '?state=answered">Queries <span class="count ">0' in manager.get("/").content.decode()
    assert 'class="waiting"' not in browser(monitor).get("/").content.decode()


def test_a_locked_form_offers_neither_questions_nor_marks_and_a_frozen_one_does(
    vital_signs: FormRecord, data_manager: User, manager: Client
) -> None:
    for step, offered in ((actions.locks.freeze, True), (actions.locks.lock, False)):
        step(target=vital_signs, by=data_manager, reason="Cleaned")
        page = words(manager.get(f"/forms/{vital_signs.pk}/"))
        assert ("Ask the site" in page) is offered
        assert ("Mark all" in page) is offered


# --- the list ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("?state=live&form=vital_signs", True),
        ("?form=neurological", False),
        ("?site=NL", True),
        ("?site=IT", False),
        ("?role=data-manager", True),
        ("?role=system", False),
        ("?mine=on", True),
        ("?older=0", True),
        ("?older=1", False),
        ("?older=nonsense", True),
        ("?sort=check", True),
        ("?sort=nonsense", True),
    ],
)
def test_the_list_takes_these_filters(wanted: str, there: bool, manager: Client, query: Query) -> None:
    assert (query.text in words(manager.get(f"/queries/{wanted}"))) is there


def test_mine_are_those_that_i_raised(query: Query, monitor: User) -> None:
    assert query.text not in words(browser(monitor).get("/queries/?mine=on"))


def test_the_csv_holds_the_filtered_list(manager: Client, query: Query, vital_signs: FormRecord, monitor: User) -> None:
    actions.open_query(target=vital_signs, item="temp", text="=1+1 is in the chart", by=monitor)
    answer: Any = manager.get("/queries/queries.csv?sort=newest")
    lines = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))
    assert [line["text"] for line in lines] == ["'=1+1 is in the chart", query.text]
    assert (lines[1]["item"], lines[1]["visit"], lines[1]["raised_as"]) == ("weight", "day_1", "data-manager")
    answer = manager.get("/queries/queries.csv?mine=on")
    assert len(b"".join(answer.streaming_content).splitlines()) == 2


# --- the thread --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-04")
def test_what_was_changed_while_the_query_lived_stands_in_its_thread(
    manager: Client, vital_signs: FormRecord, query: Query, coordinator: User, data_manager: User
) -> None:
    def correct(reason: str, **values: Any) -> None:
        actions.save_form(record=vital_signs, values=values, by=coordinator, reason=reason)

    correct("Read from the chart", weight="6.40", temp="37.3")
    actions.answer_query(query=query, by=coordinator, reply="corrected")
    actions.close_query(query=query, by=data_manager)
    correct("Later, of itself", weight="6.50")
    thread = words(manager.get(f"/queries/{query.pk}/"))
    assert "Weight: 6.8 → 6.4. Reason: Read from the chart" in thread
    assert "Later, of itself" not in thread
    assert "37.3" not in thread
    assert thread.index("Is 6.8 kg in the chart?") < thread.index("6.8 → 6.4") < thread.index("Closed.")
    assert "First answer after under 1 h" in thread
    assert "no value asked about here has changed" not in thread


def test_corrected_without_a_change_is_said(manager: Client, query: Query, coordinator: User) -> None:
    actions.answer_query(query=query, by=coordinator, reply="corrected")
    assert "no value asked about here has changed" in words(manager.get(f"/queries/{query.pk}/"))


@pytest.mark.parametrize(
    ("reply", "text", "status"),
    [("confirmed", "", 302), ("other", "", 422), ("other", "Asked the ward", 302), ("nonsense", "It is so", 422)],
)
def test_an_answer_gives_its_reason(reply: str, text: str, status: int, query: Query, coordinator: User) -> None:
    answer = browser(coordinator).post(f"/queries/{query.pk}/answer/", {"reply": reply, "text": text})
    assert answer.status_code == status
    if status == 302:
        message = query.messages.get(step="answer")
        assert (message.reason_code, message.text) == (reply, text)


# --- asking ------------------------------------------------------------------------------------------------------


def test_who_asks_twice_is_shown_the_live_query_first(manager: Client, query: Query) -> None:
    url, asked = f"/forms/{query.record_id}/ask/", {"item": "weight", "text": "With or without nappy?"}
    shown = manager.post(url, asked)
    assert shown.status_code == 200
    assert f'href="/queries/{query.pk}/"' in shown.content.decode()
    assert "With or without nappy?" in words(shown)
    beside = re.findall(r'name="beside" value="(\d+)"', shown.content.decode())
    assert manager.post(url, {**asked, "beside": beside}).status_code == 302
    assert Query.objects.filter(item="weight", state="open").count() == 2


def test_a_missing_form_is_asked_about_and_closes_by_itself_once_it_is_entered(
    manager: Client, subject: Subject, coordinator: User
) -> None:
    url = f"/subjects/{subject.number}/visits/day_1/ask/?form=vital_signs"
    assert "Vital signs, which is missing at" in words(manager.get(url))
    page = manager.post(url, {"text": "Where are the vital signs?"}).headers["Location"]
    assert "Enter the form" in words(browser(coordinator).get(page))
    visit = subject.visits.get(code="day_1")
    other = actions.new_record(subject=subject, crf_code="neurological", visit=visit)
    actions.save_form(record=other, values={}, by=coordinator)
    query = Query.objects.get(visit=visit)
    assert (query.state, query.record, query.crf_code) == ("open", None, "vital_signs")
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=visit)
    actions.save_form(record=record, values=VITAL_SIGNS, by=coordinator)
    query.refresh_from_db()
    assert (query.state, query.closed_by) == ("closed", User.objects.system())
    assert "entered the form" in words(manager.get(page))
    assert manager.post(url, {"text": "Where are the vital signs?"}).status_code == 409


def test_a_visit_is_asked_about(manager: Client, subject: Subject, coordinator: User) -> None:
    url = f"/subjects/{subject.number}/visits/day_1/ask/"
    page = manager.post(url, {"text": "Was this visit at your site?"}).headers["Location"]
    answered = browser(coordinator).post(f"{page}answer/", {"reply": "confirmed"})
    assert answered.status_code == 302
    assert "Query on The visit" in words(manager.get(page))
    assert "Was this visit at your site?" in words(manager.get("/queries/"))


@pytest.mark.parametrize("wanted", ["day_1/ask/?form=no_such_form", "day_1/ask/?form=screening", "no_such_visit/ask/"])
def test_what_is_not_asked_at_a_visit_is_not_there(wanted: str, manager: Client, subject: Subject) -> None:
    assert manager.get(f"/subjects/{subject.number}/visits/{wanted}").status_code == 404


def test_a_locked_form_is_asked_nothing(vital_signs: FormRecord, query: Query, monitor: User, manager: Client) -> None:
    manager.post(f"/queries/{query.pk}/close/")
    actions.lock(target=vital_signs, by=query.opened_by, reason="Data are clean")
    refused = browser(monitor).post(f"/forms/{vital_signs.pk}/ask/", {"text": "Is this the right child?"})
    again = manager.post(f"/queries/{query.pk}/reopen/", {"text": "Look again"})
    assert (refused.status_code, again.status_code) == (423, 423)
    assert "locked" in words(refused)


# --- many at once ------------------------------------------------------------------------------------------------


@pytest.fixture
def several(query: Query, vital_signs: FormRecord, monitor: User, data_manager: User) -> list[Query]:
    """Open, of the data manager; open, of a monitor; closed."""
    asked = actions.open_query(target=vital_signs, item="temp", text="Rectal or axillary?", by=monitor)
    closed = actions.open_query(target=vital_signs, item="hr", text="At rest?", by=data_manager)
    actions.close_query(query=closed, by=data_manager)
    return [query, asked, closed]


def test_many_are_closed_after_a_preview_that_names_those_that_cannot(manager: Client, several: list[Query]) -> None:
    chosen = {"step": "close", "query": [str(query.pk) for query in several]}
    preview = manager.post("/queries/bulk/", chosen)
    assert "Close 2 of 3 queries?" in words(preview)
    assert "Stays as it is: This query is closed" in words(preview)
    assert Query.objects.filter(state="closed").count() == 1
    seen = re.findall(r'name="seen"\s+value="([^"]+)"', preview.content.decode())
    done = manager.post("/queries/bulk/", {"step": "close", "confirm": "1", "seen": seen, "text": "Seen in the chart"})
    assert done.status_code == 302
    for query in several[:2]:
        assert [message.text for message in query.messages.filter(step="close")] == ["Seen in the chart"]
        assert [row.pgh_reason for row in rows_of(Query, query.pk)][-1] == "Seen in the chart"


def test_those_changed_meanwhile_are_left_and_named(
    manager: Client, several: list[Query], coordinator: User, data_manager: User
) -> None:
    planned = plan(step=BulkStep.CLOSE, chosen=[query.pk for query in several[:2]], by=data_manager)
    actions.answer_query(query=several[1], by=coordinator, text="Rectal")
    seen = [f"{one.query.pk}:{one.seen}" for one in planned]
    left = manager.post("/queries/bulk/", {"step": "close", "confirm": "1", "seen": seen})
    assert "1 query was left as it was" in words(left)
    assert "Rectal or axillary?" in words(left)
    assert "It changed meanwhile and is answered now." in words(left)
    assert [Query.objects.get(pk=query.pk).state for query in several[:2]] == ["closed", "answered"]


def test_a_fault_in_one_leaves_all_as_they_were(several: list[Query], data_manager: User) -> None:
    planned = plan(step=BulkStep.CLOSE, chosen=[query.pk for query in several], by=data_manager)
    seen = {one.query.pk: one.seen for one in planned}
    with pytest.raises(ValueError, match="2000 are the most"):
        change_many(step=BulkStep.CLOSE, seen=seen, by=data_manager, text="x" * 2001)
    assert Query.objects.filter(state="open").count() == 2


def test_many_are_asked_again_as_the_filters_say(manager: Client, several: list[Query]) -> None:
    preview = manager.post("/queries/bulk/", {"step": "reopen", "all": "1", "filters": "state=closed"})
    assert "Ask again 1 of 1 query?" in words(preview)
    seen = re.findall(r'name="seen"\s+value="([^"]+)"', preview.content.decode())
    manager.post("/queries/bulk/", {"step": "reopen", "confirm": "1", "seen": seen, "text": "At rest or crying?"})
    assert Query.objects.get(pk=several[2].pk).state == "open"


def test_a_monitor_closes_those_that_were_raised_as_monitor(several: list[Query], nl01: Site) -> None:
    other = make_user("monitor", nl01, "monitor-2")
    planned = plan(step=BulkStep.CLOSE, chosen=[query.pk for query in several], by=other)
    assert [one.refusal == "" for one in planned] == [False, True, False]
    assert "it was raised as Data manager" in planned[0].refusal


def test_at_most_200_at_once(manager: Client, data_manager: User) -> None:
    assert MOST == 200
    with pytest.raises(TooMany, match="201 queries are chosen; 200 at once are the most"):
        plan(step=BulkStep.CLOSE, chosen=range(201), by=data_manager)
    none = manager.post("/queries/bulk/", {"step": "close"})
    assert (none.status_code, "No query is chosen" in words(none)) == (422, True)


# --- the API -----------------------------------------------------------------------------------------------------


def post(client: Client, body: dict[str, Any], path: str = "") -> Any:
    return client.post(f"/api/v1/queries/{path}", body, content_type="application/json")


def test_the_api_asks_about_a_missing_form_and_takes_it_back(manager: Client, subject: Subject) -> None:
    place = {"subject": subject.number, "visit": "day_1", "text": "Where is this form?"}
    asked = post(manager, {**place, "crf_code": "vital_signs"})
    assert asked.status_code == 201
    body = asked.json()
    assert (body["record"], body["visit"], body["crf_code"]) == (None, "day_1", "vital_signs")
    assert post(manager, place).json()["crf_code"] == ""
    assert post(manager, {"text": "Where is this form?"}).status_code == 400
    assert post(manager, {**place, "visit": "no_such_visit"}).status_code == 400
    assert post(manager, {**place, "crf_code": "no_such_form"}).status_code == 400
    assert post(manager, {}, f"{body['id']}/cancel/").status_code == 400
    cancelled = post(manager, {"text": "Entered at another visit"}, f"{body['id']}/cancel/")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")


def test_the_api_answers_with_a_reason_of_the_list(query: Query, coordinator: User) -> None:
    site = browser(coordinator)
    assert post(site, {"reply": "nonsense", "text": "It is so"}, f"{query.pk}/answer/").status_code == 400
    assert post(site, {"reply": "not-available"}, f"{query.pk}/answer/").status_code == 200
    assert query.messages.get(step="answer").reason_code == "not-available"


# --- after a save ------------------------------------------------------------------------------------------------


def test_a_save_names_and_links_what_it_asked_on_other_forms(subject: Subject, coordinator: User) -> None:
    visit = subject.visits.get(code="day_1")
    infusion = actions.new_record(subject=subject, crf_code="infusion", visit=visit)
    actions.save_form(record=infusion, values={"weight": "7.90"}, by=coordinator)
    site, data = browser(coordinator), {**VITAL_SIGNS, "vsdat": "03-Jan-2024", "version": "0"}
    site.post(f"/subjects/{subject.number}/forms/vital_signs/new/?visit=day_1", data)
    query = Query.objects.get(check_code="BI-50")
    page = site.get("/").content.decode()
    assert f'<a href="/queries/{query.pk}/">Blinatumomab infusion: {query.text}</a>' in page
