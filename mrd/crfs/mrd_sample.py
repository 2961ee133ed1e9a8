from django.db import models

from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


class TimePoint(models.TextChoices):
    EOI = "EOI", "End of induction"
    D15 = "D15", "Day 15 of blinatumomab"
    D29 = "D29", "Day 29, end of blinatumomab"
    MARMA = "MARMA", "Before MARMA"
    OCTADAD = "OCTADAD", "Before OCTADA(D) or HSCT"
    MAINT = "MAINT", "Before maintenance"
    UNSCHEDULED = "UNSCHEDULED", "Unscheduled"


class Material(models.TextChoices):
    BONE_MARROW = "BM", "Bone marrow"
    BLOOD = "PB", "Peripheral blood"


@crf_table
class MrdSample(Crf):
    timepoint = fields.choice(TimePoint)
    msdat = fields.day()
    material = fields.choice(Material)


register(
    CrfSpec(
        code="mrd_sample",
        title="MRD sample",
        model=MrdSample,
        log=True,
        sections=[
            Section(
                "Sample",
                Item(
                    "timepoint",
                    "Time point",
                    cdash="MITPT",
                    help="It decides to which time point the sample counts in the report.",
                    required=True,
                ),
                Item("msdat", "Date of the sample", cdash="MIDAT", required=True),
                Item("material", "Material", cdash="MISPEC", required=True),
            )
        ],
        title_items=("timepoint", "msdat"),
    )
)
