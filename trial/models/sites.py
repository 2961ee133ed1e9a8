from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models

from trial.history import tracked
from trial.models.base import TableClass


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is no time zone. Use an IANA name, for example Europe/Amsterdam.")


@tracked
class Site(models.Model):
    table_class = TableClass.CLINICAL

    number = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, help_text="ISO 3166 code")
    time_zone = models.CharField(max_length=60, validators=[check_time_zone])
    activated_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    # Where an imported site came from, so that the same file again changes nothing.
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"
