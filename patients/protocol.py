"""The protocol as data: visits and windows, anchors, named constants. EudraCT 2016-004674-17."""

from collections.abc import Mapping
from datetime import date, timedelta

from trial.lifecycle import SubjectState
from trial.protocol import Protocol
from trial.subject_data import SubjectData
from trial.visit_schedule import VisitDefinition as Visit

BLINATUMOMAB_DAYS = 28
ON_TREATMENT = ("vital_signs",)

SCHEDULE = (
    Visit(code="screening", label="Screening", anchor="enrolment", before=14, forms=("screening",)),
    Visit(code="day_1", label="Day 1", anchor="infusion_start", forms=(*ON_TREATMENT,)),
    Visit(code="day_8", label="Day 8", anchor="infusion_start", days=7, before=1, after=1, forms=ON_TREATMENT),
    Visit(code="day_15", label="Day 15", anchor="infusion_start", days=14, before=1, after=1, forms=ON_TREATMENT),
    Visit(code="day_22", label="Day 22", anchor="infusion_start", days=21, before=1, after=1, forms=ON_TREATMENT),
    Visit(code="day_29", label="Day 29", anchor="infusion_end", after=3, forms=ON_TREATMENT),
)

READS = frozenset({"screening", "treatment_block"})


def anchors(subject: SubjectData) -> Mapping[str, date | None]:
    """Dates that the schedule hangs on; None while unknown."""
    screening = subject.first("screening")
    start = _block_start(subject, "BLINATUMOMAB")
    return {
        "enrolment": screening.enroldat if screening else None,
        "infusion_start": start,
        "infusion_end": start + timedelta(days=BLINATUMOMAB_DAYS) if start else None,
    }


def _block_start(subject: SubjectData, *blocks: str) -> date | None:
    starts = [row.ecstdat for row in subject.rows("treatment_block") if row.block in blocks and row.ecstdat]
    return min(starts, default=None)


def standing(subject: SubjectData) -> tuple[SubjectState, date | None]:
    """State of the subject and date of study entry."""
    screening = subject.first("screening")
    if screening is None:
        return SubjectState.SCREENING, None
    if screening.enrolled == "Y" and screening.enroldat:
        return SubjectState.ENROLLED, screening.enroldat
    failed = screening.eligible == "N" or screening.enrolled == "N"
    return (SubjectState.SCREEN_FAILED if failed else SubjectState.SCREENING), None


PROTOCOL = Protocol(schedule=SCHEDULE, reads=READS, anchors=anchors, standing=standing, number_format="S{:03d}")
