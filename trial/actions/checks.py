"""All checks over all data: what the nights are for. A new or mended check asks about what stands already."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from trial import access
from trial.actions.forms import check_subject
from trial.models import Job, JobState, Subject, User
from trial.permissions import Permission

log = logging.getLogger(__name__)
JOB_KIND = "run of all checks"
OVER = (JobState.DONE, JobState.FAILED)
# A run that ends its worker each time must not go round for ever.
MOST_ATTEMPTS = 3
# Runs are asked for one at a time.
RUNS_LOCK = (4714, 1)


@dataclass(frozen=True)
class ChecksRun:
    """failed: numbers of the subjects whose checks ended in an error; the log has its trace."""

    subjects: int
    opened: int
    closed: int
    failed: tuple[str, ...] = ()


Tell = Callable[[Subject, int, int, list[str]], None]


def run_checks(*, by: User, source: str = "", after: int = 0, tell: Tell | None = None) -> ChecksRun:
    """Run every check over every subject that `by` may see, a transaction each, and let queries follow.

    A subject whose checks fail does not keep the others from theirs; a database that is gone ends the run.
    source: of this run, for history. after: only subjects with a higher key. tell: is told of each subject done, with
    how many are done, how many there are, and the numbers of those that failed.
    """
    opened = closed = 0
    failed: list[str] = []
    subjects = list(access.subjects(by).order_by("pk"))
    for number, subject in enumerate(subjects, 1):
        if subject.pk <= after:
            continue
        try:
            more, fewer = check_subject(subject=subject, by=by, source=source)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("The checks of subject %s failed.", subject.number)
            failed.append(subject.number)
        else:
            opened, closed = opened + more, closed + fewer
        if tell is not None:
            tell(subject, number, len(subjects), failed)
    return ChecksRun(len(subjects), opened, closed, tuple(failed))


# --- the run of a night, or one that was asked for ---------------------------------------------------------------


def ask_for_run(*, by: User) -> Job:
    """A job for a run over all subjects. One that is not over yet is not asked for twice: it is handed back.

    Raises PermissionDenied unless `by` may close any query.
    """
    access.role_anywhere(by, Permission.CLOSE_ANY_QUERY)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", RUNS_LOCK)
        unfinished = Job.objects.filter(kind=JOB_KIND).exclude(state__in=OVER).order_by("id").first()
        return unfinished or Job.objects.create(kind=JOB_KIND, asked_by=by)


def source_of(job: Job) -> str:
    """What history says of the changes that this run made."""
    return f"checks:{job.pk}"


def run_asked(*, job: Job) -> None:
    """Run the checks that `job` asks for, as *system*. The caller sees to it that nobody else works on the same job.

    A job that is over is left alone. One whose worker was killed goes on after the last subject that it had told of;
    a subject checked twice is asked nothing twice. Raises only what a later attempt may get past: a database that does
    not answer.
    """
    if job.is_over:
        return
    attempts = job.arguments.get("attempts", 0) + 1
    if attempts > MOST_ATTEMPTS:
        job.finish(error=f"The worker stopped {MOST_ATTEMPTS} times during this run. Ask a developer.")
        return
    job.arguments |= {"attempts": attempts}
    job.state, job.started_at = JobState.RUNNING, job.started_at or timezone.now()
    job.save(update_fields=["arguments", "state", "started_at"])
    _run(job)


def _run(job: Job) -> None:
    earlier = job.arguments.get("failed", [])

    def tell(subject: Subject, done: int, total: int, failed: list[str]) -> None:
        job.arguments |= {"after": subject.pk, "failed": [*earlier, *failed]}
        job.step, job.done, job.total = f"Subject {subject.number}", done, total
        job.save(update_fields=["arguments", "step", "done", "total"])

    after = job.arguments.get("after", 0)
    run_checks(by=User.objects.system(), source=source_of(job), after=after, tell=tell)
    failed = job.arguments.get("failed", [])
    error = (
        f"The checks of {', '.join(failed)} failed. A developer finds why in the log of this time." if failed else ""
    )
    job.finish(error=error, result_url=reverse("check-run", args=[job.pk]))
