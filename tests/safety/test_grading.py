import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety import ctcae
from safety.grading import FILE, Proposal, gradable_tests, grades

ROOT = Path(__file__).parents[2]
DATA = ROOT / "reports" / "demo" / "data"
TESTS_OF_THE_PANEL = ["HGB", "WBC", "NEUT", "PLAT", "ALT", "AST", "GGT", "BILI", "CREAT", "ALB"]


def decimal(text):
    return None if text in (None, "") else Decimal(text)


def graded(testcd, value, unit, lln=None, uln=None, baseline=None):
    proposals = grades(testcd, Decimal(value), unit, decimal(lln), decimal(uln), decimal(baseline))
    return {proposal.term: proposal.grade for proposal in proposals}


ANEMIA, WBC_LOW = "Anemia", "White blood cell decreased"
NEUT, PLAT, ALB = "Neutrophil count decreased", "Platelet count decreased", "Hypoalbuminemia"
ALT, GGT, BILI = "Alanine aminotransferase increased", "GGT increased", "Blood bilirubin increased"
CREAT, AKI = "Creatinine increased", "Acute kidney injury"
POTASSIUM_LOW, POTASSIUM_HIGH = "Hypokalemia", "Hyperkalemia"


@pytest.mark.parametrize(
    ("testcd", "value", "unit", "lln", "uln", "expected"),
    [
        ("HGB", "105", "g/L", "105", "140", {}),
        ("HGB", "104.9", "g/L", "105", "140", {ANEMIA: 1}),
        ("HGB", "100", "g/L", "105", "140", {ANEMIA: 1}),
        ("HGB", "99.9", "g/L", "105", "140", {ANEMIA: 2}),
        ("HGB", "80", "g/L", "105", "140", {ANEMIA: 2}),
        ("HGB", "79.9", "g/L", "105", "140", {ANEMIA: 3}),
        ("HGB", "10", "g/L", "105", "140", {ANEMIA: 3}),  # grade 4 is clinical only
        ("HGB", "7.9", "g/dL", "10.5", "14", {ANEMIA: 3}),
        ("HGB", "4.9", "mmol/L", "6.5", "8.7", {ANEMIA: 2}),
        ("HGB", "140", "g/L", "105", "140", {}),
        ("HGB", "160", "g/L", "105", "140", {"Hemoglobin increased": 1}),
        ("HGB", "180.1", "g/L", "105", "140", {"Hemoglobin increased": 3}),
        ("WBC", "5.5", "10^9/L", "5.5", "15", {}),
        ("WBC", "3.0", "10^9/L", "5.5", "15", {WBC_LOW: 1}),
        ("WBC", "2.99", "10^9/L", "5.5", "15", {WBC_LOW: 2}),
        ("WBC", "1.99", "10^9/L", "5.5", "15", {WBC_LOW: 3}),
        ("WBC", "0.99", "10^9/L", "5.5", "15", {WBC_LOW: 4}),
        ("WBC", "990", "/mm3", "5500", "15000", {WBC_LOW: 4}),
        ("WBC", "0", "10^9/L", "5.5", "15", {WBC_LOW: 4}),
        ("WBC", "100", "10^9/L", "5.5", "15", {}),
        ("WBC", "100.1", "10^9/L", "5.5", "15", {"Leukocytosis": 3}),
        ("NEUT", "1.5", "10^9/L", "1.5", "8.5", {}),
        ("NEUT", "1.49", "10^9/L", "1.5", "8.5", {NEUT: 2}),
        ("NEUT", "1.5", "10^9/L", "1.8", "8.5", {NEUT: 1}),
        ("NEUT", "1.0", "10^9/L", "1.5", "8.5", {NEUT: 2}),
        ("NEUT", "0.5", "10^9/L", "1.5", "8.5", {NEUT: 3}),
        ("NEUT", "0.42", "10^9/L", "1.5", "8.5", {NEUT: 4}),
        ("NEUT", "1.2", "10^9/L", "1.0", "8.5", {NEUT: 2}),
        ("PLAT", "75", "10^9/L", "180", "450", {PLAT: 1}),
        ("PLAT", "74", "10^9/L", "180", "450", {PLAT: 2}),
        ("PLAT", "49", "10^9/L", "180", "450", {PLAT: 3}),
        ("PLAT", "24", "10*9/L", "180", "450", {PLAT: 4}),
        ("ALT", "50", "U/L", "10", "50", {}),
        ("ALT", "50.1", "U/L", "10", "50", {ALT: 1}),
        ("ALT", "150", "U/L", "10", "50", {ALT: 1}),
        ("ALT", "250", "U/L", "10", "50", {ALT: 2}),
        ("ALT", "1000", "U/L", "10", "50", {ALT: 3}),
        ("ALT", "1000.1", "U/L", "10", "50", {ALT: 4}),
        ("AST", "151", "U/L", "10", "50", {"Aspartate aminotransferase increased": 2}),
        ("GGT", "125", "U/L", "5", "50", {GGT: 1}),
        ("GGT", "126", "U/L", "5", "50", {GGT: 2}),
        ("BILI", "30", "umol/L", "2", "20", {BILI: 1}),
        ("BILI", "201", "umol/L", "2", "20", {BILI: 4}),
        ("CREAT", "60", "umol/L", "14", "40", {CREAT: 1}),
        ("CREAT", "241", "umol/L", "14", "40", {CREAT: 4}),
        ("ALB", "30", "g/L", "35", "50", {ALB: 1}),
        ("ALB", "29.9", "g/L", "35", "50", {ALB: 2}),
        ("ALB", "19.9", "g/L", "35", "50", {ALB: 3}),
        ("K", "3.2", "mmol/L", "3.5", "5.0", {POTASSIUM_LOW: 1}),  # grade 2 needs symptoms
        ("K", "2.4", "mmol/L", "3.5", "5.0", {POTASSIUM_LOW: 4}),
        ("K", "5.6", "mmol/L", "3.5", "5.0", {POTASSIUM_HIGH: 2}),
        ("SODIUM", "129", "mmol/L", "135", "145", {"Hyponatremia": 3}),  # there is no grade 2
        ("URATE", "0.5", "mmol/L", "0.1", "0.4", {"Hyperuricemia": 1}),
        ("TRIG", "1.71", "mmol/L", None, None, {"Hypertriglyceridemia": 1}),
        ("APTT", "60", "s", "25", "40", {"Activated partial thromboplastin time prolonged": 1}),
        ("FIBRINO", "1.0", "g/L", "2.0", "4.0", {"Fibrinogen decreased": 2}),
        ("HAPTOG", "0.1", "g/L", "0.3", "2.0", {"Haptoglobin decreased": 1}),
        ("TEMP", "38.0", "°C", None, None, {"Fever": 1}),
        ("TEMP", "39.1", "C", None, None, {"Fever": 2}),
        ("TEMP", "40.5", "°C", None, None, {"Fever": 3}),  # grade 4 lasts for more than a day
        ("TEMP", "35", "°C", None, None, {"Hypothermia": 2}),
        ("QTC", "480.5", "ms", None, None, {"Electrocardiogram QT corrected interval prolonged": 2}),
        ("CRP", "200", "mg/L", "0", "5", {}),
    ],
)
def test_grade_of_a_value_at_the_edges_of_the_bands(testcd, value, unit, lln, uln, expected):
    assert graded(testcd, value, unit, lln, uln) == expected


@pytest.mark.parametrize(
    ("testcd", "value", "unit", "lln", "uln"),
    [
        ("PLAT", "20", None, "180", "450"),
        ("PLAT", "20", " ", "180", "450"),
        ("PLAT", "20", "mg", "180", "450"),
        ("HGB", "79", "10^9/L", "105", "140"),
        ("ALT", "400", "U/L", "10", None),
        ("ALT", "400", None, "10", "50"),
        ("ALT", "400", "U/L", "0", "0"),
        ("HGB", "102", "g/L", None, "140"),
        ("FIBRINO", "0.2", "g/L", None, None),
    ],
)
def test_value_without_the_unit_or_the_limit_that_it_needs_is_not_graded(testcd, value, unit, lln, uln):
    assert graded(testcd, value, unit, lln, uln) == {}


def test_a_missing_limit_leaves_the_bands_that_do_not_need_it():
    assert graded("HGB", "79", "g/L") == {ANEMIA: 3}
    assert graded("NEUT", "0.4", "10^9/L") == {NEUT: 4}


@pytest.mark.parametrize(
    ("testcd", "value", "unit", "lln", "uln", "baseline", "expected"),
    [
        ("CREAT", "30", "umol/L", "14", "40", "20", {CREAT: 1, AKI: 1}),
        ("CREAT", "29", "umol/L", "14", "40", "20", {CREAT: 1}),
        ("CREAT", "61", "umol/L", "14", "40", "20", {CREAT: 3, AKI: 3}),
        ("CREAT", "20", "umol/L", "14", "40", "20", {}),
        ("CREAT", "0.7", "mg/dL", "0.2", "0.8", "0.39", {CREAT: 2, AKI: 1}),
        ("FIBRINO", "1.9", "g/L", "1.5", "4.0", "4.0", {"Fibrinogen decreased": 3}),
        ("FIBRINO", "1.0", "g/L", "0.5", "4.0", "4.0", {"Fibrinogen decreased": 4}),
        ("HGB", "165", "g/L", "105", "140", "150", {"Hemoglobin increased": 1}),
        ("HGB", "165", "g/L", "105", "140", "120", {"Hemoglobin increased": 2}),
    ],
)
def test_grade_against_the_subjects_own_baseline(testcd, value, unit, lln, uln, baseline, expected):
    assert graded(testcd, value, unit, lln, uln, baseline) == expected


def test_what_the_value_does_not_show_is_named_in_the_proposal():
    high = grades("GLUC", Decimal("9.5"), "mmol/L", Decimal("3.3"), Decimal("5.6"))
    assert high == [Proposal("Hyperglycemia", 2, "H", "FASTING")]
    assert grades("GLUC", Decimal("14"), "mmol/L") == [Proposal("Hyperglycemia", 3, "H")]
    assert grades("QTC", Decimal(510), "ms")[0].condition == "TWO_ECGS"


def test_anticoagulation_is_not_guessed():
    baseline = Decimal("0.8")
    assert grades("INR", Decimal("1.3"), "ratio", Decimal("0.8"), Decimal("1.2"), baseline) == [
        Proposal("INR increased", 1, "H")
    ]


@pytest.mark.parametrize(
    ("numbers", "error", "sentence"),
    [
        ((79.0, None, None), TypeError, "graded as Decimal"),
        ((Decimal(-1), None, None), ValueError, "cannot be -1"),
        ((Decimal("NaN"), None, None), ValueError, "cannot be NaN"),
        ((Decimal(1), Decimal("Infinity"), None), ValueError, "cannot be Infinity"),
        ((Decimal(1), Decimal(2), Decimal(1)), ValueError, "from 2 to 1 runs backwards"),
    ],
)
def test_impossible_numbers_are_refused(numbers, error, sentence):
    value, lln, uln = numbers
    with pytest.raises(error, match=sentence):
        grades("HGB", value, "g/L", lln, uln)


def rows_of(name):
    with (DATA / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def graded_row(row):
    return graded(row["testcd"], row["value"], row["unit"], row["lln"], row["uln"])


def test_synthetic_laboratory_values_on_the_first_day_of_a_laboratory_event():
    """On that day a value lies in the band of the event's grade."""
    by_day: dict[tuple, set] = {}
    for row in rows_of("labs.csv"):
        for term, grade in graded_row(row).items():
            by_day.setdefault((row["patient_id"], row["sample_date"], term), set()).add(grade)
    measured = {term for _, _, term in by_day}
    events = [row for row in rows_of("ae.csv") if row["term"] in measured]
    assert len(events) >= 30
    for event in events:
        found = by_day.get((event["patient_id"], event["start_date"], event["term"]), set())
        assert int(event["grade"]) in found, event["ae_id"]


def test_planted_laboratory_errors_are_seen():
    rows = {(row["patient_id"], row["timepoint"], row["testcd"]): row for row in rows_of("labs.csv")}
    assert graded_row(rows["S021", "D15", "PLAT"]) == {}  # its unit is missing
    assert graded_row(rows["S006", "D22", "NEUT"]) == {NEUT: 4}


def test_all_tests_of_the_panel_have_bands():
    assert set(TESTS_OF_THE_PANEL) <= set(gradable_tests())


def test_bands_speak_of_terms_and_grades_of_the_dictionary():
    with FILE.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            term = ctcae.term(row["meddra_code"])
            assert term.name == row["term"]
            assert int(row["grade"]) in term.grades


UNITS = {"HGB": "g/L", "ALB": "g/L", "BILI": "umol/L", "CREAT": "umol/L", "K": "mmol/L", "GLUC": "mmol/L"}
UNITS |= {"WBC": "10^9/L", "NEUT": "10^9/L", "PLAT": "10^9/L", "LYM": "10^9/L"}
UNITS |= {"ALT": "U/L", "AST": "U/L", "GGT": "U/L", "FIBRINO": "g/L", "QTC": "ms", "TEMP": "°C"}
amounts = st.decimals(min_value=0, max_value=600, places=2)


@given(testcd=st.sampled_from(sorted(UNITS)), values=st.tuples(amounts, amounts), limits=st.tuples(amounts, amounts))
def test_grades_grow_with_the_distance_and_each_term_has_one(testcd, values, limits):
    lower, higher = sorted(values)
    lln, uln = sorted(limits)
    found = {value: grades(testcd, value, UNITS[testcd], lln, uln) for value in (lower, higher)}
    for proposals in found.values():
        assert max(Counter((item.term, item.direction) for item in proposals).values(), default=1) == 1
    for nearer, farther, direction in ((lower, higher, "H"), (higher, lower, "L")):
        grade_of = {item.term: item.grade for item in found[farther] if item.direction == direction}
        for item in found[nearer]:
            if item.direction == direction:
                assert grade_of.get(item.term, 0) >= item.grade
