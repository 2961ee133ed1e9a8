"""One worker at a time on one job: PostgreSQL lets go when a worker dies, and not before."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# The first key of the advisory locks that say "somebody is at work on this job".
JOBS_LOCK = 4713


class AtWork(Exception):
    """Another worker has this job in hand."""


@contextmanager
def alone_with(job_id: int) -> Iterator[None]:
    """Raise AtWork if another connection has the job in hand."""
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
