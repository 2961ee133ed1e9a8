"""What waits for a user: lists with how long each line has waited. Apps above register theirs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from trial import access, protocol
from trial.crf import registry
from trial.due_forms import missing_forms
from trial.lifecycle import QueryState
from trial.models import FormRecord, Subject, User, Visit
from trial.permissions import Permission as P
from trial.visit_schedule import Due, due

SHOWN = 15


@dataclass(frozen=True, kw_only=True)
class Line:
    url: str
    text: str
    status: str
    word: str
    waited: str


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str
    lines: tuple[Line, ...]
    empty_text: str
    more_url: str = ""
    total: int = 0

    @property
    def count(self) -> int:
        """All that wait, those beyond the lines included."""
        return max(self.total, len(self.lines))


SectionMaker = Callable[[User], Section | None]
_registered: list[SectionMaker] = []


def register(maker: SectionMaker) -> None:
    """Add a section to the home of those for whom `maker` returns one."""
    _registered.append(maker)


def sections(user: User) -> list[Section]:
    """The user's home, most urgent first."""
    makers: Iterable[SectionMaker] = (queries_to_answer, answered_queries, own_queries, open_queries, forms_due)
    return [section for maker in (*makers, *_registered) if (section := maker(user))]


def count(user: User) -> int:
    """How many queries wait for this user: the number in the frame. One statement, or none."""
    if access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return access.queries(user).filter(state=QueryState.ANSWERED).count()
    if access.may_anywhere(user, P.ANSWER_QUERY):
        return access.queries(user).filter(state=QueryState.OPEN).count()
    return 0


def days_waited(since: datetime | date) -> str:
    """`today`, `1 day`, `12 days`."""
    day = since.date() if isinstance(since, datetime) else since
    days = (timezone.now().date() - day).days
    return "today" if days <= 0 else f"{days} day{'s' if days > 1 else ''}"


def _query_lines(rows: Any) -> tuple[Line, ...]:
    return tuple(
        Line(
            url=reverse("query", args=[query.pk]),
            text=f"{query.subject.number}: {query.text}",
            status="query_answered" if query.state == QueryState.ANSWERED else "query_open",
            word="Answered" if query.state == QueryState.ANSWERED else "Open",
            waited=days_waited(query.opened_at),
        )
        for query in rows.select_related("subject").order_by("opened_at", "id")[:SHOWN]
    )


def _query_section(title: str, rows: Any, empty: str) -> Section:
    total = rows.count()
    more = f"{reverse('queries')}?state=live" if total > SHOWN else ""
    return Section(title=title, lines=_query_lines(rows), empty_text=empty, total=total, more_url=more)


def queries_to_answer(user: User) -> Section | None:
    if not access.may_anywhere(user, P.ANSWER_QUERY):
        return None
    rows = access.queries(user).filter(state=QueryState.OPEN)
    return _query_section("Queries to answer", rows, "No query waits for an answer.")


def answered_queries(user: User) -> Section | None:
    if not access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return None
    rows = access.queries(user).filter(state=QueryState.ANSWERED)
    return _query_section("Answers to read", rows, "Every answer has been read.")


def own_queries(user: User) -> Section | None:
    if not access.may_anywhere(user, P.RAISE_QUERY) or access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return None
    rows = access.queries(user).filter(opened_by=user, state__in=[QueryState.OPEN, QueryState.ANSWERED])
    return _query_section("Your queries", rows, "You have no open query. Raise one from any form.")


def open_queries(user: User) -> Section | None:
    if not access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return None
    rows = access.queries(user).filter(state=QueryState.OPEN)
    return _query_section("Open queries, oldest first", rows, "No query is open.")


def forms_due(user: User) -> Section | None:
    """Forms whose window is open or has passed, at the sites where the user enters data."""
    if not access.may_anywhere(user, P.ENTER_DATA):
        return None
    today = timezone.now().date()
    lines, total = missing_forms(user, today, limit=SHOWN)
    return Section(
        title="Forms due",
        lines=tuple(_form_line(visit, code, today) for visit, code in lines),
        empty_text="No form is due.",
        total=total,
        more_url=reverse("subjects") if total > SHOWN else "",
    )


def _form_line(visit: Visit, code: str, today: date) -> Line:
    state = due(visit.planned, today)
    since = visit.closes if state is Due.OVERDUE else visit.opens
    label = protocol.get().visit(visit.code).label
    return Line(
        url=f"{reverse('form-new', args=[visit.subject.number, code])}?visit={visit.code}",
        text=f"{visit.subject.number}: {registry.get(code).title}, {label}",
        status=state,
        word="Overdue" if state is Due.OVERDUE else "Due",
        waited=days_waited(since) if since else "",
    )


def next_due(user: User, subject: Subject) -> str:
    """The address of the subject's next form that is due, or its casebook."""
    today = timezone.now().date()
    entered = set(FormRecord.objects.filter(subject=subject, deleted_at=None).values_list("visit__code", "crf_code"))
    for visit in subject.visits.all():
        for code in protocol.get().visit(visit.code).forms:
            is_open = visit.opens is None or visit.opens <= today
            if is_open and (visit.code, code) not in entered and access.may(user, P.ENTER_DATA, subject.site_id, code):
                return f"{reverse('form-new', args=[subject.number, code])}?visit={visit.code}"
    return reverse("casebook", args=[subject.number])
