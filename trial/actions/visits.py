"""Visits follow their anchors: a saved form that moves an anchor moves the targets and windows that hang on it."""

from collections.abc import Mapping
from datetime import date

from trial import protocol, visit_schedule
from trial.models import Subject, Visit
from trial.subject_data import SubjectData


def plan_visits(subject: Subject) -> None:
    """Create all planned visits of a new subject, without dates yet."""
    Visit.objects.bulk_create(
        Visit(subject=subject, site=subject.site, code=visit.code, position=position)
        for position, visit in enumerate(protocol.get().schedule)
    )


def follow_anchors(subject: Subject, crf_code: str, data: SubjectData) -> None:
    """After a save of one of the protocol's anchor forms: the subject's state and the dates of its visits."""
    rules = protocol.get()
    if crf_code not in rules.reads:
        return
    state, entered_on = rules.standing(data)
    if (subject.state, subject.entered_on) != (state, entered_on):
        subject.state, subject.entered_on = state, entered_on
        subject.save(update_fields=["state", "entered_on"])
    anchors = rules.anchors(data)
    moved = [visit for visit in subject.visits.all() if _move(visit, anchors)]
    if moved:
        Visit.objects.bulk_update(moved, ["target", "opens", "closes"])


def _move(visit: Visit, anchors: Mapping[str, date | None]) -> bool:
    planned = visit_schedule.plan(protocol.get().visit(visit.code), anchors)
    if visit.planned == planned:
        return False
    visit.target, visit.opens, visit.closes = planned.target, planned.opens, planned.closes
    return True
