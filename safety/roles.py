"""Roles of the people who look after safety."""

from trial.permissions import Permission
from trial.roles import Role, Scope

ROLES = (
    Role(
        code="safety-officer",
        name="Safety officer",
        purpose="SAE review, expectedness, sponsor causality (never downgrades), expedited reports",
        scope=Scope.STUDY,
        permissions=frozenset(
            {Permission.VIEW_DATA, Permission.REVIEW_SAFETY, Permission.REVIEW_MEDICAL, Permission.RAISE_QUERY}
        ),
    ),
)
