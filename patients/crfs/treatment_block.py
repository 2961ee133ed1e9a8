from datetime import date

from django.db import models

from trial.checks import Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, LeadsTo, Section
from trial.models import Crf, crf_table


class Block(models.TextChoices):
    INDUCTION = "INDUCTION", "Induction"
    BLINATUMOMAB = "BLINATUMOMAB", "Blinatumomab"
    IB = "IB", "Protocol IB"
    MARMA = "MARMA", "MARMA"
    OCTADAD = "OCTADAD", "OCTADA(D)"
    OCTADA = "OCTADA", "OCTADA"
    MAINTENANCE = "MAINTENANCE", "Maintenance"
    ADE = "ADE", "ADE"
    MAE = "MAE", "MAE"
    CONDITIONING = "CONDITIONING", "Conditioning"
    HSCT = "HSCT", "Stem-cell transplantation"
    CAR_T = "CAR-T", "CAR T cells"


@crf_table
class TreatmentBlock(Crf):
    block = fields.choice(Block)
    ecstdat = fields.day()
    econgo = fields.yes_no()
    ecendat = fields.day()
    as_protocol = fields.yes_no()
    ecnote = fields.text()


@check("TB-01", "ecendat", "ecstdat", message="The block ends on {ecendat}, before its start on {ecstdat}.",
       severity=Severity.HARD)  # fmt: skip
def end_before_start(ecendat: date, ecstdat: date) -> bool:
    return ecendat < ecstdat


register(
    CrfSpec(
        code="treatment_block",
        title="Treatment block",
        model=TreatmentBlock,
        log=True,
        sections=[
            Section(
                "Block",
                Item("block", "Block", cdash="ECTRT", required=True),
                Item("ecstdat", "Start", cdash="ECSTDAT", required=True),
                Item("econgo", "Ongoing", cdash="ECONGO", required=True),
                Item("ecendat", "End", cdash="ECENDAT", required=True, only_if=("econgo", ("N",))),
                Item(
                    "as_protocol",
                    "Given as the protocol says",
                    required=True,
                    help="If not: a deviation form says what was done.",
                ),
                Item("ecnote", "Note"),
            )
        ],
        checks=[end_before_start],
        leads_to=[
            LeadsTo(
                crf="transplantation",
                item="block",
                answers=(Block.HSCT, Block.CAR_T),
                because="cells are infused in this block",
                prefill={"trkind": "block", "trdat": "ecstdat"},
            ),
            LeadsTo(
                crf="deviation",
                item="as_protocol",
                answers=("N",),
                because="the block was not given as the protocol says",
                prefill={"dvstdat": "ecstdat"},
            ),
        ],
        title_items=("block", "ecstdat"),
    )
)
