"""Without the present training one reads and changes nothing, by whatever door (AC-09)."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from tests.people import make_user
from trial import access, training
from trial.actions import checks, queries, query_bulk
from trial.models import FormRecord, Query, User

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("AC-09")]


@pytest.fixture
def outdated(data_manager: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """A data manager whose training is of an older version."""
    monkeypatch.setattr(training, "VERSION", "2")
    return User.objects.get(pk=data_manager.pk)


STEPS: list[Callable[[Query, User], object]] = [
    lambda query, by: queries.close_query(query=query, by=by, text="As in the source"),
    lambda query, by: queries.reopen_query(query=query, by=by, text="Still to be explained"),
    lambda query, by: queries.cancel_query(query=query, by=by, text="Asked on the wrong form"),
    lambda query, by: checks.ask_for_run(by=by),
]


@pytest.mark.parametrize("step", STEPS)
def test_queries_are_not_moved_without_training(
    step: Callable[[Query, User], object], vital_signs: FormRecord, monitor: User, outdated: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with monkeypatch.context() as before:
        before.setattr(training, "VERSION", "1")
        asker = make_user("data-manager", username="data-manager-2")
        query = queries.open_query(target=vital_signs, text="Please check the source", by=asker, item="temp")
    with pytest.raises(PermissionDenied, match="training"):
        step(query, outdated)
    query.refresh_from_db()
    assert query.state == "open"
    assert not queries.can_close_query(outdated, query)
    assert query_bulk.plan(step=query_bulk.BulkStep.CLOSE, chosen=[query.pk], by=outdated)[0].refusal
    assert access.get_query(outdated, query.pk) == query
