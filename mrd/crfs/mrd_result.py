from decimal import Decimal

from django.db import models

from mrd.assay import echo
from mrd.crfs.fraction import fraction
from trial.checks import Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table

# The study asks for assays that find one leukaemic cell among ten thousand.
NEGATIVE_NEEDS = Decimal("1e-4")


class Target(models.TextChoices):
    KMT2A = "KMT2A", "KMT2A fusion"
    IGTCR = "IGTCR", "Ig/TCR rearrangement"


class Result(models.TextChoices):
    NEG = "NEG", "Negative"
    POS_NQ = "POS_NQ", "Positive, not quantifiable"
    POS = "POS", "Positive, quantified"


@crf_table
class MrdResult(Crf):
    sample = fields.link()
    target = fields.choice(Target)
    result = fields.choice(Result)
    value = fraction()
    quant_range = fraction()
    sensitivity = fraction()


@check(
    "MR-01",
    "value",
    "result",
    message="Only a quantified positive result has a value. Take the value away, or correct the result.",
    severity=Severity.HARD,
)
def value_of_unquantified_result(value: Decimal, result: str) -> bool:
    return result != Result.POS


@check(
    "MR-02",
    "value",
    "result",
    message="A quantified positive result needs its value, as a fraction or in %.",
    severity=Severity.HARD,
    when_missing=True,
)
def quantified_result_without_value(value: Decimal | None, result: str | None) -> bool:
    return result == Result.POS and value is None


@check(
    "MR-03",
    "value",
    "sensitivity",
    message="The value {value} is below the sensitivity of the assay, {sensitivity}. Check both.",
)
def value_below_sensitivity(value: Decimal, sensitivity: Decimal) -> bool:
    return value < sensitivity


@check(
    "MR-04",
    "value",
    "quant_range",
    message="The value {value} is below the quantitative range, {quant_range}: that would be positive, not"
    " quantifiable.",
)
def value_below_quantitative_range(value: Decimal, quant_range: Decimal) -> bool:
    return value < quant_range


@check(
    "MR-05",
    "sensitivity",
    "result",
    message="Negative, but the assay finds no less than {sensitivity}: the study asks for 1 in 10,000 or better.",
)
def negative_by_insensitive_assay(sensitivity: Decimal, result: str) -> bool:
    return result == Result.NEG and sensitivity > NEGATIVE_NEEDS


@check(
    "MR-06",
    "quant_range",
    "sensitivity",
    message="The quantitative range {quant_range} goes lower than the sensitivity {sensitivity}. Check both.",
)
def range_below_sensitivity(quant_range: Decimal, sensitivity: Decimal) -> bool:
    return quant_range < sensitivity


register(
    CrfSpec(
        code="mrd_result",
        title="MRD result",
        model=MrdResult,
        log=True,
        help="One row for each sample and PCR target.",
        sections=[
            Section(
                "Result",
                Item("sample", "Sample", required=True, links_to=("mrd_sample",)),
                Item("target", "PCR target", cdash="MITEST", required=True),
                Item("result", "Result", cdash="MIORRES", required=True),
                Item(
                    "value",
                    "Value",
                    unit="fraction of cells",
                    help="Like 2.8e-4, 2.8 x 10^-4 or 0.028 %.",
                    required=True,
                    only_if=("result", ("POS",)),
                ),
            ),
            Section(
                "Assay",
                Item("quant_range", "Quantitative range", unit="fraction of cells", required=True),
                Item("sensitivity", "Sensitivity", unit="fraction of cells", required=True),
            ),
        ],
        checks=[
            value_of_unquantified_result,
            quantified_result_without_value,
            value_below_sensitivity,
            value_below_quantitative_range,
            negative_by_insensitive_assay,
            range_below_sensitivity,
        ],
        derived={"value": lambda values: echo(values["value"]) if values["value"] else ""},
        title_items=("sample", "target", "result"),
    )
)
