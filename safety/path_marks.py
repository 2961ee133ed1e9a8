"""Serious adverse events on a subject's path."""

from collections.abc import Iterator

from patients.path import Mark
from trial import partial_dates
from trial.subject_data import SubjectData

READS = frozenset({"serious_adverse_event"})


def marks(subject: SubjectData) -> Iterator[Mark]:
    for row in subject.rows("serious_adverse_event"):
        if row.saestdat and row.saeterm:
            label = f"SAE {row.saeterm}, grade {row.saetoxgr}, {partial_dates.show(row.saestdat)}"
            yield Mark(kind="sae", start=row.saestdat, label=label)
