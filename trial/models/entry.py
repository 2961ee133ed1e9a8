from django.db import models
from django.db.models import Q

from trial.history import changeset
from trial.models.base import TableClass


class Draft(models.Model):
    """What one person has typed into one form and not saved. No clinical data: nobody else sees it, no report reads it.

    address: the form's page. entries: field name -> text as typed. version: the form's version that the page had shown.
    row: of a new row of a log, the submit that it is for: several may be on the way at a time; null of other forms.
    """

    table_class = TableClass.OPERATIONAL

    user = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey("trial.Subject", on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey("trial.FormRecord", null=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("trial.Visit", null=True, on_delete=models.PROTECT, related_name="+")
    crf_code = models.CharField(max_length=40)
    address = models.CharField(max_length=300)
    entries = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    submission = models.UUIDField(null=True)
    row = models.UUIDField(null=True)
    begun_at = models.DateTimeField(auto_now_add=True)
    typed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-typed_at"]
        constraints = [
            models.UniqueConstraint(
                name="draft_once",
                fields=["user", "subject", "record", "visit", "crf_code", "row"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"Draft of {self.crf_code} by {self.user_id}"


class Prompt(models.Model):
    """What an edit check said to a person at a deliberate save, and what had been entered then (FDA 2024, Q13).

    Written also where the save was refused. submission: the save that this belongs to; the form record that came of it
    carries the same one, so that the resulting value is found. entered: item -> answer as shown to a reader.
    """

    table_class = TableClass.APPEND_ONLY

    subject = models.ForeignKey("trial.Subject", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey("trial.FormRecord", null=True, on_delete=models.PROTECT, related_name="prompts")
    visit = models.ForeignKey("trial.Visit", null=True, on_delete=models.PROTECT, related_name="+")
    crf_code = models.CharField(max_length=40)
    submission = models.UUIDField(null=True)
    check_code = models.CharField(max_length=120)
    item = models.CharField(max_length=60, blank=True)
    severity = models.CharField(max_length=10)
    message = models.TextField()
    entered = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    changeset = changeset()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(name="prompt_check", fields=["check_code"]),
            models.Index(name="prompt_record", fields=["record"]),
            models.Index(name="prompt_submission", fields=["submission"], condition=Q(submission__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.check_code}: {self.message}"
