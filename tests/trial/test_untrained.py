"""Without the present training one reads and changes nothing, by whatever door (AC-09)."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from tests.people import make_user
from tests.trial.pages import browser, words
from trial import access, training, worklists
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


def test_the_list_of_subjects_offers_no_screening_without_training(
    coordinator: User, data_manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does an empty list; the page says what comes first, and nothing waits at home."""
    assert "Screen a new subject" in words(browser(coordinator).get("/subjects/"))
    monkeypatch.setattr(training, "VERSION", "2")
    for user in (coordinator, data_manager):
        client = browser(User.objects.get(pk=user.pk))
        page = words(client.get("/subjects/"))
        assert training.REMINDER in page
        assert "screen the first one" not in page
        assert "Screen a new subject" not in page
        assert training.REMINDER in words(client.get("/"))


TO_DO = [
    "site-coordinator", "investigator", "sub-investigator", "monitor", "safety-officer", "mrd-laboratory",
]  # fmt: skip


@pytest.mark.parametrize("role", TO_DO)
def test_work_lists_hold_nothing_that_one_may_not_do(
    role: str, vital_signs: FormRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(role, vital_signs.site, "newcomer")
    assert worklists.sections(user)
    monkeypatch.setattr(training, "VERSION", "2")
    newcomer = User.objects.get(pk=user.pk)
    assert worklists.sections(newcomer) == []
    assert worklists.first_line(newcomer) is None
