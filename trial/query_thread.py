"""What the thread of a query tells: when it was live, how long answers took, what each asking brought. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from trial import replies


@dataclass(frozen=True)
class Said:
    """One entry. by_system: not said by a person. code: why, of an answer or of a query that closed by itself."""

    step: str
    at: datetime
    by_system: bool = False
    code: str = ""


OPENS = frozenset({"open", "re-open", "ask again"})
CLOSES = frozenset({"close", "cancel", "confirm"})


@dataclass(frozen=True)
class Times:
    """age: while it lives up to now, else up to its end. to_answer: up to the first answer. None: not yet."""

    age: timedelta
    to_answer: timedelta | None
    to_close: timedelta | None


def times(thread: Sequence[Said], *, opened_at: datetime, closed_at: datetime | None, now: datetime) -> Times:
    """How old a query is and how long its first answer and its closing took, from when it was first asked."""
    answered = next((said.at for said in thread if said.step == "answer"), None)
    return Times(
        age=(closed_at or now) - opened_at,
        to_answer=answered - opened_at if answered else None,
        to_close=closed_at - opened_at if closed_at else None,
    )


def live_periods(thread: Iterable[Said]) -> list[tuple[datetime, datetime | None]]:
    """From and to of each time that the query was open or answered; the last `to` is None while it still is."""
    periods: list[tuple[datetime, datetime | None]] = []
    since = None
    for said in thread:
        if said.step in OPENS and since is None:
            since = said.at
        elif said.step in CLOSES and since is not None:
            periods.append((since, said.at))
            since = None
    return [*periods, (since, None)] if since is not None else periods


class Outcome(StrEnum):
    """What became of a finding that was asked about. OTHERWISE: its form was deleted, its check was retired."""

    OPEN = "open"
    CHANGED = "changed"
    CONFIRMED = "confirmed"
    OTHERWISE = "otherwise"


@dataclass
class Firing:
    """One time that a check found something new to ask about. in_place: confirmed as it was saved, never open."""

    at: datetime
    outcome: Outcome = Outcome.OPEN
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    in_place: bool = False

    @property
    def to_answer(self) -> timedelta | None:
        return self.answered_at - self.at if self.answered_at else None

    @property
    def to_close(self) -> timedelta | None:
        return None if self.in_place or self.closed_at is None else self.closed_at - self.at


def firings(thread: Iterable[Said]) -> list[Firing]:
    """Each time that the check of this query found something, oldest first.

    New values that are odd too are a new firing, and the old one has changed data. A person who asks again asks about
    the same firing.
    """
    found: list[Firing] = []
    for said in thread:
        if said.step == "confirm":
            found.append(Firing(said.at, Outcome.CONFIRMED, closed_at=said.at, in_place=True))
        elif said.step in OPENS and (said.by_system or not found):
            if found and found[-1].outcome is Outcome.OPEN:
                found[-1].outcome, found[-1].closed_at = Outcome.CHANGED, said.at
            found.append(Firing(said.at))
        elif found:
            _follow(found[-1], said)
    return found


def _follow(firing: Firing, said: Said) -> None:
    if said.step == "answer" and firing.answered_at is None:
        firing.answered_at = said.at
    elif said.step == "re-open":
        firing.outcome, firing.closed_at = Outcome.OPEN, None
    elif said.step in CLOSES:
        firing.outcome, firing.closed_at = _ending(said), said.at


def _ending(said: Said) -> Outcome:
    if said.step == "cancel":
        return Outcome.OTHERWISE
    if not said.by_system:
        return Outcome.CONFIRMED
    return Outcome.CHANGED if said.code in ("", replies.GONE) else Outcome.OTHERWISE


def stands(thread: Sequence[Said]) -> bool:
    """Whether the finding still stands at the end of the thread: asked about, or confirmed by a person."""
    if not thread:
        return False
    last = thread[-1]
    return last.step not in CLOSES or (last.step != "cancel" and not last.by_system)


def span(time: timedelta) -> str:
    """How long, as a list shows it: `5 h`, `12 days`."""
    hours = max(time.total_seconds(), 0) / 3600
    if hours < 1:
        return "under 1 h"
    return f"{int(hours)} h" if hours < 48 else f"{int(hours // 24)} days"
