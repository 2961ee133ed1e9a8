from typing import Any

from django.db import models
from django.db.models import Q

from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.history import tracked
from trial.lifecycle import RecordState
from trial.models.base import TableClass


@tracked
class FormRecord(models.Model):
    """The spine: one CRF of one subject, once per visit or as a row of a log. Its answers stand in the CRF's own table.

    version counts saves, from 1; the next save must name the version that it has seen.
    source_*: where an imported row came from; the same file again changes nothing.
    """

    table_class = TableClass.CLINICAL

    subject = models.ForeignKey("trial.Subject", on_delete=models.PROTECT, related_name="records")
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("trial.Visit", null=True, blank=True, on_delete=models.PROTECT, related_name="records")
    crf_code = models.CharField(max_length=40)
    sequence = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, choices=[(s, s) for s in RecordState], default=RecordState.IN_PROGRESS)
    version = models.PositiveIntegerField(default=0)
    time_zone = models.CharField(max_length=60)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_reason = models.TextField(blank=True)
    # The submit that saved this version; the same submit again saves nothing.
    submission = models.UUIDField(null=True, blank=True)
    source_system = models.CharField(max_length=40, blank=True)
    source_id = models.CharField(max_length=80, blank=True)
    source_file = models.CharField(max_length=120, blank=True)
    source_line = models.PositiveIntegerField(null=True, blank=True)
    source_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="form_once", fields=["subject", "visit", "crf_code", "sequence"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="form_deleted_with_reason", condition=Q(deleted_at__isnull=True) | ~Q(deleted_reason="")
            ),
            models.UniqueConstraint(
                name="form_source_once",
                fields=["source_system", "crf_code", "source_id"],
                condition=~Q(source_system=""),
            ),
        ]
        indexes = [models.Index(name="form_by_crf", fields=["crf_code", "site"])]

    def __str__(self) -> str:
        return f"{self.spec.title} of {self.subject_id}"

    @property
    def spec(self) -> CrfSpec:
        return registry.get(self.crf_code)

    @property
    def imported(self) -> bool:
        return bool(self.source_system)

    def answers(self) -> Any:
        """The typed row. Raises DoesNotExist before the first save."""
        return self.spec.model.objects.get(pk=self.pk)
