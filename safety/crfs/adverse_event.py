from django.db import models

from safety import ctcae
from safety.crfs.events import (
    Action,
    Outcome,
    Relatedness,
    ctcae_term,
    death_after,
    event_checks,
    event_items,
    term_in_words,
)
from trial.checks import check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, LeadsTo, Section
from trial.models import Crf, crf_table

CRS = "Cytokine release syndrome"


class SpecialInterest(models.TextChoices):
    """Events that blinatumomab may cause (SmPC section 4.4)."""

    NONE = "NONE", "None of these"
    CRS = "CRS", "Cytokine release syndrome"
    NEUROLOGIC = "NEUROLOGIC", "Neurologic event"
    INFECTION = "INFECTION", "Infection"
    INFUSION_REACTION = "INFUSION_REACTION", "Infusion reaction"


class CtcaeVersion(models.TextChoices):
    V4_03 = ctcae.VERSION, f"CTCAE v{ctcae.VERSION}"


def _version() -> models.CharField:
    """The dictionary that the row was coded with; every new row has today's."""
    return models.CharField(
        max_length=10, null=True, blank=True, choices=CtcaeVersion.choices, default=CtcaeVersion.V4_03
    )


@crf_table
class AdverseEvent(Crf):
    aeterm = ctcae_term()
    aespec = fields.text()
    aetoxgr = fields.integer(low=1, high=5)
    aestdat = fields.day()
    aeongo = fields.yes_no()
    aeendat = fields.day()
    aerel = fields.choice(Relatedness)
    aeacn = fields.choice(Action)
    aeout = fields.choice(Outcome)
    aeser = fields.yes_no()
    aeesi = fields.choice(SpecialInterest)
    ctcae_version = _version()


@check("AE-08", "aeser", "aeout", message="The event is fatal, but not serious. A fatal event is serious (ICH E2A).")
def fatal_but_not_serious(aeser: str, aeout: str) -> bool:
    return aeser == "N" and aeout == Outcome.FATAL


@check("AE-09", "aeesi", "aeterm", message="The term is {aeterm}, but the event of special interest says otherwise.")
def crs_not_of_special_interest(aeesi: str, aeterm: str) -> bool:
    return aeterm == CRS and aeesi != SpecialInterest.CRS


_asked = event_items("ae")

register(
    CrfSpec(
        code="adverse_event",
        title="Adverse event",
        model=AdverseEvent,
        log=True,
        help="One row for each episode, with its worst grade.",
        sections=[
            Section(
                "Event",
                *(_asked[name] for name in ("term", "spec", "toxgr", "stdat", "ongo", "endat", "out")),
                Item("ctcae_version", "Version of CTCAE", required=True, initial=ctcae.VERSION),
            ),
            Section(
                "Judgement",
                _asked["rel"],
                _asked["acn"],
                Item(
                    "aeser",
                    "Serious",
                    cdash="AESER",
                    help="Serious is not severe: it meets a criterion of ICH E2A. A serious event needs an SAE form.",
                    required=True,
                ),
                Item("aeesi", "Event of special interest", required=True),
            ),
        ],
        checks=[*event_checks("ae", "AE"), fatal_but_not_serious, crs_not_of_special_interest],
        derived={"aeterm": lambda values: term_in_words(values["aeterm"])},
        leads_to=[
            death_after("ae"),
            LeadsTo(crf="serious_adverse_event", item="aeser", answers=("Y",), because="the event is serious"),
            LeadsTo(
                crf="interruption",
                item="aeacn",
                answers=(Action.INTERRUPTED,),
                because="the infusion was interrupted for the event",
            ),
        ],
        title_items=("aeterm", "aestdat"),
    )
)
