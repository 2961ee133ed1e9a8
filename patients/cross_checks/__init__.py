"""Checks between the forms of one subject, and of its path through treatment.

Codes: the form's letters; 40 to 44 are the dated checks that many forms share (40 before birth, 41 after death,
42 before consent, 43 without consent, 44 outside the visit's window), from 50 the form's own.
"""

from collections.abc import Iterator

from patients.cross_checks import consent, events, infusion, treatment
from patients.dated_checks import (
    after_death,
    before_birth,
    before_consent,
    outside_visit_window,
    without_consent,
)
from trial.checks import CrossCheck

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
        if crf not in ("consent", "death"):
            yield after_death(f"{letters}-41", crf, item)
        if crf in STUDY_STEPS:
            yield before_consent(f"{letters}-42", crf, item)
        if crf in NEVER_WITHOUT_CONSENT:
            yield without_consent(f"{letters}-43", crf, item)
        if crf in IN_A_WINDOW:
            yield outside_visit_window(f"{letters}-44", crf, item)


CROSS_CHECKS: tuple[CrossCheck, ...] = (
    *_dated_checks(),
    *consent.CHECKS,
    *infusion.CHECKS,
    *treatment.CHECKS,
    *events.CHECKS,
)
