"""A subject's casebook: visits across, forms down, one status a cell. Four statements, however many forms."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from trial import access, partial_dates, protocol
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.lifecycle import LIVE_QUERY_STATES, QueryState, RecordState
from trial.models import FormRecord, Lock, LockScope, Query, Subject, User, Visit
from trial.permissions import Permission as P
from trial.visit_schedule import Due, due


@dataclass
class Standing:
    """What the cells of one subject are made of."""

    records: dict[tuple[int | None, str], list[FormRecord]] = field(default_factory=dict)
    queries: dict[int, str] = field(default_factory=dict)
    locked: "Locked" = field(default_factory=lambda: Locked([]))


class Locked:
    """Which scopes are locked, from the lock rows of one subject in order."""

    def __init__(self, rows: Iterable[Lock]) -> None:
        self._state: dict[tuple[str, int | None], bool] = {}
        for row in rows:
            target = {
                LockScope.FORM: row.record_id,
                LockScope.VISIT: row.visit_id,
                LockScope.SUBJECT: row.subject_id,
                LockScope.SITE: row.site_id,
                LockScope.STUDY: None,
            }[LockScope(row.scope)]
            self._state[(row.scope, target)] = row.locked

    def holds(self, record: FormRecord) -> bool:
        return any(
            self._state.get(key, False)
            for key in (
                (LockScope.STUDY, None),
                (LockScope.SITE, record.site_id),
                (LockScope.SUBJECT, record.subject_id),
                (LockScope.VISIT, record.visit_id),
                (LockScope.FORM, record.pk),
            )
        )

    def holds_subject(self, subject: Subject) -> bool:
        return any(
            self._state.get(key, False)
            for key in (
                (LockScope.STUDY, None),
                (LockScope.SITE, subject.site_id),
                (LockScope.SUBJECT, subject.pk),
            )
        )


def standing(subjects: Iterable[Subject]) -> Standing:
    """Records, live queries and locks of subjects. Three statements."""
    pks = [subject.pk for subject in subjects]
    sites = {subject.site_id for subject in subjects}
    found = Standing()
    for record in FormRecord.objects.filter(subject__in=pks, deleted_at=None).order_by("sequence", "id"):
        found.records.setdefault((record.visit_id, record.crf_code), []).append(record)
    live = Query.objects.filter(subject__in=pks, state__in=LIVE_QUERY_STATES)
    for record_id, state in live.values_list("record_id", "state"):
        if found.queries.get(record_id) != QueryState.OPEN:
            found.queries[record_id] = state
    found.locked = Locked(
        Lock.objects.filter(
            Q(scope=LockScope.STUDY)
            | Q(site__in=sites)
            | Q(subject__in=pks)
            | Q(visit__subject__in=pks)
            | Q(record__subject__in=pks)
        ).order_by("id")
    )
    return found


def status(record: FormRecord, stand: Standing) -> tuple[str, str]:
    """Status and word of an entered form, the most binding first."""
    if stand.locked.holds(record):
        return "locked", "Locked"
    if state := stand.queries.get(record.pk):
        return ("query_open", "Query open") if state == QueryState.OPEN else ("query_answered", "Query answered")
    if record.state == RecordState.COMPLETE:
        return "complete", "Complete"
    return "in_progress", "Started"


def due_status(visit: Visit, today: date) -> tuple[str, str]:
    """Status and word of a form that is expected and not entered."""
    state = due(visit.planned, today)
    if state is Due.OVERDUE and visit.closes:
        days = (today - visit.closes).days
        return state, f"Overdue {days} day{'s' if days > 1 else ''}"
    if state is Due.DUE:
        return state, f"Due until {partial_dates.show(visit.closes)}"
    return state, f"Not due before {partial_dates.show(visit.opens)}" if visit.opens else "Not due: no date yet"


def lock_of(record: FormRecord) -> Lock | None:
    """The lock that holds this record now, the one set last: who, when, why."""
    held = Q(scope=LockScope.STUDY) | Q(site=record.site_id) | Q(subject=record.subject_id)
    if record.pk:
        held |= Q(record=record.pk)
    if record.visit_id:
        held |= Q(visit=record.visit_id)
    newest = {row.scope: row for row in Lock.objects.filter(held).select_related("by").order_by("id")}
    return max((row for row in newest.values() if row.locked), key=lambda row: row.pk, default=None)


def matrix(user: User, subject: Subject) -> dict[str, Any]:
    """Columns and rows of the visit forms, and the logs of the subject, as the matrix component takes them."""
    stand = standing([subject])
    seen = access.visible_crfs(user, subject.site_id)
    specs = [spec for spec in registry.all_specs() if seen is None or spec.code in seen]
    forms = {visit.code: visit.forms for visit in protocol.get().schedule}
    # A visit at which this user sees no form would still tell its date.
    visits = [visit for visit in subject.visits.all() if any(spec.code in forms[visit.code] for spec in specs)]
    expected = {code for visit in visits for code in forms[visit.code]}
    enters = frozenset(spec.code for spec in specs if access.may(user, P.ENTER_DATA, subject.site_id, spec.code))
    return {
        "columns": [_column(visit) for visit in visits],
        "rows": [_row(spec, visits, subject, stand, spec.code in enters) for spec in specs if spec.code in expected],
        "logs": [_log(spec, subject, stand) for spec in specs if spec.log],
        "locked": stand.locked.holds_subject(subject),
    }


def _column(visit: Visit) -> dict[str, Any]:
    definition = protocol.get().visit(visit.code)
    return {
        "label": definition.label,
        "sub": partial_dates.show(visit.target),
        "anchor": f"visit-{visit.code}",
        "starts_group": definition.starts_group,
    }


def _row(spec: CrfSpec, visits: list[Visit], subject: Subject, stand: Standing, may_enter: bool) -> dict[str, Any]:
    today = timezone.now().date()
    cells = [_cell(spec, visit, stand, today) for visit in visits]
    for visit, cell in zip(visits, cells, strict=True):
        if cell and not cell["url"] and may_enter:
            cell["url"] = f"{reverse('form-new', args=[subject.number, spec.code])}?visit={visit.code}"
    return {"label": spec.title, "cells": cells}


def _cell(spec: CrfSpec, visit: Visit, stand: Standing, today: date) -> dict[str, Any] | None:
    records = stand.records.get((visit.pk, spec.code))
    if records:
        state, word = status(records[0], stand)
        return {"url": reverse("form", args=[records[0].pk]), "status": state, "word": word, "count": None}
    if spec.code not in protocol.get().visit(visit.code).forms:
        return None
    state, word = due_status(visit, today)
    return {"url": "", "status": state, "word": word, "count": None}


def _log(spec: CrfSpec, subject: Subject, stand: Standing) -> dict[str, Any]:
    records = stand.records.get((None, spec.code), [])
    return {
        "title": spec.title,
        "code": spec.code,
        "new_url": reverse("form-new", args=[subject.number, spec.code]),
        "records": [
            {"url": reverse("form", args=[record.pk]), "record": record, "status": state, "word": word}
            for record in records
            for state, word in [status(record, stand)]
        ],
    }
