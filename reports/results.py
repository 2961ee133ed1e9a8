"""Every figure of the report by its key, from a snapshot alone. Pure.

A figure is printed once, here: tables and pages quote it. What cannot be computed says so ("not estimable", "-",
"0/0"), with no subject, one subject or no event alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from reports.derivations import analyses
from reports.derivations.analyses import LOW_OR_NEGATIVE, TWO_YEARS, Record, Times, count, subjects_of
from reports.derivations.mrd import TIME_POINTS
from reports.derivations.safety import is_cytokine_release, is_neurologic
from reports.parts import Result
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.stats.cox import Ties
from reports.stats.proportions import clopper_pearson, fisher_exact
from reports.stats.survival import Estimate, reverse_kaplan_meier

NONE = "-"
Results = dict[str, Result]

# Key -> CTCAE term, or the text that specifies "Other, specify".
GRADE_3_TERMS: Mapping[str, str] = {
    "G3_ANEMIA": "Anemia",
    "G3_FN": "Febrile neutropenia",
    "G3_PHAR": "Pharyngitis",
    "G3_HTN": "Hypertension",
    "G3_NEUT": "Neutrophil count decreased",
    "G3_WBC": "White blood cell decreased",
    "G3_ALT": "Alanine aminotransferase increased",
    "G3_GGT": "GGT increased",
    "G3_HYPO": "Hypoproteinemia",
}
GRADE_1_2_TERMS = ("Hypertension", "Vomiting", "Diarrhea")
SAE_CATEGORIES = ("Infection", "Fever", "Hypertension", "Vomiting")


def results(snapshot: Snapshot) -> Results:
    """All figures, by key."""
    found: Results = {}
    for part in _PARTS:
        found |= part(snapshot)
    return found


def to_json(figures: Mapping[str, Result], meta: Mapping[str, Any]) -> str:
    """`{"meta": {...}, "results": {KEY: {"text": ..., ...}}}`: the printed form and the unrounded numbers beside it."""
    written = {key: _as_json(result) for key, result in figures.items()}
    return json.dumps({"meta": dict(meta), "results": written}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _as_json(result: Result) -> dict[str, Any]:
    numbers = {name: getattr(result, name) for name in ("estimate", "lower", "upper", "count", "of", "p")}
    return {"text": result.text, **{k: v for k, v in {**numbers, **result.extra}.items() if v is not None}}


# --- forms of a figure --------------------------------------------------------------------------------------------


def _number(counted: int) -> Result:
    return Result(text=str(counted), count=counted)


def _share(counted: int, of: int, form: Callable[[int, int], str]) -> Result:
    """A count of a total with its exact interval, printed as `form` prints it."""
    interval = clopper_pearson(counted, of)
    return Result(
        text=form(counted, of),
        estimate=interval.estimate,
        lower=interval.lower,
        upper=interval.upper,
        count=counted,
        of=of,
    )


def _of_all(counted: int, of: int) -> str:
    """ "4 (13%)", or "0" where there is nobody."""
    return f"{counted} ({rounding.percent(counted, of)}%)" if of else str(counted)


def _percent_only(counted: int, of: int) -> str:
    return f"{rounding.percent(counted, of)}%" if of else rounding.NOT_ESTIMABLE


def _probability(estimate: Estimate) -> Result:
    """Limits are left out where they say nothing: nobody had an event, or everybody."""
    known = rounding.has_interval(estimate.lower, estimate.upper)
    return Result(
        text=rounding.estimate_with_interval(estimate.estimate, estimate.lower, estimate.upper),
        estimate=estimate.estimate,
        lower=estimate.lower if known else None,
        upper=estimate.upper if known else None,
        extra={"n_risk": float(estimate.n_risk)},
    )


def _two_years(times: Times) -> Result:
    return _probability(times.curve.at(TWO_YEARS))


def _month(days: Iterable[date], choose: Callable[[Iterable[date]], date]) -> Result:
    known = list(days)
    return Result(text=f"{choose(known):%Y-%m}" if known else NONE)


# --- subjects -----------------------------------------------------------------------------------------------------


def _population(snapshot: Snapshot) -> Results:
    subjects = snapshot["ADSL"].records
    return {
        "N": _number(len(subjects)),
        "N_HR": _number(count(subjects, _high_risk)),
        "N_MR": _number(count(subjects, _medium_risk)),
        "N_SITES": _number(len({row["SITEID"] for row in subjects})),
        "N_COUNTRIES": _number(len({row["COUNTRY"] for row in subjects})),
        "ENROL_FIRST": _month((row["ENRDT"] for row in subjects), min),
        "ENROL_LAST": _month((row["ENRDT"] for row in subjects), max),
    }


def _follow_up(snapshot: Snapshot) -> Results:
    os = analyses.trial_times(snapshot, "OS")
    reverse = reverse_kaplan_meier(os.months, os.event).median
    middle, first, last = (
        (float(np.median(os.months)), float(os.months.min()), float(os.months.max())) if len(os) else (None, None, None)
    )
    return {
        "FU_MEDIAN": Result(
            text=rounding.value_with_range(middle, first, last),
            estimate=middle,
            count=len(os),
            extra={"minimum": first, "maximum": last},
        ),
        "FU_REVKM": Result(
            text=rounding.value_with_range(reverse.estimate, None, None),
            estimate=reverse.estimate,
            lower=reverse.lower,
            upper=reverse.upper,
        ),
    }


def _exposure(snapshot: Snapshot) -> Results:
    subjects = snapshot["ADSL"].records
    return {
        "FULL_COURSE": _share(
            count(subjects, lambda row: row["FULLCRS"] is True), len(subjects), rounding.count_percent
        ),
        "INTERRUPTED": _number(count(subjects, lambda row: row["INTERRFL"])),
        "PERM_DISC": _share(count(subjects, lambda row: row["ENDPTFL"]), len(subjects), lambda events, _: str(events)),
        "IVIG": _number(_treated_with(snapshot, "IVIG")),
        "GCSF": _number(_treated_with(snapshot, "GCSF")),
        "DEVIATIONS": _number(subjects_of(row for row in snapshot["ADDV"].records if row["DVCOUNT"])),
    }


def _treated_with(snapshot: Snapshot, drug: str) -> int:
    return subjects_of(row for row in snapshot["ADCM"].records if row["CMTRT"] == drug)


def _high_risk(row: Record) -> bool:
    return bool(row["RISK"] == "HIGH")


def _medium_risk(row: Record) -> bool:
    return bool(row["RISK"] == "MEDIUM")


# --- adverse events -----------------------------------------------------------------------------------------------


def _adverse_events(snapshot: Snapshot) -> Results:
    episodes = analyses.counted_events(snapshot)
    highest = analyses.highest_per_subject(snapshot)
    size = len(snapshot["ADSL"])
    grades = {key: [e.grade or 0 for e in highest if _is(e, term)] for key, term in GRADE_3_TERMS.items()}
    mild = {term: [e.grade or 0 for e in highest if _is(e, term)] for term in GRADE_1_2_TERMS}
    return {
        "AE_ALL": _number(len(episodes)),
        "AE_DEDUP": _number(len(highest)),
        "AE_GE3": _number(sum((event.grade or 0) >= 3 for event in highest)),
        **{
            key: _share(sum(grade >= 3 for grade in found), size, rounding.count_with_percent)
            for key, found in grades.items()
        },
        **{
            f"G12_{term.upper()}": _share(sum(1 <= grade <= 2 for grade in found), size, _of_all)
            for term, found in mild.items()
        },
        "NEURO": _number(count(episodes, is_neurologic)),
        "FATAL_AE": _number(count(episodes, lambda row: row["AEOUT"] == "FATAL")),
        "CRS_PTS": _number(subjects_of(row for row in episodes if is_cytokine_release(row))),
    }


def _is(event: Any, term: str) -> bool:
    """The CTCAE term itself, or the text of an "Other, specify"."""
    return term.casefold() == (event.specified or event.term).strip().casefold()


def _serious_adverse_events(snapshot: Snapshot) -> Results:
    events, size = snapshot["ADSAE"].records, len(snapshot["ADSL"])
    found = {
        "SAE_EVENTS": _number(len(events)),
        "SAE_PTS": _share(subjects_of(events), size, rounding.count_with_percent),
    }
    for category in SAE_CATEGORIES:
        own = [row for row in events if row["CATEGORY"] == category]
        key = f"SAE_{category.upper()}"
        found[key] = _share(subjects_of(own), size, rounding.count_with_percent)
        found[f"{key}_EVENTS"] = _number(len(own))
    return found


# --- minimal residual disease -------------------------------------------------------------------------------------


def _response(snapshot: Snapshot) -> Results:
    subjects = snapshot["ADSL"].records
    high, medium = list(filter(_high_risk, subjects)), list(filter(_medium_risk, subjects))
    low_before = [row for row in subjects if row["MRDEOI"] in LOW_OR_NEGATIVE]
    high_before = [row for row in subjects if row["MRDEOI"] == "HIGH"]
    positive_before = [row for row in subjects if row["MRDEOI"] in ("LOW", "HIGH")]
    return {
        "MRD_D15_NEG": _negative(subjects, "D15"),
        "MRD_D29_NEG": _negative(subjects, "D29"),
        "MRD_D29_LOW": _number(count(subjects, lambda row: row["MRDD29"] == "LOW")),
        "MRD_D29_NL": _negative_or_low(subjects, "D29"),
        "MRD_EOI_POS": _number(len(positive_before)),
        "MRD_EOIPOS_D29NEG": _number(count(positive_before, lambda row: row["MRDD29"] == "NEG")),
        "MRD_MARMA_NEG": _negative(subjects, "MARMA"),
        "MRD_MARMA_NL": _negative_or_low(subjects, "MARMA"),
        "MRD_OCT_NL": _negative_or_low(subjects, "OCTADAD"),
        "MRD_MAINT_NEG": _negative(subjects, "MAINT"),
        "MRD_MR_NEG": _negative(medium, "D29"),
        "MRD_HR_NEG": _negative(high, "D29"),
        "MRD_LOWEOI_NEG": _negative(low_before, "D29"),
        "MRD_HIGHEOI_NEG": _negative(high_before, "D29"),
        "MRD_HR_NL": _negative_or_low(high, "D29"),
        "MRD_HIGHEOI_NL": _negative_or_low(high_before, "D29"),
        "MR_OCT_HIGH": _number(count(medium, lambda row: row["MRDOCTADAD"] == "HIGH")),
        **{f"MRD_{point}_N": _number(sum(row[f"SMP{point}"] for row in subjects)) for point in TIME_POINTS},
    }


def _negative(subjects: Iterable[Record], point: str) -> Result:
    return _share(*_with_class(subjects, f"MRD{point}", ("NEG",)), rounding.count_percent)


def _negative_or_low(subjects: Iterable[Record], point: str) -> Result:
    return _share(*_with_class(subjects, f"MRD{point}", LOW_OR_NEGATIVE), rounding.count_percent)


def _with_class(rows: Iterable[Record], variable: str, classes: tuple[str, ...]) -> tuple[int, int]:
    """How many are of these classes, of how many whose class is known."""
    known = [row[variable] for row in rows if row[variable] is not None]
    return sum(found in classes for found in known), len(known)


def _continuation(snapshot: Snapshot) -> Results:
    subjects = snapshot["ADSL"].records
    high, medium = list(filter(_high_risk, subjects)), list(filter(_medium_risk, subjects))
    chemotherapy = [row for row in medium if row["HSCT1DT"] is None]
    cleared = count(chemotherapy, lambda row: row["MRDNEGFL"])
    return {
        "HSCT_HR_CR1": _share(count(high, _transplanted), len(high), rounding.count_percent),
        "HSCT_MR_CR1": _number(count(medium, _transplanted)),
        "MR_CHEMO": _number(len(chemotherapy)),
        "MR_CHEMO_NEG": _share(cleared, len(chemotherapy), rounding.count_percent),
    }


def _transplanted(row: Record) -> bool:
    return row["HSCT1DT"] is not None


# --- events and survival ------------------------------------------------------------------------------------------


def _events(snapshot: Snapshot) -> Results:
    subjects = snapshot["ADSL"].records
    relapsed = [row for row in subjects if row["RELDT"]]
    return {
        "RELAPSES": _number(len(relapsed)),
        "RELAPSE_CNS": _number(count(relapsed, lambda row: "CNS" in (row["RELSITE"] or "").split("+"))),
        "RELAPSE_CD19POS": _number(count(relapsed, lambda row: row["RELCD19"] == "POS")),
        "RELAPSE_CD19NEGCLONE": _number(count(relapsed, lambda row: row["RELCLONE"] == "Y")),
        "RELAPSES_MR": _number(count(relapsed, _medium_risk)),
        "RELAPSES_HR": _number(count(relapsed, _high_risk)),
        "DEATHS": _number(count(subjects, lambda row: row["DTHDT"] is not None)),
        "DEATH_CR1": _number(count(subjects, lambda row: row["DTHCR1FL"])),
        "MOLREAPP": _number(count(subjects, lambda row: row["MOLREDT"] is not None)),
    }


def _survival(snapshot: Snapshot) -> Results:
    found = {
        f"{parameter.replace('_SENS', '')}24{'_SENS' if parameter.endswith('_SENS') else ''}": _two_years(
            analyses.trial_times(snapshot, parameter)
        )
        for parameter in ("DFS", "OS", "DFS_SENS", "OS_SENS")
    }
    return {**found, "CIR24": _probability(analyses.relapse_incidence(snapshot).at(TWO_YEARS))}


def _controls(snapshot: Snapshot) -> Results:
    controls = snapshot["CONTROLS"].records
    medium, high = list(filter(_medium_risk, controls)), list(filter(_high_risk, controls))
    before_marma = _with_class(controls, "MRDMARMA", LOW_OR_NEGATIVE)
    no_transplantation = count(high, lambda row: row["DFSEVENT"] is True and row["HSCTDAY"] is None)
    return {
        "CTRL_N": _number(len(controls)),
        "CTRL_DFS24": _two_years(analyses.control_times(snapshot, "DFS")),
        "CTRL_OS24": _two_years(analyses.control_times(snapshot, "OS")),
        "CTRL_MARMA": _share(*before_marma, rounding.percent_count),
        "CTRL_OCT": _share(*_with_class(controls, "MRDOCTADAD", LOW_OR_NEGATIVE), rounding.percent_count),
        "CTRL_MR_OCT_HIGH": _share(*_with_class(medium, "MRDOCTADAD", ("HIGH",)), _percent_only),
        "CTRL_HR_EVENT_BEFORE_HSCT": _share(no_transplantation, len(high), _percent_only),
        "ALL484_N": _number(len(snapshot["ALL484"])),
        "ALL484_EFS": _two_years(analyses.everyone_times(snapshot, "EFS")),
        "ALL484_OS": _two_years(analyses.everyone_times(snapshot, "OS")),
    }


def _comparison(snapshot: Snapshot) -> Results:
    trial = _with_class(snapshot["ADSL"].records, "MRDMARMA", LOW_OR_NEGATIVE)
    p = fisher_exact(*trial, *_with_class(snapshot["CONTROLS"].records, "MRDMARMA", LOW_OR_NEGATIVE))
    matched = analyses.matched_controls(snapshot)
    return {
        "FISHER": Result(text=rounding.p_value(p), p=p),
        "WKM": _probability(matched.at(TWO_YEARS)),
        "WKM_N": Result(
            text=f"{matched.controls} controls for {matched.cases} cases", count=matched.controls, of=matched.cases
        ),
        **{
            f"HR_{endpoint}_{ties}": hazard_ratio(snapshot, endpoint, ties)
            for endpoint in ("DFS", "OS")
            for ties in ("breslow", "efron")
        },
    }


def hazard_ratio(snapshot: Snapshot, endpoint: str, ties: Ties, covariate: str = "arm") -> Result:
    """An adjusted hazard ratio with Wald's limits and P."""
    model = analyses.adjusted_model(snapshot, endpoint, ties)
    if model is None:
        return Result(text=rounding.NOT_ESTIMABLE)
    found = model[covariate]
    return Result(
        text=rounding.hazard_ratio(found.hazard_ratio, found.lower, found.upper),
        estimate=found.hazard_ratio,
        lower=found.lower,
        upper=found.upper,
        p=found.p,
        extra={"reason": found.reason or None},
    )


_PARTS: tuple[Callable[[Snapshot], Results], ...] = (
    _population,
    _follow_up,
    _exposure,
    _adverse_events,
    _serious_adverse_events,
    _response,
    _continuation,
    _events,
    _survival,
    _controls,
    _comparison,
)
