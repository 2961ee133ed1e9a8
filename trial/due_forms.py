"""Forms that are expected by now and not entered. PostgreSQL finds them: of 4,000 subjects none is loaded unasked."""

from datetime import date
from typing import Any

from django.db import connection

from trial import protocol
from trial.lifecycle import SubjectState
from trial.models import Subject, User, Visit
from trial.permissions import Permission as P
from trial.roles import Scope

# What is due or has just been missed comes first; what has been missing for years can wait a day more. Forms of a visit
# come as the protocol names them. The sites are said twice: the second time for the index.
_MISSING = """
SELECT v.id, expected.crf, count(*) OVER ()
FROM unnest(%(sites)s::bigint[], %(visits)s::text[], %(crfs)s::text[]) WITH ORDINALITY
    AS expected(site, visit, crf, place)
JOIN trial_visit v ON v.code = expected.visit AND (expected.site IS NULL OR v.site_id = expected.site)
    AND (%(everywhere)s OR v.site_id = ANY(%(sites)s))
JOIN trial_subject s ON s.id = v.subject_id
WHERE {narrow} AND NOT EXISTS (
    SELECT FROM trial_formrecord r WHERE r.visit_id = v.id AND r.crf_code = expected.crf AND r.deleted_at IS NULL
)
ORDER BY v.opens IS NULL, abs(%(today)s::date - v.closes) NULLS FIRST, v.id, expected.place
LIMIT %(limit)s OFFSET %(start)s
"""
_BY_NOW = "v.opens <= %(today)s AND s.state = %(enrolled)s"
_OF_SUBJECT = "v.subject_id = %(subject)s AND (v.opens IS NULL OR v.opens <= %(today)s)"
_LATE = "AND v.closes < %(today)s"
_AT_SITE = "AND v.site_id = (SELECT id FROM trial_site WHERE number = %(site)s)"
_NUMBERED = "AND strpos(upper(s.number), upper(%(number)s)) > 0"


def missing_forms(
    user: User,
    today: date,
    *,
    limit: int,
    start: int = 0,
    permission: P = P.ENTER_DATA,
    late: bool = False,
    site: str = "",
    number: str = "",
    subject: Subject | None = None,
) -> tuple[list[tuple[Visit, str]], int]:
    """Visit and CRF code of forms that this user could enter, of enrolled subjects, and how many there are in all.

    At most `limit` of them from the place `start` on, those nearest to the end of their window first. Two statements.
    permission: VIEW_DATA for those who only look. late: only where the window is over. site, number: a site's number
    and a part of a subject's. subject: those of one subject in whatever state, in the same order; behind them come
    the forms of its visits without a date.
    """
    expected = _expected(user, permission)
    if not expected:
        return [], 0
    sites, visits, crfs = (list(column) for column in zip(*expected, strict=True))
    parts = ((_LATE, late), (_AT_SITE, site), (_NUMBERED, number))
    narrow = " ".join([_OF_SUBJECT if subject else _BY_NOW, *(part for part, on in parts if on)])
    given: dict[str, Any] = {
        "sites": sites,
        "visits": visits,
        "crfs": crfs,
        "everywhere": None in sites,
        "enrolled": SubjectState.ENROLLED,
        "today": today,
        "limit": limit,
        "start": start,
        "site": site,
        "number": number,
        "subject": subject.pk if subject else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MISSING.format(narrow=narrow), given)
        rows = cursor.fetchall()
    found = Visit.objects.select_related("subject__site").in_bulk([pk for pk, _, _ in rows])
    return [(found[pk], crf) for pk, crf, _ in rows], rows[0][2] if rows else 0


def _expected(user: User, permission: P) -> list[tuple[int | None, str, str]]:
    """Site (None: all), visit and CRF of the forms of visits that are the user's, in the protocol's order.

    None is named twice.
    """
    planned = [(visit.code, crf) for visit in protocol.get().schedule for crf in visit.forms]
    found: set[tuple[int | None, str, str]] = set()
    for membership in user.current_memberships():
        role = membership.role
        if role.permissions >= {permission, P.VIEW_DATA}:
            site = membership.site_id if role.scope is Scope.SITE else None
            found |= {(site, visit, crf) for visit, crf in planned if role.sees(crf)}
    once = [(site, visit, crf) for site, visit, crf in found if site is None or (None, visit, crf) not in found]
    return sorted(once, key=lambda place: (place[0] or 0, planned.index(place[1:])))
