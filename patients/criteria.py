"""The eight eligibility criteria of the protocol, as data, and what follows from their answers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Criterion:
    """One criterion: `required` is the answer that an eligible subject must have."""

    code: str
    question: str
    required: bool
    unmet: str


CRITERIA = (
    Criterion("age_lt_1y", "Younger than 1 year at diagnosis?", True, "1 year or older at diagnosis"),
    Criterion("kmt2a_rearranged", "KMT2A rearrangement shown?", True, "no KMT2A rearrangement"),
    Criterion("cd19_positive", "Blasts CD19 positive?", True, "blasts CD19 negative"),
    Criterion("b_precursor", "B-precursor leukaemia?", True, "not a B-precursor leukaemia"),
    Criterion(
        "interfant06_induction",
        "Induction given as in Interfant-06?",
        True,
        "induction not given according to Interfant-06",
    ),
    Criterion(
        "eoi_blasts_lt_25",
        "Fewer than 25 % blasts in the marrow at the end of induction?",
        True,
        "25 % blasts or more at the end of induction",
    ),
    Criterion(
        "no_cns_condition",
        "Free of any CNS condition that needs treatment?",
        True,
        "CNS condition that needs treatment",
    ),
    Criterion(
        "no_cns_involvement_eoi",
        "Free of CNS involvement at the end of induction?",
        True,
        "CNS involvement at the end of induction",
    ),
)


def unmet(answers: Mapping[str, bool | None]) -> tuple[Criterion, ...]:
    """The criteria whose answer is known and not the required one, in the order of the form.

    answers: criterion code -> answer; an absent code or None means not answered. Other keys are ignored,
    so that the values of a whole form can be passed.
    """
    return tuple(criterion for criterion in CRITERIA if answers.get(criterion.code) not in (None, criterion.required))


def eligible(answers: Mapping[str, bool | None]) -> bool | None:
    """False with one unmet criterion, True with all eight met, None while an answer that decides is missing."""
    if unmet(answers):
        return False
    if any(answers.get(criterion.code) is None for criterion in CRITERIA):
        return None
    return True
