"""The Celery application: the queue only. What a task has done so far stands in PostgreSQL (`trial.models.Job`)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.conf.settings")
app = Celery("cradle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
