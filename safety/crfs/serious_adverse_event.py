from datetime import date, datetime
from typing import Any

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
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table

# What the linked adverse event form says already; the SAE keeps its own, which may come to differ.
PREFILLED = ("aeterm", "aespec", "aetoxgr", "aestdat", "aeongo", "aeendat", "aerel", "aeacn", "aeout")
CRITERIA = ("sdth", "slife", "shosp", "sdisab", "scong", "smie")


@crf_table
class SeriousAdverseEvent(Crf):
    ae = fields.link()
    saeterm = ctcae_term()
    saespec = fields.text()
    saetoxgr = fields.integer(low=1, high=5)
    saestdat = fields.day()
    saeongo = fields.yes_no()
    saeendat = fields.day()
    saerel = fields.choice(Relatedness)
    saeacn = fields.choice(Action)
    saeout = fields.choice(Outcome)
    sdth = fields.yes_no()
    slife = fields.yes_no()
    shosp = fields.yes_no()
    sdisab = fields.yes_no()
    scong = fields.yes_no()
    smie = fields.yes_no()
    awaredtc = fields.moment()
    reportdtc = fields.moment()
    narrative = fields.long_text()


@check("SAE-08", *CRITERIA, message="No criterion of seriousness is met. Tick one, or this is no SAE.",
       when_missing=True)  # fmt: skip
def no_criterion(**criteria: Any) -> bool:
    answers = [answer for answer in criteria.values() if answer]
    return bool(answers) and "Y" not in answers


@check("SAE-09", "sdth", "saeout", message="The criterion “results in death” and the outcome contradict each other.")
def death_criterion_against_outcome(sdth: str, saeout: str) -> bool:
    return (sdth == "Y") != (saeout == Outcome.FATAL)


@check(
    "SAE-10",
    "awaredtc",
    "saestdat",
    message="The site knew of the event on {awaredtc}, before its onset on {saestdat}.",
)
def aware_before_onset(awaredtc: datetime, saestdat: date) -> bool:
    return awaredtc.date() < saestdat


_asked = event_items("sae")

register(
    CrfSpec(
        code="serious_adverse_event",
        title="Serious adverse event",
        model=SeriousAdverseEvent,
        log=True,
        help="Report within 24 hours of the site's knowledge. It has its own term, grade and dates.",
        sections=[
            Section(
                "Event",
                Item(
                    "ae",
                    "Adverse event form",
                    help="Where there is one; an SAE may stand alone.",
                    links_to=("adverse_event",),
                ),
                *(_asked[name] for name in ("term", "spec", "toxgr", "stdat", "ongo", "endat", "out")),
            ),
            Section(
                "Seriousness (ICH E2A)",
                Item("sdth", "Results in death", cdash="AESDTH", required=True),
                Item("slife", "Life-threatening", cdash="AESLIFE", required=True),
                Item("shosp", "Hospitalisation, or a longer one", cdash="AESHOSP", required=True),
                Item("sdisab", "Persistent or significant disability", cdash="AESDISAB", required=True),
                Item("scong", "Congenital anomaly", cdash="AESCONG", required=True),
                Item("smie", "Other medically important event", cdash="AESMIE", required=True),
            ),
            Section("Judgement", _asked["rel"], _asked["acn"]),
            Section(
                "Report",
                Item("awaredtc", "The site knew of it", help="Starts the clock of 24 hours.", required=True),
                Item("reportdtc", "Reported to the sponsor", required=True),
                Item("narrative", "Narrative", help="Without names, dates of birth or addresses.", required=True),
            ),
        ],
        checks=[*event_checks("sae", "SAE"), no_criterion, death_criterion_against_outcome, aware_before_onset],
        prefill={"adverse_event": {f"s{name}": name for name in PREFILLED}},
        derived={"saeterm": lambda values: term_in_words(values["saeterm"])},
        leads_to=[death_after("sae")],
        title_items=("saeterm", "saestdat"),
    )
)
