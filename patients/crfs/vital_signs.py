from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from patients.exposure import bsa_m2
from trial.checks import Severity, check, show
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table
from trial.subject_data import SubjectData


@crf_table
class VitalSigns(Crf):
    vsdat = fields.day()
    temp = fields.decimal(4, 1, low=25, high=45)
    sysbp = fields.integer(low=0, high=300)
    diabp = fields.integer(low=0, high=250)
    hr = fields.integer(low=0, high=400)
    weight = fields.decimal(5, 2, high=100)


@check("VS-01", "sysbp", "diabp", message="Systolic {sysbp} mmHg is not above diastolic {diabp} mmHg. Check both.")
def systolic_not_above_diastolic(sysbp: int, diabp: int) -> bool:
    return sysbp <= diabp


@check("VS-02", "weight", message="A weight of 0 kg cannot be. Enter the weight.", severity=Severity.HARD)
def weight_is_zero(weight: Decimal) -> bool:
    return weight == 0


def surface_in_words(values: Mapping[str, Any], subject: SubjectData) -> str:
    """By this weight and the height that the infusion form has."""
    infusion = subject.first("infusion")
    if not values["weight"] or infusion is None or not infusion.height:
        return ""
    surface = bsa_m2(weight_kg=values["weight"], height_cm=infusion.height)
    return f"Body surface {surface} m² by Mosteller, with the height of the infusion form ({show(infusion.height)} cm)"


register(
    CrfSpec(
        code="vital_signs",
        title="Vital signs",
        model=VitalSigns,
        sections=[
            Section(
                "Measurements",
                Item("vsdat", "Date of measurement", cdash="VSDAT", required=True),
                Item("temp", "Temperature", unit="°C", cdash="TEMP_VSORRES", required=True, low=35, high=42),
                Item(
                    "sysbp",
                    "Systolic blood pressure",
                    unit="mmHg",
                    cdash="SYSBP_VSORRES",
                    required=True,
                    low=50,
                    high=150,
                ),
                Item(
                    "diabp",
                    "Diastolic blood pressure",
                    unit="mmHg",
                    cdash="DIABP_VSORRES",
                    required=True,
                    low=20,
                    high=110,
                ),
                Item("hr", "Heart rate", unit="beats/min", cdash="HR_VSORRES", required=True, low=60, high=220),
                Item(
                    "weight",
                    "Weight",
                    unit="kg",
                    cdash="WEIGHT_VSORRES",
                    required=True,
                    low=2,
                    high=20,
                    ask_why=True,
                ),
            )
        ],
        checks=[systolic_not_above_diastolic, weight_is_zero],
        derived_across={"weight": surface_in_words},
        derived_reads=frozenset({"infusion"}),
        title_items=("vsdat",),
    )
)
