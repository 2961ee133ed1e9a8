"""The study matrix: subjects down, visits or forms across, one status a cell. Four statements a page of subjects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from trial import access, clock, form_status, protocol, signatures
from trial.casebook import Asked, Locks, as_cell, lock_rows, visible_specs, worst
from trial.crf.spec import CrfSpec
from trial.form_status import Marks, Shown, Status
from trial.lifecycle import LIVE_QUERY_STATES
from trial.models import FormRecord, LockKind, Query, ReviewKind, ReviewMark, Subject, User, Visit
from trial.visit_schedule import Planned

VISITS, FORMS = "visits", "forms"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which subjects, and what of them. site: a number. state: of the subject. form: the code of the only CRF shown.

    overdue, queried, unsigned, unverified: only subjects that have such a form (of that CRF, where one is named).
    """

    number: str = ""
    site: str = ""
    state: str = ""
    form: str = ""
    across: str = VISITS
    overdue: bool = False
    queried: bool = False
    unsigned: bool = False
    unverified: bool = False


# --- which subjects ----------------------------------------------------------------------------------------------


def subjects(user: User, wanted: Wanted) -> QuerySet[Subject]:
    """The subjects of the user's sites that fit, in the order of their numbers. The choice is PostgreSQL's."""
    rows = access.subjects(user).order_by("number")
    if wanted.number:
        rows = rows.filter(number__icontains=wanted.number)
    if wanted.site:
        rows = rows.filter(site__number=wanted.site)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.queried:
        rows = rows.filter(Exists(_of_form(access.queries(user), wanted).filter(state__in=LIVE_QUERY_STATES)))
    if wanted.overdue:
        rows = rows.filter(Exists(_overdue(user, wanted)))
    entered = _of_form(access.forms(user), wanted).filter(deleted_at=None)
    if wanted.unsigned:
        rows = rows.filter(Exists(entered.filter(~signatures.is_signed())))
    if wanted.unverified:
        rows = rows.filter(Exists(entered.exclude(Exists(_verified()))))
    return rows


def _of_form(rows: QuerySet[Any], wanted: Wanted) -> QuerySet[Any]:
    rows = rows.filter(subject=OuterRef("pk"))
    return rows.filter(crf_code=wanted.form) if wanted.form else rows


def _verified() -> QuerySet[ReviewMark]:
    """The newest verification of a form record, if all that was asked is verified."""
    newest = ReviewMark.objects.filter(record=OuterRef("record"), kind=ReviewKind.SDV).order_by("-id").values("pk")[:1]
    return ReviewMark.objects.filter(record=OuterRef("pk"), kind=ReviewKind.SDV, whole=True, pk=Subquery(newest))


def _overdue(user: User, wanted: Wanted) -> QuerySet[Visit]:
    """Visits of a subject whose window is over while a form that the user sees is not there."""
    codes = {wanted.form} if wanted.form else {spec.code for spec in visible_specs(user)}
    missing = (
        Q(code__in=[visit.code for visit in protocol.get().schedule if crf in visit.forms]) & ~Exists(_entered(crf))
        for crf in sorted(codes)
    )
    absent = reduce(or_, missing, Q(pk__in=[]))
    return Visit.objects.filter(absent, subject=OuterRef("pk"), closes__lt=clock.today())


def _entered(crf: str) -> QuerySet[FormRecord]:
    return FormRecord.objects.filter(subject=OuterRef("subject"), visit=OuterRef("pk"), crf_code=crf, deleted_at=None)


# --- what is shown of them ---------------------------------------------------------------------------------------


@dataclass
class _Facts:
    """What a page of subjects is made of, by subject. Tuples, not models: there are thousands of records."""

    visits: dict[int, list[tuple[int, str, Planned]]] = field(default_factory=dict)
    records: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    missing: dict[tuple[int, str], Asked] = field(default_factory=dict)
    locks: Locks = field(default_factory=lambda: Locks([]))
    # Looked up once, not for each of a thousand cells: the forms of each visit, and the address of forms.
    expected: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {visit.code: visit.forms for visit in protocol.get().schedule}
    )
    form_url: str = field(default_factory=lambda: reverse("form", args=[0]).removesuffix("0/"))


# max(): "open" comes after "answered".
_RECORDS = """
SELECT r.subject_id, r.visit_id, r.crf_code, r.id, r.state, q.state, q.since, s.stands, v.whole
FROM trial_formrecord r
LEFT JOIN (
    SELECT record_id, max(state) AS state, min(opened_at) AS since FROM trial_query
    WHERE subject_id = ANY(%(subjects)s) AND record_id IS NOT NULL AND state = ANY(%(live)s) GROUP BY record_id
) q ON q.record_id = r.id
LEFT JOIN (
    SELECT f.record_id, bool_or(void.id IS NULL) AS stands
    FROM trial_signature g JOIN trial_signedform f ON f.signature_id = g.id
    LEFT JOIN trial_signaturevoid void ON void.signature_id = g.id
    WHERE g.subject_id = ANY(%(subjects)s) GROUP BY f.record_id
) s ON s.record_id = r.id
LEFT JOIN LATERAL (
    SELECT m.whole FROM trial_reviewmark m WHERE m.record_id = r.id AND m.kind = %(sdv)s ORDER BY m.id DESC LIMIT 1
) v ON true
WHERE r.subject_id = ANY(%(subjects)s) AND r.deleted_at IS NULL
ORDER BY r.sequence, r.id
"""


def _facts(subjects: Sequence[Subject]) -> _Facts:
    """Four statements."""
    pks = [subject.pk for subject in subjects]
    facts = _Facts()
    plans = Visit.objects.filter(subject__in=pks).values_list("subject_id", "id", "code", "target", "opens", "closes")
    for subject, visit, code, *planned in plans:
        facts.visits.setdefault(subject, []).append((visit, code, Planned(*planned)))
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, {"subjects": pks, "live": sorted(LIVE_QUERY_STATES), "sdv": ReviewKind.SDV.value})
        for subject, *rest in cursor.fetchall():
            facts.records.setdefault(subject, []).append(tuple(rest))
    about_missing = Query.objects.filter(subject__in=pks, record=None, state__in=LIVE_QUERY_STATES)
    for visit, code, state, since in about_missing.values_list("visit_id", "crf_code", "state", "opened_at"):
        facts.missing[visit, code] = worst(facts.missing.get((visit, code)), state, since)
    facts.locks = Locks(lock_rows(pks, {subject.site_id for subject in subjects}))
    return facts


@dataclass(frozen=True)
class _Column:
    """One column: a visit, or a CRF."""

    key: str
    label: str
    starts_group: bool = False


def page(user: User, subjects: Sequence[Subject], wanted: Wanted) -> dict[str, Any]:
    """Columns and rows of these subjects, as the matrix component takes them."""
    specs = _specs(user, wanted)
    columns = _columns(specs, wanted)
    facts = _facts(subjects)
    return {
        "columns": [{"label": column.label, "starts_group": column.starts_group} for column in columns],
        "rows": [_row(user, subject, facts, specs, columns, wanted) for subject in subjects],
    }


def words(user: User, subjects: Sequence[Subject], wanted: Wanted) -> tuple[list[str], list[list[str]]]:
    """The same as words: the head of a table, and its lines."""
    shown = page(user, subjects, wanted)
    head = ["subject", "site", "state", *(column["label"] for column in shown["columns"])]
    lines = [
        [subject.number, subject.site.number, subject.state, *(cell["word"] if cell else "" for cell in row["cells"])]
        for subject, row in zip(subjects, shown["rows"], strict=True)
    ]
    return head, lines


def _specs(user: User, wanted: Wanted) -> list[CrfSpec]:
    return [spec for spec in visible_specs(user) if wanted.form in {"", spec.code}]


def _columns(specs: Sequence[CrfSpec], wanted: Wanted) -> list[_Column]:
    if wanted.across == FORMS:
        return [_Column(spec.code, spec.title) for spec in specs]
    codes = {spec.code for spec in specs}
    return [
        _Column(visit.code, visit.label, visit.starts_group)
        for visit in protocol.get().schedule
        if codes & set(visit.forms)
    ]


def _row(
    user: User, subject: Subject, facts: _Facts, specs: Sequence[CrfSpec], columns: Sequence[_Column], wanted: Wanted
) -> dict[str, Any]:
    casebook = reverse("casebook", args=[subject.number])
    seen = access.visible_crfs(user, subject.site_id)
    codes = {spec.code for spec in specs if seen is None or spec.code in seen}
    forms = _forms(subject, facts, codes, wanted.across == FORMS)
    return {
        "label": subject.number,
        "url": casebook,
        "sub": subject.site.number,
        "cells": [_cell(forms.get(column.key), facts, casebook, column.key, wanted) for column in columns],
    }


@dataclass
class _Place:
    """What stands in one cell. entered: keys of the form records."""

    shown: list[Shown] = field(default_factory=list)
    entered: list[int] = field(default_factory=list)


def _forms(subject: Subject, facts: _Facts, codes: set[str], by_form: bool) -> dict[str, _Place]:
    """Key of a column -> its forms: those entered, and those expected that are not there."""
    places: dict[str, _Place] = {}
    visits = facts.visits.get(subject.pk, [])
    names = {visit: code for visit, code, _ in visits}
    entered: set[tuple[int, str]] = set()
    for record in facts.records.get(subject.pk, ()):
        visit, crf, pk = record[:3]
        entered.add((visit, crf))
        if crf in codes and (by_form or visit):
            place = places.setdefault(crf if by_form else names[visit], _Place())
            place.shown.append(_entered_form(subject, facts, record))
            place.entered.append(pk)
    today = clock.today()
    for visit, code, planned in visits:
        for crf in facts.expected[code]:
            if crf in codes and (visit, crf) not in entered:
                place = places.setdefault(crf if by_form else code, _Place())
                place.shown.append(_missing_form(facts, visit, crf, planned, today))
    return places


def _entered_form(subject: Subject, facts: _Facts, record: tuple[Any, ...]) -> Shown:
    visit, _, pk, state, query, since, signed, verified = record

    def held(kind: LockKind) -> bool:
        return facts.locks.holds(kind, site=subject.site_id, subject=subject.pk, visit=visit, record=pk)

    days = Asked(query, since).days if query else None
    return _shown(state, query or "", days, signed, bool(verified), held(LockKind.FREEZE), held(LockKind.LOCK))


@lru_cache(maxsize=4096)
def _shown(
    state: str, query: str, days: int | None, signed: bool | None, verified: bool, frozen: bool, locked: bool
) -> Shown:
    """signed: None where nobody ever signed, False where no signature stands."""
    return form_status.of_form(
        Marks(
            state=state,
            query=query,
            query_days=days,
            signed=signed is True,
            signature_void=signed is False,
            verified=verified,
            frozen=frozen,
            locked=locked,
        )
    )


def _missing_form(facts: _Facts, visit: int, crf: str, planned: Planned, today: date) -> Shown:
    asked = facts.missing.get((visit, crf))
    return form_status.of_missing(planned, today, asked.state if asked else "", asked.days if asked else None)


def _cell(place: _Place | None, facts: _Facts, casebook: str, key: str, wanted: Wanted) -> dict[str, Any] | None:
    shown = form_status.of_several(place.shown) if place else None
    if place is None or shown is None:
        return None
    several = len(place.shown) > 1
    same = sum(form_status.urgent(form) == shown.status for form in place.shown) if several else 0
    if not place.entered and shown.status is Status.NOT_DUE:
        return as_cell(shown, "")
    return as_cell(shown, _address(place, facts, casebook, key, wanted), same if same > 1 else None)


def _address(place: _Place, facts: _Facts, casebook: str, key: str, wanted: Wanted) -> str:
    """A form where there is only that one, else where its forms are listed."""
    if len(place.shown) == 1 and place.entered:
        return f"{facts.form_url}{place.entered[0]}/"
    return f"{casebook}visits/{key}/" if wanted.across == VISITS else casebook


def chunks(rows: QuerySet[Subject], size: int = 50) -> Iterable[list[Subject]]:
    """The subjects in lists, read one list at a time: a study's matrix is larger than what should be in memory."""
    last = ""
    while found := list(rows.filter(number__gt=last)[:size]):
        yield found
        last = found[-1].number
