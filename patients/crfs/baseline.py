from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from patients import risk
from trial.checks import Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table
from trial.study_day import age_days, age_text
from trial.visit_schedule import add_months


class Sex(models.TextChoices):
    MALE = "M", "Male"
    FEMALE = "F", "Female"


class CnsStatus(models.TextChoices):
    CNS1 = "CNS1", "CNS1 (no blasts)"
    CNS2 = "CNS2", "CNS2 (blasts, fewer than 5 cells/µL)"
    CNS3 = "CNS3", "CNS3 (blasts with 5 cells/µL or more, or clinical signs)"


class Partner(models.TextChoices):
    AFF1 = "AFF1", "AFF1 t(4;11)"
    MLLT1 = "MLLT1", "MLLT1 t(11;19)"
    MLLT3 = "MLLT3", "MLLT3 t(9;11)"
    OTHER = "OTHER", "Other"


class PrednisoneResponse(models.TextChoices):
    GOOD = "GOOD", "Good"
    POOR = "POOR", "Poor"


class RiskGroup(models.TextChoices):
    HIGH = "HIGH", "High"
    MEDIUM = "MEDIUM", "Medium"


@crf_table
class Baseline(Crf):
    brthdat = fields.day()
    sex = fields.choice(Sex)
    diagdat = fields.day()
    wbc = fields.decimal(7, 2)
    cns = fields.choice(CnsStatus)
    kmt2a_partner = fields.choice(Partner)
    kmt2a_other = fields.text()
    predresp = fields.choice(PrednisoneResponse)
    riskgrp = fields.choice(RiskGroup)


@check(
    "BL-01",
    "diagdat",
    "brthdat",
    message="The diagnosis on {diagdat} lies before birth on {brthdat}.",
    severity=Severity.HARD,
)
def diagnosis_before_birth(diagdat: date, brthdat: date) -> bool:
    return diagdat < brthdat


@check(
    "BL-02",
    "diagdat",
    "brthdat",
    message="Born on {brthdat}, diagnosed on {diagdat}: 1 year or older, which the protocol excludes. Check both.",
)
def one_year_or_older_at_diagnosis(diagdat: date, brthdat: date) -> bool:
    return diagdat >= add_months(brthdat, 12)


@check(
    "BL-03",
    "riskgrp",
    "brthdat",
    "diagdat",
    "wbc",
    "predresp",
    when_missing=True,
    message="Risk group {riskgrp} is not what age, white cells ({wbc} x 10^9/L) and prednisone response ({predresp}) "
    "give."
    " High: younger than 6 months and (300 or more, or poor response).",
)
def risk_group_differs_from_derived(
    riskgrp: str | None, brthdat: date | None, diagdat: date | None, wbc: Decimal | None, predresp: str | None
) -> bool:
    if brthdat and diagdat and diagdat < brthdat:
        return False
    derived = risk.derived_risk_group(
        age_days=age_days(brthdat, diagdat) if brthdat and diagdat else None,
        wbc=wbc,
        poor_response=None if predresp is None else predresp == PrednisoneResponse.POOR,
    )
    return None not in (riskgrp, derived) and riskgrp != derived


def age_in_words(values: Mapping[str, Any]) -> str:
    birth, diagnosis = values["brthdat"], values["diagdat"]
    return f"At the age of {age_text(birth, diagnosis)}" if birth and diagnosis and birth <= diagnosis else ""


def risk_in_words(values: Mapping[str, Any]) -> str:
    birth, diagnosis, response = values["brthdat"], values["diagdat"], values["predresp"]
    group = risk.derived_risk_group(
        age_days=age_days(birth, diagnosis) if birth and diagnosis and birth <= diagnosis else None,
        wbc=values["wbc"],
        poor_response=None if response is None else response == PrednisoneResponse.POOR,
    )
    return f"Derived: {group.lower()}" if group else "Derived: open until age, white cells and response are known"


register(
    CrfSpec(
        code="baseline",
        title="Baseline",
        model=Baseline,
        sections=[
            Section(
                "Subject",
                Item("brthdat", "Date of birth", cdash="BRTHDAT", required=True),
                Item("sex", "Sex", cdash="SEX", required=True),
            ),
            Section(
                "At diagnosis",
                Item("diagdat", "Date of diagnosis", cdash="MHSTDAT", required=True),
                Item("wbc", "White-cell count", unit="10^9/L", required=True, low=1, high=2000),
                Item("cns", "CNS status", required=True),
                Item("kmt2a_partner", "Partner of KMT2A", required=True),
                Item("kmt2a_other", "Other partner", required=True, only_if=("kmt2a_partner", ("OTHER",))),
            ),
            Section(
                "Response and risk",
                Item("predresp", "Prednisone response", required=True),
                Item("riskgrp", "Risk group by the investigator", required=True),
                help="The derived risk group: high if younger than 6 months (182.625 days) and white cells 300 or more,"
                " or poor response.",
            ),
        ],
        checks=[diagnosis_before_birth, one_year_or_older_at_diagnosis, risk_group_differs_from_derived],
        derived={"diagdat": age_in_words, "riskgrp": risk_in_words},
        title_items=("brthdat", "sex"),
    )
)
