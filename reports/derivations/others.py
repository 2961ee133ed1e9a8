"""Rows that are listed much as they were entered: laboratory, concomitant treatment, deviations, disease events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from patients.exposure import infusion_day
from reports.derivations.exposure import infusion_start
from reports.derivations.raw import Case, day
from reports.derivations.survival import counts_as_deviation

LABORATORY_TESTS = ("hgb", "wbc", "neut", "plat", "alt", "ast", "ggt", "bili", "creat", "alb")


def laboratory(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of ADLB: one for each test of each panel that has a value."""
    started = infusion_start(case)
    for row in case.rows("laboratory"):
        taken = row.get("lbdat")
        for test in LABORATORY_TESTS:
            if row.get(test) is not None:
                yield {
                    "USUBJID": case.number,
                    "VISIT": row.get("visit"),
                    "LBDT": taken,
                    "LBDY": infusion_day(started, taken) if started and taken else None,
                    "TESTCD": test.upper(),
                    "VALUE": row[test],
                    "UNIT": row.get(f"{test}_unit"),
                    "LLN": row.get(f"{test}_lln"),
                    "ULN": row.get(f"{test}_uln"),
                }


def concomitant(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of ADCM; start and end as entered, maybe without day or month."""
    for row in case.rows("concomitant"):
        yield {
            "USUBJID": case.number,
            "CMTRT": row.get("cmtrt"),
            "CMOTHER": row.get("cmtrt_other"),
            "CMSTDTC": row.get("cmstdat"),
            "CMENDTC": row.get("cmendat"),
            "CMONGO": row.get("cmongo"),
            "ASTDT": day(row, "cmstdat"),
        }


def deviations(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of ADDV; DVCOUNT: confirmed and of the treatment schedule, so that it counts and censors."""
    started = infusion_start(case)
    for number, row in enumerate(case.rows("deviation"), start=1):
        first = row.get("dvstdat")
        yield {
            "USUBJID": case.number,
            "DVSEQ": number,
            "DVCAT": row.get("dvcat"),
            "DVSTDT": first,
            "DVDY": infusion_day(started, first) if started and first else None,
            "DVTERM": row.get("dvterm"),
            "DVIMPACT": row.get("dvimpact"),
            "DVCONF": row.get("dvconf"),
            "DVCOUNT": counts_as_deviation(row),
        }


def events(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of ADEV: disease events, cell therapies and death, by day."""
    for row in case.rows("disease_event"):
        yield {"USUBJID": case.number, "EVENT": row.get("deevent"), "ADT": row.get("dedat"), "NOTE": row.get("denote")}
    for row in case.rows("transplantation"):
        yield {
            "USUBJID": case.number,
            "EVENT": row.get("trkind"),
            "ADT": row.get("trdat"),
            "REMISS": row.get("remission"),
        }
    for row in case.rows("death"):
        yield {"USUBJID": case.number, "EVENT": "DEATH", "ADT": row.get("dthdat"), "NOTE": row.get("dthcause")}


def blocks(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of ADEC: treatment blocks."""
    for number, row in enumerate(case.rows("treatment_block"), start=1):
        yield {
            "USUBJID": case.number,
            "ECSEQ": number,
            "BLOCK": row.get("block"),
            "ASTDT": row.get("ecstdat"),
            "AENDT": row.get("ecendat"),
            "ECONGO": row.get("econgo"),
            "ASPROT": row.get("as_protocol"),
        }
