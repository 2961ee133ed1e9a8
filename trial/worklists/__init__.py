"""What waits for a user: lists with how long each line has waited. Apps above register theirs."""

from collections.abc import Iterable

from trial import access
from trial.lifecycle import QueryState
from trial.models import User
from trial.permissions import Permission as P
from trial.worklists import end_points, forms, people, queries, reviews, signing
from trial.worklists.forms import next_of_subject
from trial.worklists.lists import Line, Made, Narrow, Rows, Section, SectionMaker, Source, WorkList, days_waited

__all__ = [
    "Line", "Made", "Narrow", "Rows", "Section", "SectionMaker", "Source", "WorkList", "add", "count", "days_waited",
    "find", "first_line", "next_of_subject", "register", "sections",
]  # fmt: skip

# In the order of the home page: what stops others first.
_lists: list[WorkList] = [
    *signing.LISTS[:1],
    *reviews.LISTS[:1],
    *queries.LISTS,
    *forms.LISTS,
    *signing.LISTS[1:],
    *reviews.LISTS[1:],
    *end_points.LISTS,
    *people.LISTS,
]
_registered: list[SectionMaker] = []


def register(maker: SectionMaker) -> None:
    """Add a section to the home of those for whom `maker` returns one."""
    _registered.append(maker)


def add(*new: WorkList) -> None:
    """Add lists that have pages of their own. Raises ValueError if a slug is taken."""
    for worklist in new:
        if find(worklist.slug):
            raise ValueError(f"A work-list with the slug {worklist.slug!r} exists already.")
        _lists.append(worklist)


def find(slug: str) -> WorkList | None:
    return next((worklist for worklist in _lists if worklist.slug == slug), None)


def sections(user: User) -> list[Section]:
    """The user's home, most urgent first."""
    return [section for maker in _makers() if (section := maker(user))]


def first_line(user: User) -> Line | None:
    """The first line of the user's home; None where nothing waits."""
    found = (section.lines for maker in _makers() if (section := maker(user)))
    return next((lines[0] for lines in found if lines), None)


def _makers() -> Iterable[SectionMaker]:
    return (forms.your_drafts, *(worklist.section for worklist in _lists), queries.ageing, *_registered)


def awaited(user: User) -> QueryState | None:
    """The state in which a query waits for this user; None where none ever does."""
    if access.may_anywhere(user, P.CLOSE_ANY_QUERY):
        return QueryState.ANSWERED
    return QueryState.OPEN if access.may_anywhere(user, P.ANSWER_QUERY) else None


def count(user: User) -> int | None:
    """How many queries wait for this user: the number in the frame. One statement, or none."""
    state = awaited(user)
    return None if state is None else access.queries(user).filter(state=state).count()
