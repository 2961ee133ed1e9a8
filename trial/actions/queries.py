"""Queries: asked by people and by checks, answered, closed, asked again, cancelled."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone

from trial import access, identifiers, locks, protocol, reasons, replies, roles
from trial.checks import Finding
from trial.crf import check_list
from trial.history import history
from trial.lifecycle import LIVE_QUERY_STATES, QueryState, WrongState, check_query_step
from trial.models import FormRecord, Query, QueryMessage, Subject, User, Visit
from trial.permissions import Permission
from trial.roles import Role

LONGEST_TEXT = 2000


class QueryTextNeeded(ValueError):
    """A query, an answer or a closure without words, or with words that may not be kept; the message is a sentence."""


@dataclass(frozen=True)
class MissingForm:
    """A form that is expected at a visit and not entered."""

    visit: Visit
    crf_code: str

    @property
    def subject_id(self) -> int:
        return self.visit.subject_id

    @property
    def site_id(self) -> int:
        return self.visit.site_id


Target = FormRecord | Visit | MissingForm


def open_query(*, target: Target, text: str, by: User, item: str = "") -> Query:
    """Ask a question about a form, an item of it, a visit, or a form that is missing at a visit.

    Raises PermissionDenied, QueryTextNeeded, and WrongState where there is nothing to ask about: the form was deleted,
    or is missing no more; locks.Locked where it is locked.
    """
    place = _place(target, item)
    role = access.role_for(by, Permission.RAISE_QUERY, target.site_id, place["crf_code"])
    text = question(text)
    with history(by=by, role=role.code, site_id=target.site_id):
        check_is_there(target)
        query = Query.objects.create(
            subject_id=target.subject_id,
            site_id=target.site_id,
            text=text,
            opened_at=timezone.now(),
            opened_by=by,
            opened_role=role.code,
            **place,
        )
        _say(query, by, role.code, "open", text)
    return query


def question(text: str) -> str:
    """The text of a query, stripped. Raises QueryTextNeeded where it asks nothing."""
    return _words(text, "Say what you want to know.")


def live_on(*, target: Target, item: str = "") -> QuerySet[Query]:
    """Queries that are open or answered on the same place: whoever asks there should read them first."""
    return Query.objects.filter(**_place(target, item), state__in=LIVE_QUERY_STATES).order_by("id")


def _place(target: Target, item: str) -> dict[str, Any]:
    """The columns of a query that name what is asked about. Raises QueryTextNeeded for what cannot be asked about."""
    if isinstance(target, FormRecord):
        if item and not target.spec.has_item(item):
            raise QueryTextNeeded(f"{target.spec.title} has no item “{item}”.")
        return {"record": target, "visit": None, "crf_code": target.crf_code, "item": item}
    if item:
        raise QueryTextNeeded("An item can be asked about once its form is entered.")
    if isinstance(target, Visit):
        return {"record": None, "visit": target, "crf_code": "", "item": ""}
    if target.crf_code not in protocol.get().visit(target.visit.code).forms:
        raise QueryTextNeeded("This form is not asked at this visit.")
    return {"record": None, "visit": target.visit, "crf_code": target.crf_code, "item": ""}


def _spine(target: Target) -> FormRecord:
    """The form asked about; where there is none, one as it would be, for the locks that would hold it."""
    if isinstance(target, FormRecord):
        return target
    visit = target if isinstance(target, Visit) else target.visit
    return FormRecord(subject_id=visit.subject_id, site_id=visit.site_id, visit=visit)


def check_is_there(target: Target) -> None:
    """Saves of a subject take turns with this, so that a query on a missing form never meets the form.

    Raises WrongState, locks.Locked.
    """
    Subject.objects.select_for_update(no_key=True).only("pk").get(pk=target.subject_id)
    locks.check_may_ask(_spine(target))
    if isinstance(target, FormRecord):
        if FormRecord.objects.filter(pk=target.pk).exclude(deleted_at=None).exists():
            raise WrongState("This form was deleted; there is nothing to ask about it.")
    elif isinstance(target, MissingForm):
        entered = FormRecord.objects.filter(visit=target.visit, crf_code=target.crf_code, deleted_at=None)
        if entered.exists():
            raise WrongState("This form was entered meanwhile. Ask on the form itself.")


def answer_query(*, query: Query, by: User, text: str = "", reply: str = "other") -> None:
    """Answer an open query. reply: a code of `replies.REPLIES`; the text may be blank where that says it all.

    Raises PermissionDenied unless `by` answers queries at its site, QueryTextNeeded, WrongState if it is not open,
    locks.Locked where its form is locked.
    """
    role = access.role_for(by, Permission.ANSWER_QUERY, query.site_id, query.crf_code)
    try:
        replies.check(reply, text)
    except replies.ReplyNeeded as needed:
        raise QueryTextNeeded(str(needed)) from None
    text = fit_to_keep(text.strip())
    with history(by=by, role=role.code, site_id=query.site_id, reason=replies.compose(reply, text)):
        locks.check_may_ask(_spine(target_of(query)))
        locked = _lock(query, QueryState.ANSWERED)
        locked.state, locked.answered_at = QueryState.ANSWERED, timezone.now()
        locked.save(update_fields=["state", "answered_at"])
        _say(locked, by, role.code, "answer", text, reply)


def close_query(*, query: Query, by: User, text: str = "") -> None:
    """Close a query. A finding of a check that still stands is thereby confirmed: the value is right as it is.

    Raises PermissionDenied unless `by` manages data, or has the role here that raised it; WrongState if it is closed.
    """
    role = check_can_close_query(by, query)
    text = fit_to_keep(text.strip())
    with history(by=by, role=role.code, site_id=query.site_id, reason=text):
        locked = _lock(query, QueryState.CLOSED)
        locked.state, locked.closed_at, locked.closed_by = QueryState.CLOSED, timezone.now(), by
        locked.confirmed = bool(locked.check_code)
        locked.save(update_fields=["state", "closed_at", "closed_by", "confirmed"])
        _say(locked, by, role.code, "close", text or "Closed.")


def reopen_query(*, query: Query, by: User, text: str) -> None:
    """Ask again: from answered or closed. The same rights as closing.

    Raises WrongState where its form is deleted, or no longer missing; locks.Locked where it is locked.
    """
    role = check_can_close_query(by, query)
    text = _words(text, "Say what is still open.")
    with history(by=by, role=role.code, site_id=query.site_id, reason=text):
        check_is_there(target_of(query))  # first, as a save does: the subject, then its queries
        locked = _lock(query, QueryState.OPEN)
        locked.state, locked.closed_at, locked.closed_by, locked.confirmed = QueryState.OPEN, None, None, False
        locked.reopened += 1
        locked.save(update_fields=["state", "closed_at", "closed_by", "confirmed", "reopened"])
        _say(locked, by, role.code, "re-open", text)


def cancel_query(*, query: Query, by: User, text: str) -> None:
    """Take back a query that should not have been asked. A query of a check is not cancelled: it is closed.

    Raises PermissionDenied unless `by` raised it or manages data; QueryTextNeeded; WrongState.
    """
    role = check_can_cancel_query(by, query)
    text = _words(text, "Say why this query is taken back.")
    with history(by=by, role=role.code, site_id=query.site_id, reason=text):
        locked = _lock(query, QueryState.CANCELLED)
        locked.state, locked.closed_at, locked.closed_by = QueryState.CANCELLED, timezone.now(), by
        locked.save(update_fields=["state", "closed_at", "closed_by"])
        _say(locked, by, role.code, "cancel", text)


def target_of(query: Query) -> Target:
    """What a query is about."""
    if query.record is not None:
        return query.record
    if query.visit is None:
        raise ValueError(f"Query {query.pk} is about nothing.")  # PostgreSQL holds that it names its place
    return MissingForm(query.visit, query.crf_code) if query.crf_code else query.visit


# --- who may -----------------------------------------------------------------------------------------------------


def check_can_close_query(by: User, query: Query) -> Role:
    """The role as which `by` may close it or ask it again. Raises PermissionDenied with a sentence."""
    able = access.roles_for(by, Permission.CLOSE_ANY_QUERY, query.site_id, query.crf_code)
    raising = access.roles_for(by, Permission.RAISE_QUERY, query.site_id, query.crf_code)
    if able := [*able, *(role for role in raising if role.code == query.opened_role)]:
        return able[0]
    access.check_trained(by)
    raise PermissionDenied(f"Your role ({_role_names(by)}) does not close this query: {_who_closes(query)}")


def check_can_cancel_query(by: User, query: Query) -> Role:
    """The role as which `by` may take it back. Raises PermissionDenied with a sentence."""
    if query.check_code:
        raise PermissionDenied(
            "A check asked this query, so it is not cancelled: it closes by itself once the value is corrected, or a"
            " data manager closes it as confirmed."
        )
    if able := access.roles_for(by, Permission.CLOSE_ANY_QUERY, query.site_id):
        return able[0]
    access.check_trained(by)
    if query.opened_by_id != by.pk:
        raise PermissionDenied("Only the person who raised this query, or a data manager, cancels it.")
    return access.role_for(by, Permission.RAISE_QUERY, query.site_id, query.crf_code)


def _role_names(user: User) -> str:
    return ", ".join(sorted({role.name for role in access.roles_of(user)})) or "none"


def _who_closes(query: Query) -> str:
    if query.check_code:
        return "a check asked it. It closes by itself once its finding is gone, or a data manager closes it."
    name = roles.get(query.opened_role).name
    return f"it was raised as {name}. Whoever is {name} here closes it, or a data manager does."


def _allows(check: Any, by: User, query: Query) -> bool:
    try:
        check(by, query)
    except PermissionDenied:
        return False
    return True


def can_close_query(by: User, query: Query) -> bool:
    return query.is_live and _allows(check_can_close_query, by, query)


def can_reopen_query(by: User, query: Query) -> bool:
    """The twin of the rights that closing and asking again share."""
    return _allows(check_can_close_query, by, query)


def can_cancel_query(by: User, query: Query) -> bool:
    return query.is_live and _allows(check_can_cancel_query, by, query)


def _lock(query: Query, to: QueryState) -> Query:
    locked = Query.objects.select_for_update(of=("self",)).get(pk=query.pk)
    check_query_step(locked.state, to)
    return locked


def _say(query: Query, by: User, role: str, step: str, text: str, code: str = "") -> None:
    QueryMessage.objects.create(
        query=query, at=timezone.now(), by=by, role=role, step=step, reason_code=code, text=text
    )


def _words(text: str, sentence: str) -> str:
    try:
        return reasons.check(fit_to_keep(text))
    except reasons.ReasonNeeded:
        raise QueryTextNeeded(sentence) from None


def fit_to_keep(text: str) -> str:
    """The text. Raises QueryTextNeeded where it is too long, or could identify a person: it would stay for ever."""
    if named := identifiers.found(text):
        seen = ", ".join(f"“{one.text}” ({one.kind})" for one in named)
        raise QueryTextNeeded(f"The text may identify a person: {seen}. Say it without, by the subject's number.")
    if len(text) > LONGEST_TEXT:
        raise QueryTextNeeded(f"The text has {len(text)} characters; {LONGEST_TEXT} are the most. Say it shorter.")
    return text


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
            _say(query, system, "system", "cancel", "The form was deleted.", replies.DELETED)


# --- queries of checks -------------------------------------------------------------------------------------------


class Followed(NamedTuple):
    """asked: the queries that were opened, or asked again. opened, closed: how many."""

    opened: int = 0
    closed: int = 0
    asked: tuple[Query, ...] = ()


def unasked(record: FormRecord, findings: Iterable[Finding]) -> list[Finding]:
    """Findings on this form that are not asked about yet, nor confirmed with these very values. One statement."""
    found = list(findings)
    asked = Query.objects.filter(record=record, check_code__in=[finding.code for finding in found]).order_by("id")
    newest = {(query.item, query.check_code): query for query in asked}
    return [finding for finding in found if not _is_settled(newest.get((finding.item, finding.code)), finding)]


def _is_settled(query: Query | None, finding: Finding) -> bool:
    if query is None:
        return False
    return query.is_live or (query.confirmed and query.fingerprint == finding.fingerprint)


def follow_findings(
    *,
    subject: Subject,
    record: FormRecord | None,
    findings: Iterable[Finding],
    cross_codes: Iterable[str],
    confirmations: Mapping[str, str],
    by: User,
    role: str,
    source: str = "",
    retired: Collection[str] = (),
) -> Followed:
    """Make the queries of checks follow what the checks now find: open, re-open, close by themselves.

    findings: all that stand now, of `record`'s own checks and of `cross_codes` over the whole subject. A finding that a
    person confirmed with the same values is not asked about again. A query that asked for a form closes once `record`
    is that form. source: of the run of checks, for history. retired: checks whose findings were left out.
    """
    asked = list(_asked_of(subject, record, list(cross_codes)))
    known = {(query.record_id, query.item, query.check_code): query for query in asked if query.check_code}
    entered = [query for query in asked if not query.check_code]
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
    if not (fresh or reopened or gone or entered):
        return Followed()
    closings = [(query, _why_gone(query, record, retired)) for query in gone]
    closings += [(query, replies.ENTERED) for query in entered]
    return _as_system(subject, fresh, reopened, closings, source)


def _asked_of(subject: Subject, record: FormRecord | None, cross_codes: list[str]) -> QuerySet[Query]:
    """What the findings can touch, held until the transaction ends: queries of checks, and those that asked for this
    very form. One statement.
    """
    touched = Q(subject=subject, check_code__in=cross_codes)
    if record is not None:
        touched |= Q(record=record) & ~Q(check_code="")
    if record is not None and record.visit_id and record.deleted_at is None:
        live = Q(state__in=LIVE_QUERY_STATES)
        touched |= live & Q(record=None, visit=record.visit_id, crf_code=record.crf_code)
    rows = Query.objects.filter(touched).exclude(state=QueryState.CANCELLED).order_by("id")
    return rows.select_for_update(no_key=True)  # whoever answers or closes one by hand is waited for


def _why_gone(query: Query, record: FormRecord | None, retired: Collection[str]) -> str:
    """Why the finding of this query is no more: its form is deleted, its check is retired, or the data changed."""
    if record is not None and record.deleted_at is not None and query.record_id == record.pk:
        return replies.DELETED
    is_asked = query.check_code not in retired and check_list.sentence(query.check_code)
    return replies.GONE if is_asked else replies.RETIRED


def close_as_retired(*, check_code: str, reason: str) -> int:
    """Close the live queries of a check that asks no more, as *system*, at all sites. Returns how many. Inside a
    transaction.
    """
    live = Query.objects.filter(check_code=check_code, state__in=LIVE_QUERY_STATES)
    # In order of their keys, as saves hold them: neither waits for the other in a circle.
    held = list(live.select_for_update(no_key=True).order_by("id").values_list("site_id", "id"))
    system, now, text = User.objects.system(), timezone.now(), f"{replies.BY_SYSTEM[replies.RETIRED]} {reason}"
    for site in sorted({site for site, _ in held}):
        here = [pk for at, pk in held if at == site]
        with history(by=system, role="system", site_id=site, reason=text):
            Query.objects.filter(pk__in=here).update(state=QueryState.CLOSED, closed_at=now, closed_by=system)
            QueryMessage.objects.bulk_create(
                QueryMessage(
                    query_id=pk, at=now, by=system, role="system", step="close", text=text, reason_code=replies.RETIRED
                )
                for pk in here
            )
    return len(held)


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
    """A finding confirmed in place is kept as a query that was closed at once, with the reason.

    The same values confirmed once more are a line more in its thread: a closed query itself does not change.
    """
    for key, finding in confirmed:
        query = known.get(key)
        if query is None or not (query.confirmed and query.fingerprint == finding.fingerprint):
            query = _new(subject, finding, by, role, state=QueryState.CLOSED, confirmed=True)
            query.closed_at, query.closed_by = query.opened_at, by
            query.save()
        _say(query, by, role, "confirm", reasons.check(confirmations[finding.code]))


def _as_system(
    subject: Subject,
    fresh: list[Finding],
    reopened: list[tuple[Query, Finding]],
    closings: list[tuple[Query, str]],
    source: str,
) -> Followed:
    """Open, ask again and close, all in the name of *system*. closings: (query, code of why)."""
    system, now = User.objects.system(), timezone.now()
    messages: list[tuple[Query, str, str, str]] = []
    with history(by=system, role="system", site_id=subject.site_id, reason="Edit check", source=source):
        created = Query.objects.bulk_create([_new(subject, finding, system, "system") for finding in fresh])
        messages += [(query, "open", query.text, "") for query in created]
        for query, finding in reopened:
            messages.append((query, "ask again" if query.is_live else "re-open", finding.message, ""))
            query.state, query.closed_at, query.closed_by, query.confirmed = QueryState.OPEN, None, None, False
            query.text, query.fingerprint = finding.message, finding.fingerprint
            query.reopened += 1
        for query, why in closings:
            messages.append((query, "close", replies.BY_SYSTEM[why], why))
            query.state, query.closed_at, query.closed_by = QueryState.CLOSED, now, system
        moved = [*(query for query, _ in reopened), *(query for query, _ in closings)]
        if moved:
            changed = ["state", "closed_at", "closed_by", "confirmed", "text", "fingerprint", "reopened"]
            Query.objects.bulk_update(moved, changed)
        QueryMessage.objects.bulk_create(
            QueryMessage(query=query, at=now, by=system, role="system", step=step, text=text, reason_code=code)
            for query, step, text, code in messages
        )
    asked = (*created, *(query for query, _ in reopened))
    return Followed(len(asked), len(closings), asked)
