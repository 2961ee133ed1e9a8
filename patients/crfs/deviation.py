from django.db import models

from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table

# The forms of a step that the protocol lays down. Those of the apps above are named by their codes.
ABOUT = (
    "treatment_block",
    "screening",
    "end_of_induction",
    "infusion",
    "dose_change",
    "interruption",
    "transplantation",
    "concomitant",
    "vital_signs",
    "neurological",
    "laboratory",
    "mrd_sample",
    "follow_up",
)


class Category(models.TextChoices):
    TREATMENT_SCHEDULE = "TREATMENT_SCHEDULE", "Treatment schedule"
    PROCEDURE = "PROCEDURE", "Procedure"
    ELIGIBILITY = "ELIGIBILITY", "Eligibility"
    OTHER = "OTHER", "Other"


class Impact(models.TextChoices):
    NONE = "NONE", "None"
    MINOR = "MINOR", "Minor"
    MAJOR = "MAJOR", "Major"


@crf_table
class Deviation(Crf):
    dvcat = fields.choice(Category)
    dvstdat = fields.day()
    dvterm = fields.text(400)
    dvimpact = fields.choice(Impact)
    dvconf = fields.yes_no()
    dvform = fields.link()


register(
    CrfSpec(
        code="deviation",
        title="Protocol deviation",
        model=Deviation,
        log=True,
        sections=[
            Section(
                "Deviation",
                Item("dvcat", "Category", cdash="DVCAT", required=True),
                Item(
                    "dvstdat",
                    "First deviating day",
                    cdash="DVSTDAT",
                    required=True,
                    help="Censors the subject in the sensitivity analysis, if treatment schedule and confirmed.",
                ),
                Item("dvterm", "What was done instead", cdash="DVTERM", required=True),
                Item("dvimpact", "Impact", required=True),
                Item("dvconf", "Confirmed", required=True),
                Item("dvform", "Form that it is about", links_to=ABOUT, help="Blank where none was entered."),
            )
        ],
        title_items=("dvcat", "dvstdat"),
    )
)
