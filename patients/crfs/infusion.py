from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models

from patients import exposure
from trial.checks import Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table
from trial.subject_data import SubjectData

BSA_TOLERANCE_M2 = Decimal("0.01")  # recorded with 2 decimals
DEXAMETHASONE_MG_M2 = 5
DEXAMETHASONE_TOLERANCE = Decimal("0.10")  # small doses are rounded to what a syringe can give
DEXAMETHASONE_EARLIEST = timedelta(minutes=60)  # the protocol says 30 minutes before the start
DEXAMETHASONE_LATEST = timedelta(minutes=15)
INTRATHECAL_DAY = 15
PLANNED_DAYS_TOLERANCE = timedelta(days=1)
ABOVE_0 = Decimal("0.01")


class StopReason(models.TextChoices):
    COMPLETED = "COMPLETED", "Completed as planned"
    TOXICITY = "TOXICITY", "Toxicity"
    PROGRESSION = "PROGRESSION", "Progression or relapse"
    DEATH = "DEATH", "Death"
    CONSENT = "CONSENT", "Consent withdrawn"
    OTHER = "OTHER", "Other"


@crf_table
class Infusion(Crf):
    exstdtc = fields.moment()
    weight = fields.decimal(5, 2, low=ABOVE_0, high=100)
    height = fields.decimal(5, 1, low=1, high=200)
    bsa = fields.decimal(4, 2, low=ABOVE_0, high=3)
    planned_dose = fields.decimal(5, 2, high=100)
    dexdtc = fields.moment()
    dex_mg = fields.decimal(5, 2, high=100)
    itdat = fields.day()
    exongo = fields.yes_no()
    exendtc = fields.moment()
    stop_reason = fields.choice(StopReason)


@check(
    "BI-01",
    "exendtc",
    "exstdtc",
    message="The infusion stops on {exendtc}, not after its start on {exstdtc}.",
    severity=Severity.HARD,
)
def stop_not_after_start(exendtc: datetime, exstdtc: datetime) -> bool:
    return exendtc <= exstdtc


@check(
    "BI-02",
    "dexdtc",
    "exstdtc",
    message="Dexamethasone on {dexdtc} is not before the start of the infusion on {exstdtc}. Check both times.",
)
def dexamethasone_not_before_start(dexdtc: datetime, exstdtc: datetime) -> bool:
    return dexdtc >= exstdtc


@check(
    "BI-03",
    "dexdtc",
    "exstdtc",
    message="Dexamethasone on {dexdtc}, infusion from {exstdtc}: the protocol says 30 minutes before "
    "(15 to 60 are not asked about).",
)
def dexamethasone_not_half_an_hour_before(dexdtc: datetime, exstdtc: datetime) -> bool:
    ahead = exstdtc - dexdtc
    return ahead > timedelta(0) and not DEXAMETHASONE_LATEST <= ahead <= DEXAMETHASONE_EARLIEST


@check(
    "BI-04",
    "bsa",
    "weight",
    "height",
    message="Body surface {bsa} m² is not that of {weight} kg and {height} cm by Mosteller. Check all three.",
)
def bsa_differs_from_mosteller(bsa: Decimal, weight: Decimal, height: Decimal) -> bool:
    return abs(bsa - exposure.bsa_m2(weight_kg=weight, height_cm=height)) > BSA_TOLERANCE_M2


@check(
    "BI-05",
    "dex_mg",
    "bsa",
    message="Dexamethasone {dex_mg} mg is not 5 mg/m² for {bsa} m². Check dose and body surface.",
)
def dexamethasone_dose_off(dex_mg: Decimal, bsa: Decimal) -> bool:
    expected = DEXAMETHASONE_MG_M2 * bsa
    return abs(dex_mg - expected) > DEXAMETHASONE_TOLERANCE * expected


@check(
    "BI-06",
    "itdat",
    "exstdtc",
    message="Intrathecal therapy on {itdat} is not day 15 of the infusion that starts on {exstdtc}.",
)
def intrathecal_not_on_day_15(itdat: date, exstdtc: datetime) -> bool:
    return exposure.infusion_day(exstdtc.date(), itdat) != INTRATHECAL_DAY


@check("BI-07", "planned_dose", message="Planned dose {planned_dose} is not 15 µg/m²/day.")
def planned_dose_not_15(planned_dose: Decimal) -> bool:
    return planned_dose != exposure.FULL_DOSE_UG_M2_DAY


@check(
    "BI-08",
    "stop_reason",
    "exstdtc",
    "exendtc",
    message="Completed as planned, but {exstdtc} to {exendtc} is shorter than 28 days. Check reason and times.",
)
def completed_too_short(stop_reason: str, exstdtc: datetime, exendtc: datetime) -> bool:
    planned = timedelta(days=exposure.PLANNED_DAYS) - PLANNED_DAYS_TOLERANCE
    return stop_reason == StopReason.COMPLETED and exendtc - exstdtc < planned


@check(
    "BI-09",
    "itdat",
    "exstdtc",
    "exendtc",
    when_missing=True,
    message="No intrathecal therapy is recorded, though the infusion went on past day 15. Enter it, or say why not.",
)
def intrathecal_not_recorded(itdat: date | None, exstdtc: datetime | None, exendtc: datetime | None) -> bool:
    if itdat is not None or exstdtc is None or exendtc is None:
        return False
    return exposure.infusion_day(exstdtc.date(), exendtc.date()) > INTRATHECAL_DAY


def surface_in_words(values: Mapping[str, Any]) -> str:
    if not values["weight"] or not values["height"]:
        return ""
    surface = exposure.bsa_m2(weight_kg=values["weight"], height_cm=values["height"])
    return f"Mosteller, √(weight × height / 3600): {surface} m²; {exposure.daily_dose_ug(bsa=surface)} µg a day"


def exposure_in_words(values: Mapping[str, Any], subject: SubjectData) -> str:
    """What was given of what was planned, once the infusion has ended; nothing while its rows contradict each other."""
    try:
        course = exposure.course_of(subject)
    except exposure.ImpossibleCourse:
        return ""
    if course is None or course.percent_of_planned is None or course.delivered_days is None:
        return ""
    given = f"{course.percent_of_planned:.1f} % of the planned dose (15 µg/m²/day for 28 days)"
    return f"{given}, infused for {course.delivered_days:.1f} days, with the interruptions and dose changes entered"


register(
    CrfSpec(
        code="infusion",
        title="Blinatumomab infusion",
        model=Infusion,
        sections=[
            Section(
                "Start and dose",
                Item("exstdtc", "First start", cdash="EXSTDTC", required=True),
                Item("weight", "Weight", unit="kg", cdash="WEIGHT_VSORRES", required=True, low=2, high=20),
                Item("height", "Height", unit="cm", cdash="HEIGHT_VSORRES", required=True, low=40, high=90),
                Item(
                    "bsa",
                    "Body surface",
                    unit="m²",
                    cdash="BSA_VSORRES",
                    required=True,
                    low=Decimal("0.15"),
                    high=Decimal("0.60"),
                ),
                Item("planned_dose", "Planned dose", unit="µg/m²/day", cdash="EXPDOSE", required=True),
            ),
            Section(
                "Beside it",
                Item("dexdtc", "Dexamethasone given", required=True, help="30 minutes before the start."),
                Item("dex_mg", "Dexamethasone dose", unit="mg", required=True, help="5 mg/m²."),
                Item("itdat", "Intrathecal therapy", help="On day 15."),
            ),
            Section(
                "End",
                Item("exongo", "Ongoing", required=True),
                Item("exendtc", "Last stop", cdash="EXENDTC", required=True, only_if=("exongo", ("N",))),
                Item("stop_reason", "Reason of the stop", cdash="DSDECOD", required=True, only_if=("exongo", ("N",))),
            ),
        ],
        checks=[
            stop_not_after_start,
            dexamethasone_not_before_start,
            dexamethasone_not_half_an_hour_before,
            bsa_differs_from_mosteller,
            dexamethasone_dose_off,
            intrathecal_not_on_day_15,
            planned_dose_not_15,
            completed_too_short,
            intrathecal_not_recorded,
        ],
        derived={"bsa": surface_in_words},
        derived_across={"exendtc": exposure_in_words},
        derived_reads=frozenset({"interruption", "dose_change"}),
        title_items=("exstdtc",),
    )
)
