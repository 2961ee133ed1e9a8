from django.db import models
from django.db.models import F, Q

from trial.history import changeset, tracked
from trial.models.base import TableClass


class SignatureScope(models.TextChoices):
    FORM = "form", "Form"
    VISIT = "visit", "Visit"
    CASEBOOK = "casebook", "Casebook"


class Signature(models.Model):
    """An electronic signature of a form, of a visit's forms or of a casebook's. Written once (21 CFR 11.50, 11.70).

    printed_name, meaning, statement: as shown to the signer. Which forms, and which values of them: `SignedForm`.
    It stands until a `SignatureVoid` names it, which PostgreSQL writes when a signed value changes.
    """

    table_class = TableClass.APPEND_ONLY

    scope = models.CharField(max_length=10, choices=SignatureScope.choices)
    subject = models.ForeignKey("trial.Subject", on_delete=models.PROTECT, related_name="signatures")
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey("trial.Visit", null=True, on_delete=models.PROTECT, related_name="+")
    printed_name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=200)
    statement = models.TextField()
    statement_version = models.CharField(max_length=20)
    time_zone = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    changeset = changeset()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="signature_names_its_visit", condition=Q(scope="visit") ^ Q(visit__isnull=True)
            ),
        ]
        indexes = [models.Index(name="signature_subject", fields=["subject", "-id"])]

    def __str__(self) -> str:
        return f"{self.meaning}: {self.printed_name}"


class SignedForm(models.Model):
    """One form under a signature, bound to its values: the signature cannot be moved to others (21 CFR 11.70).

    sha256: of the canonical content, the form's version and the number of its newest history row.
    """

    table_class = TableClass.APPEND_ONLY

    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, related_name="forms")
    record = models.ForeignKey("trial.FormRecord", on_delete=models.PROTECT, related_name="signed")
    version = models.PositiveIntegerField()
    history_id = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="signed_form_once", fields=["signature", "record"])]

    def __str__(self) -> str:
        return f"Form {self.record_id} under signature {self.signature_id}"


class SignatureVoid(models.Model):
    """A signature that holds no more: who changed what, and why. Written once, by PostgreSQL as the value changes."""

    table_class = TableClass.APPEND_ONLY

    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="void")
    record = models.ForeignKey("trial.FormRecord", null=True, on_delete=models.PROTECT, related_name="+")
    items = models.JSONField(default=list)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    changeset = changeset()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Signature {self.signature_id} void"


class SignatureAcknowledgement(models.Model):
    """Once per person: that the electronic signature equals the handwritten one (21 CFR 11.100(c))."""

    table_class = TableClass.APPEND_ONLY

    statement = models.TextField()
    statement_version = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="acknowledgements")
    role = models.CharField(max_length=40)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="acknowledged_once", fields=["by", "statement_version"]),
        ]

    def __str__(self) -> str:
        return f"{self.by_id} acknowledged {self.statement_version}"


@tracked
class Delegation(models.Model):
    """A task that the investigator of a site has delegated to a person there, from a day until a day (ICH E6 2.3).

    ended_at: the moment at which it was ended at once, before its last day was over; from then on it gives nothing.
    """

    table_class = TableClass.CLINICAL

    class Task(models.TextChoices):
        SIGN = "sign", "Sign forms"

    user = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="delegations")
    site = models.ForeignKey("trial.Site", on_delete=models.PROTECT, related_name="+")
    task = models.CharField(max_length=20, choices=Task.choices, default=Task.SIGN)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="delegation_ended_has_last_day", condition=Q(ended_at__isnull=True) | Q(ends_on__isnull=False)
            ),
            models.CheckConstraint(
                name="delegation_ends_after_start", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_task_display()}: {self.user_id}"
