"""All checks over all data: what the nights are for. A new or mended check asks about what stands already."""

import logging
from dataclasses import dataclass

from trial import access
from trial.actions.forms import check_subject
from trial.models import User

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChecksRun:
    """failed: numbers of the subjects whose checks ended in an error; the log has its trace."""

    subjects: int
    opened: int
    closed: int
    failed: tuple[str, ...] = ()


def run_checks(*, by: User) -> ChecksRun:
    """Run every check over every subject that `by` may see, a transaction each, and let queries follow.

    A subject whose checks fail does not keep the others from theirs.
    """
    opened = closed = 0
    failed, subjects = [], list(access.subjects(by))
    for subject in subjects:
        try:
            more, fewer = check_subject(subject=subject, by=by)
        except Exception:
            log.exception("The checks of subject %s failed.", subject.number)
            failed.append(subject.number)
        else:
            opened, closed = opened + more, closed + fewer
    return ChecksRun(len(subjects), opened, closed, tuple(failed))
