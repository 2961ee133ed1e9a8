"""Disease-free and overall survival from study entry, and the same with deviating subjects censored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from reports.derivations.raw import Case, Row
from trial.study_day import DAYS_PER_MONTH

CENSORED = "CENSORED"
# What ends disease-free survival. Molecular reappearance is none of them. On the same day the first named counts.
_DFS_EVENTS = ("RELAPSE", "SECOND_CANCER", "DEATH")


@dataclass(frozen=True)
class Time:
    """A time from study entry, in days. type: what ended it."""

    entry: date
    end: date
    type: str

    @property
    def days(self) -> int:
        """Not below 0: a first date before study entry is an error of the data, and is queried."""
        return max(0, (self.end - self.entry).days)

    @property
    def event(self) -> bool:
        return self.type in _DFS_EVENTS

    def censored_at(self, day: date | None, type_: str) -> Time:
        return Time(self.entry, day, type_) if day is not None and day < self.end else self


def death_day(case: Case) -> date | None:
    return case.first_day("death")


def relapses(case: Case) -> list[Row]:
    """Dated relapses, earliest first."""
    return [row for row in case.rows("disease_event") if row.get("deevent") == "RELAPSE" and row.get("dedat")]


def censoring_deviation(case: Case) -> date | None:
    """First deviating day of the earliest confirmed deviation from the treatment schedule."""
    days = (row["dvstdat"] for row in case.rows("deviation") if counts_as_deviation(row) and row.get("dvstdat"))
    return min(days, default=None)


def counts_as_deviation(row: Row) -> bool:
    return row.get("dvcat") == "TREATMENT_SCHEDULE" and row.get("dvconf") == "Y"


def overall(case: Case, *, entry: date, last_alive: date) -> Time:
    died = death_day(case)
    return Time(entry, died, "DEATH") if died else Time(entry, last_alive, CENSORED)


def disease_free(case: Case, *, entry: date, last_alive: date) -> Time:
    events = [
        (row["dedat"], row["deevent"])
        for row in case.rows("disease_event")
        if row.get("deevent") in _DFS_EVENTS and row.get("dedat") and row["dedat"] >= entry
    ]
    if died := death_day(case):
        events.append((died, "DEATH"))
    if not events:
        return Time(entry, last_alive, CENSORED)
    first, type_ = min(events, key=lambda event: (event[0], _DFS_EVENTS.index(event[1])))
    return Time(entry, first, type_)


def times(case: Case, *, entry: date, last_alive: date) -> Iterator[dict[str, Any]]:
    """The rows of ADTTE: DFS, OS, and both censored at the first deviating day."""
    deviated = censoring_deviation(case)
    dfs = disease_free(case, entry=entry, last_alive=last_alive)
    os = overall(case, entry=entry, last_alive=last_alive)
    yield _row(case, "DFS", dfs)
    yield _row(case, "OS", os)
    yield _row(case, "DFS_SENS", dfs.censored_at(deviated, "DEVIATION"))
    yield _row(case, "OS_SENS", os.censored_at(deviated, "DEVIATION"))


def months(days: int) -> Decimal:
    """Months of 30.4375 days, to six decimals."""
    return (Decimal(days) / Decimal(str(DAYS_PER_MONTH))).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _row(case: Case, parameter: str, time: Time) -> dict[str, Any]:
    return {
        "USUBJID": case.number,
        "PARAMCD": parameter,
        "STARTDT": time.entry,
        "ADT": time.end,
        "DAYS": time.days,
        "MONTHS": months(time.days),
        "EVENT": time.event,
        "EVTYPE": time.type,
    }
