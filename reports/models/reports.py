from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from reports.lifecycle import ReportState as S
from reports.parts import Part
from trial.history import tracked
from trial.models import TableClass

HAS_FILES = [S.DRAFT, S.CHECKED, S.RELEASED, S.SUPERSEDED]


def _together(name: str, *fields: str) -> models.CheckConstraint:
    """All of the fields have a value, or none has."""
    none = Q(**{f"{field}__isnull": True for field in fields})
    every = Q(**{f"{field}__isnull": False for field in fields})
    return models.CheckConstraint(name=name, condition=none | every)


def _set_in(name: str, field: str, states: list[S]) -> models.CheckConstraint:
    """The field has a value in these states, and in no other."""
    in_them = Q(state__in=[state.value for state in states])
    return models.CheckConstraint(
        name=name,
        condition=(in_them & Q(**{f"{field}__isnull": False})) | (~in_them & Q(**{f"{field}__isnull": True})),
    )


@tracked
class Report(models.Model):
    """One version of one interim report: what it was computed from, and who built, checked and released it.

    PostgreSQL holds the steps between states, and keeps a released row as it is (migration 0002_reports).
    """

    table_class = TableClass.CLINICAL

    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    cut = models.DateField()
    freeze = models.DateTimeField(null=True)
    snapshot_sha256 = models.CharField(max_length=64, blank=True)
    folder = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=12, choices=[(s.value, s.capitalize()) for s in S], default=S.BUILDING)
    built_at = models.DateTimeField(null=True)
    built_by = models.ForeignKey("trial.User", null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey("trial.User", null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey("trial.User", null=True, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number", "-version"]
        constraints = [
            # A build that failed leaves its number to the next one: the board's reports count 1, 2, 3.
            models.UniqueConstraint(name="report_once", fields=["number", "version"], condition=~Q(state="failed")),
            models.UniqueConstraint(name="report_released_once", fields=["number"], condition=Q(state="released")),
            models.CheckConstraint(name="report_counts_from_one", condition=Q(number__gte=1, version__gte=1)),
            models.CheckConstraint(name="report_state", condition=Q(state__in=[state.value for state in S])),
            _together("report_built", "built_at", "built_by", "freeze"),
            _together("report_checked", "checked_at", "checked_by"),
            _together("report_released", "released_at", "released_by"),
            _set_in("report_built_state", "built_at", HAS_FILES),
            models.CheckConstraint(
                name="report_names_its_files",
                condition=Q(built_at=None, snapshot_sha256="", folder="")
                | (Q(built_at__isnull=False) & ~Q(snapshot_sha256="") & ~Q(folder="")),
            ),
            _set_in("report_checked_state", "checked_at", [S.CHECKED, S.RELEASED, S.SUPERSEDED]),
            _set_in("report_released_state", "released_at", [S.RELEASED, S.SUPERSEDED]),
            _set_in("report_superseded_state", "superseded_at", [S.SUPERSEDED]),
            models.CheckConstraint(name="report_checked_by_another", condition=~Q(checked_by=F("built_by"))),
        ]

    def __str__(self) -> str:
        return f"Report {self.number}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.number, self.version])

    @property
    def path(self) -> Path:
        """Where the files lie. Raises ValueError while there are none."""
        if not self.folder:
            raise ValueError(f"{self} is {self.state}: it has no files.")
        return settings.REPORTS_DIR / self.folder


class ReportFile(models.Model):
    """One file of a report, and what it must contain to be handed out. Written once, while the report is built."""

    table_class = TableClass.APPEND_ONLY

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files")
    part = models.CharField(max_length=6, choices=[(part.value, part.capitalize()) for part in Part])
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["report", "part", "name"]
        constraints = [
            models.UniqueConstraint(name="report_file_once", fields=["report", "part", "name"]),
            models.CheckConstraint(name="report_file_part", condition=Q(part__in=[part.value for part in Part])),
            models.CheckConstraint(name="report_file_hash", condition=Q(sha256__regex="^[0-9a-f]{64}$")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return self.report.path / self.part.lower() / self.name
