"""The synthetic subjects as plain values, as an import stores them."""

import csv
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.patients.subject_rows import subject
from trial.subject_data import SubjectData

DATA = Path(__file__).parents[2] / "reports" / "demo" / "data"
VISITS = {"D1": "day_1", "D8": "day_8", "D15": "day_15", "D22": "day_22", "D29": "day_29"}
CRITERIA = (
    "age_lt_1y",
    "kmt2a_rearranged",
    "cd19_positive",
    "b_precursor",
    "interfant06_induction",
    "eoi_blasts_lt_25",
    "no_cns_condition",
    "no_cns_involvement_eoi",
)

Answers = dict[str, Any]
Forms = dict[str, list[Answers]]


def read(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def all_subjects() -> dict[str, SubjectData]:
    """Subject number -> forms, failures of screening included."""
    activated = {row["site_id"]: _day(row["activated_on"]) for row in read("sites")}
    sites = {row["screening_id"]: row["site_id"] for row in read("screening")}
    return {
        number: subject(site_activated_on=activated[sites[number]], **forms) for number, forms in all_forms().items()
    }


def all_forms() -> dict[str, Forms]:
    forms: dict[str, Forms] = defaultdict(lambda: defaultdict(list))
    enrolled = {row["patient_id"]: row for row in read("patients")}
    for row in read("screening"):
        _screening(forms[row["screening_id"]], row, enrolled.get(row["screening_id"]))
    for row in enrolled.values():
        forms[row["patient_id"]]["baseline"].append(_baseline(row))
    for row in read("end_of_induction"):
        answers = {"eoidat": _day(row["assessment_date"]), "blast_pct": Decimal(row["blast_pct"])}
        forms[row["patient_id"]]["end_of_induction"].append(
            {**answers, "eoi_cns": row["cns_involvement"], "visit": "screening"}
        )
    for row in read("treatment_blocks"):
        forms[row["patient_id"]]["treatment_block"].append(_block(row))
    _infusions(forms)
    for row in read("interruptions"):
        forms[row["patient_id"]]["interruption"].append(_interruption(row))
    for row in read("vitals"):
        forms[row["patient_id"]]["vital_signs"].append(_vital_signs(row))
    for row in read("deviations"):
        forms[row["patient_id"]]["deviation"].append(
            {
                "dvcat": row["category"],
                "dvstdat": _day(row["deviation_date"]),
                "dvterm": row["description"],
                "dvconf": "Y",
            }
        )
    for row in read("conmeds"):
        treatment = row["drug"].replace("-", "")
        forms[row["patient_id"]]["concomitant"].append(
            {"cmtrt": treatment, "cmstdat": row["date"], "cmendat": row["date"], "cmongo": "N"}
        )
    for row in read("events"):
        _event(forms[row["patient_id"]], row)
    return forms


def _screening(forms: Forms, row: dict[str, str], enrolled: dict[str, str] | None) -> None:
    forms["consent"].append({"icdat": _day(row["consent_date"]), "icver": row["consent_version"], "ickind": "FIRST"})
    answers: Answers = {item: row[item] for item in (*CRITERIA, "eligible", "enrolled")}
    answers |= {"failure_reason": row["failure_reason"] or None, "visit": "screening"}
    forms["screening"].append(answers | {"enroldat": _day(enrolled["enrolment_date"]) if enrolled else None})


def _baseline(row: dict[str, str]) -> Answers:
    partner = row["kmt2a_partner"].split(" ")[0]
    return {
        "brthdat": _day(row["birth_date"]),
        "sex": row["sex"],
        "diagdat": _day(row["diagnosis_date"]),
        "wbc": Decimal(row["wbc_10e9_l"]),
        "cns": row["cns_at_diagnosis"],
        "kmt2a_partner": partner,
        "predresp": row["prednisone_response"],
        "riskgrp": row["risk_group"],
        "visit": "screening",
    }


def _block(row: dict[str, str]) -> Answers:
    return {
        "block": row["block"],
        "ecstdat": _day(row["start_date"]),
        "econgo": "N" if row["end_date"] else "Y",
        "ecendat": _day(row["end_date"]),
        "as_protocol": "N" if row["protocol_deviation"] == "1" else "Y",
        "ecnote": row["note"] or None,
    }


def _infusions(forms: dict[str, Forms]) -> None:
    segments = defaultdict(list)
    for row in read("infusion_segments"):
        segments[row["patient_id"]].append(row)
    for row in read("infusion"):
        own = sorted(segments[row["patient_id"]], key=lambda segment: int(segment["segment_no"]))
        forms[row["patient_id"]]["infusion"].append(
            {
                "exstdtc": _moment(own[0]["start_datetime"]),
                "exendtc": _moment(own[-1]["end_datetime"]),
                "exongo": "N",
                "weight": Decimal(row["weight_kg"]),
                "height": Decimal(row["height_cm"]),
                "bsa": Decimal(row["bsa_m2"]),
                "planned_dose": Decimal(row["planned_dose_ug_m2_day"]),
                "dexdtc": _moment(row["dexamethasone_datetime"]),
                "dex_mg": Decimal(row["dexamethasone_mg"]),
                "itdat": _day(row["intrathecal_date"]),
                "stop_reason": row["reason_stopped"],
                "visit": "day_1",
            }
        )


def _interruption(row: dict[str, str]) -> Answers:
    return {
        "intstdtc": _moment(row["stopped_at"]),
        "intongo": "N",
        "intendtc": _moment(row["restarted_at"]),
        "intreason": "TOXICITY",
        "intnote": row["reason"],
        "restart_dose": Decimal(row["restart_dose_ug_m2_day"]),
        "full_dtc": _moment(row["full_dose_restored_at"]),
        "ae": 999,  # the adverse event is a form of another app
    }


def _vital_signs(row: dict[str, str]) -> Answers:
    return {
        "vsdat": _day(row["date"]),
        "temp": Decimal(row["temp_c"]),
        "sysbp": int(row["sbp_mmhg"]),
        "diabp": int(row["dbp_mmhg"]),
        "hr": int(row["hr_bpm"]),
        "weight": Decimal(row["weight_kg"]),
        "visit": VISITS[row["timepoint"]],
    }


def _event(forms: Forms, row: dict[str, str]) -> None:
    day, kind = _day(row["date"]), row["event_type"]
    if kind in ("HSCT", "CAR_T"):
        remission = row["remission_no"] or None
        forms["transplantation"].append({"trkind": kind.replace("_", "-"), "trdat": day, "remission": remission})
    elif kind == "DEATH":
        leukaemia = row["cause"].startswith("leukaemia")
        forms["death"].append(
            {"dthdat": day, "dthcause": "RELAPSE" if leukaemia else "OTHER", "dthcause_text": row["cause"]}
        )
    elif kind == "LAST_CONTACT_ALIVE":
        forms["follow_up"].append({"fudat": day, "alive": "Y"})
    else:
        forms["disease_event"].append({"deevent": kind, "dedat": day, **_sites(row["site_of_relapse"])})


def _sites(sites: str) -> Answers:
    if not sites:
        return {}
    named = sites.split("+")
    return {
        "site_bm": "Y" if "BM" in named else "N",
        "site_cns": "Y" if "CNS" in named else "N",
        "site_testis": "N",
        "site_other": "N",
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
