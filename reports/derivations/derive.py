"""All analysis datasets from the rows of a data cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from reports.derivations import exposure, historical, mrd, others, safety, subjects, survival
from reports.derivations.cut import CutRows
from reports.derivations.historical import Historical
from reports.derivations.raw import Case, cases
from reports.derivations.variables import VARIABLES
from reports.snapshot import Dataset

_BY_CASE: Mapping[str, Callable[[Case], Iterable[dict[str, Any]]]] = {
    "ADAE": safety.adverse_events,
    "ADSAE": safety.serious_adverse_events,
    "ADEC": others.blocks,
    "ADLB": others.laboratory,
    "ADMRD": mrd.results,
    "ADCM": others.concomitant,
    "ADDV": others.deviations,
    "ADEV": others.events,
}


def derive(as_of: CutRows, controls: Historical) -> dict[str, Dataset]:
    """The datasets by name. Subjects are those with an enrolment date by the cut; SCR has all that were screened."""
    everyone = cases(as_of.rows)
    enrolled = [(case, entry) for case in everyone if (entry := case.enrolled_on)]
    records: dict[str, list[dict[str, Any]]] = {
        name: [row for case, _ in enrolled for row in rows_of(case)] for name, rows_of in _BY_CASE.items()
    }
    records["SCR"] = [row for case in everyone if (row := subjects.screened(case))]
    records["ADEX"] = [row for case, _ in enrolled for row in exposure.segments(case, as_of.cut)]
    records["ADSL"] = [
        subjects.subject(case, entry=entry, cut=as_of.cut, last_alive=_last_alive(as_of, case, entry))
        for case, entry in enrolled
    ]
    records["ADTTE"] = [
        row
        for case, entry in enrolled
        for row in survival.times(case, entry=entry, last_alive=_last_alive(as_of, case, entry))
    ]
    records["CONTROLS"] = historical.controls(controls.controls)
    records["ALL484"] = historical.everyone(controls.everyone)
    return {name: Dataset.of(name, columns, records[name]) for name, columns in VARIABLES.items()}


def _last_alive(as_of: CutRows, case: Case, entry: date) -> date:
    return as_of.last_alive.get(case.number, entry)
