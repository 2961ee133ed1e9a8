"""What Celery does for reports. The queue carries the job's number only; all that is said stands in the job's row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from reports import actions
from trial.conf.celery import app
from trial.models import Job

# The first key of the advisory locks that say "somebody is at work on this job".
JOBS_LOCK = 4713


class AtWork(Exception):
    """Another worker has this job in hand."""


@contextmanager
def alone_with(job_id: int) -> Iterator[None]:
    """Raise AtWork if another connection has the job in hand. PostgreSQL lets go when a worker dies, and not before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [JOBS_LOCK, job_id])
        if not cursor.fetchone()[0]:
            raise AtWork
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [JOBS_LOCK, job_id])


@app.task(bind=True, name="reports.build_report", max_retries=None)
def build_report(self: Any, job_id: int) -> None:
    """Build what the job asks for, once, however often the queue delivers it.

    A second delivery while the first is at work comes back later: were the first to die, nobody else would.
    """
    try:
        with alone_with(job_id):
            actions.build_asked(job=Job.objects.select_related("asked_by").get(pk=job_id))
    except AtWork as busy:
        raise self.retry(countdown=30) from busy
    except (OperationalError, InterfaceError) as lost:
        connection.close()
        raise self.retry(countdown=10) from lost
