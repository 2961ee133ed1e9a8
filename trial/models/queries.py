from django.db import models
from django.db.models import Q

from trial.crf import registry
from trial.history import changeset, tracked
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models.base import TableClass


@tracked
class Query(models.Model):
    """A question about data: on an item of a form, on the form, on a visit, or on a form that is missing at a visit.

    record: the form asked about; without one, `visit` is asked about, or its form `crf_code`, which is missing.
    crf_code: of the form, whichever it is; PostgreSQL puts in that of `record`.

    check_code: the check that found it; empty for a question that a person asked.
    fingerprint: the values that the finding was about. Confirmed once, the same values are not asked about again.
    confirmed: closed because the value is right as it is.
    answered_at: of the newest answer. reopened: how often it was asked again.
    """

    table_class = TableClass.CLINICAL

    subject = models.ForeignKey("trial.Subject", on_delete=models.PROTECT, related_name="queries")
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey("trial.FormRecord", null=True, on_delete=models.PROTECT, related_name="queries")
    visit = models.ForeignKey("trial.Visit", null=True, on_delete=models.PROTECT, related_name="queries")
    crf_code = models.CharField(max_length=40, blank=True, db_default="")
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
    reopened = models.PositiveSmallIntegerField(default=0, db_default=0)
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
                name="query_names_its_place",
                condition=Q(record__isnull=False, visit__isnull=True)
                | Q(record__isnull=True, visit__isnull=False, item=""),
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
    def about(self) -> str:
        """The item, the form or the visit that is asked about, in words."""
        if not self.crf_code:
            return "The visit"
        spec = registry.get(self.crf_code)
        return spec.item(self.item).label if self.item and spec.has_item(self.item) else spec.title

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
    reason_code = models.CharField(max_length=30, blank=True, db_default="")
    text = models.TextField()
    changeset = changeset()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.step}: {self.text}"
