"""Retire an edit check that only costs time, and bring it back; both with the reason."""

from django.db import connection

from trial import access, reasons, retired_checks
from trial.actions import queries
from trial.checks import Severity
from trial.crf import check_list
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import CheckRetirement, User
from trial.permissions import Permission

# Two people who retire or bring back at once take turns; beside that of runs of checks.
TURNS = (4714, 2)


def retire_check(*, check_code: str, by: User, reason: str) -> int:
    """Let a soft check ask no more, and close its live queries as *system*, with the reason. Returns how many.

    A save that was under way may still leave a query; the next run of checks, or save of its subject, closes that one.
    Raises PermissionDenied unless `by` retires checks, ReasonNeeded, WrongState where it is retired already, is no
    check, or is one that holds a rule: hard checks, and those on the order of steps.
    """
    role = access.role_for(by, Permission.RETIRE_CHECK)
    why = _why(reason, "Say why this check is retired: it stands in each query that closes.")
    if not can_be_retired(check_code):
        raise WrongState("Only a check that asks can be retired; one that refuses a save holds a rule of the trial.")
    with history(by=by, role=role.code, reason=why):
        _step(check_code, by, role.code, why, retired=True)
        return queries.close_as_retired(check_code=check_code, reason=why)


def bring_back_check(*, check_code: str, by: User, reason: str) -> None:
    """Let a retired check ask again: from the next save on, and of all data in the next run of checks.

    Raises PermissionDenied unless `by` retires checks, ReasonNeeded, WrongState where it is not retired.
    """
    role = access.role_for(by, Permission.RETIRE_CHECK)
    why = _why(reason, "Say why this check is brought back.")
    with history(by=by, role=role.code, reason=why):
        _step(check_code, by, role.code, why, retired=False)


def can_be_retired(check_code: str) -> bool:
    """Whether it is a check that asks; whoever may retire checks may retire it."""
    return check_list.severity(check_code) is Severity.SOFT


def _why(reason: str, sentence: str) -> str:
    return queries.fit_to_keep(reasons.check(reason, sentence))


def _step(check_code: str, by: User, role: str, reason: str, *, retired: bool) -> None:
    """Raises WrongState where it stands so already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", TURNS)
    if (check_code in retired_checks.among([check_code])) is retired:
        raise WrongState("This check is retired already." if retired else "This check is not retired.")
    CheckRetirement.objects.create(check_code=check_code, retired=retired, reason=reason, by=by, role=role)
