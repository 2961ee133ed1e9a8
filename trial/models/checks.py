from django.db import models
from django.db.models import Q

from trial.history import changeset
from trial.models.base import TableClass


class CheckRetirement(models.Model):
    """An edit check that asks no more, or asks again. Written once; the newest row of a check says what holds."""

    table_class = TableClass.APPEND_ONLY

    check_code = models.CharField(max_length=120)
    retired = models.BooleanField()
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    changeset = changeset()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="check_retirement_names_its_check", condition=~Q(check_code="")),
            models.CheckConstraint(name="check_retirement_says_why", condition=~Q(reason="")),
        ]
        indexes = [models.Index(name="check_retirement_newest", fields=["check_code", "-id"])]

    def __str__(self) -> str:
        return f"{self.check_code} {'retired' if self.retired else 'brought back'}"
