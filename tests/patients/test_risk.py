import csv
from decimal import Decimal
from pathlib import Path

import pytest

from patients.risk import derived_risk_group, marrow_class, risk_group

DATA = Path(__file__).parents[2] / "reports" / "demo" / "data"


@pytest.mark.parametrize(
    ("age_days", "wbc", "poor_response", "expected"),
    [
        (0, "300", False, "HIGH"),
        (182, "300", False, "HIGH"),
        (182, "299.99", False, "MEDIUM"),
        (182, "0", True, "HIGH"),
        (182, "999", True, "HIGH"),
        (183, "300", False, "MEDIUM"),
        (183, "299", True, "MEDIUM"),
        (364, "999", True, "MEDIUM"),
        (100, "20", False, "MEDIUM"),
    ],
)
def test_risk_group_at_its_boundaries(age_days, wbc, poor_response, expected):
    assert risk_group(age_days=age_days, wbc=Decimal(wbc), poor_response=poor_response) == expected


@pytest.mark.parametrize(
    ("age_days", "wbc", "poor_response", "expected"),
    [
        (200, None, None, "MEDIUM"),
        (100, "300", None, "HIGH"),
        (100, None, True, "HIGH"),
        (100, "299", None, None),
        (100, None, False, None),
        (None, "299", False, "MEDIUM"),
        (None, "300", False, None),
        (None, None, True, None),
        (None, None, None, None),
        (0, "0", False, "MEDIUM"),
    ],
)
def test_derived_risk_group_is_open_only_where_a_missing_item_could_change_it(age_days, wbc, poor_response, expected):
    count = None if wbc is None else Decimal(wbc)
    assert derived_risk_group(age_days=age_days, wbc=count, poor_response=poor_response) == expected


@pytest.mark.parametrize(("age_days", "wbc"), [(-1, "10"), (10, "-0.1")])
def test_negative_numbers_are_refused(age_days, wbc):
    with pytest.raises(ValueError, match="cannot be negative"):
        risk_group(age_days=age_days, wbc=Decimal(wbc), poor_response=False)


def test_risk_group_of_every_synthetic_subject():
    rows = list(csv.DictReader((DATA / "patients.csv").open(encoding="utf-8")))
    assert len(rows) == 30
    for row in rows:
        derived = risk_group(
            age_days=int(row["age_days_at_diagnosis"]),
            wbc=Decimal(row["wbc_10e9_l"]),
            poor_response=row["prednisone_response"] == "POOR",
        )
        assert derived == row["risk_group"], row["patient_id"]
        assert marrow_class(Decimal(row["eoi_blast_pct"])) == row["eoi_marrow"], row["patient_id"]


@pytest.mark.parametrize(
    ("blast_pct", "expected"),
    [("0", "M1"), ("4.9", "M1"), ("5", "M2"), ("25", "M2"), ("25.1", "M3"), ("100", "M3")],
)
def test_marrow_class_at_its_boundaries(blast_pct, expected):
    assert marrow_class(Decimal(blast_pct)) == expected


def test_marrow_class_of_nothing_is_none_and_impossible_percentages_are_refused():
    assert marrow_class(None) is None
    for impossible in ("-0.1", "100.1"):
        with pytest.raises(ValueError, match="between 0 and 100"):
            marrow_class(Decimal(impossible))
