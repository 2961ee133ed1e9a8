from datetime import date

from django.db import models

from trial.checks import Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
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


@check("TB-02", "ecnote", "as_protocol", message="Not as protocol: say in the note what was done instead, and why.",
       when_missing=True)  # fmt: skip
def deviation_without_note(ecnote: str | None, as_protocol: str | None) -> bool:
    return as_protocol == "N" and not ecnote


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
                Item("as_protocol", "Given as the protocol says", required=True),
                Item("ecnote", "Note"),
            )
        ],
        checks=[end_before_start, deviation_without_note],
        title_items=("block", "ecstdat"),
    )
)
