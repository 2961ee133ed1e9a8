from django.db import models
from django.utils import timezone

from trial.models.base import TableClass


class JobState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Job(models.Model):
    """A long task and how far it has come. The queue carries its number only, never data."""

    table_class = TableClass.OPERATIONAL

    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    arguments = models.JSONField(default=dict)
    step = models.CharField(max_length=120, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    result_url = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED}

    def report(self, step: str, done: int, total: int) -> None:
        """Say how far the task has come, at once visible to the page that waits."""
        self.step, self.done, self.total = step, done, total
        self.save(update_fields=["step", "done", "total"])

    def finish(self, *, error: str = "", result_url: str = "") -> None:
        self.state = JobState.FAILED if error else JobState.DONE
        self.error, self.result_url, self.ended_at = error, result_url, timezone.now()
        self.save(update_fields=["state", "error", "result_url", "ended_at"])


class OutboxMail(models.Model):
    """Mail of a demo: shown on a page, sent nowhere."""

    table_class = TableClass.OPERATIONAL

    at = models.DateTimeField(auto_now_add=True)
    to = models.TextField()
    subject = models.CharField(max_length=250)
    body = models.TextField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject
