from django.db import models

from trial.history import tracked
from trial.lifecycle import SubjectState
from trial.models.base import TableClass
from trial.visit_schedule import Planned


@tracked
class Subject(models.Model):
    """A child in screening or in the trial, by number only. Numbers are allocated per trial, failures too."""

    table_class = TableClass.CLINICAL

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="subjects")
    state = models.CharField(max_length=20, choices=[(s, s) for s in SubjectState], default=SubjectState.SCREENING)
    entered_on = models.DateField(null=True, blank=True, help_text="Study entry: time 0")
    synthetic = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number


@tracked
class Visit(models.Model):
    """A planned visit of one subject; its dates follow their anchors."""

    table_class = TableClass.CLINICAL

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="visits")
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    target = models.DateField(null=True, blank=True)
    opens = models.DateField(null=True, blank=True)
    closes = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(name="visit_once", fields=["subject", "code"])]

    def __str__(self) -> str:
        return f"{self.code} of {self.subject_id}"

    @property
    def planned(self) -> Planned:
        return Planned(self.target, self.opens, self.closes)
