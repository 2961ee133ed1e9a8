"""Checks between the forms of one subject, and of its path through treatment.

Codes: the form's letters; 40 to 44 are the dated checks that many forms share (40 before birth, 41 after death,
42 before consent, 43 without consent, 44 outside the visit's window), from 50 the form's own.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

from patients import exposure, protocol, risk
from patients.dated_checks import (
    after_death,
    before_birth,
    before_consent,
    consent_date,
    outside_visit_window,
    without_consent,
)
from trial.checks import CrossCheck, Found, Severity, cross_check
from trial.subject_data import Row, SubjectData
from trial.visit_schedule import add_months

WEIGHT_TOLERANCE = Decimal("0.10")  # between the infusion form and the vital signs of day 1

DATED = {
    "consent": ("IC", "icdat"),
    "screening": ("EL", "enroldat"),
    "end_of_induction": ("EI", "eoidat"),
    "treatment_block": ("TB", "ecstdat"),
    "infusion": ("BI", "exstdtc"),
    "dose_change": ("DC", "dcdtc"),
    "interruption": ("IN", "intstdtc"),
    "vital_signs": ("VS", "vsdat"),
    "neurological": ("NE", "neudat"),
    "transplantation": ("TX", "trdat"),
    "disease_event": ("EV", "dedat"),
    "death": ("DT", "dthdat"),
    "follow_up": ("FU", "fudat"),
    "deviation": ("DV", "dvstdat"),
    "disposition": ("DS", "dsdat"),
    "concomitant": ("CM", "cmstdat"),
}
STUDY_STEPS = ("screening", "infusion", "dose_change", "interruption", "vital_signs", "neurological")
NEVER_WITHOUT_CONSENT = ("screening", "infusion", "dose_change", "interruption", "neurological")
IN_A_WINDOW = ("end_of_induction", "vital_signs", "neurological", "follow_up")


def _dated_checks() -> Iterator[CrossCheck]:
    for crf, (letters, item) in DATED.items():
        yield before_birth(f"{letters}-40", crf, item)
        if crf not in ("consent", "screening", "death"):
            yield after_death(f"{letters}-41", crf, item)
        if crf in STUDY_STEPS:
            yield before_consent(f"{letters}-42", crf, item)
        if crf in NEVER_WITHOUT_CONSENT:
            yield without_consent(f"{letters}-43", crf, item)
        if crf in IN_A_WINDOW:
            yield outside_visit_window(f"{letters}-44", crf, item)


def _repeated(rows: Iterable[Row], *items: str) -> Iterator[Row]:
    """Rows that say the same in all of `items` as an earlier one. Rows with a blank among them are not compared."""
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        key = tuple(row.values[item] for item in items)
        if None in key:
            continue
        if key in seen:
            yield row
        seen.add(key)


def _enrolment(subject: SubjectData) -> date | None:
    screening = subject.first("screening")
    return screening.enroldat if screening else None


# --- consent and eligibility -------------------------------------------------------------------------------------


@cross_check(
    "IC-50",
    crf="consent",
    item="icdat",
    reads=(),
    message="Consent on {date}, before the site was activated on {activated}.",
)
def consent_before_activation(subject: SubjectData) -> Iterator[Found]:
    activated = subject.site_activated_on
    for row in subject.rows("consent"):
        if activated and row.icdat and row.icdat < activated:
            yield Found(row, {"date": row.icdat, "activated": activated})


@cross_check(
    "IC-51",
    crf="consent",
    item="icdat",
    reads={"screening", "infusion", "treatment_block"},
    message="The first consent, on {consent}, lies after {step} on {date}: no trial data before consent.",
)
def consent_after_study_step(subject: SubjectData) -> Iterator[Found]:
    consent = consent_date(subject)
    steps = (("enrolment", _enrolment(subject)), ("the first infusion", protocol.infusion_start(subject)))
    early = [(day, step) for step, day in steps if consent and day and day < consent]
    if early:
        day, step = min(early)
        first = next(row for row in subject.rows("consent") if row.icdat == consent)
        yield Found(first, {"consent": consent, "step": step, "date": day})


@cross_check(
    "IC-52",
    crf="consent",
    item="ickind",
    reads=(),
    message="There is a first consent already. Enter this one as re-consent, or delete the double.",
)
def second_first_consent(subject: SubjectData) -> Iterator[Found]:
    first = [row for row in subject.rows("consent") if row.ickind == "FIRST"]
    yield from (Found(row, {"date": row.icdat}) for row in first[1:])


@cross_check(
    "IC-53",
    crf="consent",
    item="icdat",
    reads=(),
    message="Re-consent on {date}, before the first consent on {first}. Check both.",
)
def reconsent_before_first(subject: SubjectData) -> Iterator[Found]:
    rows = [row for row in subject.rows("consent") if row.icdat]
    first = min((row.icdat for row in rows if row.ickind == "FIRST"), default=None)
    for row in rows:
        if first and row.ickind == "AGAIN" and row.icdat < first:
            yield Found(row, {"date": row.icdat, "first": first})


@cross_check(
    "EL-50",
    crf="screening",
    item="eoi_blasts_lt_25",
    reads={"end_of_induction"},
    message="The criterion says {answer}, but the end of induction form has {blasts} % blasts.",
)
def blast_criterion_contradicts_marrow(subject: SubjectData) -> Iterator[Found]:
    screening, marrow = subject.first("screening"), subject.first("end_of_induction")
    if not screening or not marrow or None in (screening.eoi_blasts_lt_25, marrow.blast_pct):
        return
    if (screening.eoi_blasts_lt_25 == "Y") != (marrow.blast_pct < risk.ELIGIBLE_BELOW_PCT):
        yield Found(screening, {"answer": screening.eoi_blasts_lt_25, "blasts": marrow.blast_pct})


@cross_check(
    "EL-51",
    crf="screening",
    item="no_cns_involvement_eoi",
    reads={"end_of_induction"},
    message="The criterion says {answer}, but the end of induction form has CNS involvement {cns}.",
)
def cns_criterion_contradicts_assessment(subject: SubjectData) -> Iterator[Found]:
    screening, assessment = subject.first("screening"), subject.first("end_of_induction")
    if not screening or not assessment or None in (screening.no_cns_involvement_eoi, assessment.eoi_cns):
        return
    if (screening.no_cns_involvement_eoi == "Y") != (assessment.eoi_cns == "N"):
        yield Found(screening, {"answer": screening.no_cns_involvement_eoi, "cns": assessment.eoi_cns})


@cross_check(
    "EL-52",
    crf="screening",
    item="age_lt_1y",
    reads={"baseline"},
    message="The criterion says {answer}, but born on {birth} and diagnosed on {diagnosis} says otherwise.",
)
def age_criterion_contradicts_dates(subject: SubjectData) -> Iterator[Found]:
    screening, baseline = subject.first("screening"), subject.first("baseline")
    if not screening or not baseline or None in (screening.age_lt_1y, baseline.brthdat, baseline.diagdat):
        return
    if (screening.age_lt_1y == "Y") != (baseline.diagdat < add_months(baseline.brthdat, 12)):
        shown = {"answer": screening.age_lt_1y, "birth": baseline.brthdat, "diagnosis": baseline.diagdat}
        yield Found(screening, shown)


@cross_check(
    "EL-53",
    crf="screening",
    item="enroldat",
    reads={"baseline"},
    message="Enrolled on {enrolment}, before the diagnosis on {diagnosis}. Check both.",
)
def enrolment_before_diagnosis(subject: SubjectData) -> Iterator[Found]:
    screening, baseline = subject.first("screening"), subject.first("baseline")
    if screening and baseline and screening.enroldat and baseline.diagdat and screening.enroldat < baseline.diagdat:
        yield Found(screening, {"enrolment": screening.enroldat, "diagnosis": baseline.diagdat})


@cross_check(
    "EI-50",
    crf="end_of_induction",
    item="blast_pct",
    reads={"screening"},
    message="{blasts} % blasts at the end of induction: 25 % or more is not eligible, yet the subject is called "
    "eligible or enrolled. Check the result.",
)
def eligible_with_25_percent_blasts(subject: SubjectData) -> Iterator[Found]:
    screening, marrow = subject.first("screening"), subject.first("end_of_induction")
    if not screening or not marrow or marrow.blast_pct is None:
        return
    if marrow.blast_pct >= risk.ELIGIBLE_BELOW_PCT and "Y" in (screening.eligible, screening.enrolled):
        yield Found(marrow, {"blasts": marrow.blast_pct})


@cross_check(
    "EI-51",
    crf="end_of_induction",
    item="eoidat",
    reads={"baseline"},
    message="Assessed on {date}, before the diagnosis on {diagnosis}. Check both.",
)
def assessment_before_diagnosis(subject: SubjectData) -> Iterator[Found]:
    assessment, baseline = subject.first("end_of_induction"), subject.first("baseline")
    if assessment and baseline and assessment.eoidat and baseline.diagdat and assessment.eoidat < baseline.diagdat:
        yield Found(assessment, {"date": assessment.eoidat, "diagnosis": baseline.diagdat})


# --- infusion ----------------------------------------------------------------------------------------------------


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
    enrolment = _enrolment(subject)
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


# --- treatment blocks and transplantation ------------------------------------------------------------------------

CELLULAR = ("HSCT", "CAR-T")


def _blocks(subject: SubjectData, *kinds: str) -> list[Row]:
    """Treatment blocks with a start, earliest first; only of these kinds, if any are named."""
    rows = [row for row in subject.rows("treatment_block") if row.ecstdat and (not kinds or row.block in kinds)]
    return sorted(rows, key=lambda row: row.ecstdat)


@cross_check(
    "TB-50",
    crf="treatment_block",
    item="ecstdat",
    reads=(),
    message="{block} starts on {start}, before the block that began on {earlier} was over. Check both.",
)
def overlapping_blocks(subject: SubjectData) -> Iterator[Found]:
    for earlier, later in combinations(_blocks(subject), 2):
        same = (earlier.block, earlier.ecstdat) == (later.block, later.ecstdat)  # a double has its own question
        running = earlier.econgo == "Y" or (earlier.ecendat and later.ecstdat < earlier.ecendat)
        if running and not same:
            yield Found(later, {"block": later.block, "start": later.ecstdat, "earlier": earlier.ecstdat})


@cross_check(
    "TB-51",
    crf="treatment_block",
    item="block",
    reads=(),
    message="{block} from {start} is entered twice. Delete the double, or correct it.",
)
def repeated_block(subject: SubjectData) -> Iterator[Found]:
    for row in _repeated(subject.rows("treatment_block"), "block", "ecstdat"):
        yield Found(row, {"block": row.block, "start": row.ecstdat})


@cross_check(
    "TB-52",
    crf="treatment_block",
    item="block",
    reads={"transplantation"},
    message="Block {block} from {start} without its transplantation form. Enter the form.",
)
def block_without_transplantation(subject: SubjectData) -> Iterator[Found]:
    for kind in CELLULAR:
        forms = [row for row in subject.rows("transplantation") if row.trkind == kind]
        for row in _blocks(subject, kind)[len(forms) :]:
            yield Found(row, {"block": row.block, "start": row.ecstdat})


@cross_check(
    "TB-53",
    crf="treatment_block",
    item="block",
    reads={"transplantation"},
    message="Conditioning from {start} to {end}, but no transplantation or CAR T cells followed. Enter what did.",
)
def conditioning_without_transplantation(subject: SubjectData) -> Iterator[Found]:
    starts = [row.ecstdat for row in _blocks(subject, *CELLULAR)]
    starts += [row.trdat for row in subject.rows("transplantation") if row.trdat]
    for row in _blocks(subject, "CONDITIONING"):
        if row.ecendat and not any(start >= row.ecstdat for start in starts):
            yield Found(row, {"start": row.ecstdat, "end": row.ecendat})


@cross_check(
    "TB-54",
    crf="treatment_block",
    item="as_protocol",
    reads={"deviation"},
    message="{block} from {start} was not given as the protocol says, but no deviation is entered. Enter it.",
)
def deviating_block_without_deviation(subject: SubjectData) -> Iterator[Found]:
    deviations = [row.dvstdat for row in subject.rows("deviation") if row.dvstdat]
    for row in _blocks(subject):
        last = row.ecendat or date.max
        if row.as_protocol == "N" and not any(day <= last for day in deviations):
            yield Found(row, {"block": row.block, "start": row.ecstdat})


@cross_check(
    "DV-50",
    crf="deviation",
    item="dvstdat",
    reads=(),
    message="A deviation of this category on {date} is entered twice. Delete the double, or correct it.",
)
def repeated_deviation(subject: SubjectData) -> Iterator[Found]:
    yield from (Found(row, {"date": row.dvstdat}) for row in _repeated(subject.rows("deviation"), "dvcat", "dvstdat"))


@cross_check(
    "DV-51",
    crf="deviation",
    item="dvcat",
    reads={"treatment_block"},
    message="A confirmed deviation of the treatment schedule on {date}, but every block is as the protocol says.",
)
def deviation_without_deviating_block(subject: SubjectData) -> Iterator[Found]:
    blocks = subject.rows("treatment_block")
    if not blocks or any(row.as_protocol != "Y" for row in blocks):
        return
    for row in subject.rows("deviation"):
        if row.dvcat == "TREATMENT_SCHEDULE" and row.dvconf == "Y" and row.dvstdat:
            yield Found(row, {"date": row.dvstdat})


@cross_check(
    "TX-50",
    crf="transplantation",
    item="trkind",
    reads={"treatment_block"},
    message="{kind} on {date} without its treatment block. Enter the block.",
)
def transplantation_without_block(subject: SubjectData) -> Iterator[Found]:
    for kind in CELLULAR:
        forms = sorted(
            (row for row in subject.rows("transplantation") if row.trkind == kind and row.trdat),
            key=lambda row: row.trdat,
        )
        for row in forms[len(_blocks(subject, kind)) :]:
            yield Found(row, {"kind": row.trkind, "date": row.trdat})


@cross_check(
    "TX-51",
    crf="transplantation",
    item="trdat",
    reads={"treatment_block"},
    message="{kind} on {date}, but the linked block is {block} from {start}. Check date and link.",
)
def transplantation_outside_its_block(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("transplantation"):
        block = subject.row(row.block) if row.block else None
        if not block or block.crf != "treatment_block" or not row.trdat or not block.ecstdat:
            continue
        last = block.ecendat or date.max
        if block.block != row.trkind or not block.ecstdat <= row.trdat <= last:
            shown = {"kind": row.trkind, "date": row.trdat, "block": block.block, "start": block.ecstdat}
            yield Found(row, shown)


@cross_check(
    "TX-52",
    crf="transplantation",
    item="remission",
    reads={"disease_event"},
    message="Remission {remission} on {date} does not go with {relapses} relapses before. Check both.",
)
def remission_contradicts_relapses(subject: SubjectData) -> Iterator[Found]:
    expected = {"CR1": range(1), "CR2": range(1, 2), "CR3": range(2, 100)}
    for row in subject.rows("transplantation"):
        if not row.trdat or row.remission not in expected:
            continue
        relapses = len([event for event in _events(subject, "RELAPSE") if event.dedat <= row.trdat])
        if relapses not in expected[row.remission]:
            yield Found(row, {"remission": row.remission, "date": row.trdat, "relapses": relapses})


@cross_check(
    "TX-53",
    crf="transplantation",
    item="trdat",
    reads=(),
    message="{kind} on {date} is entered twice. Delete the double, or correct it.",
)
def repeated_transplantation(subject: SubjectData) -> Iterator[Found]:
    for row in _repeated(subject.rows("transplantation"), "trkind", "trdat"):
        yield Found(row, {"kind": row.trkind, "date": row.trdat})


@cross_check(
    "TX-54",
    crf="transplantation",
    item="trdat",
    reads={"screening"},
    message="{kind} on {date}, before enrolment on {enrolment}. Check both.",
)
def transplantation_before_enrolment(subject: SubjectData) -> Iterator[Found]:
    enrolment = _enrolment(subject)
    for row in subject.rows("transplantation"):
        if enrolment and row.trdat and row.trdat < enrolment:
            yield Found(row, {"kind": row.trkind, "date": row.trdat, "enrolment": enrolment})


# --- disease events, death, follow-up ----------------------------------------------------------------------------


def _events(subject: SubjectData, *kinds: str) -> list[Row]:
    """Dated disease events of these kinds, earliest first; a remission of the same day comes after its relapse."""
    rows = [row for row in subject.rows("disease_event") if row.deevent in kinds and row.dedat]
    return sorted(rows, key=lambda row: (row.dedat, row.deevent))


def _in_relapse(subject: SubjectData, day: date) -> bool:
    """Whether the last relapse up to `day` was not followed by a remission up to `day`."""
    events = [row for row in _events(subject, "RELAPSE", "SECOND_REMISSION") if row.dedat <= day]
    return bool(events) and events[-1].deevent == "RELAPSE"


@cross_check(
    "EV-50",
    crf="disease_event",
    item="dedat",
    reads={"screening"},
    message="{event} on {date}, before enrolment on {enrolment}. Check both.",
)
def event_before_enrolment(subject: SubjectData) -> Iterator[Found]:
    enrolment = _enrolment(subject)
    for row in subject.rows("disease_event"):
        if enrolment and row.dedat and row.dedat < enrolment:
            yield Found(row, {"event": row.deevent, "date": row.dedat, "enrolment": enrolment})


@cross_check(
    "EV-51",
    crf="disease_event",
    item="deevent",
    reads=(),
    message="A second remission on {date} without a relapse before it. Enter the relapse, or correct this.",
)
def remission_without_relapse(subject: SubjectData) -> Iterator[Found]:
    relapses = _events(subject, "RELAPSE")
    for row in _events(subject, "SECOND_REMISSION"):
        if not any(relapse.dedat <= row.dedat for relapse in relapses):
            yield Found(row, {"date": row.dedat})


@cross_check(
    "EV-52",
    crf="disease_event",
    item="deevent",
    reads=(),
    message="{event} on {date} is entered twice. Delete the double, or correct it.",
)
def repeated_event(subject: SubjectData) -> Iterator[Found]:
    for row in _repeated(subject.rows("disease_event"), "deevent", "dedat"):
        yield Found(row, {"event": row.deevent, "date": row.dedat})


@cross_check(
    "EV-53",
    crf="disease_event",
    item="deevent",
    reads=(),
    message="A relapse on {date}, but no remission since the relapse of {earlier}. Enter it, or correct this.",
)
def relapse_without_remission_between(subject: SubjectData) -> Iterator[Found]:
    events = _events(subject, "RELAPSE", "SECOND_REMISSION")
    for earlier, later in pairwise(events):
        if earlier.deevent == later.deevent == "RELAPSE" and earlier.dedat != later.dedat:
            yield Found(later, {"date": later.dedat, "earlier": earlier.dedat})


@cross_check(
    "DT-50",
    crf="death",
    item="dthdat",
    reads=(),
    message="There is a death form already, with {first}. Delete the double.",
)
def second_death(subject: SubjectData) -> Iterator[Found]:
    first, *others = subject.rows("death") or (None,)
    yield from (Found(row, {"first": first.dthdat or "no date"}) for row in others if first)


@cross_check(
    "DT-51",
    crf="death",
    item="in_remission",
    reads={"disease_event"},
    message="Died in remission on {date}, but no remission is entered since the last relapse. Check both.",
)
def died_in_remission_after_relapse(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("death"):
        if row.in_remission == "Y" and row.dthdat and _in_relapse(subject, row.dthdat):
            yield Found(row, {"date": row.dthdat})


@cross_check(
    "DT-52",
    crf="death",
    item="dthcause",
    reads={"disease_event"},
    message="Cause of death is leukaemia, but no relapse up to {date} is entered. Enter it, or correct the cause.",
)
def died_of_leukaemia_without_relapse(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("death"):
        relapsed = row.dthdat and any(event.dedat <= row.dthdat for event in _events(subject, "RELAPSE"))
        if row.dthcause == "RELAPSE" and row.dthdat and not relapsed:
            yield Found(row, {"date": row.dthdat})


@cross_check(
    "FU-50",
    crf="follow_up",
    item="alive",
    reads={"death"},
    message="Not alive on {date}, but there is no death form. Enter it.",
)
def dead_without_death_form(subject: SubjectData) -> Iterator[Found]:
    if not subject.rows("death"):
        yield from (Found(row, {"date": row.fudat}) for row in subject.rows("follow_up") if row.alive == "N")


@cross_check(
    "FU-51",
    crf="follow_up",
    item="remission",
    reads={"disease_event"},
    message="In remission {remission} on {date} does not go with the disease events up to then. Check both.",
)
def remission_contradicts_events(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("follow_up"):
        if row.fudat and row.remission and (row.remission == "Y") == _in_relapse(subject, row.fudat):
            yield Found(row, {"remission": row.remission, "date": row.fudat})


@cross_check(
    "DS-50",
    crf="disposition",
    item="dsdecod",
    reads=(),
    message="There is an end of the trial already, of {first}. Delete the double.",
)
def second_disposition(subject: SubjectData) -> Iterator[Found]:
    first, *others = subject.rows("disposition") or (None,)
    yield from (Found(row, {"first": first.dsdat or "no date"}) for row in others if first)


@cross_check(
    "DS-51",
    crf="disposition",
    item="dsdecod",
    reads={"death"},
    message="The trial ended by death on {date}, but there is no death form. Enter it.",
)
def ended_by_death_without_death_form(subject: SubjectData) -> Iterator[Found]:
    if not subject.rows("death"):
        yield from (Found(row, {"date": row.dsdat}) for row in subject.rows("disposition") if row.dsdecod == "DEATH")


@cross_check(
    "CM-50",
    crf="concomitant",
    item="cmtrt",
    reads=(),
    message="{treatment} from {start} is entered twice. Delete the double, or correct it.",
)
def repeated_treatment(subject: SubjectData) -> Iterator[Found]:
    rows = [row for row in subject.rows("concomitant") if row.cmtrt != "OTHER"]
    others = [row for row in subject.rows("concomitant") if row.cmtrt == "OTHER"]
    for row in (*_repeated(rows, "cmtrt", "cmstdat"), *_repeated(others, "cmtrt_other", "cmstdat")):
        yield Found(row, {"treatment": row.cmtrt_other or row.cmtrt, "start": row.cmstdat})


CROSS_CHECKS: tuple[CrossCheck, ...] = (
    *_dated_checks(),
    consent_before_activation,
    consent_after_study_step,
    second_first_consent,
    reconsent_before_first,
    blast_criterion_contradicts_marrow,
    cns_criterion_contradicts_assessment,
    age_criterion_contradicts_dates,
    enrolment_before_diagnosis,
    eligible_with_25_percent_blasts,
    assessment_before_diagnosis,
    infusion_before_eligibility,
    infusion_before_enrolment,
    weight_differs_from_vital_signs,
    start_differs_from_block,
    interruption_outside_infusion,
    overlapping_interruptions,
    dose_change_outside_infusion,
    impossible_course,
    overlapping_blocks,
    repeated_block,
    block_without_transplantation,
    conditioning_without_transplantation,
    deviating_block_without_deviation,
    repeated_deviation,
    deviation_without_deviating_block,
    transplantation_without_block,
    transplantation_outside_its_block,
    remission_contradicts_relapses,
    repeated_transplantation,
    transplantation_before_enrolment,
    event_before_enrolment,
    remission_without_relapse,
    repeated_event,
    relapse_without_remission_between,
    second_death,
    died_in_remission_after_relapse,
    died_of_leukaemia_without_relapse,
    dead_without_death_form,
    remission_contradicts_events,
    second_disposition,
    ended_by_death_without_death_form,
    repeated_treatment,
)
