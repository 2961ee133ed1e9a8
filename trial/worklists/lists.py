"""What a work-list is: its lines, how many there are, whom it is for. The lists are in the modules beside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.urls import reverse

from trial import clock
from trial.models import User

SHOWN = 15


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that waits. waited: since when, in words; since: the day; subject, site: their numbers, for a file."""

    url: str
    text: str
    status: str
    word: str
    waited: str
    subject: str = ""
    site: str = ""
    since: date | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    """A work-list as it stands on a home page."""

    title: str
    lines: tuple[Line, ...]
    empty_text: str
    more_url: str = ""
    total: int = 0
    csv_url: str = ""

    @property
    def count(self) -> int:
        """All that wait, those beyond the lines included."""
        return max(self.total, len(self.lines))


@dataclass(frozen=True)
class Narrow:
    """Filters of a whole list: a site's number, a part of a subject's number."""

    site: str = ""
    number: str = ""


class Source(Protocol):
    """The lines of one list for one user, the longest waiting first."""

    def count(self) -> int: ...

    def lines(self, start: int, stop: int) -> list[Line]: ...


@dataclass(frozen=True)
class Rows:
    """A source made of a queryset; `make` turns a list of its rows into lines with few statements."""

    rows: QuerySet[Any]
    make: Callable[[list[Any]], list[Line]]

    def count(self) -> int:
        return self.rows.count()

    def lines(self, start: int, stop: int) -> list[Line]:
        return self.make(list(self.rows[start:stop]))


@dataclass(frozen=True)
class Made:
    """A source whose lines are all there already."""

    every: Sequence[Line]

    def count(self) -> int:
        return len(self.every)

    def lines(self, start: int, stop: int) -> list[Line]:
        return list(self.every[start:stop])


@dataclass(frozen=True, kw_only=True)
class WorkList:
    """A list with a page of its own. find: its lines for a user, or None where it is none of theirs."""

    slug: str
    title: str
    empty_text: str
    find: Callable[[User, Narrow], Source | None]

    def section(self, user: User) -> Section | None:
        """The list on the home page: its first lines, and the way to the others."""
        source = self.find(user, Narrow())
        if source is None:
            return None
        lines = tuple(source.lines(0, SHOWN))
        total = source.count() if len(lines) == SHOWN else len(lines)
        url = reverse("work-list", args=[self.slug])
        return Section(
            title=self.title,
            lines=lines,
            empty_text=self.empty_text,
            total=total,
            more_url=url if total > len(lines) else "",
            csv_url=f"{url}?format=csv" if lines else "",
        )


SectionMaker = Callable[[User], Section | None]


def days_waited(since: datetime | date) -> str:
    """`today`, `1 day`, `12 days`."""
    day = since.date() if isinstance(since, datetime) else since
    days = (clock.today() - day).days
    return "today" if days <= 0 else f"{days} day{'s' if days > 1 else ''}"


def narrowed(rows: QuerySet[Any], narrow: Narrow) -> QuerySet[Any]:
    """Rows with `site` and `subject` that fit."""
    if narrow.site:
        rows = rows.filter(site__number=narrow.site)
    return rows.filter(subject__number__icontains=narrow.number) if narrow.number else rows
