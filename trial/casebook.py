"""A subject's casebook: visits across, forms down, one status a cell. A few statements, however many forms."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from trial import access, clock, form_status, partial_dates, protocol, signatures, verification
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.form_status import Marks, Shown
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models import FormRecord, Lock, LockKind, LockScope, Query, ReviewKind, Subject, User, Visit
from trial.permissions import Permission as P


@dataclass(frozen=True)
class Asked:
    """The live queries about one place: their worst state, and when the oldest was opened."""

    state: str
    since: datetime

    @property
    def days(self) -> int:
        return (clock.now() - self.since).days


@dataclass
class Standing:
    """What the cells of one subject are made of.

    queries: of forms, by record; missing: of forms that are not there and of visits (code ""), by visit and CRF.
    """

    records: dict[tuple[int | None, str], list[FormRecord]] = field(default_factory=dict)
    queries: dict[int, Asked] = field(default_factory=dict)
    missing: dict[tuple[int, str], Asked] = field(default_factory=dict)
    locks: "Locks" = field(default_factory=lambda: Locks([]))
    signed: dict[int, signatures.SignedState] = field(default_factory=dict)
    verified: frozenset[int] = frozenset()


class Locks:
    """What is frozen and locked, from `lock_rows` in their order: the newest row of a target and kind counts.

    A form opened for a correction is open for what was set before (trial.locks).
    """

    def __init__(self, rows: Iterable[Lock]) -> None:
        self._held: dict[tuple[str, str, int | None], int] = {}
        self._opened: dict[int | None, int] = {}
        for row in rows:
            target = row.record_id or row.visit_id or row.subject_id or row.site_id
            self._held[row.kind, row.scope, target] = row.pk if row.locked else 0
            if (row.kind, row.scope) == (LockKind.LOCK, LockScope.FORM):
                self._opened[target] = row.pk if row.until_signed and not row.locked else 0

    def holds(
        self, kind: LockKind, *, site: int, subject: int, visit: int | None = None, record: int | None = None
    ) -> bool:
        """Whether any scope that holds this form (or visit, or subject) is frozen or locked."""
        opened, held = self._opened.get(record, 0), self._held  # asked for each cell of a matrix: no loop
        return bool(held) and (
            held.get((kind, LockScope.STUDY, None), 0) > opened
            or held.get((kind, LockScope.SITE, site), 0) > opened
            or held.get((kind, LockScope.SUBJECT, subject), 0) > opened
            or held.get((kind, LockScope.VISIT, visit), 0) > opened
            or held.get((kind, LockScope.FORM, record), 0) > opened
        )


def lock_rows(subjects: Iterable[int], sites: Iterable[int]) -> Any:
    """The rows of all scopes that hold forms of these subjects, in order. One statement."""
    pks = list(subjects)
    return Lock.objects.filter(
        Q(scope=LockScope.STUDY)
        | Q(site__in=list(sites))
        | Q(subject__in=pks)
        | Q(visit__subject__in=pks)
        | Q(record__subject__in=pks)
    ).order_by("id")


def standing(subject: Subject) -> Standing:
    """Records, live queries, locks, signatures and verification of a subject. Five statements."""
    found = Standing()
    records = list(FormRecord.objects.filter(subject=subject, deleted_at=None).order_by("sequence", "id"))
    for record in records:
        found.records.setdefault((record.visit_id, record.crf_code), []).append(record)
    _ask(found, subject)
    found.locks = Locks(lock_rows([subject.pk], [subject.site_id]))
    found.signed = signatures.standing(records)
    marks = verification.standing(records, [ReviewKind.SDV])
    found.verified = frozenset(pk for (pk, _), mark in marks.items() if mark.whole)
    return found


def _ask(found: Standing, subject: Subject) -> None:
    """Put in the live queries, the oldest first, so that the first one of a place tells its age."""
    live = Query.objects.filter(subject=subject, state__in=LIVE_QUERY_STATES).order_by("opened_at", "id")
    for record, visit, code, state, opened_at in live.values_list(
        "record_id", "visit_id", "crf_code", "state", "opened_at"
    ):
        places: dict[Any, Asked] = found.queries if record else found.missing
        place = record or (visit, code)
        places[place] = worst(places.get(place), state, opened_at)


def worst(known: Asked | None, state: str, opened_at: datetime) -> Asked:
    """Open before answered; since the oldest."""
    if known is None:
        return Asked(state, opened_at)
    return Asked(known.state if known.state == QueryState.OPEN else state, min(known.since, opened_at))


def marks(record: FormRecord, stand: Standing) -> Marks:
    """What is known of a saved form."""
    asked = stand.queries.get(record.pk)
    signed = stand.signed.get(record.pk, signatures.SignedState())

    def held(kind: LockKind) -> bool:
        return stand.locks.holds(
            kind, site=record.site_id, subject=record.subject_id, visit=record.visit_id, record=record.pk
        )

    return Marks(
        state=record.state,
        query=asked.state if asked else "",
        query_days=asked.days if asked else None,
        verified=record.pk in stand.verified,
        signed=signed.is_valid,
        signature_void=signed.is_void,
        signed_word=signed.word if signed.is_valid else "",
        frozen=held(LockKind.FREEZE),
        locked=held(LockKind.LOCK),
    )


def status(record: FormRecord, stand: Standing) -> Shown:
    """What is shown of an entered form, the most binding first."""
    return form_status.of_form(marks(record, stand))


def status_of_missing(visit: Visit, code: str, stand: Standing, today: date) -> Shown:
    """What is shown of a form that is expected at a visit and not entered."""
    asked = stand.missing.get((visit.pk, code))
    return form_status.of_missing(visit.planned, today, asked.state if asked else "", asked.days if asked else None)


def lock_of(record: FormRecord) -> Lock | None:
    """The lock or freeze that holds this record now, the one set last: who, when, why."""
    held = Q(scope=LockScope.STUDY) | Q(site=record.site_id) | Q(subject=record.subject_id)
    if record.pk:
        held |= Q(record=record.pk)
    if record.visit_id:
        held |= Q(visit=record.visit_id)
    rows = Lock.objects.filter(held).select_related("by").order_by("id")
    newest = {(row.scope, row.kind): row for row in rows}
    return max((row for row in newest.values() if row.locked), key=lambda row: row.pk, default=None)


# --- the page ----------------------------------------------------------------------------------------------------


def matrix(user: User, subject: Subject) -> dict[str, Any]:
    """Columns and rows of the visit forms, and the logs of the subject, as the matrix component takes them."""
    stand = standing(subject)
    specs = visible_specs(user, subject.site_id)
    forms = {visit.code: visit.forms for visit in protocol.get().schedule}
    # A visit at which this user sees no form would still tell its date.
    visits = [visit for visit in subject.visits.all() if any(spec.code in forms[visit.code] for spec in specs)]
    expected = {code for visit in visits for code in forms[visit.code]}
    new_url = _new_url(user, subject)
    place = {"site": subject.site_id, "subject": subject.pk}
    return {
        "columns": [_column(subject, visit, stand) for visit in visits],
        "rows": [_row(spec, visits, stand, new_url) for spec in specs if spec.code in expected],
        "logs": [_log(spec, stand, new_url) for spec in specs if spec.log],
        "locked": stand.locks.holds(LockKind.LOCK, **place),
        "frozen": stand.locks.holds(LockKind.FREEZE, **place),
    }


def visible_specs(user: User, site_id: int | None = None) -> list[CrfSpec]:
    """The CRFs that the user sees, at a site or (None) anywhere, in the order of the casebook."""
    seen = access.visible_crfs(user, site_id)
    return [spec for spec in registry.all_specs() if seen is None or spec.code in seen]


NewUrl = Callable[[CrfSpec, Visit | None], str]


def _new_url(user: User, subject: Subject) -> NewUrl:
    """Where a form is begun; "" where the user may not."""

    def address(spec: CrfSpec, visit: Visit | None) -> str:
        if not access.may(user, P.ENTER_DATA, subject.site_id, spec.code):
            return ""
        url = reverse("form-new", args=[subject.number, spec.code])
        return f"{url}?visit={visit.code}" if visit else url

    return address


def _column(subject: Subject, visit: Visit, stand: Standing) -> dict[str, Any]:
    definition = protocol.get().visit(visit.code)
    asked = stand.missing.get((visit.pk, ""))
    return {
        "label": definition.label,
        "sub": partial_dates.show(visit.target),
        "anchor": f"visit-{visit.code}",
        "url": reverse("visit", args=[subject.number, visit.code]),
        "starts_group": definition.starts_group,
        "status": f"query_{asked.state}" if asked else "",
        "word": f"Query about the visit {asked.state}, {form_status.age(asked.days)}" if asked else "",
    }


def _row(spec: CrfSpec, visits: list[Visit], stand: Standing, new_url: NewUrl) -> dict[str, Any]:
    return {"label": spec.title, "cells": [cell(spec, visit, stand, new_url) for visit in visits]}


def cell(spec: CrfSpec, visit: Visit, stand: Standing, new_url: NewUrl) -> dict[str, Any] | None:
    """One form at one visit; None where it is neither expected nor there."""
    records = stand.records.get((visit.pk, spec.code))
    if records:
        return as_cell(status(records[0], stand), reverse("form", args=[records[0].pk]))
    if spec.code not in protocol.get().visit(visit.code).forms:
        return None
    shown = status_of_missing(visit, spec.code, stand, clock.today())
    return as_cell(shown, new_url(spec, visit) or _visit_url(visit, shown))


def _visit_url(visit: Visit, shown: Shown) -> str:
    """Where one can ask about a form that should be there; pages of the past lead nowhere else."""
    if shown.status is form_status.Status.NOT_DUE or clock.shown_moment() is not None:
        return ""
    return reverse("visit", args=[visit.subject.number, visit.code])


def as_cell(shown: Shown, url: str, count: int | None = None) -> dict[str, Any]:
    """A cell as the matrix component takes it."""
    return {"url": url, "status": shown.status, "word": shown.word, "second": shown.second, "count": count}


def visit_forms(user: User, visit: Visit) -> list[dict[str, Any]]:
    """The forms of one visit with their status: those expected, and those entered at it all the same."""
    stand = standing(visit.subject)
    new_url = _new_url(user, visit.subject)
    rows = []
    for spec in visible_specs(user, visit.site_id):
        if found := cell(spec, visit, stand, new_url):
            records = stand.records.get((visit.pk, spec.code), [None])
            url = found["url"] if records[0] else new_url(spec, visit)
            rows.append({**found, "title": spec.title, "code": spec.code, "record": records[0], "url": url})
    return rows


def _log(spec: CrfSpec, stand: Standing, new_url: NewUrl) -> dict[str, Any]:
    shown = [(record, status(record, stand)) for record in stand.records.get((None, spec.code), [])]
    return {
        "title": spec.title,
        "code": spec.code,
        "new_url": new_url(spec, None),
        "worst": form_status.of_several(form for _, form in shown),
        "records": [{"record": record, **as_cell(form, reverse("form", args=[record.pk]))} for record, form in shown],
    }
