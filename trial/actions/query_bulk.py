"""Close or ask again many queries at once: a preview first, then each with its own message, all in one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from trial import access, locks
from trial.actions import queries
from trial.lifecycle import QueryState, WrongState, check_query_step
from trial.models import Query, QueryMessage, Subject, User

MOST = 200


class BulkStep(StrEnum):
    CLOSE = "close"
    REOPEN = "reopen"


_BECOMES = {BulkStep.CLOSE: QueryState.CLOSED, BulkStep.REOPEN: QueryState.OPEN}
_ACTIONS: dict[BulkStep, Callable[..., None]] = {
    BulkStep.CLOSE: queries.close_query,
    BulkStep.REOPEN: queries.reopen_query,
}
REFUSALS = (WrongState, PermissionDenied, locks.Locked)


class TooMany(queries.QueryTextNeeded):
    """More queries than can be looked through at once; the message is a sentence."""


@dataclass(frozen=True)
class Planned:
    """What would happen to one query. refusal: why nothing would, as a sentence. seen: names the state it is in now."""

    query: Query
    seen: str
    refusal: str = ""


@dataclass(frozen=True)
class Done:
    """changed: those that took the step. left: (query, sentence) of those that did not."""

    changed: tuple[Query, ...]
    left: tuple[tuple[Query, str], ...]


def plan(*, step: BulkStep, chosen: Iterable[int], by: User) -> list[Planned]:
    """What the step would do to each of these queries that `by` sees. Raises TooMany, QueryTextNeeded for none."""
    with transaction.atomic():
        found = _rows(by, chosen)
        if step is BulkStep.REOPEN:
            _hold_subjects(found)
        marks = _marks(found)
        return [Planned(query, marks[query.pk], _refusal(step, query, by)) for query in found]


def change_many(*, step: BulkStep, seen: Mapping[int, str], by: User, text: str) -> Done:
    """Take the step with each query that is still as it was seen; the others are left, and why is said.

    seen: query -> what `Planned.seen` named. One transaction: a fault in one leaves all as they were.
    Raises TooMany, and QueryTextNeeded where a text is missing or too long.
    """
    changed, left = [], []
    with transaction.atomic():
        found = _rows(by, seen)
        _hold_subjects(found)
        list(Query.objects.filter(pk__in=[query.pk for query in found]).order_by("pk").select_for_update().only("pk"))
        found = _rows(by, seen)
        marks = _marks(found)
        for query in found:
            refusal = _changed_meanwhile(query, marks, seen) or _refusal(step, query, by)
            if refusal:
                left.append((query, refusal))
            else:
                _ACTIONS[step](query=query, by=by, text=text)
                changed.append(query)
    return Done(tuple(changed), tuple(left))


def _hold_subjects(found: Sequence[Query]) -> None:
    """As a save does: subjects first, each in its order, so that two of these never wait for each other."""
    subjects = Subject.objects.filter(pk__in={query.subject_id for query in found}).order_by("pk")
    list(subjects.select_for_update(no_key=True).only("pk"))


def _rows(by: User, chosen: Iterable[int]) -> list[Query]:
    wanted = set(chosen)
    if len(wanted) > MOST:
        raise TooMany(f"{len(wanted)} queries are chosen; {MOST} at once are the most. Choose fewer, or filter first.")
    if not wanted:
        raise queries.QueryTextNeeded("No query is chosen. Tick those that you mean.")
    rows = access.queries(by).filter(pk__in=wanted)
    return list(rows.select_related("subject", "site", "record__visit", "visit", "opened_by").order_by("pk"))


def _marks(found: Sequence[Query]) -> dict[int, str]:
    """query -> its state and its newest message: any step since then changes it."""
    rows = QueryMessage.objects.filter(query__in=found).values("query").annotate(newest=Max("id")).order_by()
    newest = {row["query"]: row["newest"] for row in rows}
    return {query.pk: f"{query.state}-{newest.get(query.pk, 0)}" for query in found}


def _changed_meanwhile(query: Query, marks: Mapping[int, str], seen: Mapping[int, str]) -> str:
    if marks[query.pk] == seen[query.pk]:
        return ""
    return f"It changed meanwhile and is {query.state} now. Look at it again."


def _refusal(step: BulkStep, query: Query, by: User) -> str:
    """Why this step cannot be taken, as a sentence; "" where it can."""
    checks: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
        (queries.check_can_close_query, (by, query)),
        (check_query_step, (query.state, _BECOMES[step])),
    ]
    if step is BulkStep.REOPEN:
        checks.append((queries.check_is_there, (queries.target_of(query),)))
    for check, arguments in checks:
        try:
            check(*arguments)
        except REFUSALS as refused:
            return str(refused)
    return ""
