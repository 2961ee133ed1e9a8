"""What Celery does for reports. The queue carries the job's number only; all that is said stands in the job's row."""

import logging
from typing import Any

from celery.signals import worker_ready
from django.db import InterfaceError, OperationalError, connection

from reports import actions
from reports.access import JOB_KIND
from trial.conf.celery import app
from trial.job_lock import JOBS_LOCK, AtWork, alone_with
from trial.models import Job, JobState

__all__ = ["JOBS_LOCK", "AtWork", "alone_with", "build", "build_report", "take_up_unfinished"]
logger = logging.getLogger(__name__)


def build(job_id: int) -> None:
    job = Job.objects.select_related("asked_by").filter(pk=job_id).first()
    if job is None:  # the queue has outlived a database that was set back
        logger.warning("There is no job %s.", job_id)
        return
    actions.build_asked(job=job)


@app.task(bind=True, name="reports.build_report", max_retries=None)
def build_report(self: Any, job_id: int) -> None:
    """Build what the job asks for, once, however often the queue delivers it.

    A second delivery while the first is at work comes back later: were the first to die, nobody else would.
    """
    try:
        with alone_with(job_id):
            build(job_id)
    except AtWork as busy:
        raise self.retry(countdown=30) from busy
    except (OperationalError, InterfaceError) as lost:
        connection.close()
        raise self.retry(countdown=10) from lost


@worker_ready.connect
def take_up_unfinished(**kwargs: Any) -> None:
    """A worker that starts puts every unfinished job back in its queue: one whose worker was killed goes on at once.

    The queue itself would deliver it again after its visibility timeout, and not at all if it lost its data. A job
    that is at work elsewhere, or is delivered twice for this, is still built once.
    """
    queue = next(iter(app.amqp.queues.consume_from))
    over = [JobState.DONE, JobState.FAILED]
    for pk in Job.objects.filter(kind=JOB_KIND).exclude(state__in=over).values_list("pk", flat=True):
        build_report.apply_async([pk], queue=queue)
    connection.close()
