import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from mrd.response import discordant, highest_value, sample_class, target_class

ROOT = Path(__file__).parents[2]
TIME_POINTS = ("EOI", "D15", "D29", "MARMA", "OCTADAD", "MAINT")
NEG, NQ = ("NEG", None), ("POS_NQ", None)


def pos(value):
    return ("POS", Decimal(value))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (NEG, "NEG"),
        (NQ, "LOW"),
        (pos("1e-6"), "LOW"),
        (pos("4.999999e-4"), "LOW"),
        (pos("5e-4"), "HIGH"),
        (pos("0.0005"), "HIGH"),
        (pos("1"), "HIGH"),
        (("POS", None), None),
        ((None, None), None),
    ],
)
def test_class_of_a_target(result, expected):
    assert target_class(*result) == expected


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (("POS", Decimal(0)), "above 0"),
        (("POS", Decimal("1.01")), "at most 1"),
        (("POS", Decimal("-1e-4")), "above 0"),
        (("NEG", Decimal("1e-4")), "Only a quantified positive result has a value"),
        (("POS_NQ", Decimal("1e-4")), "Only a quantified positive result has a value"),
        (("MAYBE", None), "NEG, POS_NQ or POS"),
    ],
)
def test_impossible_results_are_refused(result, sentence):
    with pytest.raises(ValueError, match=sentence):
        target_class(*result)


@pytest.mark.parametrize(
    ("results", "expected", "highest"),
    [
        ([], None, None),
        ([NEG], "NEG", "0"),
        ([NEG, NEG], "NEG", "0"),
        ([NEG, NQ], "LOW", "0"),
        ([pos("2e-5"), NEG], "LOW", "2e-5"),
        ([pos("4e-4"), pos("5e-4")], "HIGH", "5e-4"),
        ([NEG, pos("0.1")], "HIGH", "0.1"),
        ([NEG, (None, None)], None, None),
        ([("POS", None), pos("5e-4")], "HIGH", None),
    ],
)
def test_class_of_a_sample_is_the_worst_of_its_targets(results, expected, highest):
    assert sample_class(results) == expected
    assert sample_class(reversed(results)) == expected
    assert highest_value(results) == (None if highest is None else Decimal(highest))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], False),
        ([NEG], False),
        ([NEG, NEG], False),
        ([NEG, NQ], True),
        ([NQ, pos("1e-5")], False),
        ([pos("4e-4"), pos("5e-4")], True),
        ([NEG, (None, None)], False),
    ],
)
def test_discordant_targets(results, expected):
    assert discordant(results) is expected


def test_class_of_every_synthetic_sample():
    samples = defaultdict(list)
    with (ROOT / "reports/demo/data/mrd_results.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            result = (row["result"], Decimal(row["value"]) if row["value"] else None)
            samples[row["patient_id"], row["timepoint"]].append(result)
    with (ROOT / "tests/reference/mrd_categories.csv").open(encoding="utf-8") as file:
        expected = {
            (row["patient_id"], point): row[point]
            for row in csv.DictReader(file)
            for point in TIME_POINTS
            if row[point]
        }
    derived = {key: sample_class(results) for key, results in samples.items() if key[1] in TIME_POINTS}
    assert len(expected) > 150
    assert derived == expected
