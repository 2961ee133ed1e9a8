"""Two people at once, in sessions of their own: whoever comes second waits, and then sees what the first one did."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from reports import datasets
from tests.people import VITAL_SIGNS, make_site, make_user
from tests.trial.pages import browser, new_url
from trial import actions
from trial.actions import forms, subjects, users
from trial.history import history_model
from trial.lifecycle import WrongState
from trial.models import FormRecord, Prompt, Query, ReviewKind, Site, Subject, User

TYPED = {"vsdat": "3 jan 24", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}


class Session(threading.Thread):
    """One person's work in a connection of its own. `answer` is what it gave, `error` what it raised."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.answer: Any = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.answer = self.work()
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def waits(session: Session, seconds: float = 0.5) -> bool:
    session.join(seconds)
    return session.is_alive()


def end(*sessions: Session) -> None:
    for session in sessions:
        session.join(20)
        assert not session.is_alive()


@pytest.fixture
def site(committed_db: None) -> Site:
    return make_site("NL01")


@pytest.fixture
def coordinator(site: Site) -> User:
    return make_user("site-coordinator", site)


@pytest.fixture
def subject(site: Site, coordinator: User) -> Subject:
    return subjects.screen_subject(site=site, by=coordinator)


def enter(subject: Subject, by: User, crf: str, visit: str = "", **values: Any) -> FormRecord:
    at = subject.visits.get(code=visit) if visit else None
    record = forms.new_record(subject=subject, crf_code=crf, visit=at)
    return forms.save_form(record=record, values=values, by=by).record


# --- a submit that arrives twice ---------------------------------------------------------------------------------


def test_a_new_log_row_sent_twice_at_once_is_one_row(subject: Subject, coordinator: User) -> None:
    submission = uuid4()

    def send() -> forms.Saved:
        record = forms.new_record(subject=subject, crf_code="adverse_event")
        values = {"aeterm": "Vomiting", "aetoxgr": 1, "aestdat": "2024-01-12"}
        return forms.save_form(record=record, values=values, by=coordinator, submission=submission)

    second = Session(send)
    with transaction.atomic():
        first = send()
        second.start()
        assert waits(second)
    end(second)
    assert second.error is None
    assert second.answer.saved_before_at is not None
    assert second.answer.record.pk == first.record.pk
    assert FormRecord.objects.filter(crf_code="adverse_event").count() == 1


@pytest.mark.parametrize("crf", ["vital_signs", "adverse_event"])
def test_a_double_click_saves_once_and_answers_twice_with_the_form(
    crf: str, subject: Subject, coordinator: User
) -> None:
    url = new_url(subject, crf, subject.visits.get(code="day_1") if crf == "vital_signs" else None)
    typed = TYPED if crf == "vital_signs" else {"aeterm": "Vomiting"}
    seen = [f"adverse_event.{item.name}.blank" for item in forms.new_record(subject=subject, crf_code=crf).spec.items]
    data = {"version": "0", "submission": str(uuid4()), "seen": seen, **typed}
    clicks = [Session(partial(browser(coordinator).post, url, data)) for _ in range(2)]
    for click in clicks:
        click.start()
    end(*clicks)
    answers = [click.answer for click in clicks]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    record = FormRecord.objects.get(crf_code=crf)
    assert record.version == 1


def test_a_correction_sent_twice_at_once_is_one_change(subject: Subject, coordinator: User) -> None:
    record = enter(subject, coordinator, "vital_signs", "day_1", **VITAL_SIGNS)
    submission = uuid4()

    def correct() -> forms.Saved:
        return forms.save_form(
            record=FormRecord.objects.get(pk=record.pk), values={"hr": 130}, by=coordinator, reason="Entry error",
            expected_version=1, submission=submission,
        )  # fmt: skip

    second = Session(correct)
    with transaction.atomic():
        correct()
        second.start()
        assert waits(second)
    end(second)
    assert second.answer.saved_before_at is not None
    assert FormRecord.objects.get(pk=record.pk).version == 2
    assert history_model(record.spec.model).objects.filter(pgh_obj_id=record.pk).count() == 2


@pytest.fixture
def of_a_colleague(site: Site, subject: Subject) -> FormRecord:
    """A form that somebody else saved last."""
    return enter(subject, make_user("investigator", site), "vital_signs", "day_1", **VITAL_SIGNS)


@pytest.mark.parametrize("is_same", [True, False])
def test_two_corrections_at_once_of_a_colleagues_form_are_one_and_an_answer(
    *, is_same: bool, of_a_colleague: FormRecord, coordinator: User
) -> None:
    submission = uuid4()

    def correct(submission: UUID) -> forms.Saved:
        return forms.save_form(
            record=FormRecord.objects.get(pk=of_a_colleague.pk), values={"hr": 130}, by=coordinator,
            reason="Entry error", expected_version=1, submission=submission,
        )  # fmt: skip

    second = Session(partial(correct, submission if is_same else uuid4()))
    with transaction.atomic():
        correct(submission)
        second.start()
        assert waits(second)
    end(second)
    if is_same:
        assert second.answer.saved_before_at is not None
    else:
        assert isinstance(second.error, forms.VersionConflict)
        assert str(second.error).startswith(coordinator.full_name)
    assert FormRecord.objects.get(pk=of_a_colleague.pk).version == 2


def test_a_mark_that_waits_for_a_save_of_a_colleagues_form_is_refused(
    site: Site, of_a_colleague: FormRecord, coordinator: User
) -> None:
    monitor = make_user("monitor", site)
    second = Session(lambda: actions.mark(record=of_a_colleague, kind=ReviewKind.SDV, by=monitor, expected_version=1))
    with transaction.atomic():
        forms.save_form(record=of_a_colleague, values={"hr": 130}, by=coordinator, reason="Entry error")
        second.start()
        assert waits(second)
    end(second)
    assert isinstance(second.error, WrongState)
    assert coordinator.full_name in str(second.error)


# --- saves of one subject take turns -----------------------------------------------------------------------------


def test_two_saves_of_a_subject_take_turns_so_that_a_finding_between_forms_is_not_lost(
    subject: Subject, coordinator: User
) -> None:
    """Each of the two forms is right by itself; only together do they say that a child vomited after its death."""

    def death() -> FormRecord:
        return enter(subject, coordinator, "death", dthdat="2024-01-10")

    def vomiting() -> FormRecord:
        return enter(subject, coordinator, "adverse_event", aeterm="Vomiting", aetoxgr=1, aestdat="2024-01-12")

    before = set(Query.objects.values_list("check_code", flat=True))
    second = Session(vomiting)
    with transaction.atomic():
        death()
        second.start()
        assert waits(second)
    end(second)
    assert second.error is None
    at_once = set(Query.objects.values_list("check_code", flat=True)) - before
    other = subjects.screen_subject(site=subject.site, by=coordinator)
    enter(other, coordinator, "death", dthdat="2024-01-10")
    enter(other, coordinator, "adverse_event", aeterm="Vomiting", aetoxgr=1, aestdat="2024-01-12")
    in_turn = set(Query.objects.filter(subject=other).values_list("check_code", flat=True))
    assert at_once == in_turn
    assert any("." not in code for code in in_turn)


def test_saves_of_two_subjects_do_not_wait_for_each_other(subject: Subject, coordinator: User) -> None:
    other = subjects.screen_subject(site=subject.site, by=coordinator)
    second = Session(lambda: enter(other, coordinator, "vital_signs", "day_1", **VITAL_SIGNS))
    with transaction.atomic():
        enter(subject, coordinator, "vital_signs", "day_1", **VITAL_SIGNS)
        second.start()
        second.join(15)
        assert not second.is_alive()
    assert second.error is None


# --- a save in flight while a report is frozen -------------------------------------------------------------------


def test_a_snapshot_waits_for_a_save_in_flight_and_holds_it(subject: Subject, coordinator: User) -> None:
    snapshot = Session(lambda: datasets.take(cut=timezone.now().date()))
    with transaction.atomic():
        record = enter(subject, coordinator, "vital_signs", "day_1", **VITAL_SIGNS)
        snapshot.start()
        assert waits(snapshot)
    end(snapshot)
    assert snapshot.error is None
    held = datasets.extract(freeze=snapshot.answer.freeze)["vital_signs"]
    assert [row["record"] for row in held] == [record.pk]


def test_a_save_that_comes_while_the_moment_is_taken_waits_and_is_not_in_it(
    subject: Subject, coordinator: User
) -> None:
    save = Session(lambda: enter(subject, coordinator, "vital_signs", "day_1", **VITAL_SIGNS))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(4711, 1)")
        save.start()
        assert waits(save)
        cursor.execute("SELECT clock_timestamp()")
        freeze = cursor.fetchone()[0]
        cursor.execute("SELECT pg_advisory_unlock(4711, 1)")
    end(save)
    assert save.error is None
    assert not datasets.extract(freeze=freeze).get("vital_signs")
    assert datasets.extract()["vital_signs"]


# --- what a check said is kept though the save was not -----------------------------------------------------------


def test_what_a_check_said_is_kept_where_the_save_was_rolled_back(subject: Subject, coordinator: User) -> None:
    with pytest.raises(forms.Refused):
        enter(subject, coordinator, "vital_signs", "day_1", **VITAL_SIGNS | {"weight": "400"})
    assert not FormRecord.objects.exists()
    assert Prompt.objects.get().entered == {"weight": "400"}


# --- a role that ends --------------------------------------------------------------------------------------------


def test_nobody_ends_a_role_of_their_own_and_none_is_prolonged(site: Site, coordinator: User) -> None:
    system, manager = User.objects.system(), make_user("trial-manager")
    today = timezone.now().date()
    own, theirs = manager.memberships.get(), coordinator.memberships.get()
    with pytest.raises(PermissionDenied, match="of yourself"):
        users.end_membership(membership=own, by=manager, on=today, reason="Leaves the trial")
    users.end_membership(membership=theirs, by=manager, on=today, reason="Leaves the trial")
    with pytest.raises(ValueError, match="ends on"):
        users.end_membership(membership=theirs, by=system, on=today + timedelta(days=1), reason="Stays after all")
    theirs.refresh_from_db()
    assert theirs.ends_on == today


def test_a_role_that_two_end_at_once_ends_on_the_earlier_day(site: Site, coordinator: User) -> None:
    manager, today = make_user("trial-manager"), timezone.now().date()

    def end_on(day: date) -> None:
        fresh = User.objects.get(pk=coordinator.pk).memberships.get()
        users.end_membership(membership=fresh, by=manager, on=day, reason="Leaves the trial")

    second = Session(lambda: end_on(today + timedelta(days=9)))
    with transaction.atomic():
        end_on(today)
        second.start()
        time.sleep(0.3)
    end(second)
    with suppress(AttributeError):
        del coordinator._memberships
    assert coordinator.memberships.get().ends_on == today
    assert isinstance(second.error, ValueError)
    assert actions.end_membership is users.end_membership
