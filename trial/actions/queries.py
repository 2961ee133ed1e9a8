"""Queries: asked by people and by checks, answered, closed, re-opened."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone

from trial import access, reasons
from trial.checks import Finding
from trial.history import history
from trial.lifecycle import LIVE_QUERY_STATES, QueryState, WrongState, check_query_step
from trial.models import FormRecord, Query, QueryMessage, Subject, User
from trial.permissions import Permission
from trial.roles import Role

LONGEST_TEXT = 2000


class QueryTextNeeded(ValueError):
    """A query, an answer or a closure without words; the message is a sentence."""


def open_query(*, record: FormRecord, item: str, text: str, by: User) -> Query:
    """Ask a question about an item of a form (item "": about the form)."""
    role = access.role_for(by, Permission.RAISE_QUERY, record.site_id, record.crf_code)
    text = _words(text, "Say what you want to know.")
    if record.deleted_at is not None:
        raise WrongState("This form was deleted; there is nothing to ask about it.")
    if item and not record.spec.has_item(item):
        raise QueryTextNeeded(f"{record.spec.title} has no item “{item}”.")
    now = timezone.now()
    with history(by=by, role=role.code, site_id=record.site_id):
        query = Query.objects.create(
            subject_id=record.subject_id,
            site_id=record.site_id,
            record=record,
            item=item,
            text=text,
            opened_at=now,
            opened_by=by,
            opened_role=role.code,
        )
        _say(query, by, role.code, "open", text)
    return query


def answer_query(*, query: Query, by: User, text: str) -> None:
    """Answer an open query. Raises PermissionDenied unless `by` answers queries at its site, WrongState if not open."""
    role = access.role_for(by, Permission.ANSWER_QUERY, query.site_id, query.crf_code)
    text = _words(text, "Write the answer: what you checked, and what you found.")
    with history(by=by, role=role.code, site_id=query.site_id, reason=text):
        locked = _lock(query, QueryState.ANSWERED)
        locked.state, locked.answered_at = QueryState.ANSWERED, timezone.now()
        locked.save(update_fields=["state", "answered_at"])
        _say(locked, by, role.code, "answer", text)


def close_query(*, query: Query, by: User, text: str = "") -> None:
    """Close a query. A finding of a check that still stands is thereby confirmed: the value is right as it is.

    Raises PermissionDenied unless `by` manages data, or raised this query himself; WrongState if it is closed.
    """
    role = check_can_close_query(by, query)
    with history(by=by, role=role.code, site_id=query.site_id, reason=text):
        locked = _lock(query, QueryState.CLOSED)
        locked.state, locked.closed_at, locked.closed_by = QueryState.CLOSED, timezone.now(), by
        locked.confirmed = bool(locked.check_code)
        locked.save(update_fields=["state", "closed_at", "closed_by", "confirmed"])
        _say(locked, by, role.code, "close", text.strip() or "Closed.")


def reopen_query(*, query: Query, by: User, text: str) -> None:
    """Ask again: from answered or closed. The same rights as closing."""
    role = check_can_close_query(by, query)
    text = _words(text, "Say what is still open.")
    with history(by=by, role=role.code, site_id=query.site_id, reason=text):
        locked = _lock(query, QueryState.OPEN)
        locked.state, locked.closed_at, locked.closed_by, locked.confirmed = QueryState.OPEN, None, None, False
        locked.save(update_fields=["state", "closed_at", "closed_by", "confirmed"])
        _say(locked, by, role.code, "re-open", text)


def check_can_close_query(by: User, query: Query) -> Role:
    """The role as which `by` may close it. Raises PermissionDenied with a sentence."""
    if access.may(by, Permission.CLOSE_ANY_QUERY, query.site_id):
        return access.role_for(by, Permission.CLOSE_ANY_QUERY, query.site_id)
    role = access.role_for(by, Permission.RAISE_QUERY, query.site_id, query.crf_code)
    if query.opened_by_id != by.pk:
        raise PermissionDenied("Only the one who asked this query, or a data manager, can close it.")
    return role


def can_close_query(by: User, query: Query) -> bool:
    return query.is_live and can_reopen_query(by, query)


def can_reopen_query(by: User, query: Query) -> bool:
    """The twin of the rights that closing and asking again share."""
    try:
        check_can_close_query(by, query)
    except PermissionDenied:
        return False
    return True


def _lock(query: Query, to: QueryState) -> Query:
    locked = Query.objects.select_for_update(of=("self",)).get(pk=query.pk)
    check_query_step(locked.state, to)
    return locked


def _say(query: Query, by: User, role: str, step: str, text: str) -> None:
    QueryMessage.objects.create(query=query, at=timezone.now(), by=by, role=role, step=step, text=text)


def _words(text: str, sentence: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise QueryTextNeeded(f"The text has {len(text)} characters; {LONGEST_TEXT} are the most. Say it shorter.")
    try:
        return reasons.check(text)
    except reasons.ReasonNeeded:
        raise QueryTextNeeded(sentence) from None


def cancel_queries_of_deleted(*, record: FormRecord) -> None:
    """What people asked about a form that is deleted now is asked no more. Queries of checks close by themselves."""
    asked = list(Query.objects.select_for_update().filter(record=record, check_code="", state__in=LIVE_QUERY_STATES))
    if not asked:
        return
    system, now = User.objects.system(), timezone.now()
    with history(by=system, role="system", site_id=record.site_id, reason="The form was deleted"):
        for query in asked:
            check_query_step(query.state, QueryState.CANCELLED)
            query.state, query.closed_at, query.closed_by = QueryState.CANCELLED, now, system
            query.save(update_fields=["state", "closed_at", "closed_by"])
            _say(query, system, "system", "cancel", "The form was deleted.")


# --- queries of checks -------------------------------------------------------------------------------------------


def live_codes(record: FormRecord) -> set[str]:
    """Codes of the findings of this record that are asked about already."""
    live = Query.objects.filter(record=record, state__in=LIVE_QUERY_STATES).exclude(check_code="")
    return set(live.values_list("check_code", flat=True))


def follow_findings(
    *,
    subject: Subject,
    record: FormRecord | None,
    findings: Iterable[Finding],
    cross_codes: Iterable[str],
    confirmations: Mapping[str, str],
    by: User,
    role: str,
) -> tuple[int, int]:
    """Make the queries of checks follow what the checks now find: open, re-open, close by themselves.

    findings: all that stand now, of `record`'s own checks and of `cross_codes` over the whole subject. A finding that a
    person confirmed with the same values is not asked about again. Returns how many were opened and closed.
    """
    own = Q(record=record) if record is not None else Q(pk__in=[])
    asked = Query.objects.filter(own | Q(subject=subject, check_code__in=list(cross_codes))).exclude(check_code="")
    known = {(query.record_id, query.item, query.check_code): query for query in asked.order_by("id")}
    wanted = {(f.record_id, f.item, f.code): f for f in findings if f.record_id is not None}
    here = {key: f for key, f in wanted.items() if record is not None and f.record_id == record.pk}
    # Confirmed in place, of this form, before it became a query; a live query is closed by who may close it.
    confirmable = {
        key for key, f in here.items()
        if confirmations.get(f.code, "").strip() and not (key in known and known[key].is_live)
    }  # fmt: skip
    fresh, reopened, confirmed = _sort(wanted, known, confirmable)
    gone = [query for key, query in known.items() if query.is_live and key not in wanted]
    if confirmed:
        _confirm(subject, confirmed, known, confirmations, by, role)
    if fresh or reopened or gone:
        _as_system(subject, fresh, reopened, gone)
    return len(fresh) + len(reopened), len(gone)


def _sort(wanted: dict[Any, Finding], known: dict[Any, Query], confirmable: set[Any]) -> tuple[Any, Any, Any]:
    fresh, reopened, confirmed = [], [], []
    for key, finding in wanted.items():
        query = known.get(key)
        if key in confirmable:
            confirmed.append((key, finding))
        elif query is None:
            fresh.append(finding)
        elif (not query.is_live and not (query.confirmed and query.fingerprint == finding.fingerprint)) or (
            query.is_live and query.fingerprint != finding.fingerprint
        ):
            reopened.append((query, finding))
    return fresh, reopened, confirmed


def _new(subject: Subject, finding: Finding, by: User, role: str, **state: Any) -> Query:
    return Query(
        subject=subject,
        site_id=subject.site_id,
        record_id=finding.record_id,
        item=finding.item,
        check_code=finding.code,
        fingerprint=finding.fingerprint,
        text=finding.message,
        opened_at=timezone.now(),
        opened_by=by,
        opened_role=role,
        **state,
    )


def _confirm(
    subject: Subject,
    confirmed: list[tuple[Any, Finding]],
    known: dict[Any, Query],
    confirmations: Mapping[str, str],
    by: User,
    role: str,
) -> None:
    """A finding confirmed in place is kept as a query that was closed at once, with the reason."""
    for key, finding in confirmed:
        query = known.get(key) or _new(subject, finding, by, role)
        query.state, query.confirmed, query.fingerprint = QueryState.CLOSED, True, finding.fingerprint
        query.text, query.closed_at, query.closed_by = finding.message, timezone.now(), by
        query.save()
        _say(query, by, role, "confirm", reasons.check(confirmations[finding.code]))


def _as_system(
    subject: Subject, fresh: list[Finding], reopened: list[tuple[Query, Finding]], gone: list[Query]
) -> None:
    system, now = User.objects.system(), timezone.now()
    messages = []
    with history(by=system, role="system", site_id=subject.site_id, reason="Edit check"):
        created = Query.objects.bulk_create([_new(subject, finding, system, "system") for finding in fresh])
        messages += [(query, "open", query.text) for query in created]
        for query, finding in reopened:
            messages.append((query, "ask again" if query.is_live else "re-open", finding.message))
            query.state, query.closed_at, query.closed_by, query.confirmed = QueryState.OPEN, None, None, False
            query.text, query.fingerprint = finding.message, finding.fingerprint
        for query in gone:
            messages.append((query, "close", "The finding is gone."))
            query.state, query.closed_at, query.closed_by = QueryState.CLOSED, now, system
        moved = [*(query for query, _ in reopened), *gone]
        if moved:
            Query.objects.bulk_update(moved, ["state", "closed_at", "closed_by", "confirmed", "text", "fingerprint"])
        QueryMessage.objects.bulk_create(
            QueryMessage(query=query, at=now, by=system, role="system", step=step, text=text)
            for query, step, text in messages
        )
