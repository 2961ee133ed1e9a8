from datetime import date
from typing import Any

from patients import criteria
from trial.checks import check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table

CRITERIA = tuple(criterion.code for criterion in criteria.CRITERIA)


@crf_table
class Screening(Crf):
    age_lt_1y = fields.yes_no()
    kmt2a_rearranged = fields.yes_no()
    cd19_positive = fields.yes_no()
    b_precursor = fields.yes_no()
    interfant06_induction = fields.yes_no()
    eoi_blasts_lt_25 = fields.yes_no()
    no_cns_condition = fields.yes_no()
    no_cns_involvement_eoi = fields.yes_no()
    eligible = fields.yes_no()
    failure_reason = fields.text()
    enrolled = fields.yes_no()
    enroldat = fields.day()


def _answers(values: dict[str, Any]) -> dict[str, bool | None]:
    return {code: None if values[code] is None else values[code] == "Y" for code in CRITERIA}


@check(
    "EL-01",
    "eligible",
    *CRITERIA,
    message="Eligible is {eligible}, but the criteria say otherwise. Correct the one or the other.",
    when_missing=True,
)
def eligible_contradicts_criteria(eligible: str | None, **values: Any) -> bool:
    derived = criteria.eligible(_answers(values))
    return None not in (eligible, derived) and (eligible == "Y") != derived


@check(
    "EL-02",
    "failure_reason",
    "eligible",
    message="A reason of failure is given, but eligible is Yes. Correct the one or the other.",
)
def eligible_with_failure_reason(failure_reason: str, eligible: str) -> bool:
    return eligible == "Y"


@check("EL-03", "enrolled", "eligible", message="Enrolled, although not eligible. Check both; this is a deviation.")
def enrolled_although_not_eligible(enrolled: str, eligible: str) -> bool:
    return enrolled == "Y" and eligible == "N"


@check("EL-04", "enroldat", "enrolled", message="There is an enrolment date ({enroldat}), but enrolled is No.")
def enrolment_date_without_enrolment(enroldat: date, enrolled: str) -> bool:
    return enrolled == "N"


register(
    CrfSpec(
        code="screening",
        title="Screening and eligibility",
        model=Screening,
        sections=[
            Section("Criteria", *(Item(c.code, c.question, required=True) for c in criteria.CRITERIA)),
            Section(
                "Decision",
                Item("eligible", "Eligible", cdash="IEYN", required=True),
                Item("failure_reason", "Reason of failure", required=True, only_if=("eligible", ("N",))),
                Item("enrolled", "Enrolled", required=True),
                Item(
                    "enroldat",
                    "Date of enrolment",
                    help="Study entry: time 0 of disease-free and overall survival.",
                    required=True,
                    only_if=("enrolled", ("Y",)),
                ),
            ),
        ],
        checks=[
            eligible_contradicts_criteria,
            eligible_with_failure_reason,
            enrolled_although_not_eligible,
            enrolment_date_without_enrolment,
        ],
        title_items=("eligible", "enroldat"),
    )
)
