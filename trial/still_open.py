"""What stands in the way of a lock: live queries, void signatures, forms open for a correction."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from trial import protocol
from trial.crf import registry
from trial.lifecycle import LIVE_QUERY_STATES
from trial.models import FormRecord, Lock, LockKind, LockScope, Query, SignedForm, Site, Subject, Visit

Target = FormRecord | Visit | Subject | Site | None

NAMED = 3  # how many places are named; the others are counted


def scope_of(target: Target) -> tuple[LockScope, dict[str, Any], int | None]:
    """The scope, the columns that name the target, and its site (None for the study)."""
    match target:
        case FormRecord():
            return LockScope.FORM, {"record": target}, target.site_id
        case Visit():
            return LockScope.VISIT, {"visit": target}, target.site_id
        case Subject():
            return LockScope.SUBJECT, {"subject": target}, target.site_id
        case Site():
            return LockScope.SITE, {"site": target}, target.pk
        case _:
            return LockScope.STUDY, {}, None


def in_words(target: Target) -> list[str]:
    """Each kind with its number and places: `2 queries are open or answered (S001: Vital signs, Day 1; ...)`."""
    queries, void, opened = live_queries(target), void_forms(target), opened_forms(target)
    asked = [(query.subject.number, query.crf_code, query.record.visit if query.record else query.visit)
             for query in queries.select_related("subject", "visit", "record__visit")[:NAMED]]  # fmt: skip
    found = (
        (queries.count(), "query is open or answered", "queries are open or answered", asked),
        (void.count(), "form has a void signature", "forms have void signatures", _places(void)),
        (opened.count(), "form is open for a correction", "forms are open for corrections", _places(opened)),
    )
    return [_counted(*kind) for kind in found if kind[0]]


def _places(forms: QuerySet[FormRecord]) -> list[tuple[str, str, Visit | None]]:
    return [(form.subject.number, form.crf_code, form.visit) for form in forms[:NAMED]]


def _counted(count: int, one: str, many: str, places: list[tuple[str, str, Visit | None]]) -> str:
    named = [_place(*place) for place in places]
    if count > len(named):
        named.append(f"and {count - len(named)} more")
    return f"{count} {one if count == 1 else many} ({'; '.join(named)})"


def _place(number: str, crf_code: str, visit: Visit | None) -> str:
    """`S001: Vital signs, Day 1`."""
    parts = [registry.get(crf_code).title] if crf_code else []
    parts += [protocol.get().visit(visit.code).label] if visit else []
    return f"{number}: {', '.join(parts)}"


def live_queries(target: Target) -> QuerySet[Query]:
    """Open and answered queries in this scope; those about a visit stand beside those about its forms."""
    _, key, _ = scope_of(target)
    where = Q(visit=target) | Q(record__visit=target) if isinstance(target, Visit) else Q(**key)
    return Query.objects.filter(where, state__in=LIVE_QUERY_STATES).order_by("opened_at", "id")


def _forms(target: Target) -> QuerySet[FormRecord]:
    _, key, _ = scope_of(target)
    where = Q(pk=target.pk) if isinstance(target, FormRecord) else Q(**key)
    rows = FormRecord.objects.filter(where, deleted_at=None).select_related("subject", "visit")
    return rows.order_by("subject__number", "visit__position", "id")


def void_forms(target: Target) -> QuerySet[FormRecord]:
    """Forms that were signed, by signatures that a change has voided, and not since."""
    signed = SignedForm.objects.filter(record=OuterRef("pk"))
    return _forms(target).filter(Exists(signed), ~Exists(signed.filter(signature__void=None)))


def opened_forms(target: Target) -> QuerySet[FormRecord]:
    """Forms whose newest lock row of their own opens them for a correction."""
    return _forms(target).filter(pk__in=[opening.record_id for opening in openings()])


# --- openings ------------------------------------------------------------------------------------------------------


def own_locks(record: FormRecord) -> QuerySet[Lock]:
    """The lock rows of the form itself, freezes left out."""
    return Lock.objects.filter(record=record, scope=LockScope.FORM, kind=LockKind.LOCK)


def openings() -> QuerySet[Lock]:
    """The rows that open a form for a correction now, oldest first."""
    newer = Lock.objects.filter(
        record=OuterRef("record"), scope=LockScope.FORM, kind=LockKind.LOCK, pk__gt=OuterRef("pk")
    )
    rows = Lock.objects.filter(~Exists(newer), scope=LockScope.FORM, kind=LockKind.LOCK)
    return rows.filter(until_signed=True, locked=False).order_by("id")


def corrected_and_signed(records: Iterable[FormRecord]) -> list[FormRecord]:
    """Those of the forms that were opened for a correction, signed after that, and have no live query."""
    signed = SignedForm.objects.filter(
        record=OuterRef("record"), signature__void=None, signature__at__gt=OuterRef("at")
    )
    live = Query.objects.filter(record=OuterRef("record"), state__in=LIVE_QUERY_STATES)
    ready = openings().filter(Exists(signed), ~Exists(live), record__in=[record.pk for record in records])
    return [opening.record for opening in ready.select_related("record")]  # type: ignore[misc]  # of a form: not null


def newest_locks() -> QuerySet[Lock, Any]:
    """The ids of the newest row of each target and kind."""
    targets = Lock.objects.order_by().values("scope", "kind", "record", "visit", "subject", "site")
    return targets.annotate(newest=Max("id")).values("newest")


def waits_for(openings: Iterable[Lock]) -> dict[int, str]:
    """Id of an opening -> what the form waits for, in words. Two statements."""
    rows = list(openings)
    pks = [row.record_id for row in rows]
    live: set[int | None] = set(
        Query.objects.filter(record__in=pks, state__in=LIVE_QUERY_STATES).values_list("record_id", flat=True)
    )
    signed = SignedForm.objects.filter(record__in=pks, signature__void=None).values("record_id")
    signed_at = {row["record_id"]: row["at"] for row in signed.annotate(at=Max("signature__at"))}
    return {row.pk: _waits_for(row, live, signed_at) for row in rows}


def _waits_for(opening: Lock, live: set[int | None], signed_at: dict[int, Any]) -> str:
    at = signed_at.get(opening.record_id or 0)
    if opening.record is not None and opening.record.updated_at < opening.at:
        return "the correction"
    if at is None or at < opening.at:
        return "the signature"
    return "its queries" if opening.record_id in live else "nothing: end the correction"
