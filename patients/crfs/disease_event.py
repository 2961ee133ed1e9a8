from django.db import models

from trial.checks import check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


class Event(models.TextChoices):
    RELAPSE = "RELAPSE", "Relapse"
    MOLECULAR_REAPPEARANCE = "MOLECULAR_REAPPEARANCE", "Molecular reappearance"
    SECOND_REMISSION = "SECOND_REMISSION", "Second remission"
    SECOND_CANCER = "SECOND_CANCER", "Second cancer"


class Cd19(models.TextChoices):
    POSITIVE = "POS", "Positive"
    NEGATIVE = "NEG", "Negative"


@crf_table
class DiseaseEvent(Crf):
    deevent = fields.choice(Event)
    dedat = fields.day()
    site_bm = fields.yes_no()
    site_cns = fields.yes_no()
    site_testis = fields.yes_no()
    site_other = fields.yes_no()
    cd19 = fields.choice(Cd19)
    cd19_neg_clone = fields.yes_no()
    lineage_switch = fields.yes_no()
    denote = fields.text()


@check(
    "EV-01",
    "site_bm",
    "deevent",
    "site_cns",
    "site_testis",
    "site_other",
    message="A relapse with no site: all four are No. Check them.",
)
def relapse_without_site(site_bm: str, deevent: str, site_cns: str, site_testis: str, site_other: str) -> bool:
    return deevent == Event.RELAPSE and "Y" not in (site_bm, site_cns, site_testis, site_other)


@check(
    "EV-02",
    "denote",
    "site_other",
    "deevent",
    when_missing=True,
    message="Say in the note which other site, or which cancer.",
)
def other_without_note(denote: str | None, site_other: str | None, deevent: str | None) -> bool:
    return (site_other == "Y" or deevent == Event.SECOND_CANCER) and not denote


_IF_RELAPSE = ("deevent", ("RELAPSE",))

register(
    CrfSpec(
        code="disease_event",
        title="Disease event",
        model=DiseaseEvent,
        log=True,
        sections=[
            Section(
                "Event",
                Item("deevent", "Event", required=True),
                Item("dedat", "Date", cdash="RSDAT", required=True),
            ),
            Section(
                "Relapse",
                Item("site_bm", "In the bone marrow", required=True, only_if=_IF_RELAPSE),
                Item("site_cns", "In the CNS", required=True, only_if=_IF_RELAPSE),
                Item("site_testis", "In a testis", required=True, only_if=_IF_RELAPSE),
                Item("site_other", "Elsewhere", required=True, only_if=_IF_RELAPSE),
                Item("cd19", "CD19 of the blasts", required=True, only_if=_IF_RELAPSE),
                Item("cd19_neg_clone", "A CD19-negative clone", required=True, only_if=_IF_RELAPSE),
                Item("lineage_switch", "Lineage switch", required=True, only_if=_IF_RELAPSE),
            ),
            Section("Note", Item("denote", "Note")),
        ],
        checks=[relapse_without_site, other_without_note],
        title_items=("deevent", "dedat"),
    )
)
