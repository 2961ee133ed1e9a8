from django.db import models

from trial.checks import check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


class Cause(models.TextChoices):
    RELAPSE = "RELAPSE", "Leukaemia"
    TREATMENT = "TREATMENT", "Toxicity of treatment"
    INFECTION = "INFECTION", "Infection"
    SECOND_CANCER = "SECOND_CANCER", "Second cancer"
    OTHER = "OTHER", "Other"


class Relatedness(models.TextChoices):
    UNRELATED = "UNRELATED", "Unrelated"
    UNLIKELY = "UNLIKELY", "Unlikely"
    POSSIBLE = "POSSIBLE", "Possible"
    PROBABLE = "PROBABLE", "Probable"
    DEFINITE = "DEFINITE", "Definite"


@crf_table
class Death(Crf):
    dthdat = fields.day()
    dthcause = fields.choice(Cause)
    dthcause_text = fields.text()
    in_remission = fields.yes_no()
    dthrel = fields.choice(Relatedness)


@check(
    "DT-01",
    "in_remission",
    "dthcause",
    message="In remission, yet the cause of death is leukaemia. Correct the one or the other.",
)
def died_of_leukaemia_in_remission(in_remission: str, dthcause: str) -> bool:
    return in_remission == "Y" and dthcause == Cause.RELAPSE


@check("DT-02", "dthcause_text", "dthcause", when_missing=True, message="Cause “Other”: say what it was.")
def other_cause_without_text(dthcause_text: str | None, dthcause: str | None) -> bool:
    return dthcause == Cause.OTHER and not dthcause_text


register(
    CrfSpec(
        code="death",
        title="Death",
        model=Death,
        log=True,
        once=True,
        sections=[
            Section(
                "Death",
                Item("dthdat", "Date of death", cdash="DTHDAT", required=True),
                Item("dthcause", "Cause", cdash="PRCDTH_DDORRES", required=True),
                Item("dthcause_text", "In words", help="Needed for “Other”."),
                Item("in_remission", "In remission", required=True),
                Item("dthrel", "Relation to blinatumomab", required=True),
            )
        ],
        checks=[died_of_leukaemia_in_remission, other_cause_without_text],
        title_items=("dthdat", "dthcause"),
    )
)
