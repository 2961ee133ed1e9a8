from django.db import models

from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


class ConsentKind(models.TextChoices):
    FIRST = "FIRST", "First consent"
    AGAIN = "AGAIN", "Re-consent (amendment)"


@crf_table
class Consent(Crf):
    icdat = fields.day()
    icver = fields.text(20)
    ickind = fields.choice(ConsentKind)


register(
    CrfSpec(
        code="consent",
        title="Consent",
        model=Consent,
        log=True,
        help="Of the parents or guardians; each signature is a row of its own.",
        sections=[
            Section(
                "Informed consent",
                Item("icdat", "Date of signature", cdash="RFICDAT", required=True),
                Item("icver", "Version of the consent form", required=True),
                Item("ickind", "Kind", required=True),
            )
        ],
        title_items=("icdat", "icver"),
    )
)
