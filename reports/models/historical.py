"""Historical controls: datasets of another trial, read once, locked for good."""

from django.db import models

from trial.models import TableClass

CONTROLS = "controls"
INTERFANT06 = "interfant06_all484"


class NoHistoricalData(LookupError):
    """No such dataset has been imported; the message is a sentence."""


class HistoricalDataset(models.Model):
    """One version of a dataset, its rows with it: written once by an import, and changed by nobody.

    The rows stand in one column, so that the right to add a version is no right to add a row to one that is locked.
    sha256: of the file. rows: a list of objects, column of the file -> text as it was supplied, checked on import.
    """

    table_class = TableClass.APPEND_ONLY

    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    file = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField()
    locked_at = models.DateTimeField(auto_now_add=True)
    locked_by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name", "version"]
        constraints = [models.UniqueConstraint(name="historical_version_once", fields=["name", "version"])]

    def __str__(self) -> str:
        return f"{self.name} version {self.version}"

    @classmethod
    def newest(cls, name: str) -> "HistoricalDataset":
        """Raises NoHistoricalData."""
        found = cls.objects.filter(name=name).order_by("-version").first()
        if found is None:
            raise NoHistoricalData(f"There is no historical dataset “{name}”. Import it first (import_study).")
        return found
