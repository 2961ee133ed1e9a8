"""The protocol as data: visits and windows, anchors, named constants. EudraCT 2016-004674-17."""

from collections.abc import Mapping
from datetime import date, timedelta

from trial.lifecycle import SubjectState
from trial.protocol import Protocol
from trial.subject_data import SubjectData
from trial.visit_schedule import VisitDefinition as Visit

BLINATUMOMAB_DAYS = 28
FOLLOW_UP_MONTHS = range(3, 61, 3)
ON_TREATMENT = ("vital_signs", "neurological", "laboratory")

# Version of the parents' consent form -> the day from which it has to be signed, oldest first. A new version, of an
# amendment, is a line here: subjects still in the trial are due for re-consent from that day.
CONSENT_VERSIONS: Mapping[str, date] = {
    "1.0": date(2018, 1, 1),
    "1.1": date(2019, 7, 1),
    "2.0": date(2020, 9, 1),
}


def _before(code: str, label: str, anchor: str) -> Visit:
    return Visit(code=code, label=label, anchor=anchor, before=7, forms=("mrd_sample", "laboratory"))


def _follow_up(months: int) -> Visit:
    return Visit(
        code=f"fu_{months:02d}",
        label=f"Follow-up month {months}",
        anchor="infusion_end",
        months=months,
        before=30,
        after=30,
        forms=("follow_up",),
    )


SCHEDULE = (
    Visit(
        code="screening",
        label="Screening, end of induction",
        anchor="enrolment",
        before=14,
        forms=("screening", "baseline", "end_of_induction", "laboratory", "mrd_sample"),
    ),
    Visit(code="day_1", label="Day 1", anchor="infusion_start", forms=("infusion", *ON_TREATMENT)),
    Visit(code="day_8", label="Day 8", anchor="infusion_start", days=7, before=1, after=1, forms=ON_TREATMENT),
    Visit(
        code="day_15",
        label="Day 15",
        anchor="infusion_start",
        days=14,
        before=1,
        after=1,
        forms=(*ON_TREATMENT, "mrd_sample"),
    ),
    Visit(code="day_22", label="Day 22", anchor="infusion_start", days=21, before=1, after=1, forms=ON_TREATMENT),
    Visit(code="day_29", label="Day 29", anchor="infusion_end", after=3, forms=(*ON_TREATMENT, "mrd_sample")),
    _before("before_marma", "Before MARMA", "marma_start"),
    _before("before_octadad", "Before OCTADA(D) or HSCT", "octadad_start"),
    _before("before_maintenance", "Before maintenance", "maintenance_start"),
    *(_follow_up(months) for months in FOLLOW_UP_MONTHS),
)


def consent_version_in_force(day: date) -> str | None:
    """The version of the consent form that has to be signed on that day; None before the first."""
    begun = [version for version, since in CONSENT_VERSIONS.items() if since <= day]
    return max(begun, key=CONSENT_VERSIONS.__getitem__, default=None)


def reconsent_due_since(version: str, day: date) -> date | None:
    """The day from which a newer version has to be signed than `version`, as known on `day`; None where none is.

    A version that the trial does not know is due from the day of the first one: nobody can say what was signed.
    """
    signed = CONSENT_VERSIONS.get(version, date.min)
    return min((since for since in CONSENT_VERSIONS.values() if signed < since <= day), default=None)


READS = frozenset({"screening", "infusion", "treatment_block"})


def anchors(subject: SubjectData) -> Mapping[str, date | None]:
    """Dates that the schedule hangs on; None while unknown."""
    screening = subject.first("screening")
    start = infusion_start(subject)
    return {
        "enrolment": screening.enroldat if screening else None,
        "infusion_start": start,
        "infusion_end": _infusion_end(subject, start),
        "marma_start": block_start(subject, "MARMA"),
        # The transplantation takes the place of OCTADA(D); OCTADA is OCTADAD without daunorubicin.
        "octadad_start": block_start(subject, "OCTADAD", "OCTADA", "HSCT"),
        "maintenance_start": block_start(subject, "MAINTENANCE"),
    }


def infusion_start(subject: SubjectData) -> date | None:
    """First day of blinatumomab: of the infusion form, or of its treatment block while that form is not there."""
    infusion = subject.first("infusion")
    if infusion and infusion.exstdtc:
        return infusion.exstdtc.date()
    return block_start(subject, "BLINATUMOMAB")


def _infusion_end(subject: SubjectData, start: date | None) -> date | None:
    """Last day of blinatumomab; the planned one while the infusion runs."""
    infusion = subject.first("infusion")
    if infusion and infusion.exendtc:
        return infusion.exendtc.date()
    return start + timedelta(days=BLINATUMOMAB_DAYS) if start else None


def block_start(subject: SubjectData, *blocks: str) -> date | None:
    """First day of the earliest of these treatment blocks."""
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


# What the primary, secondary and safety end points are computed from: toxicity during the infusion, survival free of
# disease, residual disease. The forms of the apps above are named by their codes, as in the schedule.
END_POINTS = {
    "screening": ("enrolled", "enroldat"),
    "baseline": ("brthdat", "diagdat", "riskgrp"),
    "infusion": ("exstdtc", "exongo", "exendtc", "stop_reason"),
    "interruption": ("intstdtc", "intreason", "intongo", "intendtc"),
    "treatment_block": ("block", "ecstdat"),
    "transplantation": ("trkind", "trdat"),
    "disease_event": ("deevent", "dedat"),
    "death": ("dthdat", "dthcause", "in_remission", "dthrel"),
    "follow_up": ("fudat", "alive", "remission"),
    "adverse_event": ("aeterm", "aetoxgr", "aestdat", "aerel", "aeout"),
    "serious_adverse_event": ("sdth", "slife"),
    "mrd_sample": ("timepoint", "msdat", "material"),
    "mrd_result": ("sample", "result", "value", "quant_range", "sensitivity"),
}


def birth(subject: SubjectData) -> date | None:
    baseline = subject.first("baseline")
    return baseline.brthdat if baseline else None


PROTOCOL = Protocol(
    schedule=SCHEDULE,
    reads=READS,
    anchors=anchors,
    standing=standing,
    number_format="S{:03d}",
    first_form="consent",
    birth=birth,
    birth_reads=frozenset({"baseline"}),
    end_points=END_POINTS,
    screening_log=("screening", ("eligible", "enroldat", "failure_reason")),
)
