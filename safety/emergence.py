"""Which adverse events the tables count, and how: the window, the highest grade, the reporting category."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from safety.ctcae import INFECTIONS

INFECTION = "Infection"


class GradedEvent(Protocol):
    """What an event must tell to be de-duplicated; a row with these attributes serves."""

    @property
    def subject(self) -> str: ...
    @property
    def term(self) -> str: ...
    @property
    def specified(self) -> str: ...
    @property
    def grade(self) -> int | None: ...


@dataclass(frozen=True)
class Event:
    """One episode. specified: text of an "Other, specify" term, else "". grade None: missing."""

    subject: str
    term: str
    grade: int | None
    specified: str = ""


AnyEvent = TypeVar("AnyEvent", bound=GradedEvent)


def in_window(onset: date, infusion_start: date, next_course: date | None) -> bool:
    """Whether an onset lies from the day of the first infusion start to before the day of the next course.

    Calendar dates: the day of the start is inside, the day of the next course outside. next_course None: the
    window is open. Raises ValueError when the next course does not start after the infusion.
    """
    if next_course is not None and next_course <= infusion_start:
        raise ValueError(
            f"The next course ({next_course:%d-%b-%Y}) must start after the infusion ({infusion_start:%d-%b-%Y})."
        )
    return infusion_start <= onset and (next_course is None or onset < next_course)


def highest_grades(events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """One event for each subject and term: its highest grade, the earliest of equals.

    The same term is the CTCAE term plus specified text, whatever its case and spacing. A missing grade is below
    every grade. The order is that of each pair's first event.
    """
    highest: dict[tuple[str, str, str], AnyEvent] = {}
    for event in events:
        key = (event.subject, event.term, " ".join(event.specified.casefold().split()))
        if key not in highest or _height(event) > _height(highest[key]):
            highest[key] = event
    return list(highest.values())


def reporting_category(soc: str, term: str) -> str:
    """Category of an SAE in the tables: "Infection" for the class of infections, else the term."""
    return INFECTION if soc == INFECTIONS else term


def _height(event: GradedEvent) -> int:
    return -1 if event.grade is None else event.grade
