from django.db import models

from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


class Kind(models.TextChoices):
    HSCT = "HSCT", "Stem-cell transplantation"
    CAR_T = "CAR-T", "CAR T cells"


class Remission(models.TextChoices):
    CR1 = "CR1", "First remission"
    CR2 = "CR2", "Second remission"
    CR3 = "CR3", "Third or later remission"
    NOT_IN_REMISSION = "NOT_IN_REMISSION", "Not in remission"


class Donor(models.TextChoices):
    MSD = "MSD", "Matched sibling"
    MFD = "MFD", "Matched other family member"
    MMFD = "MMFD", "Mismatched family member"
    MUD = "MUD", "Matched unrelated"
    MMUD = "MMUD", "Mismatched unrelated"
    CORD = "CORD", "Cord blood"
    AUTOLOGOUS = "AUTOLOGOUS", "Autologous"


@crf_table
class Transplantation(Crf):
    trkind = fields.choice(Kind)
    trdat = fields.day()
    remission = fields.choice(Remission)
    donor = fields.choice(Donor)
    block = fields.link()


register(
    CrfSpec(
        code="transplantation",
        title="Transplantation and cellular therapy",
        model=Transplantation,
        log=True,
        sections=[
            Section(
                "Infusion of cells",
                Item("trkind", "Kind", cdash="PRTRT", required=True),
                Item("trdat", "Date of infusion", cdash="PRSTDAT", required=True),
                Item("remission", "Remission at that time", required=True),
                Item("donor", "Donor", required=True),
                Item("block", "Treatment block", links_to=("treatment_block",)),
            )
        ],
        title_items=("trkind", "trdat"),
    )
)
