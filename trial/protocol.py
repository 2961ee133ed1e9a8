"""The one protocol of this installation, registered by the app that knows it: schedule, anchors, standing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from trial import visit_schedule
from trial.lifecycle import SubjectState
from trial.subject_data import SubjectData
from trial.visit_schedule import VisitDefinition


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """schedule: the planned visits in order. anchors: dates of the schedule's anchors, from the forms `reads`.
    standing: state of the subject and date of study entry, from the same forms.
    number_format: how a subject number is made of a running number.
    first_form: the log form that a new subject begins with.
    birth: the subject's date of birth, from the forms `birth_reads`: age stands beside every date.
    screening_log: the CRF that decides about screening, and its items that the log of everybody screened shows.
    end_points: CRF -> its items that end points are made of.
    """

    schedule: tuple[VisitDefinition, ...]
    reads: frozenset[str]
    anchors: Callable[[SubjectData], Mapping[str, date | None]]
    standing: Callable[[SubjectData], tuple[SubjectState, date | None]]
    number_format: str
    first_form: str
    birth: Callable[[SubjectData], date | None] = lambda subject: None
    birth_reads: frozenset[str] = frozenset()
    screening_log: tuple[str, tuple[str, ...]]
    end_points: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def visit(self, code: str) -> VisitDefinition:
        return next(visit for visit in self.schedule if visit.code == code)


_protocol: list[Protocol] = []


def register(protocol: Protocol) -> None:
    """Set the protocol. Raises ValueError if there is one already or its schedule is not sound."""
    if _protocol:
        raise ValueError("A protocol is registered already.")
    visit_schedule.validate(protocol.schedule)
    _protocol.append(protocol)


def get() -> Protocol:
    return _protocol[0]
