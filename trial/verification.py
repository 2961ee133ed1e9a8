"""What is verified and reviewed, what has fallen since, and what the plan still asks a monitor to verify.

Marks fall in PostgreSQL as a value changes (`cradle_marks_fall`); here they are only read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from trial import access, protocol, roles, subject_forms
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.models import FormRecord, ReviewKind, ReviewMark, Site, Subject, User, VerificationPlan
from trial.permissions import Permission

PERMISSIONS = {
    ReviewKind.SDV: Permission.VERIFY,
    ReviewKind.DATA: Permission.REVIEW_DATA,
    ReviewKind.MEDICAL: Permission.REVIEW_MEDICAL,
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands of one kind of marks on one form, after its newest row.

    items: those marked now. whole: every item that the form asks is. at, by, role, reason: of that newest row, which
    took marks away where `given` is False.
    """

    items: frozenset[str]
    whole: bool
    given: bool
    version: int
    at: datetime
    by: str
    role: str
    reason: str


def standing(
    records: Iterable[FormRecord], kinds: Iterable[ReviewKind] | None = None
) -> dict[tuple[int, str], Standing]:
    """(id of the form, kind) -> what stands; forms that were never marked are not in it. One statement."""
    rows = ReviewMark.objects.filter(record__in=[record.pk for record in records])
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    newest = rows.order_by("record_id", "kind", "-id").distinct("record_id", "kind").select_related("by")
    return {(mark.record_id, mark.kind): _standing(mark) for mark in newest}


def _standing(mark: ReviewMark) -> Standing:
    return Standing(
        items=frozenset(mark.stands),
        whole=mark.whole,
        given=mark.given,
        version=mark.version,
        at=mark.at,
        by=mark.by.full_name,
        role=mark.role,
        reason=mark.reason,
    )


# --- what a form asks ------------------------------------------------------------------------------------------------


def asked_items(record: FormRecord, row: Any) -> list[str]:
    """The items that this form asks, given its answers, in their order: those that can be marked."""
    values = subject_forms.check_values(record, row)
    return [item.name for item in record.spec.items if item.asked(values)]


_ASKED = 'SELECT t.record_id, {asked} FROM "{table}" t WHERE t.record_id = ANY(%s)'


def asked_of(records: Iterable[FormRecord]) -> dict[int, frozenset[str]]:
    """The same for many saved forms. One statement, however many CRFs."""
    by_crf: dict[str, list[int]] = {}
    for record in records:
        by_crf.setdefault(record.crf_code, []).append(record.pk)
    if not by_crf:
        return {}
    parts, parameters = [], []
    for code, pks in by_crf.items():
        spec = registry.get(code)
        array, given = _asked_array(spec, [item.name for item in spec.items])
        parts.append(_ASKED.format(asked=array, table=spec.model._meta.db_table))
        parameters += [*given, pks]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return {pk: frozenset(names) for pk, names in cursor.fetchall()}


def _asked_array(spec: CrfSpec, names: Iterable[str]) -> tuple[str, list[Any]]:
    """SQL for those of the named items that a row `t` asks, as text[], with its parameters."""
    parts: list[str] = []
    parameters: list[Any] = []
    for item in (spec.item(name) for name in names):
        if item.only_if is None:
            parts.append("%s")
            parameters.append(item.name)
        else:
            column = spec.model._meta.get_field(item.only_if[0]).column
            parts.append(f'CASE WHEN t."{column}"::text = ANY(%s) THEN %s END')
            parameters += [[str(answer) for answer in item.only_if[1]], item.name]
    return f"array_remove(ARRAY[{', '.join(parts)}]::text[], NULL)", parameters


# --- the plan --------------------------------------------------------------------------------------------------------


def plans(today: date | None = None) -> dict[int | None, VerificationPlan]:
    """Site id -> the plan in force there, and None -> that of sites without one of their own. One statement.

    The newest that has begun counts: a plan for all sites takes the place of older ones of single sites.
    """
    found: dict[int | None, VerificationPlan] = {}
    begun = VerificationPlan.objects.filter(starts_on__lte=today or timezone.now().date())
    for plan in begun.select_related("site").order_by("starts_on", "id"):
        if plan.site_id is None:
            found = {}
        found[plan.site_id] = plan
    return found


def plan_at(site_id: int, in_force: Mapping[int | None, VerificationPlan]) -> VerificationPlan | None:
    """The plan that counts at a site; None where nothing is planned there."""
    return in_force.get(site_id) or in_force.get(None)


def planned_items(spec: CrfSpec, plan: VerificationPlan | None) -> tuple[str, ...]:
    """The items of a CRF that a plan asks to verify, whether or not a form's answers call for them."""
    if plan is None:
        return ()
    if plan.extent == VerificationPlan.Extent.ALL:
        return tuple(item.name for item in spec.items)
    return tuple(protocol.get().end_points.get(spec.code, ()))


@dataclass(frozen=True, kw_only=True)
class ToVerify:
    """A form with planned items that are not verified. since: of its last save."""

    record_id: int
    subject: str
    crf_code: str
    visit: str | None
    items: tuple[str, ...]
    since: datetime


def to_verify(user: User, *, subject: Subject | None = None, limit: int | None = None) -> list[ToVerify]:
    """Forms with items that the plan asks `user` to verify and that are not, the longest waiting first.

    Three statements at most: sites, plans, forms.
    """
    sql, parameters = _waiting(user, subject)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LINES.format(waiting=sql), [*parameters, limit])
        return [
            ToVerify(record_id=pk, subject=number, crf_code=code, visit=visit, items=tuple(items), since=since)
            for pk, number, code, visit, items, since in cursor.fetchall()
        ]


def count_to_verify(user: User) -> int:
    """How many forms `to_verify` lists. Three statements at most."""
    sql, parameters = _waiting(user, None)
    if not sql:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(waiting=sql), parameters)
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, kw_only=True)
class SubjectToVerify:
    """How many forms and items of one subject wait, the longest since its last save then."""

    subject: str
    forms: int
    items: int
    since: datetime


def subjects_to_verify(user: User) -> list[SubjectToVerify]:
    """What `to_verify` lists, subject by subject, the longest waiting first. Three statements at most."""
    sql, parameters = _waiting(user, None)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SUBJECTS.format(waiting=sql), parameters)
        return [
            SubjectToVerify(subject=number, forms=forms, items=items, since=since)
            for number, forms, items, since in cursor.fetchall()
        ]


_SUBJECTS = """
SELECT number, count(*), sum(cardinality(items)), min(updated_at) FROM ({waiting}) w GROUP BY number ORDER BY 4, 1
"""
_COUNT = "SELECT count(*) FROM ({waiting}) w"
_LINES = """
SELECT record_id, number, crf_code, visit, items, updated_at FROM ({waiting}) w ORDER BY updated_at, record_id LIMIT %s
"""
_WAITING = """
SELECT r.id AS record_id, s.number, r.crf_code, v.code AS visit, r.updated_at,
    ARRAY(SELECT jsonb_array_elements_text(to_jsonb(planned.asked) - ARRAY(
        SELECT jsonb_array_elements_text(coalesce(mark.stands, '[]'))))) AS items
FROM "{table}" t
JOIN trial_formrecord r ON r.id = t.record_id JOIN trial_subject s ON s.id = r.subject_id
LEFT JOIN trial_visit v ON v.id = r.visit_id
CROSS JOIN LATERAL (SELECT {asked} AS asked) planned
LEFT JOIN LATERAL (
    SELECT m.stands FROM trial_reviewmark m WHERE m.record_id = r.id AND m.kind = 'sdv' ORDER BY m.id DESC LIMIT 1
) mark ON true
WHERE r.deleted_at IS NULL AND r.site_id = ANY(%s) {subject}
  AND NOT coalesce(mark.stands, '[]') @> to_jsonb(planned.asked)
"""


def _waiting(user: User, subject: Subject | None) -> tuple[str, list[Any]]:
    """SQL for the forms that wait, of every CRF and plan; "" where nothing is planned for this user."""
    sites = list(access.sites(user, Permission.VERIFY)) if access.may_anywhere(user, Permission.VERIFY) else []
    in_force = plans() if sites else {}
    parts, parameters = [], []
    for spec in registry.all_specs():
        for names, pks in _sites_by_items(user, spec, sites, in_force).items():
            asked, given = _asked_array(spec, names)
            of_subject = "AND r.subject_id = %s" if subject else ""
            parts.append(_WAITING.format(table=spec.model._meta.db_table, asked=asked, subject=of_subject))
            parameters += [*given, pks, *([subject.pk] if subject else [])]
    return " UNION ALL ".join(parts), parameters


def _sites_by_items(
    user: User, spec: CrfSpec, sites: Iterable[Site], in_force: Mapping[int | None, VerificationPlan]
) -> dict[tuple[str, ...], list[int]]:
    found: dict[tuple[str, ...], list[int]] = {}
    for site in sites:
        names = planned_items(spec, plan_at(site.pk, in_force))
        if names and access.may(user, Permission.VERIFY, site.pk, spec.code):
            found.setdefault(names, []).append(site.pk)
    return found


# --- what has fallen -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """Marks of one form that fell in one change of their values and have not been given again."""

    record: FormRecord
    kind: str
    items: tuple[str, ...]
    by: str
    role: str
    at: datetime
    reason: str


_FALLEN = """
SELECT m.id, array_agg(item) FROM trial_reviewmark m, jsonb_array_elements_text(m.items) item
WHERE NOT m.given AND NOT m.role = ANY(%s) AND NOT EXISTS (
    SELECT FROM trial_reviewmark later
    WHERE later.record_id = m.record_id AND later.kind = m.kind AND later.id > m.id AND later.items ? item)
GROUP BY m.id
"""


def dropped(user: User, *, subject: Subject | None = None) -> list[Dropped]:
    """Marks that fell because a value changed and have not been given again, of the kinds that `user` gives.

    The oldest first. Items that the form no longer asks are left out, and so are deleted forms. Three statements.
    """
    kinds = [kind for kind, permission in PERMISSIONS.items() if access.may_anywhere(user, permission)]
    if not kinds:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FALLEN, [_reviewing_roles()])
        fallen = dict(cursor.fetchall())
    rows = ReviewMark.objects.filter(pk__in=fallen, kind__in=kinds, record__in=access.forms(user))
    if subject is not None:
        rows = rows.filter(record__subject=subject)
    related = rows.select_related("by", "record__subject", "record__visit", "record__site")
    marks = [mark for mark in related.filter(record__deleted_at=None).order_by("id") if _gives(user, mark)]
    asked = asked_of({mark.record_id: mark.record for mark in marks}.values())
    found = (_dropped(mark, [item for item in fallen[mark.pk] if item in asked[mark.record_id]]) for mark in marks)
    return [one for one in found if one.items]


def _gives(user: User, mark: ReviewMark) -> bool:
    return access.may(user, PERMISSIONS[ReviewKind(mark.kind)], mark.record.site_id, mark.record.crf_code)


def _dropped(mark: ReviewMark, items: Iterable[str]) -> Dropped:
    return Dropped(
        record=mark.record,
        kind=mark.kind,
        items=tuple(items),
        by=mark.by.full_name,
        role=mark.role,
        at=mark.at,
        reason=mark.reason,
    )


def _reviewing_roles() -> list[str]:
    """Who takes a mark away acts as one of these; who changes a value, never: no role enters data and reviews it."""
    reviewing = frozenset(PERMISSIONS.values())
    return [role.code for role in roles.all_roles() if role.permissions & reviewing]
