"""Roles are code: a name, what it is for, its scope, its permissions. Apps above register those of their protocol."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from trial.permissions import Permission as P


class Scope(StrEnum):
    SITE = "site"
    STUDY = "study"
    REPORTS = "reports"


@dataclass(frozen=True, kw_only=True)
class Role:
    """crfs: the only CRFs that the role sees, by code; None means all. signs_if_delegated: only then."""

    code: str
    name: str
    purpose: str
    scope: Scope
    permissions: frozenset[P]
    crfs: frozenset[str] | None = None
    signs_if_delegated: bool = False

    def sees(self, crf_code: str) -> bool:
        return self.crfs is None or crf_code in self.crfs


_roles: dict[str, Role] = {}


def register(*new: Role) -> None:
    """Add roles. Raises ValueError if a code is taken."""
    for role in new:
        if role.code in _roles:
            raise ValueError(f"A role with the code {role.code!r} exists already.")
        _roles[role.code] = role


def get(code: str) -> Role:
    return _roles[code]


def all_roles() -> Iterable[Role]:
    return _roles.values()


SITE_ENTRY = frozenset({P.VIEW_DATA, P.ENROL, P.ENTER_DATA, P.ANSWER_QUERY})

register(
    Role(
        code="site-coordinator",
        name="Site coordinator",
        purpose="Screens and enrols, enters and corrects CRFs, answers queries",
        scope=Scope.SITE,
        permissions=SITE_ENTRY,
    ),
    Role(
        code="investigator",
        name="Investigator",
        purpose="The same, and eligibility, causality, e-signature",
        scope=Scope.SITE,
        permissions=SITE_ENTRY | {P.SIGN, P.DELEGATE},
    ),
    Role(
        code="sub-investigator",
        name="Sub-investigator",
        purpose="The same as a coordinator; signs as far as the investigator has delegated it",
        scope=Scope.SITE,
        permissions=SITE_ENTRY | {P.SIGN},
        signs_if_delegated=True,
    ),
    Role(
        code="monitor",
        name="Monitor",
        purpose="Source data verification, raises and closes own queries",
        scope=Scope.SITE,
        permissions=frozenset({P.VIEW_DATA, P.RAISE_QUERY, P.VERIFY}),
    ),
    Role(
        code="data-manager",
        name="Data manager",
        purpose="Sees all but closed reports, queries, locks, runs checks, exports. Never edits clinical data",
        scope=Scope.STUDY,
        permissions=frozenset(
            {
                P.VIEW_DATA,
                P.RAISE_QUERY,
                P.CLOSE_ANY_QUERY,
                P.RETIRE_CHECK,
                P.REVIEW_DATA,
                P.PLAN_VERIFICATION,
                P.LOCK,
                P.VIEW_AUDIT,
                P.REVIEW_AUDIT,
                P.EXPORT,
            }
        ),
    ),
    Role(
        code="trial-manager",
        name="Trial manager",
        purpose="Sites, accounts, amendments; no clinical write, no closed reports",
        scope=Scope.STUDY,
        permissions=frozenset({P.VIEW_DATA, P.MANAGE_PEOPLE, P.PLAN_VERIFICATION}),
    ),
    Role(
        code="inspector",
        name="Inspector",
        purpose="Reads everything but closed reports, audit trail included; writes nothing",
        scope=Scope.STUDY,
        permissions=frozenset({P.VIEW_DATA, P.VIEW_AUDIT}),
    ),
    # Work without a person: imports, nightly checks, queries that close by themselves. Nobody signs in as it.
    Role(
        code="system",
        name="System",
        purpose="Work without a person",
        scope=Scope.STUDY,
        permissions=frozenset(
            {P.VIEW_DATA, P.ENROL, P.ENTER_DATA, P.RAISE_QUERY, P.CLOSE_ANY_QUERY, P.LOCK, P.BUILD_REPORT, P.EXPORT}
        ),
    ),
)
