from decimal import Decimal

from trial.checks import Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


@crf_table
class DoseChange(Crf):
    dcdtc = fields.moment()
    dcdose = fields.decimal(5, 2, high=100)
    dcreason = fields.text()


@check("DC-01", "dcdose", message="A dose of 0 is a stop: enter it as an interruption.", severity=Severity.HARD)
def dose_is_zero(dcdose: Decimal) -> bool:
    return dcdose == 0


register(
    CrfSpec(
        code="dose_change",
        title="Dose change without a stop",
        model=DoseChange,
        log=True,
        sections=[
            Section(
                "Change",
                Item("dcdtc", "Changed", cdash="EXADJDTC", required=True),
                Item("dcdose", "New dose", unit="µg/m²/day", cdash="EXDOSE", required=True, low=5, high=15),
                Item("dcreason", "Reason", cdash="EXADJ", required=True),
            )
        ],
        checks=[dose_is_zero],
        title_items=("dcdtc", "dcdose"),
    )
)
