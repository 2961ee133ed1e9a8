from django.db import models

from trial.checks import check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


class End(models.TextChoices):
    COMPLETED = "COMPLETED", "Completed the trial"
    DEATH = "DEATH", "Death"
    WITHDRAWAL = "WITHDRAWAL", "Consent withdrawn"
    LOST_TO_FOLLOW_UP = "LOST_TO_FOLLOW_UP", "Lost to follow-up"
    OTHER = "OTHER", "Other"


@crf_table
class Disposition(Crf):
    dsdat = fields.day()
    dsdecod = fields.choice(End)
    dstext = fields.text()


@check("DS-01", "dstext", "dsdecod", when_missing=True, message="End “Other”: say why the subject left the trial.")
def other_end_without_text(dstext: str | None, dsdecod: str | None) -> bool:
    return dsdecod == End.OTHER and not dstext


register(
    CrfSpec(
        code="disposition",
        title="End of the trial for this subject",
        model=Disposition,
        log=True,
        once=True,
        sections=[
            Section(
                "Disposition",
                Item("dsdat", "Date", cdash="DSSTDAT", required=True),
                Item("dsdecod", "How it ended", cdash="DSDECOD", required=True),
                Item("dstext", "In words", cdash="DSTERM", help="Needed for “Other”."),
            )
        ],
        checks=[other_end_without_text],
        title_items=("dsdecod", "dsdat"),
    )
)
