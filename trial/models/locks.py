from django.db import models
from django.db.models import Q

from trial.history import changeset
from trial.models.base import TableClass


class LockScope(models.TextChoices):
    FORM = "form", "Form"
    VISIT = "visit", "Visit"
    SUBJECT = "subject", "Subject"
    SITE = "site", "Site"
    STUDY = "study", "Study"


class LockKind(models.TextChoices):
    FREEZE = "freeze", "Freeze"  # no answer changes, queries go on
    LOCK = "lock", "Lock"  # nothing changes


class Lock(models.Model):
    """Freezing and locking, and taking back, written once. The newest row of a target and kind says whether it holds.

    until_signed: of an unlocking, that the form is locked again as soon as its correction has been signed.
    """

    table_class = TableClass.APPEND_ONLY

    scope = models.CharField(max_length=10, choices=LockScope.choices)
    record = models.ForeignKey("trial.FormRecord", null=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("trial.Visit", null=True, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey("trial.Subject", null=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("trial.Site", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=LockKind.choices, default=LockKind.LOCK, db_default=LockKind.LOCK)
    locked = models.BooleanField()
    until_signed = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    reason = models.TextField()
    changeset = changeset()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="lock_names_its_target",
                condition=Q(scope="form", record__isnull=False)
                | Q(scope="visit", visit__isnull=False)
                | Q(scope="subject", subject__isnull=False)
                | Q(scope="site", site__isnull=False)
                | Q(scope="study", record=None, visit=None, subject=None, site=None),
            ),
            models.CheckConstraint(name="lock_has_reason", condition=~Q(reason="")),
        ]
        indexes = [
            models.Index(name="lock_record", fields=["record", "-id"]),
            models.Index(name="lock_subject", fields=["subject", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {'locked' if self.locked else 'unlocked'}"
