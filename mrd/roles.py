"""Roles of the people who measure residual disease."""

from trial.permissions import Permission
from trial.roles import Role, Scope

ROLES = (
    Role(
        code="mrd-laboratory",
        name="MRD laboratory",
        purpose="MRD samples and results of all subjects, nothing else of them",
        scope=Scope.STUDY,
        permissions=frozenset({Permission.VIEW_DATA, Permission.ENTER_DATA, Permission.ANSWER_QUERY}),
        crfs=frozenset({"mrd_sample", "mrd_result"}),
    ),
)
