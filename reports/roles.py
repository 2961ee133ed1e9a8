"""Roles of those who make reports and of the board that reads them. Nobody else may read closed content."""

from trial.permissions import Permission as P
from trial.roles import Role, Scope

STATISTICIAN, DSMB_MEMBER, DSMB_CHAIR = "statistician", "dsmb-member", "dsmb-chair"
BOARD = (DSMB_MEMBER, DSMB_CHAIR)

ROLES = (
    Role(
        code=STATISTICIAN,
        name="Statistician",
        purpose="Data cuts, builds and releases reports; another statistician checks them",
        scope=Scope.STUDY,
        permissions=frozenset({P.VIEW_DATA, P.BUILD_REPORT, P.RELEASE_REPORT, P.READ_CLOSED_REPORT}),
    ),
    Role(
        code=DSMB_MEMBER,
        name="DSMB member",
        purpose="Reads released reports, nothing else",
        scope=Scope.REPORTS,
        permissions=frozenset({P.READ_CLOSED_REPORT}),
    ),
    Role(
        code=DSMB_CHAIR,
        name="DSMB chair",
        purpose="Reads released reports, nothing else; speaks for the board",
        scope=Scope.REPORTS,
        permissions=frozenset({P.READ_CLOSED_REPORT}),
    ),
)
