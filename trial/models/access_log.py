from django.db import models

from trial.models.base import TableClass


class AccessEvent(models.Model):
    """Who signed in, was refused, downloaded, released. Written once (GDPR Art. 32, EMA 2023 6.2.1)."""

    table_class = TableClass.APPEND_ONLY

    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey("trial.User", null=True, on_delete=models.PROTECT, related_name="+")
    username = models.CharField(max_length=80)
    role = models.CharField(max_length=40, blank=True)
    event = models.CharField(max_length=40)
    target = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.username} {self.event} {self.target}"
