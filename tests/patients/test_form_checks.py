"""Checks within the forms of this app: each on answers that it finds odd, and on answers just inside."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.patients.subject_rows import at
from trial.checks import Severity
from trial.crf import registry

pytestmark = pytest.mark.requirement("DE-01")

CRITERIA = dict.fromkeys(
    (
        "age_lt_1y",
        "kmt2a_rearranged",
        "cd19_positive",
        "b_precursor",
        "interfant06_induction",
        "eoi_blasts_lt_25",
        "no_cns_condition",
        "no_cns_involvement_eoi",
    ),
    "Y",
)
NOON, LATER = at("2024-01-10 12:00"), at("2024-01-12 12:00")
BORN = date(2023, 9, 1)
HIGH = {"brthdat": BORN, "diagdat": date(2023, 12, 1), "wbc": Decimal(300), "predresp": "GOOD"}
RELAPSE = {"deevent": "RELAPSE", "site_bm": "N", "site_cns": "N", "site_testis": "N", "site_other": "N"}
STOP = {"intstdtc": NOON, "intendtc": LATER, "intreason": "TOXICITY", "ae": 1}
LEUKAEMIA = {"dthcause": "RELAPSE", "in_remission": "N"}


def codes(crf: str, answers: dict[str, Any]) -> set[str]:
    spec = registry.get(crf)
    values = {item.name: None for item in spec.items} | answers
    return {finding.code for finding in spec.findings(values, {})}


CASES = [
    # code, CRF, odd answers, what makes them sound
    ("EL-01", "screening", {**CRITERIA, "cd19_positive": "N", "eligible": "Y"}, {"cd19_positive": "Y"}),
    ("EL-01", "screening", {**CRITERIA, "eligible": "N"}, {"cd19_positive": "N"}),
    ("EL-02", "screening", {**CRITERIA, "failure_reason": "blasts CD19 negative"}, {"cd19_positive": "N"}),
    ("EL-03", "screening", {"eligible": "N", "enrolled": "Y"}, {"enrolled": "N"}),
    ("EL-04", "screening", {"enrolled": "N", "enroldat": BORN}, {"enrolled": "Y"}),
    ("EL-05", "screening", {**CRITERIA, "cd19_positive": "N", "b_precursor": "N"}, {"b_precursor": "Y"}),
    ("EL-06", "screening", {"eligible": "Y", "enrolled": "N"}, {"enrolled": "Y"}),
    ("BL-01", "baseline", {"brthdat": BORN, "diagdat": date(2023, 8, 31)}, {"diagdat": BORN}),
    ("BL-02", "baseline", {"brthdat": BORN, "diagdat": date(2024, 9, 1)}, {"diagdat": date(2024, 8, 31)}),
    ("BL-03", "baseline", {**HIGH, "riskgrp": "MEDIUM"}, {"riskgrp": "HIGH"}),
    ("BL-03", "baseline", {**HIGH, "wbc": Decimal("299.9"), "riskgrp": "HIGH"}, {"predresp": "POOR"}),
    ("BL-03", "baseline", {**HIGH, "riskgrp": "HIGH", "brthdat": date(2023, 1, 1)}, {"diagdat": None, "brthdat": None}),
    ("TB-01", "treatment_block", {"ecstdat": BORN, "ecendat": date(2023, 8, 31)}, {"ecendat": BORN}),
    ("BI-01", "infusion", {"exstdtc": NOON, "exendtc": NOON}, {"exendtc": LATER}),
    ("BI-02", "infusion", {"exstdtc": NOON, "dexdtc": NOON}, {"dexdtc": at("2024-01-10 11:59")}),
    ("BI-03", "infusion", {"exstdtc": NOON, "dexdtc": at("2024-01-10 11:46")}, {"dexdtc": at("2024-01-10 11:45")}),
    ("BI-03", "infusion", {"exstdtc": NOON, "dexdtc": at("2024-01-10 10:59")}, {"dexdtc": at("2024-01-10 11:00")}),
    ("BI-04", "infusion", {"bsa": Decimal("0.40"), "weight": Decimal("6.96"), "height": Decimal(74)},
     {"bsa": Decimal("0.39")}),
    ("BI-05", "infusion", {"dex_mg": Decimal("2.3"), "bsa": Decimal("0.40")}, {"dex_mg": Decimal("2.2")}),
    ("BI-05", "infusion", {"dex_mg": Decimal("1.7"), "bsa": Decimal("0.40")}, {"dex_mg": Decimal("1.8")}),
    ("BI-06", "infusion", {"exstdtc": NOON, "itdat": date(2024, 1, 25)}, {"itdat": date(2024, 1, 24)}),
    ("BI-07", "infusion", {"planned_dose": Decimal(5)}, {"planned_dose": Decimal("15.0")}),
    ("BI-08", "infusion", {"stop_reason": "COMPLETED", "exstdtc": NOON, "exendtc": at("2024-02-06 11:00")},
     {"exendtc": at("2024-02-06 12:00")}),
    ("BI-08", "infusion", {"stop_reason": "COMPLETED", "exstdtc": NOON, "exendtc": LATER}, {"stop_reason": "TOXICITY"}),
    ("BI-09", "infusion", {"exstdtc": NOON, "exendtc": at("2024-01-25 12:00")}, {"exendtc": at("2024-01-24 12:00")}),
    ("BI-09", "infusion", {"exstdtc": NOON, "exendtc": at("2024-02-07 12:00")}, {"itdat": date(2024, 1, 24)}),
    ("DC-01", "dose_change", {"dcdose": Decimal(0)}, {"dcdose": Decimal(5)}),
    ("IN-01", "interruption", {"intstdtc": NOON, "intendtc": NOON}, {"intendtc": LATER}),
    ("IN-02", "interruption", {"intendtc": LATER, "full_dtc": NOON}, {"full_dtc": LATER}),
    ("IN-03", "interruption", {**STOP, "restart_dose": Decimal(10)}, {"restart_dose": Decimal("5.00")}),
    ("IN-03", "interruption", {**STOP, "restart_dose": Decimal(15)}, {"intendtc": at("2024-01-10 16:00")}),
    ("IN-03", "interruption", {**STOP, "restart_dose": Decimal(15)}, {"intreason": "TECHNICAL"}),
    ("IN-04", "interruption", {"intreason": "OTHER"}, {"intnote": "Change of the line"}),
    ("IN-05", "interruption", {**STOP, "ae": None}, {"ae": 1}),
    ("IN-05", "interruption", {**STOP, "ae": None}, {"intreason": "TECHNICAL"}),
    ("IN-06", "interruption", {**STOP, "restart_dose": Decimal(5), "full_dtc": LATER}, {"full_dtc": None}),
    ("VS-01", "vital_signs", {"sysbp": 55, "diabp": 55}, {"sysbp": 56}),
    ("VS-02", "vital_signs", {"weight": Decimal(0)}, {"weight": Decimal("0.1")}),
    ("EV-01", "disease_event", RELAPSE, {"site_cns": "Y"}),
    ("EV-01", "disease_event", RELAPSE, {"deevent": "MOLECULAR_REAPPEARANCE"}),
    ("EV-02", "disease_event", {**RELAPSE, "site_other": "Y"}, {"denote": "Skin"}),
    ("EV-02", "disease_event", {"deevent": "SECOND_CANCER"}, {"denote": "Thyroid"}),
    ("DT-01", "death", {**LEUKAEMIA, "in_remission": "Y"}, LEUKAEMIA),
    ("DT-02", "death", {"dthcause": "OTHER"}, {"dthcause_text": "Accident"}),
    ("DS-01", "disposition", {"dsdecod": "OTHER"}, {"dstext": "Moved away"}),
    ("CM-01", "concomitant", {"cmstdat": "2024-02", "cmendat": "2024-01"}, {"cmendat": "2024"}),
    ("CM-01", "concomitant", {"cmstdat": "2024-02-03", "cmendat": "2024-02-02"}, {"cmendat": "2024-02"}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "crf", "odd", "correction"), CASES)
def test_each_check_finds_the_odd_answers_and_not_the_sound_ones(
    code: str, crf: str, odd: dict[str, Any], correction: dict[str, Any]
) -> None:
    assert code in codes(crf, odd)
    assert code not in codes(crf, odd | correction)


@pytest.mark.parametrize(
    ("crf", "item", "inside", "outside"),
    [
        ("baseline", "wbc", ["1", "2000"], ["0.99", "2000.01"]),
        ("infusion", "weight", ["2", "20"], ["1.99", "68.3"]),
        ("infusion", "height", ["40", "90"], ["39.9", "90.1"]),
        ("infusion", "bsa", ["0.15", "0.60"], ["0.14", "0.61"]),
        ("dose_change", "dcdose", ["5", "15"], ["4.9", "15.1"]),
        ("interruption", "restart_dose", ["5", "15"], ["4.9", "15.1"]),
        ("vital_signs", "temp", ["35", "42"], ["34.9", "42.1"]),
        ("vital_signs", "weight", ["2", "20"], ["1.99", "20.01"]),
    ],
)
def test_a_number_outside_its_plausible_range_is_asked_about(
    crf: str, item: str, inside: list[str], outside: list[str]
) -> None:
    asked = {"intongo": "N"} if crf == "interruption" else {}
    code = f"{crf}.{item}.range"
    assert not any(code in codes(crf, {**asked, item: Decimal(number)}) for number in inside)
    assert all(code in codes(crf, {**asked, item: Decimal(number)}) for number in outside)


@pytest.mark.requirement("DE-02")
@pytest.mark.parametrize(
    ("crf", "answers", "item"),
    [
        ("treatment_block", {"econgo": "N"}, "ecendat"),
        ("infusion", {"exongo": "N"}, "exendtc"),
        ("infusion", {"exongo": "N"}, "stop_reason"),
        ("interruption", {"intongo": "N"}, "intendtc"),
        ("concomitant", {"cmongo": "N"}, "cmendat"),
        ("baseline", {"kmt2a_partner": "OTHER"}, "kmt2a_other"),
        ("neurological", {"neuro_other": "Y"}, "neuro_other_text"),
        ("disease_event", {"deevent": "RELAPSE"}, "site_bm"),
        ("follow_up", {"alive": "Y"}, "remission"),
    ],
)
def test_an_item_is_asked_for_only_where_it_applies(crf: str, answers: dict[str, str], item: str) -> None:
    blank = f"{crf}.{item}.blank"
    assert blank in codes(crf, answers)
    assert blank not in codes(crf, {})


def test_only_what_cannot_be_is_refused() -> None:
    hard = {
        check.code
        for code in {case[1] for case in CASES}
        for check in registry.get(code).checks
        if check.severity is Severity.HARD
    }
    assert hard == {"BL-01", "TB-01", "BI-01", "DC-01", "IN-01", "IN-02", "VS-02", "CM-01"}
