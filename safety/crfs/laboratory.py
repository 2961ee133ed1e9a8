from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

from trial.checks import Check, Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


class HemoglobinUnit(models.TextChoices):
    G_L = "g/L", "g/L"
    G_DL = "g/dL", "g/dL"
    MMOL_L = "mmol/L", "mmol/L"


class CountUnit(models.TextChoices):
    GIGA_L = "10^9/L", "10^9/L"
    PER_MM3 = "/mm3", "/mm³"


class EnzymeUnit(models.TextChoices):
    U_L = "U/L", "U/L"
    UKAT_L = "ukat/L", "µkat/L"


class SubstanceUnit(models.TextChoices):
    UMOL_L = "umol/L", "µmol/L"
    MG_DL = "mg/dL", "mg/dL"


class AlbuminUnit(models.TextChoices):
    G_L = "g/L", "g/L"
    G_DL = "g/dL", "g/dL"


def _amount() -> models.DecimalField:
    return fields.decimal(11, 3)


@crf_table
class Laboratory(Crf):
    lbdat = fields.day()
    lbnam = fields.text(100)
    hgb = _amount()
    hgb_unit = fields.choice(HemoglobinUnit)
    hgb_lln = _amount()
    hgb_uln = _amount()
    wbc = _amount()
    wbc_unit = fields.choice(CountUnit)
    wbc_lln = _amount()
    wbc_uln = _amount()
    neut = _amount()
    neut_unit = fields.choice(CountUnit)
    neut_lln = _amount()
    neut_uln = _amount()
    plat = _amount()
    plat_unit = fields.choice(CountUnit)
    plat_lln = _amount()
    plat_uln = _amount()
    alt = _amount()
    alt_unit = fields.choice(EnzymeUnit)
    alt_lln = _amount()
    alt_uln = _amount()
    ast = _amount()
    ast_unit = fields.choice(EnzymeUnit)
    ast_lln = _amount()
    ast_uln = _amount()
    ggt = _amount()
    ggt_unit = fields.choice(EnzymeUnit)
    ggt_lln = _amount()
    ggt_uln = _amount()
    bili = _amount()
    bili_unit = fields.choice(SubstanceUnit)
    bili_lln = _amount()
    bili_uln = _amount()
    creat = _amount()
    creat_unit = fields.choice(SubstanceUnit)
    creat_lln = _amount()
    creat_uln = _amount()
    alb = _amount()
    alb_unit = fields.choice(AlbuminUnit)
    alb_lln = _amount()
    alb_uln = _amount()


Range = tuple[Decimal | int, Decimal | int]


@dataclass(frozen=True, kw_only=True)
class LabTest:
    """One test of the panel. name: its item; its CDISC code (LBTESTCD) is the same in capitals.

    limit: the limit of the reference range that its CTCAE grades need ("lln" or "uln").
    plausible: unit -> lowest and highest value that an infant with leukaemia may well have.
    """

    name: str
    label: str
    limit: str
    plausible: Mapping[str, Range]

    @property
    def testcd(self) -> str:
        return self.name.upper()


COUNTS: Mapping[str, Mapping[str, Range]] = {
    "wbc": {"10^9/L": (0, 500), "/mm3": (0, 500_000)},
    "neut": {"10^9/L": (0, 100), "/mm3": (0, 100_000)},
    "plat": {"10^9/L": (2, 1500), "/mm3": (2000, 1_500_000)},
}
ENZYME: Mapping[str, Range] = {"U/L": (2, 5000), "ukat/L": (Decimal("0.03"), 85)}

TESTS = (
    LabTest(
        name="hgb",
        label="Haemoglobin",
        limit="lln",
        plausible={"g/L": (30, 220), "g/dL": (3, 22), "mmol/L": (Decimal("1.8"), Decimal("13.7"))},
    ),
    LabTest(name="wbc", label="White blood cells", limit="lln", plausible=COUNTS["wbc"]),
    LabTest(name="neut", label="Neutrophils", limit="lln", plausible=COUNTS["neut"]),
    LabTest(name="plat", label="Platelets", limit="lln", plausible=COUNTS["plat"]),
    LabTest(name="alt", label="ALT", limit="uln", plausible=ENZYME),
    LabTest(name="ast", label="AST", limit="uln", plausible=ENZYME),
    LabTest(name="ggt", label="GGT", limit="uln", plausible=ENZYME),
    LabTest(
        name="bili",
        label="Total bilirubin",
        limit="uln",
        plausible={"umol/L": (1, 700), "mg/dL": (Decimal("0.05"), 41)},
    ),
    LabTest(
        name="creat",
        label="Creatinine",
        limit="uln",
        plausible={"umol/L": (5, 500), "mg/dL": (Decimal("0.05"), Decimal("5.7"))},
    ),
    LabTest(name="alb", label="Albumin", limit="lln", plausible={"g/L": (10, 60), "g/dL": (1, 6)}),
)


# --- questions ---------------------------------------------------------------------------------------------------


def _items(test: LabTest) -> Iterator[Item]:
    yield Item(test.name, test.label, cdash=f"{test.testcd}_LBORRES", required=True)
    yield Item(f"{test.name}_unit", f"{test.label}, unit", cdash=f"{test.testcd}_LBORRESU")
    yield Item(f"{test.name}_lln", f"{test.label}, lower limit of normal", cdash=f"{test.testcd}_LBORNRLO")
    yield Item(f"{test.name}_uln", f"{test.label}, upper limit of normal", cdash=f"{test.testcd}_LBORNRHI")


# --- checks, once for each test ----------------------------------------------------------------------------------


def _without_unit(test: LabTest) -> Check:
    unit = f"{test.name}_unit"
    return check(
        f"LB-01-{test.testcd}",
        unit,
        test.name,
        message=f"{test.label} {{{test.name}}} has no unit. Enter the unit; until then the value is not graded.",
        when_missing=True,
        even_if_coded=True,  # a value cannot be used without its unit, whatever the reason
    )(lambda **values: values[test.name] is not None and not values[unit])


def _without_range(test: LabTest) -> Check:
    limit = f"{test.name}_{test.limit}"
    side = "lower" if test.limit == "lln" else "upper"
    return check(
        f"LB-02-{test.testcd}",
        limit,
        test.name,
        message=f"{test.label} {{{test.name}}} has no {side} limit of normal, which its grades need. Enter the range"
        " that the laboratory printed.",
        when_missing=True,
    )(lambda **values: values[test.name] is not None and values[limit] is None)


def _limits_reversed(test: LabTest) -> Check:
    low, high = f"{test.name}_lln", f"{test.name}_uln"
    return check(
        f"LB-03-{test.testcd}",
        low,
        high,
        message=f"{test.label}: the lower limit {{{low}}} is above the upper limit {{{high}}}.",
        severity=Severity.HARD,
    )(lambda **values: values[low] > values[high])


def _implausible(test: LabTest) -> Check:
    unit = f"{test.name}_unit"

    def outside(**values: Any) -> bool:
        low, high = test.plausible[values[unit]]
        return not low <= values[test.name] <= high

    return check(
        f"LB-04-{test.testcd}",
        test.name,
        unit,
        message=f"{test.label} {{{test.name}}} {{{unit}}} is hardly possible. Check value and unit.",
    )(outside)


def _unit_without_value(test: LabTest) -> Check:
    unit = f"{test.name}_unit"
    return check(
        f"LB-05-{test.testcd}",
        test.name,
        unit,
        message=f"{test.label} has a unit ({{{unit}}}), but no value. Enter the value, or take the unit away.",
        when_missing=True,
    )(lambda **values: values[test.name] is None and bool(values[unit]))


MAKERS = (_without_unit, _without_range, _limits_reversed, _implausible, _unit_without_value)


@check("LB-06", "neut", "wbc", "neut_unit", "wbc_unit",
       message="Neutrophils {neut} are more than all white blood cells, {wbc} {wbc_unit}. Check both.")  # fmt: skip
def more_neutrophils_than_cells(neut: Decimal, wbc: Decimal, neut_unit: str, wbc_unit: str) -> bool:
    return neut_unit == wbc_unit and neut > wbc


register(
    CrfSpec(
        code="laboratory",
        title="Laboratory",
        model=Laboratory,
        log=True,
        help="Values, units and ranges as the laboratory printed them. A test that was not done is “not done”.",
        sections=[
            Section(
                "Sample",
                Item("lbdat", "Date of the sample", cdash="LBDAT", required=True),
                Item("lbnam", "Laboratory", cdash="LBNAM", required=True),
            ),
            Section("Blood count", *(item for test in TESTS[:4] for item in _items(test))),
            Section("Chemistry", *(item for test in TESTS[4:] for item in _items(test))),
        ],
        checks=[*(make(test) for test in TESTS for make in MAKERS), more_neutrophils_than_cells],
        title_items=("lbdat",),
    )
)
