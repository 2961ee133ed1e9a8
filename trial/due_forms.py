"""Forms that are expected by now and not entered. PostgreSQL finds them: of 4,000 subjects none is loaded unasked."""

from datetime import date

from django.db import connection

from trial import protocol
from trial.lifecycle import SubjectState
from trial.models import User, Visit
from trial.permissions import Permission as P
from trial.roles import Scope

# What is due or has just been missed comes first; what has been missing for years can wait a day more. The sites are
# said twice: the second time for the index.
_MISSING = """
SELECT v.id, expected.crf, count(*) OVER ()
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS expected(site, visit, crf)
JOIN trial_visit v ON v.code = expected.visit AND (expected.site IS NULL OR v.site_id = expected.site)
    AND (%s OR v.site_id = ANY(%s))
JOIN trial_subject s ON s.id = v.subject_id AND s.state = %s
WHERE v.opens <= %s AND NOT EXISTS (
    SELECT FROM trial_formrecord r WHERE r.visit_id = v.id AND r.crf_code = expected.crf AND r.deleted_at IS NULL
)
ORDER BY abs(%s::date - v.closes) NULLS FIRST, v.id, expected.crf LIMIT %s
"""


def missing_forms(user: User, today: date, *, limit: int) -> tuple[list[tuple[Visit, str]], int]:
    """Visit and CRF code of forms that this user could enter, of enrolled subjects, and how many there are in all.

    At most `limit` of them, those nearest to the end of their window first. Two statements.
    """
    expected = sorted(_enters(user), key=lambda found: (found[0] or 0, *found[1:]))
    if not expected:
        return [], 0
    sites, visits, crfs = (list(column) for column in zip(*expected, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _MISSING,
            [sites, visits, crfs, None in sites, sites, SubjectState.ENROLLED, today, today, limit],
        )
        rows = cursor.fetchall()
    found = Visit.objects.select_related("subject__site").in_bulk([pk for pk, _, _ in rows])
    return [(found[pk], crf) for pk, crf, _ in rows], rows[0][2] if rows else 0


def _enters(user: User) -> set[tuple[int | None, str, str]]:
    """Site (None: all), visit and CRF of the forms of visits that the user enters; none is named twice."""
    planned = {(visit.code, crf) for visit in protocol.get().schedule for crf in visit.forms}
    found: set[tuple[int | None, str, str]] = set()
    for membership in user.current_memberships():
        role = membership.role
        if role.permissions >= {P.ENTER_DATA, P.VIEW_DATA}:
            site = membership.site_id if role.scope is Scope.SITE else None
            found |= {(site, visit, crf) for visit, crf in planned if role.sees(crf)}
    return {(site, visit, crf) for site, visit, crf in found if site is None or (None, visit, crf) not in found}
