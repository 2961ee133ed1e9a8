from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from trial import roles, training
from trial.history import SYSTEM_USERNAME, tracked
from trial.models.base import TableClass
from trial.models.onboarding import Training


class Users(BaseUserManager["User"]):
    def system(self) -> "User":
        """The built-in account of work without a person. It cannot sign in."""
        return self.get(username=SYSTEM_USERNAME)


@tracked
class User(AbstractBaseUser):
    """A person. Deactivated, never deleted; the name stays in history (21 CFR 11.100(a))."""

    table_class = TableClass.CLINICAL
    # Sign-ins are kept as access events; a column of this table would change without an actor.
    last_login = None

    username = models.CharField(max_length=80, unique=True)
    full_name = models.CharField(max_length=120)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    # After somebody else set the password: nothing is signed or entered until the owner has set a new one (ES-05).
    must_set_password = models.BooleanField(default=False, db_default=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name", "email"]
    objects = Users()

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    def current_memberships(self) -> Sequence["Membership"]:
        """The memberships in force today, read once per request. A deactivated person has none."""
        if not self.is_active and self.username != SYSTEM_USERNAME:
            return []
        if not hasattr(self, "_memberships"):
            self._memberships = list(
                Membership.in_force(timezone.now().date())
                .filter(user=self)
                .select_related("site")
                .annotate(trained=Exists(Training.objects.filter(user=OuterRef("user"), version=training.VERSION)))
            )
        return self._memberships

    @property
    def is_trained(self) -> bool:
        """Whether the present version of the training is recorded. Work without a person needs none."""
        return self.username == SYSTEM_USERNAME or any(m.trained for m in self.current_memberships())  # type: ignore[attr-defined]  # annotated


@tracked
class Membership(models.Model):
    """One role of one person, at one site or in the study, from a day until a day."""

    table_class = TableClass.CLINICAL

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role_code = models.CharField(max_length=40)
    site = models.ForeignKey("trial.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="membership_ends_after_start", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
            models.UniqueConstraint(
                name="membership_once", fields=["user", "role_code", "site", "starts_on"], nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} as {self.role_code}"

    @classmethod
    def in_force(cls, day: date) -> models.QuerySet["Membership"]:
        """All memberships in force on a day (both ends included)."""
        return cls.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    @property
    def role(self) -> roles.Role:
        return roles.get(self.role_code)

    def clean(self) -> None:
        check_scope(self.role, self.site)


def check_scope(role: roles.Role, site: Any) -> None:
    """Raise ValueError unless a site role has a site and the others have none."""
    if (role.scope is roles.Scope.SITE) != (site is not None):
        wanted = "needs a site" if role.scope is roles.Scope.SITE else "is of the whole study and takes no site"
        raise ValueError(f"The role “{role.name}” {wanted}.")
