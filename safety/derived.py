"""What follows from an adverse event's term and onset: class, reporting category, whether the tables count it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from patients import pathway
from safety import ctcae, emergence


@dataclass(frozen=True)
class CollectionWindow:
    """Days in which adverse events are collected: from the infusion's start to before the next course (None: open)."""

    infusion_start: date
    next_course: date | None

    def holds(self, day: date) -> bool:
        return emergence.in_window(day, self.infusion_start, self.next_course)


def soc(term: str | None) -> str | None:
    """The system organ class of a CTCAE term; None without a term. Raises ctcae.UnknownTerm."""
    return ctcae.term(term).soc if term else None


def category(term: str | None) -> str | None:
    """Reporting category: "Infection" for the class of infections, else the term; None without a term."""
    return emergence.reporting_category(ctcae.term(term).soc, term) if term else None


def event_name(term: str | None, specified: str | None) -> str | None:
    """What tables and lists call an event: the text of an "Other, specify", else the term."""
    return specified or term


def collection_window(
    infusion_start: date | None, blocks: Iterable[tuple[str | None, date | None]]
) -> CollectionWindow | None:
    """The window of a subject; None while the infusion has not started.

    blocks: (code, start) of the subject's treatment blocks; those without code or start do not count.
    """
    if infusion_start is None:
        return None
    started = [(block, start) for block, start in blocks if block and start]
    return CollectionWindow(infusion_start, pathway.next_course_start(infusion_start, started))
