from datetime import date

from django.db import models

from patients.protocol import CONSENT_VERSIONS
from trial.checks import check
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


@check(
    "IC-01",
    "icver",
    message="The trial knows no version {icver} of the consent form. Known are "
    + ", ".join(CONSENT_VERSIONS)
    + ": correct it, or ask the trial manager about a new version.",
)
def unknown_version(icver: str) -> bool:
    return icver not in CONSENT_VERSIONS


@check(
    "IC-02",
    "icdat",
    "icver",
    message="Version {icver} was signed on {icdat}, before the day from which it was to be signed. Check both.",
)
def signed_before_its_version(icdat: date, icver: str) -> bool:
    return icdat < CONSENT_VERSIONS.get(icver, date.min)


def _versions() -> list[str]:
    return list(CONSENT_VERSIONS)


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
                Item("icver", "Version of the consent form", required=True, suggestions=_versions),
                Item("ickind", "Kind", required=True),
            )
        ],
        title_items=("icdat", "icver"),
        checks=[unknown_version, signed_before_its_version],
    )
)
