"""All checks over all data: what the nights are for. A new or mended check asks about what stands already."""

from dataclasses import dataclass

from trial.actions.forms import check_subject
from trial.models import Subject, User


@dataclass(frozen=True)
class ChecksRun:
    subjects: int
    opened: int
    closed: int


def run_checks(*, by: User) -> ChecksRun:
    """Run every check over every subject that `by` may see, a transaction each, and let queries follow."""
    counted = [check_subject(subject=subject, by=by) for subject in Subject.objects.select_related("site")]
    return ChecksRun(len(counted), sum(opened for opened, _ in counted), sum(closed for _, closed in counted))
