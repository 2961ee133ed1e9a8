"""The infusion, its stops and its changes of dose."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from patients import exposure, protocol
from patients.cross_checks.rows import enrolment_of
from trial.checks import CrossCheck, Found, Severity, cross_check
from trial.subject_data import Row, SubjectData

WEIGHT_TOLERANCE = Decimal("0.10")  # between the infusion form and the vital signs of day 1


@cross_check(
    "BI-45",
    crf="infusion",
    item="exstdtc",
    reads={"screening"},
    severity=Severity.ORDER,
    message="No infusion before eligibility: the screening form does not say that the subject is eligible.",
)
def infusion_before_eligibility(subject: SubjectData) -> Iterator[Found]:
    screening = subject.first("screening")
    eligible = screening.eligible if screening else None
    if eligible != "Y":
        yield from (Found(row, {"eligible": eligible}) for row in subject.rows("infusion") if row.exstdtc)


@cross_check(
    "BI-46",
    crf="infusion",
    item="exstdtc",
    reads={"screening"},
    message="The infusion starts on {start}, before enrolment on {enrolment}. Check both.",
)
def infusion_before_enrolment(subject: SubjectData) -> Iterator[Found]:
    enrolment = enrolment_of(subject)
    for row in subject.rows("infusion"):
        if enrolment and row.exstdtc and row.exstdtc.date() < enrolment:
            yield Found(row, {"start": row.exstdtc, "enrolment": enrolment})


@cross_check(
    "BI-50",
    crf="infusion",
    item="weight",
    reads={"vital_signs"},
    message="Weight {weight} kg, but {measured} kg in the vital signs of day 1. Check both.",
)
def weight_differs_from_vital_signs(subject: SubjectData) -> Iterator[Found]:
    measured = next((row.weight for row in subject.rows("vital_signs") if row.visit == "day_1" and row.weight), None)
    for row in subject.rows("infusion"):
        if measured and row.weight and abs(row.weight - measured) > WEIGHT_TOLERANCE * measured:
            yield Found(row, {"weight": row.weight, "measured": measured})


@cross_check(
    "BI-51",
    crf="infusion",
    item="exstdtc",
    reads={"treatment_block"},
    message="The infusion starts on {start}, the treatment block blinatumomab on {block}. Check both.",
)
def start_differs_from_block(subject: SubjectData) -> Iterator[Found]:
    block = protocol.block_start(subject, "BLINATUMOMAB")
    for row in subject.rows("infusion"):
        if block and row.exstdtc and row.exstdtc.date() != block:
            yield Found(row, {"start": row.exstdtc, "block": block})


@cross_check(
    "IN-50",
    crf="interruption",
    item="intstdtc",
    reads={"infusion"},
    message="Stopped on {stop}, which lies outside the infusion from {start} to {end}. Check the times.",
)
def interruption_outside_infusion(subject: SubjectData) -> Iterator[Found]:
    infusion = subject.first("infusion")
    for row in subject.rows("interruption") if infusion else ():
        if infusion and _outside(infusion, row.moment("intstdtc"), row.moment("intendtc"), row.moment("full_dtc")):
            yield Found(row, {"stop": row.intstdtc, "start": infusion.exstdtc, "end": infusion.exendtc or "now"})


def _outside(infusion: Row, *moments: Any) -> bool:
    start, end = infusion.moment("exstdtc"), infusion.moment("exendtc")
    known = [moment for moment in moments if moment]
    too_early = any(start and moment <= start for moment in known)
    return too_early or any(end and moment > end for moment in known)


@cross_check(
    "IN-51",
    crf="interruption",
    item="intstdtc",
    reads=(),
    message="Stopped on {stop}, before the interruption of {earlier} was over. Check both.",
)
def overlapping_interruptions(subject: SubjectData) -> Iterator[Found]:
    rows = sorted(
        (row for row in subject.rows("interruption") if row.moment("intstdtc")), key=lambda row: row.moment("intstdtc")
    )
    for earlier, later in pairwise(rows):
        until = earlier.moment("full_dtc") or earlier.moment("intendtc")
        if earlier.intongo == "Y" or (until and later.moment("intstdtc") <= until):
            yield Found(later, {"stop": later.intstdtc, "earlier": earlier.intstdtc})


@cross_check(
    "DC-50",
    crf="dose_change",
    item="dcdtc",
    reads={"infusion"},
    message="Dose changed on {change}, which lies outside the infusion from {start} to {end}. Check the times.",
)
def dose_change_outside_infusion(subject: SubjectData) -> Iterator[Found]:
    infusion = subject.first("infusion")
    for row in subject.rows("dose_change") if infusion else ():
        if infusion and _outside(infusion, row.moment("dcdtc")):
            yield Found(row, {"change": row.dcdtc, "start": infusion.exstdtc, "end": infusion.exendtc or "now"})


@cross_check(
    "BI-52",
    crf="infusion",
    item="exstdtc",
    reads={"interruption", "dose_change"},
    message="The rows of this infusion contradict each other. {problem}",
)
def impossible_course(subject: SubjectData) -> Iterator[Found]:
    infusion = subject.first("infusion")
    if not infusion or not infusion.moment("exstdtc") or _course_asked_about_already(subject):
        return
    try:
        exposure.course_of(subject)
    except exposure.ImpossibleCourse as problem:
        yield Found(infusion, {"problem": str(problem)})


def _course_asked_about_already(subject: SubjectData) -> bool:
    checks = (interruption_outside_infusion, overlapping_interruptions, dose_change_outside_infusion)
    return any(check.run(subject) for check in checks)


CHECKS: tuple[CrossCheck, ...] = (
    infusion_before_eligibility,
    infusion_before_enrolment,
    weight_differs_from_vital_signs,
    start_differs_from_block,
    interruption_outside_infusion,
    overlapping_interruptions,
    dose_change_outside_infusion,
    impossible_course,
)
