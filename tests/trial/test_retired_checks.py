"""A check that is retired asks nothing more, and asks again once it is brought back."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.people import VITAL_SIGNS
from tests.trial.pages import browser, words
from trial import actions, reasons, retired_checks
from trial.actions.queries import QueryTextNeeded
from trial.checks import Severity
from trial.crf import check_list
from trial.lifecycle import QueryState, WrongState
from trial.models import CheckRetirement, FormRecord, Prompt, Query, Subject, User
from trial.query_thread import Outcome
from trial.query_value import per_check

ODD = {**VITAL_SIGNS, "sysbp": 50}  # not above the diastolic pressure of 55: VS-01
WHY = "Never changed a value in 200 queries"


def enter(subject: Subject, by: User, visit: str = "day_1", values: dict[str, Any] = ODD) -> FormRecord:
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code=visit))
    return actions.save_form(record=record, values=values, by=by).record


def found(record: FormRecord, by: User, values: dict[str, Any]) -> set[str]:
    return {finding.code for finding in actions.preview(record=record, values=values, missing_codes={}).findings}


def test_its_live_queries_close_at_once_as_system_with_the_reason(
    subject: Subject, coordinator: User, data_manager: User
) -> None:
    query = Query.objects.get(record=enter(subject, coordinator))
    assert actions.retire_check(check_code="VS-01", by=data_manager, reason=WHY) == 1
    query.refresh_from_db()
    said = query.messages.latest("id")
    assert (query.state, query.confirmed, said.by.username) == (QueryState.CLOSED, False, "system")
    assert said.text == f"The check was retired. {WHY}"
    (value,) = per_check()
    assert (value.open, value.outcomes[Outcome.OTHERWISE]) == (0, 1)  # nothing is known of what was asked about


def test_it_is_silent_at_a_save_while_typing_and_in_a_run_of_checks(
    subject: Subject, coordinator: User, data_manager: User
) -> None:
    actions.retire_check(check_code="VS-01", by=data_manager, reason=WHY)
    record = enter(subject, coordinator)
    assert "VS-01" not in found(record, coordinator, {"sysbp": 51})
    assert actions.check_subject(subject=subject, by=User.objects.system()) == (0, 0)
    assert not Query.objects.filter(check_code="VS-01").exists()
    assert not Prompt.objects.filter(check_code="VS-01").exists()
    assert "vital_signs.hr.range" in found(record, coordinator, {"hr": 300})  # the others ask on


def test_brought_back_it_asks_about_all_data_in_the_next_run(
    subject: Subject, coordinator: User, data_manager: User
) -> None:
    asked, silent = enter(subject, coordinator), "vital_signs.weight.blank"
    actions.retire_check(check_code="VS-01", by=data_manager, reason=WHY)
    actions.retire_check(check_code=silent, by=data_manager, reason=WHY)
    enter(subject, coordinator, "day_8", {**ODD, "weight": ""})
    actions.bring_back_check(check_code="VS-01", by=data_manager, reason="The limit was mended")
    assert actions.check_subject(subject=subject, by=User.objects.system()) == (2, 0)
    assert Query.objects.get(record=asked).state == QueryState.OPEN  # the same query, asked again
    assert set(retired_checks.all_retired()) == {silent}


def test_a_query_that_a_save_left_meanwhile_is_closed_by_the_next_run(
    subject: Subject, coordinator: User, data_manager: User
) -> None:
    record = enter(subject, coordinator)
    actions.retire_check(check_code="VS-01", by=data_manager, reason=WHY)
    query = Query.objects.get(record=record)
    actions.reopen_query(query=query, by=data_manager, text="As if it had just been opened")
    assert actions.check_subject(subject=subject, by=User.objects.system()) == (0, 1)
    assert query.messages.latest("id").reason_code == "retired"


@pytest.mark.parametrize("code", ["vital_signs.hr.limit", "vital_signs.temp.type", "no-such-check", "", "VS-99"])
def test_a_check_that_refuses_and_one_that_is_none_cannot_be_retired(code: str, data_manager: User) -> None:
    with pytest.raises(WrongState, match="Only a check that asks"):
        actions.retire_check(check_code=code, by=data_manager, reason=WHY)


def test_checks_on_the_order_of_steps_and_hard_ones_stay(data_manager: User) -> None:

    held = [check for check in check_list.written() if check.severity is not Severity.SOFT]
    assert {check.severity for check in held} == {Severity.HARD, Severity.ORDER}
    for check in held:
        with pytest.raises(WrongState):
            actions.retire_check(check_code=check.code, by=data_manager, reason=WHY)


def test_who_why_and_only_once(data_manager: User, coordinator: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.retire_check(check_code="VS-01", by=coordinator, reason=WHY)
    with pytest.raises(reasons.ReasonNeeded):
        actions.retire_check(check_code="VS-01", by=data_manager, reason=" . ")
    with pytest.raises(QueryTextNeeded, match="identify"):
        actions.retire_check(check_code="VS-01", by=data_manager, reason="Ask ann@example.org")
    with pytest.raises(WrongState, match="not retired"):
        actions.bring_back_check(check_code="VS-01", by=data_manager, reason=WHY)
    actions.retire_check(check_code="VS-01", by=data_manager, reason=WHY)
    with pytest.raises(WrongState, match="already"):
        actions.retire_check(check_code="VS-01", by=data_manager, reason=WHY)


@pytest.mark.parametrize(
    "statement", ["UPDATE trial_checkretirement SET reason = 'x'", "DELETE FROM trial_checkretirement"]
)
def test_a_retirement_is_written_once(statement: str, data_manager: User) -> None:
    actions.retire_check(check_code="VS-01", by=data_manager, reason=WHY)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)
    row = CheckRetirement.objects.get()
    assert row.changeset
    assert (row.by, row.role) == (data_manager, "data-manager")


def test_only_a_save_with_findings_asks_which_checks_are_retired(subject: Subject, coordinator: User) -> None:
    for visit, values, asked in (("day_1", VITAL_SIGNS, 0), ("day_8", ODD, 1)):
        with CaptureQueriesContext(connection) as captured:
            enter(subject, coordinator, visit, values)
        assert sum("trial_checkretirement" in query["sql"] for query in captured) == asked


def test_the_page_lists_who_retired_what_when_and_why_and_takes_the_step(
    subject: Subject, coordinator: User, data_manager: User, inspector: User
) -> None:
    enter(subject, coordinator)
    manager = browser(data_manager)
    assert 'href="/checks/VS-01/"' in manager.get("/queries/value/").content.decode()
    assert "Retire VS-01 and close 1 query" in words(manager.get("/checks/VS-01/"))
    refused = manager.post("/checks/VS-01/retire/", {"reason": "-"})
    assert (refused.status_code, "Say why this check is retired" in words(refused)) == (422, True)
    assert manager.post("/checks/VS-01/retire/", {"reason": WHY}).status_code == 302
    for page in ("/queries/value/", "/checks/VS-01/"):
        seen = words(browser(inspector).get(page))
        assert all(part in seen for part in ("Retired", "Data Manager Person", WHY)), page
    assert "Bring VS-01 back" not in words(browser(inspector).get("/checks/VS-01/"))
    assert manager.post("/checks/VS-01/retire/", {"reason": WHY}).status_code == 409
    assert manager.post("/checks/VS-01/bring-back/", {"reason": "The limit was mended"}).status_code == 302
    assert not retired_checks.all_retired()


def test_a_check_that_refuses_says_why_it_stays_and_an_unknown_one_is_not_found(data_manager: User) -> None:
    manager = browser(data_manager)
    page = words(manager.get("/checks/vital_signs.hr.limit/"))
    assert "It cannot be retired" in page
    assert "Retire it" not in page
    assert manager.get("/checks/no-such-check/").status_code == 404
