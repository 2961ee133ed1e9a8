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
    message="Eligible does not follow from the criteria: it is Yes if every one is met, else No."
    " Correct the one or the other; to enrol although a criterion is unmet is a deviation.",
    when_missing=True,
)
def eligible_contradicts_criteria(eligible: str | None, **values: Any) -> bool:
    derived = criteria.eligible(_answers(values))
    return None not in (eligible, derived) and (eligible == "Y") != derived


@check(
    "EL-02",
    "failure_reason",
    *CRITERIA,
    message="A reason of failure is given, but no criterion is unmet. Correct the one or the other.",
    when_missing=True,
)
def failure_without_unmet_criterion(failure_reason: str | None, **values: Any) -> bool:
    return bool(failure_reason) and not criteria.unmet(_answers(values))


@check("EL-03", "enrolled", "eligible", message="Enrolled, although not eligible. Check both; this is a deviation.")
def enrolled_although_not_eligible(enrolled: str, eligible: str) -> bool:
    return enrolled == "Y" and eligible == "N"


@check("EL-04", "enroldat", "enrolled", message="There is an enrolment date ({enroldat}), but enrolled is No.")
def enrolment_date_without_enrolment(enroldat: date, enrolled: str) -> bool:
    return enrolled == "N"


@check(
    "EL-05",
    "failure_reason",
    *CRITERIA,
    message="More than one criterion is unmet. Check them, and name every one in the reason of failure.",
    when_missing=True,
)
def several_criteria_unmet(failure_reason: str | None, **values: Any) -> bool:
    return len(criteria.unmet(_answers(values))) > 1


@check(
    "EL-06",
    "enrolled",
    "eligible",
    "failure_reason",
    message="Eligible, but not enrolled. Say in a query answer why, or correct the one or the other.",
    when_missing=True,
)
def eligible_but_not_enrolled(enrolled: str | None, eligible: str | None, failure_reason: str | None) -> bool:
    # With a reason of failure the question is already asked there: a reason does not go with an eligible subject.
    return eligible == "Y" and enrolled == "N" and not failure_reason


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
            failure_without_unmet_criterion,
            enrolled_although_not_eligible,
            enrolment_date_without_enrolment,
            several_criteria_unmet,
            eligible_but_not_enrolled,
        ],
        title_items=("eligible", "enroldat"),
    )
)
