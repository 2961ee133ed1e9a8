"""Freeze, lock and open again: forms, visits, subjects, sites and the study. PostgreSQL refuses what these forbid."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from trial import access, locks, reasons, still_open
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import FormRecord, Lock, LockKind, LockScope, User
from trial.permissions import Permission
from trial.still_open import Target, scope_of

WHY = "Say in a few words why this is frozen, locked or opened again."
STATES = {LockKind.FREEZE: ("frozen", "not frozen"), LockKind.LOCK: ("locked", "not locked")}


class StillOpen(WrongState):
    """A lock was refused because queries, signatures or corrections in its scope are not done; says which."""


def lock(*, target: Target, by: User, reason: str, kind: LockKind = LockKind.LOCK) -> Lock:
    """Lock (or freeze) a form, a visit, a subject, a site, or (None) the study.

    Raises PermissionDenied, ReasonNeeded, WrongState if it is so already, and StillOpen for a lock while in its scope
    queries are live, signatures void or forms open for a correction. A freeze waits for nothing.
    """
    return _write(target, by, reason, kind=kind, locked=True)


def unlock(*, target: Target, by: User, reason: str, kind: LockKind = LockKind.LOCK) -> Lock:
    """Take back what was locked (or frozen) at this scope; other scopes stay. Raises PermissionDenied, ReasonNeeded."""
    return _write(target, by, reason, kind=kind, locked=False)


def freeze(*, target: Target, by: User, reason: str) -> Lock:
    """No answer changes; queries, verification and signatures go on. Raises like `lock`."""
    return lock(target=target, by=by, reason=reason, kind=LockKind.FREEZE)


def unfreeze(*, target: Target, by: User, reason: str) -> Lock:
    """Take back a freeze of this scope. Raises like `unlock`."""
    return unlock(target=target, by=by, reason=reason, kind=LockKind.FREEZE)


def _write(target: Target, by: User, reason: str, *, kind: LockKind, locked: bool) -> Lock:
    scope, key, site_id = scope_of(target)
    role = access.role_for(by, Permission.LOCK, site_id)
    reason = reasons.check(reason, WHY)
    if isinstance(target, FormRecord) and target.deleted_at is not None:
        raise WrongState("This form was deleted; there is nothing to freeze or lock.")
    with history(by=by, role=role.code, site_id=site_id, reason=reason):
        _check_changes(scope, key, kind, locked=locked)
        made = Lock.objects.create(
            scope=scope, kind=kind, locked=locked, by=by, role=role.code, reason=reason, **key
        )  # waits for saves and queries in flight; none can come now
        if locked and kind == LockKind.LOCK:
            check_nothing_open(target)
    return made


def _check_changes(scope: LockScope, key: dict[str, Any], kind: LockKind, *, locked: bool) -> None:
    newest = Lock.objects.filter(scope=scope, kind=kind, **key).order_by("id").last()
    if (newest.locked if newest else False) == locked:
        is_so, is_not = STATES[kind]
        raise WrongState(f"This is {f'{is_so} already' if locked else f'{is_not} here'}. Reload the page.")
    if newest is not None and newest.until_signed and not newest.locked:
        raise WrongState("This form is open for a correction. It is locked again once signed, or by ending that.")


# --- the order of steps: no lock while something is open (DE-07) -----------------------------------------------------


def check_nothing_open(target: Target) -> None:
    """Raise StillOpen, naming how many and where, unless a lock of this scope leaves nothing undone."""
    found = still_open.in_words(target)
    if found:
        what = scope_of(target)[0].label.lower()
        raise StillOpen(
            f"This {what} cannot be locked yet: {'; '.join(found)}."
            " Have that done first. A freeze is possible now: queries go on under it."
        )


# --- correct after report: open, correct, sign, locked again ---------------------------------------------------------


def open_for_correction(*, record: FormRecord, by: User, reason: str) -> Lock:
    """Open one frozen or locked form, whatever scope holds it, until its correction is signed.

    The rest of the scope stays as it is. Raises PermissionDenied, ReasonNeeded, WrongState if nothing holds the form.
    """
    role = access.role_for(by, Permission.LOCK, record.site_id)
    reason = reasons.check(reason, "Say what has to be corrected, and who asked for it.")
    if record.deleted_at is not None:
        raise WrongState("This form was deleted; there is nothing to correct.")
    with history(by=by, role=role.code, site_id=record.site_id, reason=reason):
        FormRecord.objects.select_for_update(no_key=True).only("pk").get(pk=record.pk)  # rows first, then the key
        _hold_alone()  # a second opening would hide what held the form before the first
        if locks.lock_of(record) is None:
            raise WrongState("This form is not frozen or locked; it can be corrected as it is.")
        return _write_own(record, by, role.code, reason, locked=False, until_signed=True)


def end_correction(*, record: FormRecord, by: User, reason: str) -> Lock:
    """Put a form that is open for a correction back under what held it, without waiting for a signature.

    Raises PermissionDenied, ReasonNeeded, WrongState if it is not open for one, StillOpen.
    """
    role = access.role_for(by, Permission.LOCK, record.site_id)
    reason = reasons.check(reason, "Say why the correction ends without a signature.")
    with history(by=by, role=role.code, site_id=record.site_id, reason=reason):
        made = _close(record, by, role.code, reason)
        check_nothing_open(record)
    return made


def relock_after_signature(*, records: Iterable[FormRecord]) -> list[FormRecord]:
    """Lock again, as *system*, those of these forms that were open for a correction, are signed since and ask nothing.

    For the end of a signing, in its transaction. One statement where none of them was open.
    """
    ready = still_open.corrected_and_signed(records)
    for record in ready:
        _close_as_system(record, "The correction is signed")
    return ready


def relock_deleted(*, record: FormRecord) -> None:
    """A form deleted while it was open for a correction is open no more, nor is its subject for its sake."""
    if still_open.openings().filter(record=record).exists():
        _close_as_system(record, "The form was deleted")


def hold_if_open(*, records: Iterable[FormRecord]) -> None:
    """Keep every save and lock away at once where one of these forms, held already, may be locked again at the end.

    Two sessions that first share the key of `cradle_lock_alone`, as saves do, and then both want it alone, would wait
    for each other for ever. One statement where none is open.
    """
    if still_open.openings().filter(record__in=[record.pk for record in records]).exists():
        _hold_alone()


def _hold_alone() -> None:
    """As `cradle_lock_alone` does, and earlier."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(4711, 1)")


def _close_as_system(record: FormRecord, reason: str) -> None:
    system = User.objects.system()
    with history(by=system, role="system", site_id=record.site_id, reason=reason):
        _close(record, system, "system", reason)


def _close(record: FormRecord, by: Any, role: str, reason: str) -> Lock:
    """End an opening: the form's own lock is as it was before; what holds it at other scopes holds it again."""
    own = list(still_open.own_locks(record).order_by("-id")[:2])
    if not own or own[0].locked or not own[0].until_signed:
        raise WrongState("This form is not open for a correction. Reload the page.")
    return _write_own(record, by, role, reason, locked=len(own) > 1 and own[1].locked, until_signed=False)


def _write_own(record: FormRecord, by: Any, role: str, reason: str, *, locked: bool, until_signed: bool) -> Lock:
    return Lock.objects.create(
        scope=LockScope.FORM,
        record=record,
        kind=LockKind.LOCK,
        locked=locked,
        until_signed=until_signed,
        by=by,
        role=role,
        reason=reason,
    )
