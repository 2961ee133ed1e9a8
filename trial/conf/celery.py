"""The Celery application: the queue only. What a task has done so far stands in PostgreSQL (`trial.models.Job`)."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.conf.settings")
app = Celery("cradle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # in every thread: Celery would make up an app of its own for those that did not make this one


@worker_init.connect
def check_database(**kwargs: Any) -> None:
    """A worker does not start on a database that could not keep its promises."""
    from trial import database

    database.check_identity()
