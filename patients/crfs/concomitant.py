from django.db import models

from trial import partial_dates
from trial.checks import Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


class Treatment(models.TextChoices):
    IVIG = "IVIG", "Immune globulin"
    GCSF = "GCSF", "G-CSF"
    ANTIBIOTIC = "ANTIBIOTIC", "Antibiotic"
    ANTIFUNGAL = "ANTIFUNGAL", "Antifungal"
    TRANSFUSION = "TRANSFUSION", "Transfusion"
    OTHER = "OTHER", "Other"


@crf_table
class Concomitant(Crf):
    cmtrt = fields.choice(Treatment)
    cmtrt_other = fields.text()
    cmstdat = fields.partial_day()
    cmongo = fields.yes_no()
    cmendat = fields.partial_day()
    cmstdat_earliest = fields.partial_day_bound("cmstdat", "earliest")
    cmendat_latest = fields.partial_day_bound("cmendat", "latest")


@check(
    "CM-01",
    "cmendat",
    "cmstdat",
    severity=Severity.HARD,
    message="The treatment ends in {cmendat}, before its start in {cmstdat}.",
)
def end_before_start(cmendat: str, cmstdat: str) -> bool:
    return partial_dates.latest(cmendat) < partial_dates.earliest(cmstdat)


register(
    CrfSpec(
        code="concomitant",
        title="Concomitant treatment",
        model=Concomitant,
        log=True,
        sections=[
            Section(
                "Treatment",
                Item("cmtrt", "Treatment", cdash="CMTRT", required=True),
                Item("cmtrt_other", "Which", required=True, only_if=("cmtrt", ("OTHER",))),
                Item("cmstdat", "Start", cdash="CMSTDAT", required=True),
                Item("cmongo", "Ongoing", cdash="CMONGO", required=True),
                Item("cmendat", "End", cdash="CMENDAT", required=True, only_if=("cmongo", ("N",))),
            )
        ],
        checks=[end_before_start],
        title_items=("cmtrt", "cmtrt_other", "cmstdat"),
    )
)
