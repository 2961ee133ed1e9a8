"""Freeze, lock, the order of steps, and a correction after a lock."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from random import Random
from typing import Any

import pytest

from tests.people import make_user
from tests.trial.signing import sign
from trial import locks, still_open
from trial.actions import forms, queries
from trial.actions import locks as locking
from trial.actions import verification as marking
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import FormRecord, Lock, LockKind, ReviewKind, Site, Subject, User
from trial.reasons import ReasonNeeded

WHY = "Interim analysis"
SCOPES: dict[str, Callable[[FormRecord], Any]] = {
    "form": lambda record: record,
    "visit": lambda record: record.visit,
    "subject": lambda record: record.subject,
    "site": lambda record: record.site,
    "study": lambda record: None,
}
scopes = pytest.mark.parametrize("scope", SCOPES)


def correct(record: FormRecord, by: User, temp: str = "37.4") -> None:
    version = FormRecord.objects.get(pk=record.pk).version
    forms.save_form(record=record, values={"temp": temp}, by=by, reason="Entry error", expected_version=version)


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@scopes
def test_a_frozen_form_says_since_when_by_whom_and_what_goes_on(
    scope: str, vital_signs: FormRecord, coordinator: User, monitor: User, data_manager: User
) -> None:
    locking.freeze(target=SCOPES[scope](vital_signs), by=data_manager, reason=WHY)
    with pytest.raises(locks.Locked) as refused:
        correct(vital_signs, coordinator)
    today = datetime.now(UTC).strftime("%d-%b-%Y")
    assert str(refused.value).startswith(f"This form is frozen and cannot be changed, since {today}")
    assert "by Data Manager Person" in str(refused.value)
    assert f"{WHY}. Queries go on. Ask a data manager to unfreeze it" in str(refused.value)
    locks.check_may_ask(vital_signs)
    marking.mark(record=vital_signs, kind=ReviewKind.SDV, by=monitor, expected_version=1)
    locking.unfreeze(target=SCOPES[scope](vital_signs), by=data_manager, reason="Correction asked for")
    correct(vital_signs, coordinator)


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@scopes
def test_a_locked_form_takes_no_query_and_no_mark(
    scope: str, vital_signs: FormRecord, monitor: User, data_manager: User
) -> None:
    locking.lock(target=SCOPES[scope](vital_signs), by=data_manager, reason=WHY)
    with pytest.raises(locks.Locked, match="Nothing can be asked or answered on this form: it is locked since"):
        locks.check_may_ask(vital_signs)
    with pytest.raises(locks.Locked, match="Nothing can be verified on this form: it is locked since"):
        marking.mark(record=vital_signs, kind=ReviewKind.SDV, by=monitor, expected_version=1)


@pytest.mark.requirement("DE-07")
@pytest.mark.django_db
@scopes
@pytest.mark.parametrize("is_answered", [False, True])
def test_no_lock_while_a_query_is_live(
    scope: str, is_answered: bool, vital_signs: FormRecord, coordinator: User, data_manager: User
) -> None:
    query = queries.open_query(target=vital_signs, item="temp", text="Where was it taken?", by=data_manager)
    if is_answered:
        queries.answer_query(query=query, by=coordinator, text="In the ear")
    with pytest.raises(WrongState) as refused:
        locking.lock(target=SCOPES[scope](vital_signs), by=data_manager, reason=WHY)
    number = vital_signs.subject.number
    assert str(refused.value) == (
        f"This {scope} cannot be locked yet: 1 query is open or answered ({number}: Vital signs, Day 1)."
        " Have that done first. A freeze is possible now: queries go on under it."
    )
    assert not Lock.objects.exists()
    locking.freeze(target=SCOPES[scope](vital_signs), by=data_manager, reason=WHY)
    query.refresh_from_db()
    queries.close_query(query=query, by=data_manager, text="Clear now")
    locking.lock(target=SCOPES[scope](vital_signs), by=data_manager, reason=WHY)


@pytest.mark.requirement("DE-07")
@pytest.mark.django_db
@scopes
def test_no_lock_while_a_signature_is_void(
    scope: str, vital_signs: FormRecord, coordinator: User, investigator: User, data_manager: User
) -> None:
    sign(vital_signs, investigator)
    correct(vital_signs, coordinator)
    with pytest.raises(WrongState, match=r"1 form has a void signature \(S001: Vital signs, Day 1"):
        locking.lock(target=SCOPES[scope](vital_signs), by=data_manager, reason=WHY)
    sign(vital_signs, investigator)
    locking.lock(target=SCOPES[scope](vital_signs), by=data_manager, reason=WHY)


@pytest.mark.requirement("DE-07")
@pytest.mark.django_db
def test_what_stands_in_the_way_is_counted_and_the_first_are_named(
    vital_signs: FormRecord, subject: Subject, data_manager: User
) -> None:
    for item in ("temp", "hr", "sysbp", "diabp", "weight"):
        queries.open_query(target=vital_signs, item=item, text="Please check this.", by=data_manager)
    (words,) = still_open.in_words(subject)
    place = "S001: Vital signs, Day 1"
    assert words == f"5 queries are open or answered ({place}; {place}; {place}; and 2 more)"


# --- correct after report ------------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@scopes
def test_one_form_is_opened_corrected_signed_and_held_again(
    scope: str, vital_signs: FormRecord, subject: Subject, coordinator: User, investigator: User, data_manager: User
) -> None:
    sign(vital_signs, investigator)
    other = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_8"))
    locking.lock(target=SCOPES[scope](vital_signs), by=data_manager, reason=WHY)
    locking.open_for_correction(record=vital_signs, by=data_manager, reason="Source shows 38.1")
    held, opened = locks.state_of(vital_signs)
    assert held is None
    assert opened is not None
    assert opened.reason == "Source shows 38.1"
    if scope not in ("form", "visit"):
        with pytest.raises(locks.Locked):
            forms.save_form(record=other, values={"temp": "37"}, by=coordinator)
    assert locking.relock_after_signature(records=[vital_signs]) == []  # the old signature is none of the correction
    correct(vital_signs, coordinator)
    sign(vital_signs, investigator)
    with pytest.raises(locks.Locked):
        correct(vital_signs, coordinator, "37.1")
    newest = Lock.objects.latest("id")
    assert (newest.by.username, newest.role, newest.locked) == ("system", "system", scope == "form")
    locking.unlock(target=SCOPES[scope](vital_signs), by=data_manager, reason="Final analysis comes later")
    correct(vital_signs, coordinator, "37.1")


@pytest.mark.django_db
def test_a_correction_with_a_live_query_waits_and_can_be_ended(
    vital_signs: FormRecord, coordinator: User, investigator: User, data_manager: User
) -> None:
    locking.lock(target=vital_signs.subject, by=data_manager, reason=WHY)
    locking.open_for_correction(record=vital_signs, by=data_manager, reason="Source shows 38.1")
    with pytest.raises(WrongState, match="1 form is open for a correction"):
        locking.lock(target=vital_signs.site, by=data_manager, reason=WHY)
    query = queries.open_query(target=vital_signs, item="temp", text="What does the source say?", by=data_manager)
    sign(vital_signs, investigator)
    assert not locks.is_locked(vital_signs)
    (opening,) = still_open.openings()
    assert still_open.waits_for([opening])[opening.pk] == "the correction"
    with pytest.raises(WrongState, match="1 query is open or answered"):
        locking.end_correction(record=vital_signs, by=data_manager, reason="The value was right")
    queries.close_query(query=query, by=data_manager, text="The value was right")
    locking.end_correction(record=vital_signs, by=data_manager, reason="The value was right")
    assert locks.is_locked(vital_signs)
    with pytest.raises(WrongState, match="not open for a correction"):
        locking.end_correction(record=vital_signs, by=data_manager, reason="The value was right")


@pytest.mark.django_db
def test_only_a_held_form_is_opened_and_with_a_reason(vital_signs: FormRecord, data_manager: User) -> None:
    with pytest.raises(WrongState, match="not frozen or locked"):
        locking.open_for_correction(record=vital_signs, by=data_manager, reason="Source shows 38.1")
    locking.lock(target=vital_signs, by=data_manager, reason=WHY)
    with pytest.raises(ReasonNeeded):
        locking.open_for_correction(record=vital_signs, by=data_manager, reason=".")
    locking.open_for_correction(record=vital_signs, by=data_manager, reason="Source shows 38.1")
    with pytest.raises(WrongState, match="open for a correction"):
        locking.lock(target=vital_signs, by=data_manager, reason=WHY)


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
def test_many_forms_at_once_are_held_as_one_by_one(vital_signs: FormRecord, data_manager: User, nl01: Site) -> None:
    """The rule for lists agrees with PostgreSQL's over a made-up run of steps."""
    choose = Random(7)
    with history(by=data_manager, role="data-manager"):
        for step, (scope, kind) in enumerate(choose.choices(list(product(SCOPES, LockKind)), k=40)):
            target = still_open.scope_of(SCOPES[scope](vital_signs))[1]
            opens = scope == "form" and kind == LockKind.LOCK and choose.random() < 0.5
            Lock.objects.create(
                scope=scope, kind=kind, locked=not opens and choose.random() < 0.5, until_signed=opens,
                by=data_manager, role="data-manager", reason=f"Step {step}", **target,
            )  # fmt: skip
            held = locks.lock_of(vital_signs)
            assert locks.InForce(Lock.objects.order_by("id")).of(vital_signs) == (held.kind if held else None)


@pytest.mark.django_db
def test_a_deleted_form_is_not_locked(vital_signs: FormRecord, coordinator: User, data_manager: User) -> None:
    forms.delete_form(record=vital_signs, by=coordinator, reason="Wrong child")
    gone = FormRecord.objects.get(pk=vital_signs.pk)
    with pytest.raises(WrongState, match="deleted"):
        locking.lock(target=gone, by=data_manager, reason=WHY)


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
def test_an_anchor_can_be_corrected_under_the_lock_of_its_subject(
    subject: Subject, coordinator: User, data_manager: User, nl01: Site
) -> None:
    """Windows and entry date follow: they would be held by the subject's lock."""
    record = forms.new_record(subject=subject, crf_code="treatment_block")
    values = {"block": "MARMA", "ecstdat": "2024-03-01", "econgo": "Y"}
    record = forms.save_form(record=record, values=values, by=make_user("site-coordinator", nl01, "second")).record
    for query in still_open.live_queries(subject):
        queries.close_query(query=query, by=data_manager, text="As in the source")
    locking.lock(target=subject, by=data_manager, reason=WHY)
    locking.open_for_correction(record=record, by=data_manager, reason="Source shows the 4th")
    forms.save_form(record=record, values={"ecstdat": "2024-03-04"}, by=coordinator, reason="Entry error")
    assert str(subject.visits.get(code="before_marma").target) == "2024-03-04"
