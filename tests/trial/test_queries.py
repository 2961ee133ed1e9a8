"""Who asks, answers and closes queries, in which state, and what the database holds of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from tests.people import VITAL_SIGNS, make_user
from trial import actions
from trial.actions import forms
from trial.actions.queries import QueryTextNeeded, check_can_close_query
from trial.history import history, rows_of
from trial.lifecycle import WrongState
from trial.models import FormRecord, Query, QueryMessage, Site, Subject, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def query(vital_signs: FormRecord, monitor: User) -> Query:
    return actions.open_query(target=vital_signs, item="temp", text="Source says 37.4. Which is right?", by=monitor)


def fresh(query: Query) -> Query:
    return Query.objects.get(pk=query.pk)


def steps(query: Query) -> list[tuple[str, str]]:
    return [(message.step, message.by.username) for message in QueryMessage.objects.filter(query=query).order_by("id")]


@pytest.mark.requirement("DE-04")
def test_a_query_is_asked_answered_reopened_and_closed(query: Query, coordinator: User, monitor: User) -> None:
    actions.answer_query(query=query, by=coordinator, text="Chart says 37.2, photo added")
    assert fresh(query).answered_at is not None
    actions.reopen_query(query=query, by=monitor, text="The photo shows 37.4")
    actions.answer_query(query=query, by=coordinator, text="Corrected to 37.4")
    actions.close_query(query=query, by=monitor, text="Agreed")
    assert steps(query) == [
        ("open", "monitor"),
        ("answer", "site-coordinator"),
        ("re-open", "monitor"),
        ("answer", "site-coordinator"),
        ("close", "monitor"),
    ]
    closed = fresh(query)
    assert (closed.state, closed.closed_by, closed.confirmed) == ("closed", monitor, False)
    assert [row.state for row in rows_of(Query, query.pk)] == ["open", "answered", "open", "answered", "closed"]


CHANGES: dict[str, Callable[[Query, User, User], Any]] = {
    "answer": lambda query, site, asker: actions.answer_query(query=query, by=site, text="It is right"),
    "close": lambda query, site, asker: actions.close_query(query=query, by=asker, text="Agreed"),
    "re-open": lambda query, site, asker: actions.reopen_query(query=query, by=asker, text="Look again"),
}
POSSIBLE = {"open": {"answer", "close"}, "answered": {"close", "re-open"}, "closed": {"re-open"}}


@pytest.mark.requirement("DE-04")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("state", POSSIBLE)
def test_a_query_takes_only_the_steps_of_its_state(
    state: str, change: str, query: Query, coordinator: User, monitor: User
) -> None:
    if state != "open":
        CHANGES["answer" if state == "answered" else "close"](query, coordinator, monitor)
    before = steps(query)
    if change in POSSIBLE[state]:
        CHANGES[change](query, coordinator, monitor)
        assert len(steps(query)) == len(before) + 1
    else:
        with pytest.raises(WrongState):
            CHANGES[change](query, coordinator, monitor)
        assert (fresh(query).state, steps(query)) == (state, before)


def test_a_stale_page_does_not_answer_a_closed_query(query: Query, coordinator: User, monitor: User) -> None:
    seen = fresh(query)
    actions.close_query(query=query, by=monitor)
    with pytest.raises(WrongState, match="closed"):
        actions.answer_query(query=seen, by=coordinator, text="It is right")


ASKERS = {"monitor": True, "data-manager": True, "site-coordinator": False, "investigator": False, "inspector": False,
          "trial-manager": False}  # fmt: skip


@pytest.mark.requirement("AC-02")
@pytest.mark.parametrize(("role", "allowed"), ASKERS.items())
def test_who_may_ask(role: str, allowed: bool, vital_signs: FormRecord, nl01: Site) -> None:
    person = make_user(role, nl01, f"{role}-2")
    if allowed:
        actions.open_query(target=vital_signs, item="", text="Is this the right child?", by=person)
    else:
        with pytest.raises(PermissionDenied):
            actions.open_query(target=vital_signs, item="", text="Is this the right child?", by=person)
    assert Query.objects.count() == int(allowed)


@pytest.mark.requirement("AC-02")
def test_the_role_that_asked_closes_and_a_data_manager_closes_all(
    query: Query, vital_signs: FormRecord, nl01: Site, data_manager: User, coordinator: User
) -> None:
    other = make_user("monitor", nl01, "monitor-2")
    with pytest.raises(PermissionDenied, match="it was raised as Monitor"):
        actions.close_query(query=query, by=coordinator)
    assert not actions.can_close_query(coordinator, query)
    assert actions.can_close_query(other, query)
    own = actions.open_query(target=vital_signs, item="hr", text="Is this the resting rate?", by=other)
    assert check_can_close_query(other, own).code == "monitor"
    actions.close_query(query=own, by=other)
    actions.close_query(query=query, by=data_manager)
    assert fresh(query).closed_by == data_manager


@pytest.mark.requirement("AC-03")
def test_a_monitor_of_another_site_asks_and_closes_nothing(query: Query, vital_signs: FormRecord, it02: Site) -> None:
    stranger = make_user("monitor", it02, "monitor-it")
    with pytest.raises(PermissionDenied):
        actions.close_query(query=query, by=stranger)
    with pytest.raises(PermissionDenied):
        actions.open_query(target=vital_signs, item="", text="Is this the right child?", by=stranger)


@pytest.mark.parametrize("text", ["", " ", ".", "?"])
def test_a_query_without_words_is_refused(
    text: str, query: Query, vital_signs: FormRecord, monitor: User, coordinator: User
) -> None:
    with pytest.raises(QueryTextNeeded):
        actions.open_query(target=vital_signs, item="temp", text=text, by=monitor)
    with pytest.raises(QueryTextNeeded):
        actions.answer_query(query=query, by=coordinator, text=text)
    assert (Query.objects.count(), fresh(query).state) == (1, "open")


def test_a_query_about_an_item_that_the_form_lacks_is_refused(vital_signs: FormRecord, monitor: User) -> None:
    with pytest.raises(QueryTextNeeded, match="no item"):
        actions.open_query(target=vital_signs, item="aetoxgr", text="Which grade?", by=monitor)


def test_people_may_ask_twice_about_one_item(query: Query, vital_signs: FormRecord, monitor: User) -> None:
    actions.open_query(target=vital_signs, item="temp", text="And where was it measured?", by=monitor)
    assert Query.objects.filter(item="temp", state="open").count() == 2


# --- queries of checks -------------------------------------------------------------------------------------------


@pytest.fixture
def found(subject: Subject, coordinator: User) -> Query:
    """The query of a check: systolic 50 mmHg."""
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    forms.save_form(record=record, values={**VITAL_SIGNS, "sysbp": 50}, by=coordinator)
    return Query.objects.get()


def correct(query: Query, by: User, **values: Any) -> None:
    forms.save_form(record=query.record, values=values, by=by, reason="Entry error")


def test_a_query_of_a_check_is_asked_and_closed_by_the_system(found: Query, coordinator: User) -> None:
    assert (found.opened_by.username, found.opened_role) == ("system", "system")
    correct(found, coordinator, sysbp=90)
    closed = fresh(found)
    assert (closed.state, closed.closed_by, closed.confirmed) == ("closed", User.objects.system(), False)
    assert steps(found) == [("open", "system"), ("close", "system")]


def test_an_answered_query_closes_by_itself_once_its_finding_is_gone(found: Query, coordinator: User) -> None:
    actions.answer_query(query=found, by=coordinator, text="Typing error, corrected")
    correct(found, coordinator, sysbp=90)
    assert fresh(found).state == "closed"


def test_a_confirmed_finding_stays_closed_while_its_values_stand(
    found: Query, coordinator: User, data_manager: User
) -> None:
    actions.answer_query(query=found, by=coordinator, text="Measured twice, it is right")
    actions.close_query(query=found, by=data_manager)
    correct(found, coordinator, temp="37.9")
    assert (fresh(found).state, fresh(found).confirmed) == ("closed", True)
    correct(found, coordinator, sysbp=49)
    assert (fresh(found).state, fresh(found).closed_by, fresh(found).confirmed) == ("open", None, False)


def test_a_finding_confirmed_with_these_values_is_shown_at_no_further_save(
    found: Query, coordinator: User, data_manager: User
) -> None:
    actions.close_query(query=found, by=data_manager)

    def save(**values: Any) -> None:
        forms.save_form(record=found.record, values=values, by=coordinator, reason="Entry error", seen=[])

    save(temp="37.9")
    with pytest.raises(actions.Unconfirmed):
        save(sysbp=51)


def test_a_monitor_cannot_close_the_query_of_a_check(found: Query, monitor: User) -> None:
    with pytest.raises(PermissionDenied, match="a check asked it"):
        actions.close_query(query=found, by=monitor)


# --- what the database holds -------------------------------------------------------------------------------------


def raw(statement: str, by: User) -> str:
    """The constraint that refuses the statement, or ""."""
    try:
        with transaction.atomic(), history(by=by, role="data-manager"), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        cause: Any = error.__cause__
        return cause.diag.constraint_name or str(error)
    return ""


COPY_QUERY = (
    "INSERT INTO trial_query (subject_id, site_id, record_id, item, check_code, fingerprint, text, state, confirmed,"
    " opened_at, opened_by_id, opened_role, answered_at, closed_at, closed_by_id)"
    " SELECT subject_id, site_id, record_id, item, check_code, fingerprint, text, {state}, confirmed, opened_at,"
    " opened_by_id, opened_role, answered_at, {closed_at}, {closed_by} FROM trial_query"
)


def test_one_finding_has_one_live_query(found: Query, data_manager: User) -> None:
    copy = {"closed_at": "NULL", "closed_by": "NULL"}
    assert raw(COPY_QUERY.format(state="'open'", **copy), data_manager) == "query_open_once"
    assert raw(COPY_QUERY.format(state="'answered'", **copy), data_manager) == "query_open_once"
    closed = COPY_QUERY.format(state="'closed'", closed_at="now()", closed_by="opened_by_id")
    assert raw(closed, data_manager) == ""


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'closed', closed_at = now()", "query_closed_pair"),
        ("state = 'closed', closed_by_id = opened_by_id", "query_closed_pair"),
        ("state = 'closed'", "query_closed_when_closed"),
        ("state = 'cancelled'", "query_closed_when_closed"),
        ("closed_at = now(), closed_by_id = opened_by_id", "query_closed_when_closed"),
        ("state = 'closed', closed_at = now(), closed_by_id = opened_by_id", ""),
    ],
)
def test_a_closed_query_names_who_closed_it(change: str, constraint: str, query: Query, data_manager: User) -> None:
    assert raw(f"UPDATE trial_query SET {change}", data_manager) == constraint


@pytest.mark.requirement("AC-03")
def test_a_query_stands_at_the_site_of_its_form(query: Query, it02: Site, data_manager: User) -> None:
    assert "another site" in raw(f"UPDATE trial_query SET site_id = {it02.pk}", data_manager)


@pytest.mark.requirement("DE-04")
@pytest.mark.parametrize(
    ("state", "change", "refusal"),
    [
        ("closed", "text = 'Another question'", "closed does not change"),
        ("closed", "closed_at = now()", "closed does not change"),
        ("closed", "state = 'cancelled'", "closed does not change"),
        ("closed", "state = 'open', closed_at = NULL, closed_by_id = NULL", ""),
        ("cancelled", "state = 'open', closed_at = NULL, closed_by_id = NULL", "cancelled does not change"),
        ("open", "item = 'hr'", "never changes"),
        ("open", "opened_at = now()", "never changes"),
        ("open", "text = 'Said better'", ""),
    ],
)
def test_a_closed_query_changes_by_being_asked_again_alone(
    state: str, change: str, refusal: str, query: Query, monitor: User, data_manager: User
) -> None:
    if state == "closed":
        actions.close_query(query=query, by=monitor)
    elif state == "cancelled":
        actions.cancel_query(query=query, by=monitor, text="Asked about the wrong child")
    said = raw(f"UPDATE trial_query SET {change}", data_manager)
    assert refusal in said if refusal else said == ""
