"""What Celery does for the engine, at its times (settings.CELERY_BEAT_SCHEDULE). The queue carries numbers only."""

import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.db import InterfaceError, OperationalError, connection

from trial.actions.checks import JOB_KIND, OVER, ask_for_run, run_asked
from trial.actions.drafts import forget_old_drafts
from trial.job_lock import AtWork, alone_with
from trial.models import Job, User

log = logging.getLogger(__name__)


@shared_task(bind=True, name="trial.run_checks", max_retries=None)
def run_nightly_checks(self: Any, job_id: int | None = None) -> None:
    """All checks over all data, as *system*, once, however often the queue delivers it.

    job_id: of a run that was asked for. Without one it is night, and the run is asked for here.
    """
    if job_id is None:
        job_id = ask_for_run(by=User.objects.system()).pk
    try:
        with alone_with(job_id):
            run(job_id)
    except AtWork as busy:
        raise self.retry(args=[job_id], countdown=30) from busy
    except (OperationalError, InterfaceError) as lost:
        connection.close()
        raise self.retry(args=[job_id], countdown=10) from lost


def run(job_id: int) -> None:
    job = Job.objects.select_related("asked_by").filter(pk=job_id).first()
    if job is None:  # the queue has outlived a database that was set back
        log.warning("There is no job %s.", job_id)
        return
    run_asked(job=job)


@worker_ready.connect
def take_up_unfinished(sender: Any, **kwargs: Any) -> None:
    """A worker that starts puts every unfinished run back in its queue: one whose worker was killed goes on at once."""
    queue = next(iter(sender.app.amqp.queues.consume_from))
    for pk in Job.objects.filter(kind=JOB_KIND).exclude(state__in=OVER).values_list("pk", flat=True):
        run_nightly_checks.apply_async([pk], queue=queue)
    connection.close()


@shared_task(name="trial.forget_old_drafts")
def forget_drafts_of_yesterday() -> None:
    """What was typed and not saved is kept for a day."""
    log.info("%s drafts forgotten.", forget_old_drafts())
