from django.db import models
from django.db.models import Q

from trial.history import tracked
from trial.models.base import TableClass


@tracked
class Invitation(models.Model):
    """A mail that lets a new person set a password, until it expires. The mail's token is not kept, only its hash."""

    table_class = TableClass.CLINICAL

    user = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="invitations")
    token_sha256 = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="invitation_accepted_or_withdrawn",
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.user_id}"


@tracked
class Training(models.Model):
    """A person has completed one version of the training for this system (21 CFR 11.10(i))."""

    table_class = TableClass.CLINICAL

    user = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="trainings")
    version = models.CharField(max_length=20)
    completed_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-completed_on", "-id"]
        constraints = [models.UniqueConstraint(name="training_once", fields=["user", "version"])]

    def __str__(self) -> str:
        return f"Training {self.version} of {self.user_id}"
