from django.db import models
from django.db.models import Q

from trial.history import changeset, tracked
from trial.models.base import TableClass


class ReviewKind(models.TextChoices):
    SDV = "sdv", "Source data verified"
    DATA = "data", "Data management review"
    MEDICAL = "medical", "Medical review"


class ReviewMark(models.Model):
    """Items of a form marked as verified or reviewed, or marks taken away. Written once; the newest row of a form and
    kind says what stands.

    items: those that this row gave or took. stands: all that are marked after it. whole: whether that is every item
    that the form asked then. PostgreSQL writes the row that takes marks away from items whose value changes.
    """

    table_class = TableClass.APPEND_ONLY

    kind = models.CharField(max_length=10, choices=ReviewKind.choices)
    record = models.ForeignKey("trial.FormRecord", on_delete=models.PROTECT, related_name="review_marks")
    given = models.BooleanField()
    items = models.JSONField(default=list)
    stands = models.JSONField(default=list)
    whole = models.BooleanField(default=False)
    version = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    changeset = changeset()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(name="review_mark_newest", fields=["record", "kind", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of form {self.record_id}"


@tracked
class VerificationPlan(models.Model):
    """Which items a monitor verifies at a site (none named: at all) from a day on; the newest that applies counts."""

    table_class = TableClass.CLINICAL

    class Extent(models.TextChoices):
        ALL = "all", "Every item"
        END_POINTS = "end points", "Items of the end points"

    site = models.ForeignKey("trial.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    extent = models.CharField(max_length=12, choices=Extent.choices)
    starts_on = models.DateField()

    class Meta:
        ordering = ["starts_on", "id"]

    def __str__(self) -> str:
        return f"{self.get_extent_display()} from {self.starts_on}"


class AuditReview(models.Model):
    """Somebody has looked through a part of the audit trail (ICH E6(R3) 4.2.3). Written once."""

    table_class = TableClass.APPEND_ONLY

    kind = models.CharField(max_length=40)
    through = models.DateTimeField(help_text="Changes up to this moment were looked at")
    changes = models.PositiveIntegerField()
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} through {self.through}"


class AccessReview(models.Model):
    """The list of who has which rights was looked through and signed off (ICH E6(R3) 4.3.8). Written once."""

    table_class = TableClass.APPEND_ONLY

    day = models.DateField()
    sha256 = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="access_review_hashed", condition=~Q(sha256=""))]

    def __str__(self) -> str:
        return f"Access as of {self.day}"
