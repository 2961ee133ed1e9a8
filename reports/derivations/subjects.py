"""One row for each enrolled subject, and one for each screened child."""

from __future__ import annotations

from datetime import date
from typing import Any

from patients import criteria
from patients.risk import derived_risk_group, marrow_class
from reports.derivations import exposure, mrd, safety, survival
from reports.derivations.raw import Case
from trial.study_day import age_days


def subject(case: Case, *, entry: date, cut: date, last_alive: date) -> dict[str, Any]:
    """The row of ADSL."""
    return {
        "USUBJID": case.number,
        "SITEID": case.site,
        "COUNTRY": case.country,
        "ENRDT": entry,
        **_baseline(case),
        **exposure.totals(case, cut),
        "NEXTDT": safety.next_course(case),
        **{f"MRD{point}": mrd.class_at(case, point) for point in mrd.TIME_POINTS},
        **{f"SMP{point}": mrd.has_sample(case, point) for point in mrd.TIME_POINTS},
        "MRDNEGFL": mrd.negative_on_treatment(case),
        "HSCT1DT": _first_transplantation_in_cr1(case),
        "DEVDT": survival.censoring_deviation(case),
        **_outcome(case),
        "LSTALVDT": last_alive,
        "ENDPTFL": safety.end_point(case),
    }


def screened(case: Case) -> dict[str, Any] | None:
    """The row of SCR; None for a child that was neither asked for consent nor enrolled by the cut."""
    form, consented = case.first("screening"), case.first_day("consent")
    if consented is None and case.enrolled_on is None:
        return None
    answers = {c.code: None if form.get(c.code) is None else form[c.code] == "Y" for c in criteria.CRITERIA}
    unmet = criteria.unmet(answers)
    return {
        "USUBJID": case.number,
        "SITEID": case.site,
        "COUNTRY": case.country,
        "CONSDT": consented,
        "ELIGIBLE": form.get("eligible"),
        "UNMET": "; ".join(criterion.unmet for criterion in unmet),
        "FAILREAS": form.get("failure_reason"),
        "ENRDT": case.enrolled_on,
        "STATUS": _screening_status(case, failed=bool(unmet) or form.get("enrolled") == "N"),
    }


def _screening_status(case: Case, *, failed: bool) -> str:
    if case.enrolled_on:
        return "ENROLLED"
    return "FAILED" if failed else "IN SCREENING"


def _baseline(case: Case) -> dict[str, Any]:
    form = case.first("baseline")
    age = _age_at_diagnosis(form.get("brthdat"), form.get("diagdat"))
    response, recorded = form.get("predresp"), form.get("riskgrp")
    derived = derived_risk_group(
        age_days=age, wbc=form.get("wbc"), poor_response=None if response is None else response == "POOR"
    )
    blasts = case.first("end_of_induction").get("blast_pct")
    return {
        "SEX": form.get("sex"),
        "AGEDAYS": age,
        "WBC": form.get("wbc"),
        "PREDRESP": response,
        "CNS": form.get("cns"),
        "PARTNER": form.get("kmt2a_partner"),
        "RISKREC": recorded,
        "RISKDER": derived,
        # What the findings give; the investigator's group only where a missing finding leaves it open.
        "RISK": derived or recorded,
        "EOIBLAST": blasts,
        "MARROW": marrow_class(blasts),
    }


def _age_at_diagnosis(born: date | None, diagnosed: date | None) -> int | None:
    if born is None or diagnosed is None or diagnosed < born:
        return None
    return age_days(born, diagnosed)


def _first_transplantation_in_cr1(case: Case) -> date | None:
    days = (
        row["trdat"]
        for row in case.rows("transplantation")
        if row.get("trkind") == "HSCT" and row.get("remission") == "CR1" and row.get("trdat")
    )
    return min(days, default=None)


def _outcome(case: Case) -> dict[str, Any]:
    relapses, died = survival.relapses(case), survival.death_day(case)
    first = relapses[0] if relapses else {}
    relapsed = first.get("dedat")
    in_remission = case.first("death").get("in_remission")
    return {
        "RELDT": relapsed,
        "RELSITE": "+".join(_sites(first)),
        "RELCD19": first.get("cd19"),
        "RELCLONE": first.get("cd19_neg_clone"),
        "MOLREDT": _first_event(case, "MOLECULAR_REAPPEARANCE"),
        "CANCERDT": _first_event(case, "SECOND_CANCER"),
        "DTHDT": died,
        "DTHCAUSE": case.first("death").get("dthcause"),
        "DTHCR1FL": died is not None and (relapsed is None or relapsed > died) and in_remission != "N",
        "DISPOS": _disposition(case),
    }


def _sites(relapse: Any) -> list[str]:
    names = {"site_bm": "BM", "site_cns": "CNS", "site_testis": "TESTIS", "site_other": "OTHER"}
    return [name for item, name in names.items() if relapse.get(item) == "Y"]


def _first_event(case: Case, event: str) -> date | None:
    days = (row["dedat"] for row in case.rows("disease_event") if row.get("deevent") == event and row.get("dedat"))
    return min(days, default=None)


def _disposition(case: Case) -> str | None:
    rows = case.rows("disposition")
    return rows[-1].get("dsdecod") if rows else None
