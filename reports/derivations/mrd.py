"""The MRD class of a subject at each time point. The recorded time point decides; dates of blocks do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from mrd.response import Result, sample_class, target_class
from patients.exposure import infusion_day
from reports.derivations.exposure import infusion_start
from reports.derivations.raw import Case, Row

TIME_POINTS = ("EOI", "D15", "D29", "MARMA", "OCTADAD", "MAINT")
FIRST_ON_TREATMENT_DAY = 15


def class_at(case: Case, time_point: str) -> str | None:
    """The worst class of all targets of all samples of the time point; None without a usable result."""
    return sample_class(result for row in _samples(case, time_point) for result in _results(case, row))


def has_sample(case: Case, time_point: str) -> bool:
    return bool(_samples(case, time_point))


def negative_on_treatment(case: Case) -> bool:
    """Whether any sample from day 15 of the infusion on was negative, at whatever time point."""
    return any(
        sample_class(_results(case, row)) == "NEG"
        for row in case.rows("mrd_sample")
        if _on_treatment(row, infusion_start(case))
    )


def results(case: Case) -> Iterator[dict[str, Any]]:
    """The rows of ADMRD: one for each target of each sample; a sample without a result has one without a target."""
    for number, row in enumerate(case.rows("mrd_sample"), start=1):
        sample = {
            "USUBJID": case.number,
            "SAMPNO": number,
            "TIMEPT": row.get("timepoint"),
            "SAMPDT": row.get("msdat"),
            "MATERIAL": row.get("material"),
            "SMPCLASS": sample_class(_results(case, row)),
        }
        targets = _targets(case, row)
        yield from ({**sample, **_target(target)} for target in targets)
        if not targets:
            yield sample


def _target(row: Row) -> dict[str, Any]:
    return {
        "TARGET": row.get("target"),
        "RESULT": row.get("result"),
        "VALUE": row.get("value"),
        "QUANTR": row.get("quant_range"),
        "SENSIT": row.get("sensitivity"),
        "TGTCLASS": target_class(*_result(row)),
    }


def _samples(case: Case, time_point: str) -> list[Row]:
    return [row for row in case.rows("mrd_sample") if row.get("timepoint") == time_point]


def _targets(case: Case, sample: Row) -> list[Row]:
    return [row for row in case.rows("mrd_result") if row.get("sample") == sample["record"]]


def _results(case: Case, sample: Row) -> list[Result]:
    return [_result(row) for row in _targets(case, sample)]


def _result(row: Row) -> Result:
    return row.get("result"), row.get("value")


def _on_treatment(row: Row, started: date | None) -> bool:
    if row.get("timepoint") in TIME_POINTS:
        return row["timepoint"] != "EOI"
    taken = row.get("msdat")
    if taken is None or started is None:
        return False
    return infusion_day(started, taken) >= FIRST_ON_TREATMENT_DAY
