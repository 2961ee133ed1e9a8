"""A check is retired while others save, answer and retire: in sessions of their own."""

import pytest
from django.db import transaction

from tests.people import VITAL_SIGNS, make_site, make_user
from tests.trial.test_two_sessions import Session, end, waits
from trial import actions
from trial.lifecycle import QueryState, WrongState
from trial.models import CheckRetirement, Query, Subject, User

ODD = {**VITAL_SIGNS, "sysbp": 50}
WHY = "It has never changed a value"


@pytest.fixture
def coordinator(committed_db: None) -> User:
    return make_user("site-coordinator", make_site("NL01"))


@pytest.fixture
def manager(committed_db: None) -> User:
    return make_user("data-manager")


@pytest.fixture
def subject(coordinator: User) -> Subject:
    site = coordinator.current_memberships()[0].site
    if site is None:
        raise LookupError("A coordinator works at a site.")
    return actions.screen_subject(site=site, by=coordinator)


def ask(subject: Subject, by: User, visit: str = "day_1") -> Query:
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code=visit))
    return Query.objects.get(record=actions.save_form(record=record, values=ODD, by=by).record)


def retire(by: User) -> int:
    return actions.retire_check(check_code="VS-01", by=by, reason=WHY)


def test_who_retires_second_waits_and_is_told(manager: User) -> None:
    with transaction.atomic():
        retire(manager)
        second = Session(lambda: retire(manager))
        second.start()
        assert waits(second)
    end(second)
    assert isinstance(second.error, WrongState)
    assert CheckRetirement.objects.count() == 1


def test_a_query_of_a_save_under_way_is_closed_by_the_next_run(
    subject: Subject, coordinator: User, manager: User
) -> None:
    with transaction.atomic():
        query = ask(subject, coordinator)
        other = Session(lambda: retire(manager))
        other.start()
        end(other)
    assert (other.error, other.answer) == (None, 0)
    assert actions.check_subject(subject=subject, by=User.objects.system()) == (0, 1)
    query.refresh_from_db()
    assert (query.state, query.messages.latest("id").reason_code) == (QueryState.CLOSED, "retired")


def test_a_query_that_is_answered_meanwhile_is_closed_after_the_answer(
    subject: Subject, coordinator: User, manager: User
) -> None:
    query = ask(subject, coordinator)
    with transaction.atomic():
        actions.answer_query(query=query, by=coordinator, reply="confirmed")
        other = Session(lambda: retire(manager))
        other.start()
        assert waits(other)
    end(other)
    assert (other.error, other.answer) == (None, 1)
    assert [message.step for message in query.messages.order_by("id")] == ["open", "answer", "close"]
