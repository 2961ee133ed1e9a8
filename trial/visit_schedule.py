"""A visit schedule as data: anchors, targets, windows. Which dates the anchors have is told by the protocol above."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class VisitDefinition:
    """One planned visit.

    anchor: name of a date that the protocol derives from the forms ("enrolment", "infusion_start").
    days: target = anchor + days (months: calendar months added first).
    before, after: the window, in days around the target.
    forms: codes of the CRFs expected at this visit.
    starts_group: a rule stands before this visit in the casebook.
    """

    code: str
    label: str
    anchor: str
    days: int = 0
    months: int = 0
    before: int = 0
    after: int = 0
    forms: tuple[str, ...] = ()
    starts_group: bool = False


@dataclass(frozen=True)
class Planned:
    """Target date and window (both ends included) of one visit of one subject; all None while its anchor is unknown."""

    target: date | None
    opens: date | None
    closes: date | None


class Due(StrEnum):
    NOT_DUE = "not_due"
    DUE = "due"
    OVERDUE = "overdue"


UNKNOWN = Planned(None, None, None)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"No day for {day} plus {months} months.")


def plan(definition: VisitDefinition, anchors: Mapping[str, date | None]) -> Planned:
    """Target and window of a visit from the dates of the anchors."""
    anchor = anchors.get(definition.anchor)
    if anchor is None:
        return UNKNOWN
    target = add_months(anchor, definition.months) + timedelta(days=definition.days)
    return Planned(target, target - timedelta(days=definition.before), target + timedelta(days=definition.after))


def due(planned: Planned, today: date) -> Due:
    """Where a form not yet entered stands: not due before the window opens, overdue after it has closed."""
    if planned.opens is None or planned.closes is None or today < planned.opens:
        return Due.NOT_DUE
    return Due.OVERDUE if today > planned.closes else Due.DUE


def validate(schedule: Iterable[VisitDefinition]) -> None:
    """Raise ValueError if two visits share a code or a window is negative."""
    seen: set[str] = set()
    for visit in schedule:
        if visit.code in seen:
            raise ValueError(f"Two visits have the code {visit.code!r}.")
        if visit.before < 0 or visit.after < 0:
            raise ValueError(f"Visit {visit.code!r} has a negative window.")
        seen.add(visit.code)
