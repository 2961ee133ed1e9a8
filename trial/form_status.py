"""Where a form stands, as one glyph and in words: what binds most comes first, the rest follows behind it.

The names of the statuses are those of the glyphs in static/img/status.svg.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from trial.lifecycle import QueryState, RecordState
from trial.visit_schedule import Planned, due


class Status(StrEnum):
    NOT_DUE = "not_due"
    DUE = "due"
    OVERDUE = "overdue"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    QUERY_OPEN = "query_open"
    QUERY_ANSWERED = "query_answered"
    VERIFIED = "verified"
    SIGNED = "signed"
    SIGNATURE_VOID = "signature_void"
    FROZEN = "frozen"
    LOCKED = "locked"


WORDS: dict[Status, str] = {
    Status.NOT_DUE: "Not due",
    Status.DUE: "Due",
    Status.OVERDUE: "Overdue",
    Status.IN_PROGRESS: "Started",
    Status.COMPLETE: "Complete",
    Status.QUERY_OPEN: "Query open",
    Status.QUERY_ANSWERED: "Query answered",
    Status.VERIFIED: "Verified",
    Status.SIGNED: "Signed",
    Status.SIGNATURE_VOID: "Signature void",
    Status.FROZEN: "Frozen",
    Status.LOCKED: "Locked",
}

# Of a saved form, the most binding first.
BINDING = (
    Status.LOCKED,
    Status.FROZEN,
    Status.SIGNED,
    Status.SIGNATURE_VOID,
    Status.QUERY_OPEN,
    Status.QUERY_ANSWERED,
    Status.VERIFIED,
    Status.IN_PROGRESS,
    Status.COMPLETE,
)
# Somebody has to do something; shown as the second glyph before anything else.
WAITING = (Status.SIGNATURE_VOID, Status.QUERY_OPEN, Status.QUERY_ANSWERED)
# Of several forms in one cell, what needs a person soonest first; then what has come least far.
URGENCY = (
    Status.SIGNATURE_VOID,
    Status.OVERDUE,
    Status.QUERY_OPEN,
    Status.QUERY_ANSWERED,
    Status.DUE,
    Status.IN_PROGRESS,
    Status.COMPLETE,
    Status.VERIFIED,
    Status.SIGNED,
    Status.FROZEN,
    Status.LOCKED,
    Status.NOT_DUE,
)


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What is known of a saved form. query: the worst state of its live queries, "" where it has none.

    query_days: age of the oldest of them, in days. signed_word: who signed and when, where that is known.
    """

    state: str = RecordState.COMPLETE
    query: str = ""
    query_days: int | None = None
    verified: bool = False
    signed: bool = False
    signature_void: bool = False
    frozen: bool = False
    locked: bool = False
    signed_word: str = ""


@dataclass(frozen=True)
class Shown:
    """second: a smaller glyph behind the first, "" where there is none. word: all of it in words."""

    status: Status
    word: str
    second: Status | str = ""


def of_form(marks: Marks) -> Shown:
    """What is shown of a saved form."""
    held = statuses(marks)
    waiting = [status for status in WAITING if status in held[1:]]
    second = waiting[0] if waiting else next(iter(held[1:]), "")
    words = [_word(status, marks) for status in held]
    return Shown(held[0], "; ".join([words[0], *(word[0].lower() + word[1:] for word in words[1:])]), second)


@lru_cache(maxsize=1024)
def statuses(marks: Marks) -> tuple[Status, ...]:
    """All that holds of a saved form, the most binding first; that it is complete only where nothing else is."""
    holds = {
        Status.LOCKED: marks.locked,
        Status.FROZEN: marks.frozen,
        Status.SIGNED: marks.signed,
        Status.SIGNATURE_VOID: marks.signature_void and not marks.signed,
        Status.QUERY_OPEN: marks.query == QueryState.OPEN,
        Status.QUERY_ANSWERED: marks.query == QueryState.ANSWERED,
        Status.VERIFIED: marks.verified,
        Status.IN_PROGRESS: marks.state == RecordState.IN_PROGRESS,
    }
    return tuple(status for status in BINDING if holds.get(status)) or (Status.COMPLETE,)


def _word(status: Status, marks: Marks) -> str:
    if status is Status.SIGNED and marks.signed_word:
        return marks.signed_word
    if status in {Status.QUERY_OPEN, Status.QUERY_ANSWERED} and marks.query_days is not None:
        return f"{WORDS[status]}, {age(marks.query_days)}"
    return WORDS[status]


@lru_cache(maxsize=4096)
def of_missing(planned: Planned, today: date, query: str = "", query_days: int | None = None) -> Shown:
    """What is shown of a form that is expected and not entered. query: of the live queries about its absence."""
    status = Status(due(planned, today).value)
    word = _due_word(status, planned, today)
    if not query:
        return Shown(status, word)
    asked = Status.QUERY_OPEN if query == QueryState.OPEN else Status.QUERY_ANSWERED
    return Shown(status, f"{word}; {_word(asked, Marks(query=query, query_days=query_days)).lower()}", asked)


def _due_word(status: Status, planned: Planned, today: date) -> str:
    if status is Status.OVERDUE and planned.closes:
        return f"Overdue {days(today - planned.closes)}"
    if status is Status.DUE and planned.closes:
        return f"Due until {planned.closes:%d-%b-%Y}"
    return f"Not due before {planned.opens:%d-%b-%Y}" if planned.opens else "Not due: no date yet"


def days(span: timedelta | int) -> str:
    """`1 day`, `12 days`."""
    number = span if isinstance(span, int) else span.days
    return f"{number} day{'' if number == 1 else 's'}"


def age(number: int) -> str:
    """How long something has been there, in words."""
    return "today" if number <= 0 else days(number)


def of_several(forms: Iterable[Shown]) -> Shown | None:
    """One cell for several forms: the most urgent of all that is shown of them, and how many stand where in words."""
    return _of_several(tuple(forms))


@lru_cache(maxsize=4096)
def _of_several(shown: tuple[Shown, ...]) -> Shown | None:
    if len(shown) < 2:
        return shown[0] if shown else None
    counted = Counter(map(urgent, shown))
    order = sorted(counted, key=URGENCY.index)
    return Shown(order[0], ", ".join(f"{counted[status]} {WORDS[status].lower()}" for status in order))


def urgent(form: Shown) -> Status:
    """What of a form needs a person: what waits behind its status, else the status itself."""
    if form.second in WAITING and form.status not in {Status.OVERDUE, Status.SIGNATURE_VOID}:
        return Status(form.second)
    return form.status
