"""The path on the casebook. Apps above add their marks; each sees only the forms that the reader may see."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from patients.crfs.treatment_block import Block
from patients.path import Mark, layout
from trial import access, partial_dates, subject_forms
from trial.models import Subject
from trial.subject_data import SubjectData
from trial.views.request import SignedInRequest

Marker = Callable[[SubjectData], Iterable[Mark]]
_markers: list[tuple[frozenset[str], Marker]] = []


def add_marks(reads: Iterable[str], marker: Marker) -> None:
    """Register marks that are made of the forms `reads`."""
    _markers.append((frozenset(reads), marker))


def path(request: SignedInRequest, subject: Subject) -> tuple[str, dict[str, Any]] | None:
    """The panel, for a casebook with at least one dated form."""
    seen = access.visible_crfs(request.user, subject.site_id)
    markers = [(reads, marker) for reads, marker in _markers if seen is None or reads <= seen]
    data = subject_forms.load(subject, {code for reads, _ in markers for code in reads})
    timeline = layout(mark for _, marker in markers for mark in marker(data))
    return ("patients/path.html", {"timeline": timeline}) if timeline else None


def treatment(subject: SubjectData) -> Iterator[Mark]:
    """Blocks as bars."""
    for row in subject.rows("treatment_block"):
        if row.ecstdat and row.block:
            name = Block(row.block).label
            ends = f" to {partial_dates.show(row.ecendat)}" if row.ecendat else ", ongoing"
            off = row.as_protocol == "N"
            words = f"{name}, {partial_dates.show(row.ecstdat)}{ends}{', not as protocol' if off else ''}"
            yield Mark(
                kind="block_off" if off else "block",
                start=row.ecstdat,
                end=row.ecendat or row.ecstdat,
                label=words,
                short=name,
            )


def infusion(subject: SubjectData) -> Iterator[Mark]:
    """The infusion as a strip with its stops."""
    course = subject.first("infusion")
    if course is None or course.exstdtc is None:
        return
    end = course.exendtc or course.exstdtc
    ends = f"to {end:%d-%b-%Y %H:%M}" if course.exendtc else "ongoing"
    label = f"Blinatumomab infusion, {course.exstdtc:%d-%b-%Y %H:%M} {ends}"
    yield Mark(kind="infusion", start=course.exstdtc.date(), end=end.date(), label=label)
    for row in subject.rows("interruption"):
        if row.intstdtc:
            again = row.intendtc or row.intstdtc
            label = f"Interruption, {row.intstdtc:%d-%b-%Y %H:%M} to {again:%d-%b-%Y %H:%M}"
            yield Mark(kind="stop", start=row.intstdtc.date(), end=again.date(), label=label)


def milestones(subject: SubjectData) -> Iterator[Mark]:
    """Enrolment, relapse, transplantation, death, last contact."""
    for row in subject.rows("screening"):
        if row.enroldat:
            yield Mark(kind="event", start=row.enroldat, label=f"Enrolled {partial_dates.show(row.enroldat)}")
    for row in subject.rows("disease_event"):
        if row.dedat and row.deevent:
            kind = "relapse" if row.deevent == "RELAPSE" else "event"
            name = row.deevent.replace("_", " ").capitalize()
            yield Mark(kind=kind, start=row.dedat, label=f"{name} {partial_dates.show(row.dedat)}")
    for row in subject.rows("transplantation"):
        if row.trdat:
            yield Mark(kind="hsct", start=row.trdat, label=f"{row.trkind} {partial_dates.show(row.trdat)}")
    for row in subject.rows("death"):
        if row.dthdat:
            yield Mark(kind="death", start=row.dthdat, label=f"Died {partial_dates.show(row.dthdat)}")
    contacts = [row.fudat for row in subject.rows("follow_up") if row.fudat and row.alive == "Y"]
    if contacts:
        yield Mark(kind="contact", start=max(contacts), label=f"Last contact {partial_dates.show(max(contacts))}")


add_marks({"treatment_block"}, treatment)
add_marks({"infusion", "interruption"}, infusion)
add_marks({"screening", "disease_event", "transplantation", "death", "follow_up"}, milestones)
