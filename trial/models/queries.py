from django.db import models
from django.db.models import Q

from trial.history import tracked
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models.base import TableClass


@tracked
class Query(models.Model):
    """A question about data: on an item of a form, or on the form.

    check_code: the check that found it; empty for a question that a person asked.
    fingerprint: the values that the finding was about. Confirmed once, the same values are not asked about again.
    confirmed: closed because the value is right as it is.
    """

    table_class = TableClass.CLINICAL

    subject = models.ForeignKey("trial.Subject", on_delete=models.PROTECT, related_name="queries")
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey("trial.FormRecord", on_delete=models.PROTECT, related_name="queries")
    item = models.CharField(max_length=60, blank=True)
    check_code = models.CharField(max_length=120, blank=True)
    fingerprint = models.CharField(max_length=32, blank=True)
    text = models.TextField()
    state = models.CharField(max_length=12, choices=[(s, s) for s in QueryState], default=QueryState.OPEN)
    confirmed = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    opened_role = models.CharField(max_length=40)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("trial.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="query_open_once",
                fields=["record", "item", "check_code"],
                condition=Q(state__in=sorted(LIVE_QUERY_STATES)) & ~Q(check_code=""),
            ),
            models.CheckConstraint(
                name="query_closed_pair",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="query_closed_when_closed",
                condition=Q(closed_at__isnull=False) & ~Q(state__in=sorted(LIVE_QUERY_STATES))
                | Q(closed_at__isnull=True, state__in=sorted(LIVE_QUERY_STATES)),
            ),
        ]
        indexes = [models.Index(name="query_inbox", fields=["state", "site", "opened_at"])]

    def __str__(self) -> str:
        return f"Query {self.pk}: {self.text}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_QUERY_STATES


class QueryMessage(models.Model):
    """One entry of a query's thread. Written once."""

    table_class = TableClass.APPEND_ONLY

    query = models.ForeignKey(Query, on_delete=models.PROTECT, related_name="messages")
    at = models.DateTimeField()
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    step = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.step}: {self.text}"
