"""Adverse events with their window, serious adverse events with their category, and the primary end point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from patients.exposure import infusion_day
from patients.pathway import next_course_start
from reports.derivations.exposure import infusion_start
from reports.derivations.raw import Case, Row
from safety import ctcae
from safety.emergence import in_window, reporting_category

RELATED = ("POSSIBLE", "PROBABLE", "DEFINITE")
CRS = "Cytokine release syndrome"
NERVOUS_SYSTEM = "Nervous system disorders"
_CRITERIA = ("sdth", "slife", "shosp", "sdisab", "scong", "smie")


def next_course(case: Case) -> date | None:
    """The first day of the next course by the cut; the window of adverse events ends before it."""
    started = infusion_start(case)
    blocks = [(row["block"], row["ecstdat"]) for row in case.rows("treatment_block") if row.get("block")]
    return next_course_start(started, [block for block in blocks if block[1]]) if started else None


def adverse_events(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of ADAE: all episodes; AECOUNT says whether the tables count it."""
    started, until = infusion_start(case), next_course(case)
    for number, row in enumerate(case.rows("adverse_event"), start=1):
        onset = row.get("aestdat")
        counted = started is not None and onset is not None and in_window(onset, started, until)
        yield {
            **_event(case, row, "ae"),
            "AESEQ": number,
            "ASTDY": infusion_day(started, onset) if started and onset else None,
            "AESER": row.get("aeser"),
            "AEESI": row.get("aeesi"),
            "AECOUNT": counted,
        }


def serious_adverse_events(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of ADSAE: every SAE form, with or without an AE form."""
    linked = {row["record"] for row in case.rows("adverse_event")}
    for number, row in enumerate(case.rows("serious_adverse_event"), start=1):
        event = _event(case, row, "sae")
        term, soc = event["AETERM"], event["AESOC"]
        yield {
            **event,
            "SAESEQ": number,
            "CATEGORY": reporting_category(soc, event["AESPEC"] or term) if soc and term else None,
            "CRITERIA": " ".join(name.upper() for name in _CRITERIA if row.get(name) == "Y"),
            "LINKED": row.get("ae") in linked,
            "AWAREDTM": row.get("awaredtc"),
            "REPORTDTM": row.get("reportdtc"),
        }


def end_point(case: Case) -> bool:
    """Toxicity possibly or definitely attributable to blinatumomab that stopped it for good, or was fatal.

    A stop for toxicity counts also while no event form says which toxicity, unless all that stopped it were judged
    not attributable.
    """
    events = [_event(case, row, "ae") for row in case.rows("adverse_event")]
    events += [_event(case, row, "sae") for row in case.rows("serious_adverse_event")]
    decisive = [event for event in events if event["AEACN"] == "WITHDRAWN" or event["AEOUT"] == "FATAL"]
    related_death = case.first("death").get("dthrel") in RELATED
    if related_death or any(event["AEREL"] in RELATED for event in decisive):
        return True
    return case.first("infusion").get("stop_reason") == "TOXICITY" and not decisive


def is_neurologic(row: Mapping[str, Any]) -> bool:
    """A row of ADAE that is a neurologic event, by the investigator's word or by its class."""
    return bool(row["AEESI"] == "NEUROLOGIC" or row["AESOC"] == NERVOUS_SYSTEM)


def is_cytokine_release(row: Mapping[str, Any]) -> bool:
    """A row of ADAE that is a cytokine release syndrome, by the investigator's word or by its term."""
    return bool(row["AEESI"] == "CRS" or row["AETERM"] == CRS)


def _event(case: Case, row: Row, prefix: str) -> dict[str, Any]:
    term, specified = row.get(f"{prefix}term"), row.get(f"{prefix}spec")
    return {
        "USUBJID": case.number,
        "AETERM": term,
        "AESPEC": specified,
        "AESOC": soc(term),
        "AETOXGR": row.get(f"{prefix}toxgr"),
        "ASTDT": row.get(f"{prefix}stdat"),
        "AENDT": row.get(f"{prefix}endat"),
        "AEONGO": row.get(f"{prefix}ongo"),
        "AEREL": row.get(f"{prefix}rel"),
        "AEACN": row.get(f"{prefix}acn"),
        "AEOUT": row.get(f"{prefix}out"),
    }


def soc(term: str | None) -> str | None:
    """The system organ class of a CTCAE term; None without a term that the dictionary has."""
    try:
        return ctcae.term(term).soc if term else None
    except ctcae.UnknownTerm:
        return None
