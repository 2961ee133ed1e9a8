"""The analyses of a snapshot that results, tables and figures share. Nothing but the snapshot goes in.

Times are months of 30.4375 days, computed from whole days in this one place, so that equal days stay tied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.snapshot import Snapshot
from reports.stats.competing import IncidenceCurve, cumulative_incidence
from reports.stats.cox import CoxDidNotConverge, CoxFit, Ties, cox
from reports.stats.matched import WeightedCurve, weighted_kaplan_meier
from reports.stats.observations import Floats, UnusableData
from reports.stats.survival import SurvivalCurve, kaplan_meier
from safety.emergence import Event, highest_grades
from trial.study_day import DAYS_PER_MONTH

Record = Mapping[str, Any]
TWO_YEARS = 24.0
LOW_OR_NEGATIVE = ("NEG", "LOW")
ADJUSTED_FOR = {"arm": "Study against historical controls", "high_risk": "High against medium risk",
                "eoi_low": "MRD low against negative at end of induction",
                "eoi_high": "MRD high against negative at end of induction"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Times:
    """months and event (True = event) of each subject; records are the rows that they come from."""

    months: Floats
    event: np.ndarray[Any, np.dtype[np.bool_]]
    records: tuple[Record, ...]

    @property
    def curve(self) -> SurvivalCurve:
        return kaplan_meier(self.months, self.event)

    def __len__(self) -> int:
        return len(self.records)


def trial_times(snapshot: Snapshot, parameter: str) -> Times:
    """DFS, OS, DFS_SENS or OS_SENS of the enrolled subjects."""
    return _times(_with_value(snapshot, "ADTTE", parameter), "DAYS", "EVENT")


def control_times(snapshot: Snapshot, endpoint: str) -> Times:
    """DFS or OS of the selected controls."""
    return _times(snapshot["CONTROLS"].records, f"{endpoint}DAYS", f"{endpoint}EVENT")


def everyone_times(snapshot: Snapshot, endpoint: str) -> Times:
    """EFS or OS from diagnosis of all historical patients."""
    return _times(snapshot["ALL484"].records, f"{endpoint}DAYS", f"{endpoint}EVENT")


def relapse_incidence(snapshot: Snapshot) -> IncidenceCurve:
    """Relapse, with any other event of disease-free survival competing."""
    dfs = trial_times(snapshot, "DFS")
    causes = [0 if not row["EVENT"] else 1 if row["EVTYPE"] == "RELAPSE" else 2 for row in dfs.records]
    return cumulative_incidence(dfs.months, causes, number_of_causes=2)[1]


def matched_controls(snapshot: Snapshot) -> WeightedCurve:
    """Disease-free survival of the controls that are matched to a subject enrolled by the cut."""
    enrolled = {row["USUBJID"] for row in snapshot["ADSL"].records}
    matched = [row for row in snapshot["CONTROLS"].records if row["CASEID"] in enrolled]
    dfs = _times(matched, "DFSDAYS", "DFSEVENT")
    return weighted_kaplan_meier(dfs.months, dfs.event, [row["CASEID"] for row in dfs.records])


def adjusted_model(snapshot: Snapshot, endpoint: str, ties: Ties) -> CoxFit | None:
    """Subjects and controls together: arm, risk group, MRD at end of induction. DFS or OS.

    Who lacks one of them is left out. None where the data cannot be fitted.
    """
    rows = [*_trial_covariates(snapshot, endpoint), *_control_covariates(snapshot, endpoint)]
    known = [row for row in rows if row["risk"] and row["eoi"] and row["days"] is not None]
    covariates = {
        "arm": [float(row["arm"]) for row in known],
        "high_risk": [float(row["risk"] == "HIGH") for row in known],
        "eoi_low": [float(row["eoi"] == "LOW") for row in known],
        "eoi_high": [float(row["eoi"] == "HIGH") for row in known],
    }
    months, events = _months(row["days"] for row in known), [int(row["event"]) for row in known]
    try:
        return cox(months, events, covariates, ties=ties)
    except (UnusableData, CoxDidNotConverge):
        return None


def counted_events(snapshot: Snapshot) -> list[Record]:
    """The episodes that the tables of adverse events count."""
    return [row for row in snapshot["ADAE"].records if row["AECOUNT"]]


def serious_without_form(snapshot: Snapshot) -> list[Record]:
    """The serious adverse events that no adverse event form tells of, so that no table of AE forms counts them."""
    return [row for row in snapshot["ADSAE"].records if not row["LINKED"]]


def highest_per_subject(snapshot: Snapshot) -> list[Event]:
    """One event for each subject and term, with its highest grade."""
    return highest_grades(
        Event(row["USUBJID"], row["AETERM"] or "", row["AETOXGR"], row["AESPEC"] or "")
        for row in counted_events(snapshot)
    )


def count(records: Iterable[Record], condition: Callable[[Record], bool]) -> int:
    return sum(condition(record) for record in records)


def subjects_of(records: Iterable[Record]) -> int:
    """How many subjects; each counts once."""
    return len({record["USUBJID"] for record in records})


def _with_value(snapshot: Snapshot, dataset: str, parameter: str) -> list[Record]:
    return [row for row in snapshot[dataset].records if row["PARAMCD"] == parameter]


def _times(records: Sequence[Record], days: str, event: str) -> Times:
    known = tuple(row for row in records if row[days] is not None and row[event] is not None)
    return Times(_months(row[days] for row in known), np.array([row[event] for row in known], dtype=bool), known)


def _months(days: Iterable[int]) -> Floats:
    return np.array(list(days), dtype=np.float64) / DAYS_PER_MONTH


def _trial_covariates(snapshot: Snapshot, endpoint: str) -> Iterable[dict[str, Any]]:
    subjects = {row["USUBJID"]: row for row in snapshot["ADSL"].records}
    for row in _with_value(snapshot, "ADTTE", endpoint):
        subject = subjects[row["USUBJID"]]
        yield {"arm": 1, "risk": subject["RISK"], "eoi": subject["MRDEOI"], "days": row["DAYS"], "event": row["EVENT"]}


def _control_covariates(snapshot: Snapshot, endpoint: str) -> Iterable[dict[str, Any]]:
    for row in snapshot["CONTROLS"].records:
        yield {
            "arm": 0,
            "risk": row["RISK"],
            "eoi": row["MRDEOI"],
            "days": row[f"{endpoint}DAYS"],
            "event": row[f"{endpoint}EVENT"] or False,
        }
