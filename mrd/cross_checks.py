"""Checks between forms that concern residual disease: MS of a sample, MR of a result.

40 to 44 are the dated checks that many forms share (`patients.dated_checks`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from mrd.crfs.mrd_sample import TimePoint
from patients import protocol
from patients.dated_checks import after_death, before_birth, consent_date
from trial import visit_schedule
from trial.checks import CrossCheck, Found, Severity, cross_check
from trial.subject_data import SubjectData

TIME_POINT_OF_VISIT: Mapping[str, str] = {
    "screening": TimePoint.EOI,
    "day_15": TimePoint.D15,
    "day_29": TimePoint.D29,
    "before_marma": TimePoint.MARMA,
    "before_octadad": TimePoint.OCTADAD,
    "before_maintenance": TimePoint.MAINT,
}
# The marrow at the end of induction is standard care, and may be taken before consent.
STUDY_PROCEDURES = frozenset(
    {TimePoint.D15, TimePoint.D29, TimePoint.MARMA, TimePoint.OCTADAD, TimePoint.MAINT, TimePoint.UNSCHEDULED}
)
CONDITIONING = timedelta(days=14)  # at the longest
VISITS = {visit.code: visit for visit in protocol.SCHEDULE}


# --- samples -------------------------------------------------------------------------------------------------------


@cross_check(
    "MS-44",
    crf="mrd_sample",
    item="msdat",
    reads=protocol.READS,
    message="The sample of {day} lies outside the window of {visit}: {opens} to {closes}.",
)
def sample_outside_window(subject: SubjectData) -> Iterator[Found]:
    anchors = protocol.anchors(subject)
    for row in subject.rows("mrd_sample"):
        visit = VISITS.get(row.visit or "")
        if visit is None or row.msdat is None:
            continue
        planned = visit_schedule.plan(visit, anchors)
        if planned.opens is None or planned.closes is None:
            continue
        opens = planned.opens - _conditioning(subject, visit.code, planned.target)
        if not opens <= row.msdat <= planned.closes:
            yield Found(row, {"day": row.msdat, "visit": visit.label, "opens": opens, "closes": planned.closes})


def _conditioning(subject: SubjectData, visit: str, course: date | None) -> timedelta:
    """The sample before a transplantation is taken before its conditioning, of which the graft's date says nothing."""
    grafts = {row.ecstdat for row in subject.rows("treatment_block") if row.block == "HSCT"}
    return CONDITIONING if visit == "before_octadad" and course in grafts else timedelta(0)


@cross_check(
    "MS-50",
    crf="mrd_sample",
    item="timepoint",
    reads=[],
    message="The time point is {timepoint}, but the sample stands at the visit {visit}. Check both.",
)
def time_point_of_other_visit(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("mrd_sample"):
        visit = row.visit or ""
        if row.timepoint and row.timepoint != TIME_POINT_OF_VISIT.get(visit, row.timepoint):
            yield Found(row, {"timepoint": TimePoint(row.timepoint).label, "visit": VISITS[visit].label})


@cross_check(
    "MS-42",
    crf="mrd_sample",
    item="msdat",
    reads=["consent"],
    message="The sample of {day} is a study procedure, and lies before the consent of {consent}.",
    severity=Severity.ORDER,
)
def study_sample_before_consent(subject: SubjectData) -> Iterator[Found]:
    consent = consent_date(subject)
    for row in subject.rows("mrd_sample"):
        if consent and row.msdat and row.timepoint in STUDY_PROCEDURES and row.msdat < consent:
            yield Found(row, {"day": row.msdat, "consent": consent})


@cross_check(
    "MS-51",
    crf="mrd_sample",
    item="timepoint",
    reads=[],
    message="There are two samples of this material for {timepoint}. Which one counts? Call the other unscheduled.",
)
def second_sample_of_time_point(subject: SubjectData) -> Iterator[Found]:
    seen: set[tuple[str, str]] = set()
    for row in subject.rows("mrd_sample"):
        if row.timepoint in (None, TimePoint.UNSCHEDULED):
            continue
        if (row.timepoint, row.material) in seen:
            yield Found(row, {"timepoint": TimePoint(row.timepoint).label, "material": row.material})
        seen.add((row.timepoint, row.material))


@cross_check(
    "MS-52",
    crf="mrd_sample",
    item="msdat",
    reads=["baseline"],
    message="The sample of {day} lies before the diagnosis on {diagnosis}. Check both.",
)
def sample_before_diagnosis(subject: SubjectData) -> Iterator[Found]:
    baseline = subject.first("baseline")
    diagnosis: date | None = baseline.diagdat if baseline else None
    for row in subject.rows("mrd_sample"):
        if diagnosis and row.msdat and row.msdat < diagnosis:
            yield Found(row, {"day": row.msdat, "diagnosis": diagnosis})


# --- results -------------------------------------------------------------------------------------------------------


@cross_check(
    "MR-50",
    crf="mrd_result",
    item="sample",
    reads=["mrd_sample"],
    message="The linked form is no MRD sample. Link the sample that was measured.",
)
def result_of_other_form(subject: SubjectData) -> Iterator[Found]:
    """A link to a deleted sample is such a link, too."""
    samples = {row.record_id for row in subject.rows("mrd_sample")}
    for row in subject.rows("mrd_result"):
        if row.sample is not None and row.sample not in samples:
            yield Found(row, {"sample": row.sample})


@cross_check(
    "MR-51",
    crf="mrd_result",
    item="target",
    reads=[],
    message="This sample has a result for {target} already. If it is the same one, delete one form.",
)
def second_result_of_target(subject: SubjectData) -> Iterator[Found]:
    seen: set[tuple[int, str]] = set()
    for row in subject.rows("mrd_result"):
        if row.sample is None or row.target is None:
            continue
        if (row.sample, row.target) in seen:
            yield Found(row, {"sample": row.sample, "target": row.target})
        seen.add((row.sample, row.target))


CROSS_CHECKS: tuple[CrossCheck, ...] = (
    before_birth("MS-40", "mrd_sample", "msdat"),
    after_death("MS-41", "mrd_sample", "msdat"),
    sample_outside_window,
    time_point_of_other_visit,
    study_sample_before_consent,
    second_sample_of_time_point,
    sample_before_diagnosis,
    result_of_other_form,
    second_result_of_target,
)
