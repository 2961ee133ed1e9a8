"""What Celery does for the engine, at its times (settings.CELERY_BEAT_SCHEDULE)."""

import logging

from celery import shared_task

from trial.actions.checks import run_checks
from trial.models import User

log = logging.getLogger(__name__)


@shared_task(name="trial.run_checks")
def run_nightly_checks() -> None:
    """All checks over all data, as *system*."""
    run = run_checks(by=User.objects.system())
    log.info("Checks of %s subjects: %s queries opened, %s closed.", run.subjects, run.opened, run.closed)
    if run.failed:
        raise RuntimeError(f"The checks of {', '.join(run.failed)} failed; the log says why.")
