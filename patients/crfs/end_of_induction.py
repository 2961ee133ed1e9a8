from collections.abc import Mapping
from typing import Any

from patients import risk
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


@crf_table
class EndOfInduction(Crf):
    eoidat = fields.day()
    blast_pct = fields.decimal(5, 2, high=100)
    eoi_cns = fields.yes_no()


def marrow_in_words(values: Mapping[str, Any]) -> str:
    marrow = risk.marrow_class(values["blast_pct"])
    return f"Marrow {marrow}; eligible below {risk.ELIGIBLE_BELOW_PCT} %" if marrow else ""


register(
    CrfSpec(
        code="end_of_induction",
        title="End of induction",
        model=EndOfInduction,
        help="M1 below 5 % blasts, M2 from 5 to 25 %, M3 above 25 %. Eligible below 25 %.",
        sections=[
            Section(
                "Bone marrow and CNS",
                Item("eoidat", "Date of assessment", cdash="RSDAT", required=True),
                Item("blast_pct", "Blasts in the bone marrow", unit="%", required=True),
                Item("eoi_cns", "CNS involvement", required=True),
            )
        ],
        derived={"blast_pct": marrow_in_words},
        title_items=("eoidat", "blast_pct"),
    )
)
