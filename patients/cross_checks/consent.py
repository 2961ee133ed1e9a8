"""Consent, eligibility and the end of induction."""

from collections.abc import Iterator

from patients import protocol, risk
from patients.cross_checks.rows import enrolment_of, yes_no
from patients.dated_checks import consent_date
from trial.checks import CrossCheck, Found, cross_check
from trial.subject_data import SubjectData
from trial.visit_schedule import add_months


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
    steps = (("enrolment", enrolment_of(subject)), ("the first infusion", protocol.infusion_start(subject)))
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
    message="This criterion is answered {answer}, but the end of induction form has {blasts} % blasts.",
)
def blast_criterion_contradicts_marrow(subject: SubjectData) -> Iterator[Found]:
    screening, marrow = subject.first("screening"), subject.first("end_of_induction")
    if not screening or not marrow or None in (screening.eoi_blasts_lt_25, marrow.blast_pct):
        return
    if (screening.eoi_blasts_lt_25 == "Y") != (marrow.blast_pct < risk.ELIGIBLE_BELOW_PCT):
        yield Found(screening, {"answer": yes_no(screening.eoi_blasts_lt_25), "blasts": marrow.blast_pct})


@cross_check(
    "EL-51",
    crf="screening",
    item="no_cns_involvement_eoi",
    reads={"end_of_induction"},
    message="This criterion is answered {answer}, but the end of induction form answers {cns} to CNS involvement.",
)
def cns_criterion_contradicts_assessment(subject: SubjectData) -> Iterator[Found]:
    screening, assessment = subject.first("screening"), subject.first("end_of_induction")
    if not screening or not assessment or None in (screening.no_cns_involvement_eoi, assessment.eoi_cns):
        return
    if (screening.no_cns_involvement_eoi == "Y") != (assessment.eoi_cns == "N"):
        answers = {"answer": yes_no(screening.no_cns_involvement_eoi), "cns": yes_no(assessment.eoi_cns)}
        yield Found(screening, answers)


@cross_check(
    "EL-52",
    crf="screening",
    item="age_lt_1y",
    reads={"baseline"},
    message="This criterion is answered {answer}, but born on {birth} and diagnosed on {diagnosis} says otherwise.",
)
def age_criterion_contradicts_dates(subject: SubjectData) -> Iterator[Found]:
    screening, baseline = subject.first("screening"), subject.first("baseline")
    if not screening or not baseline or None in (screening.age_lt_1y, baseline.brthdat, baseline.diagdat):
        return
    if (screening.age_lt_1y == "Y") != (baseline.diagdat < add_months(baseline.brthdat, 12)):
        shown = {"answer": yes_no(screening.age_lt_1y), "birth": baseline.brthdat, "diagnosis": baseline.diagdat}
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


CHECKS: tuple[CrossCheck, ...] = (
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
)
