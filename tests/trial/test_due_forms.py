"""Forms that are due: the nearest first, all of them counted, none of another site."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.people import VITAL_SIGNS
from trial import actions, protocol
from trial.due_forms import missing_forms
from trial.history import history
from trial.lifecycle import SubjectState
from trial.models import Subject, User

DAY_1 = date(2024, 1, 3)


@pytest.fixture
def enrolled(subject: Subject, coordinator: User) -> Subject:
    """Enrolled, with the first two visits of the infusion a week apart."""
    with history(by=coordinator, role="site-coordinator", site_id=subject.site_id):
        subject.state = SubjectState.ENROLLED
        subject.save()
        for code, day in (("day_1", DAY_1), ("day_8", DAY_1 + timedelta(days=7))):
            subject.visits.filter(code=code).update(target=day, opens=day, closes=day)
    return subject


def found(user: User, today: date, limit: int = 50) -> tuple[list[tuple[str, str]], int]:
    lines, total = missing_forms(user, today, limit=limit)
    return [(visit.code, crf) for visit, crf in lines], total


def test_what_is_expected_by_now_and_not_entered_is_due(enrolled: Subject, coordinator: User) -> None:
    asked = list(protocol.get().visit("day_1").forms)
    assert found(coordinator, DAY_1 - timedelta(days=1)) == ([], 0)
    assert found(coordinator, DAY_1) == ([("day_1", crf) for crf in asked], len(asked))
    record = actions.new_record(subject=enrolled, crf_code="vital_signs", visit=enrolled.visits.get(code="day_1"))
    saved = actions.save_form(record=record, values=VITAL_SIGNS, by=coordinator).record
    assert ("day_1", "vital_signs") not in found(coordinator, DAY_1)[0]
    actions.delete_form(record=saved, by=coordinator, reason="Entered for another subject")
    assert ("day_1", "vital_signs") in found(coordinator, DAY_1)[0]


def test_the_nearest_window_comes_first_and_all_are_counted(enrolled: Subject, coordinator: User) -> None:
    everything, total = found(coordinator, DAY_1 + timedelta(days=7))
    assert {code for code, _ in everything} == {"day_1", "day_8"}
    assert everything[0][0] == "day_8"
    assert found(coordinator, DAY_1 + timedelta(days=7), limit=1) == (everything[:1], total)


def test_others_who_enter_nothing_here_have_none(enrolled: Subject, stranger: User, monitor: User) -> None:
    for user in (stranger, monitor):
        assert found(user, DAY_1) == ([], 0)


def test_two_roles_at_one_site_make_no_doubles(enrolled: Subject, coordinator: User, db: Any) -> None:
    once = found(coordinator, DAY_1)
    actions.grant(
        user=coordinator, role_code="investigator", site=enrolled.site, by=User.objects.system(), starts_on=DAY_1
    )
    assert found(User.objects.get(pk=coordinator.pk), DAY_1) == once
