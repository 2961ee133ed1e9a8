"""Changes that meet in the middle: none is refused for the other's sake, none is undone by it."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import override_settings

from tests.people import VITAL_SIGNS, make_site, make_user
from tests.trial.signing import enter_vital_signs, shown, sign
from tests.trial.test_two_sessions import Session, end, waits
from trial import actions, locks, still_open
from trial.actions import forms, queries
from trial.actions import locks as locking
from trial.lifecycle import WrongState
from trial.models import FormRecord, Query, Subject, User

WHY = "Interim analysis"


class World:
    """One site with its people and one subject."""

    def __init__(self) -> None:
        self.site = make_site("NL01")
        self.coordinator = make_user("site-coordinator", self.site)
        self.investigator = make_user("investigator", self.site)
        self.colleague = make_user("investigator", self.site, "investigator-2")
        self.manager = make_user("data-manager")
        self.subject: Subject = actions.screen_subject(site=self.site, by=self.coordinator)


@pytest.fixture
def world(committed_db: None) -> Iterator[World]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield World()


def correct(record: FormRecord, by: User, **values: str) -> None:
    fresh = FormRecord.objects.get(pk=record.pk)
    forms.save_form(record=fresh, values=values, by=by, reason="Entry error", expected_version=fresh.version)


@pytest.mark.parametrize("step", [queries.close_query, queries.cancel_query])
def test_a_save_that_ends_a_query_waits_for_who_closes_it_by_hand(step: object, world: World) -> None:
    """Both a check's query whose finding is gone, and one that asked for the form that is entered now."""
    if step is queries.close_query:
        record = enter_vital_signs(world.subject, "day_1", world.coordinator, temp="43.5")
        query = Query.objects.filter(record=record, item="temp").earliest("id")
        save = Session(lambda: correct(record, world.coordinator, temp="37.5"))
    else:
        missing = queries.MissingForm(world.subject.visits.get(code="day_1"), "vital_signs")
        query = queries.open_query(target=missing, text="Where is this form?", by=world.manager)
        save = Session(lambda: enter_vital_signs(world.subject, "day_1", world.coordinator))
    with transaction.atomic():
        step(query=query, by=world.manager, text="Confirmed by the source")
        save.start()
        assert waits(save)
    end(save)
    assert save.error is None
    query.refresh_from_db()
    assert query.closed_by == world.manager


def test_two_corrections_signed_at_once_are_both_locked_again(world: World) -> None:
    """Each signature ends with a lock of its own, which no session can wait for while it keeps locks away."""
    other = actions.screen_subject(site=world.site, by=world.coordinator)
    records = [enter_vital_signs(subject, "day_1", world.coordinator) for subject in (world.subject, other)]
    locking.lock(target=world.site, by=world.manager, reason=WHY)
    for record in records:
        locking.open_for_correction(record=record, by=world.manager, reason="Transcription error")
        correct(record, world.coordinator, temp="37.5")
    people = (world.investigator, world.colleague)
    signing = [
        Session(partial(sign, record, by, expected=shown(record))) for record, by in zip(records, people, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(4711, 1)")
        for session in signing:
            session.start()
        assert waits(signing[0])
        assert waits(signing[1])
        cursor.execute("SELECT pg_advisory_unlock_shared(4711, 1)")
    end(*signing)
    assert [session.error for session in signing] == [None, None]
    assert not still_open.openings().exists()


def test_a_form_that_two_open_at_once_is_locked_again_after_its_correction(world: World) -> None:
    record = enter_vital_signs(world.subject, "day_1", world.coordinator)
    locking.lock(target=record, by=world.manager, reason=WHY)
    opening = partial(locking.open_for_correction, record=record, by=world.manager, reason="Transcription error")
    second = Session(opening)
    with transaction.atomic():
        opening()
        second.start()
        assert waits(second)
    end(second)
    assert isinstance(second.error, WrongState)
    locking.end_correction(record=record, by=world.manager, reason="Nothing to correct")
    assert locks.is_locked(record)


def test_a_form_deleted_while_open_for_a_correction_leaves_its_subject_locked(world: World) -> None:
    record = enter_vital_signs(world.subject, "day_1", world.coordinator)
    locking.lock(target=world.subject, by=world.manager, reason=WHY)
    locking.open_for_correction(record=record, by=world.manager, reason="Entered for the wrong subject")
    forms.delete_form(record=record, by=world.coordinator, reason="Wrong subject")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cradle_is_locked(NULL, NULL, %s, %s)", [world.subject.pk, world.site.pk])
        assert cursor.fetchone() == (True,)
    assert not still_open.openings().exists()


def test_a_form_sent_again_after_it_was_deleted_is_not_entered_anew(world: World) -> None:
    submission, visit = uuid4(), world.subject.visits.get(code="day_1")

    def send() -> forms.Saved:
        record = forms.new_record(subject=world.subject, crf_code="vital_signs", visit=visit)
        return forms.save_form(record=record, values=VITAL_SIGNS, by=world.coordinator, submission=submission)

    first = send()
    forms.delete_form(record=first.record, by=world.coordinator, reason="Wrong subject")
    again = send()
    assert again.saved_before_at is not None
    assert again.record.pk == first.record.pk
    assert FormRecord.objects.count() == 1
