"""Queries that wait: for an answer, for somebody to read it, and how old they have become."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from trial import access, clock
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models import Query, User
from trial.permissions import Permission as P
from trial.worklists.lists import Line, Narrow, Rows, Section, Source, WorkList, days_waited, narrowed

# Younger than so many days; the last band has no end.
BANDS = ((0, 7), (7, 14), (14, 30), (30, 90), (90, None))


def _lines(queries: Iterable[Query]) -> list[Line]:
    return [
        Line(
            url=reverse("query", args=[query.pk]),
            text=f"{query.subject.number}: {query.text}",
            status="query_answered" if query.state == QueryState.ANSWERED else "query_open",
            word="Answered" if query.state == QueryState.ANSWERED else "Open",
            waited=days_waited(since),
            subject=query.subject.number,
            site=query.site.number,
            since=since.date(),
        )
        for query in queries
        for since in [_waits_since(query)]
    ]


def _waits_since(query: Query) -> Any:
    """An answer waits to be read since it was given."""
    return query.answered_at if query.state == QueryState.ANSWERED and query.answered_at else query.opened_at


def _source(rows: QuerySet[Query], narrow: Narrow) -> Source:
    return Rows(narrowed(rows.select_related("subject", "site").order_by("opened_at", "id"), narrow), _lines)


def to_answer(user: User, narrow: Narrow) -> Source | None:
    if not access.may_anywhere(user, P.ANSWER_QUERY):
        return None
    return _source(access.queries(user).filter(state=QueryState.OPEN), narrow)


def answers(user: User, narrow: Narrow) -> Source | None:
    if not access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return None
    return _source(access.queries(user).filter(state=QueryState.ANSWERED), narrow)


def own(user: User, narrow: Narrow) -> Source | None:
    if not access.may_anywhere(user, P.RAISE_QUERY) or access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return None
    return _source(access.queries(user).filter(opened_by=user, state__in=LIVE_QUERY_STATES), narrow)


def still_open(user: User, narrow: Narrow) -> Source | None:
    if not (access.may_anywhere(user, P.CLOSE_ANY_QUERY) or access.may_anywhere(user, P.VIEW_AUDIT)):
        return None
    return _source(access.queries(user).filter(state=QueryState.OPEN), narrow)


def ageing(user: User) -> Section | None:
    """How many live queries are how old: one line a band. One statement."""
    if not access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return None
    now = clock.now()
    bands = {f"band_{first}": Count("pk", filter=_aged(now, first, last)) for first, last in BANDS}
    oldest = {f"oldest_{first}": Min("opened_at", filter=_aged(now, first, last)) for first, last in BANDS}
    found = access.queries(user).filter(state__in=LIVE_QUERY_STATES).order_by().aggregate(**bands, **oldest)
    lines = tuple(
        Line(
            url=f"{reverse('queries')}?state=live&older={first}",
            text=f"{found[f'band_{first}']} {_band(first, last)}",
            status="query_open",
            word="Oldest",
            waited=days_waited(found[f"oldest_{first}"]),
        )
        for first, last in reversed(BANDS)
        if found[f"band_{first}"]
    )
    total = sum(found[f"band_{first}"] for first, _ in BANDS)
    return Section(title="Ageing of queries", lines=lines, empty_text="No query is open or answered.", total=total)


def _aged(now: Any, first: int, last: int | None) -> Q:
    old_enough = Q(opened_at__lte=now - timedelta(days=first)) if first else Q()
    return old_enough & Q(opened_at__gt=now - timedelta(days=last)) if last else old_enough


def _band(first: int, last: int | None) -> str:
    if last is None:
        return f"{first} days old or more"
    return f"from {first} to {last} days old" if first else f"younger than {last} days"


LISTS = (
    WorkList(
        slug="queries-to-answer",
        title="Queries to answer",
        empty_text="No query waits for an answer.",
        find=to_answer,
    ),
    WorkList(slug="answers", title="Answers to read", empty_text="Every answer has been read.", find=answers),
    WorkList(
        slug="own-queries",
        title="Your queries",
        empty_text="You have no open query. Raise one from any form.",
        find=own,
    ),
    WorkList(slug="open-queries", title="Open queries, oldest first", empty_text="No query is open.", find=still_open),
)
