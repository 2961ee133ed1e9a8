"""Lock and unlock forms, visits, subjects, sites and the study. PostgreSQL refuses what a lock forbids."""

from typing import Any

from trial import access, reasons
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import FormRecord, Lock, LockScope, Site, Subject, User, Visit
from trial.permissions import Permission

Target = FormRecord | Visit | Subject | Site | None


def lock(*, target: Target, by: User, reason: str) -> Lock:
    """Lock a form, a visit, a subject, a site, or (None) the study. Raises PermissionDenied, ReasonNeeded."""
    return _write(target, by, reason, locked=True)


def unlock(*, target: Target, by: User, reason: str) -> Lock:
    """Unlock what was locked at this scope; locks of other scopes stay. Raises PermissionDenied, ReasonNeeded."""
    return _write(target, by, reason, locked=False)


def _write(target: Target, by: User, reason: str, *, locked: bool) -> Lock:
    scope, key, site_id = _scope(target)
    role = access.role_for(by, Permission.LOCK, site_id)
    reason = reasons.check(reason, "Say in a few words why this is locked or unlocked.")
    _check_changes(scope, key, locked=locked)
    with history(by=by, role=role.code, site_id=site_id, reason=reason):
        return Lock.objects.create(scope=scope, locked=locked, by=by, role=role.code, reason=reason, **key)


def _check_changes(scope: LockScope, key: dict[str, Any], *, locked: bool) -> None:
    newest = Lock.objects.filter(scope=scope, **key).order_by("id").last()
    if (newest.locked if newest else False) == locked:
        raise WrongState(f"This is {'locked already' if locked else 'not locked here'}. Reload the page.")


def _scope(target: Target) -> tuple[LockScope, dict[str, Any], int | None]:
    match target:
        case FormRecord():
            return LockScope.FORM, {"record": target}, target.site_id
        case Visit():
            return LockScope.VISIT, {"visit": target}, target.site_id
        case Subject():
            return LockScope.SUBJECT, {"subject": target}, target.site_id
        case Site():
            return LockScope.SITE, {"site": target}, target.pk
        case _:
            return LockScope.STUDY, {}, None
