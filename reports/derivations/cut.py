"""The rule of a data cut, and the last day on which a subject was known to be alive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reports.derivations.raw import CRFS, START, Raw, Row, day, start

FOLLOWS: Mapping[str, tuple[str, str]] = {"mrd_result": ("sample", "mrd_sample")}


@dataclass(frozen=True)
class _End:
    """The end of a row that has started: `then` is what its items become where the end lies after the cut."""

    item: str
    then: Mapping[str, Any]


_OVER = ("RECOVERED", "SEQUELAE", "FATAL")
_ENDS: Mapping[str, _End] = {
    "treatment_block": _End("ecendat", {"ecendat": None, "econgo": "Y"}),
    "infusion": _End("exendtc", {"exendtc": None, "exongo": "Y", "stop_reason": None}),
    "interruption": _End("intendtc", {"intendtc": None, "intongo": "Y", "restart_dose": None, "full_dtc": None}),
    "concomitant": _End("cmendat", {"cmendat": None, "cmongo": "Y"}),
    "adverse_event": _End("aeendat", {"aeendat": None, "aeongo": "Y"}),
    "serious_adverse_event": _End("saeendat", {"saeendat": None, "saeongo": "Y"}),
}
# An event that ended after the cut had not ended on its day, whatever became of it later.
_OUTCOMES: Mapping[str, str] = {"adverse_event": "aeout", "serious_adverse_event": "saeout"}
# Days of a row that may lie after its start, and say nothing while they lie after the cut.
_LATER: Mapping[str, tuple[str, ...]] = {"infusion": ("itdat",), "interruption": ("full_dtc",)}

# Days that prove life. Not those on which somebody only wrote or decided: awareness and report of an SAE, deviation,
# disposition. A follow-up proves it only if it says so.
_EVIDENCE: Mapping[str, tuple[str, ...]] = {
    **{crf: (item,) for crf, item in START.items() if crf not in ("deviation", "disposition", "follow_up")},
    "treatment_block": ("ecstdat", "ecendat"),
    "infusion": ("exstdtc", "exendtc", "itdat"),
    "interruption": ("intstdtc", "intendtc", "full_dtc"),
    "adverse_event": ("aestdat", "aeendat"),
    "serious_adverse_event": ("saestdat", "saeendat"),
}


@dataclass(frozen=True)
class CutRows:
    """The rows as they stood on the day of the cut. last_alive: subject -> last day known alive, at most the cut."""

    cut: date
    rows: Raw
    last_alive: Mapping[str, date]


def cut_rows(raw: Raw, cut: date) -> CutRows:
    """Leave out what starts after `cut`, and show what ends after it as ongoing.

    A row whose start is missing stays: nothing says that it came later. An enrolment after the cut has not happened,
    and a result goes with its sample. Life is read from all rows: who was seen after the cut was alive on its day.
    """
    kept = {crf: [_as_of(crf, row, cut) for row in raw.get(crf, ()) if _counts(crf, row, cut)] for crf in CRFS}
    for crf, (link, parent) in FOLLOWS.items():
        parents = {row["record"] for row in kept[parent]}
        kept[crf] = [row for row in kept[crf] if row.get(link) in parents]
    plain = {name: list(raw.get(name, ())) for name in ("site", "subject")}
    return CutRows(cut, {**plain, **kept}, {who: min(on, cut) for who, on in _last_alive(raw).items()})


def _counts(crf: str, row: Row, cut: date) -> bool:
    begins = None if crf == "screening" else start(crf, row)
    return begins is None or begins <= cut


def _as_of(crf: str, row: Row, cut: date) -> Row:
    changed: dict[str, Any] = {}
    if crf == "screening" and _after(row, "enroldat", cut):
        changed |= {"enroldat": None, "enrolled": None}
    end = _ENDS.get(crf)
    if end and _after(row, end.item, cut):
        changed |= end.then
        outcome = _OUTCOMES.get(crf)
        if outcome and row.get(outcome) in _OVER:
            changed[outcome] = "NOT_RECOVERED"
    changed |= {item: None for item in _LATER.get(crf, ()) if _after(row, item, cut)}
    return {**row, **changed} if changed else row


def _after(row: Row, item: str, cut: date) -> bool:
    on = day(row, item)
    return on is not None and on > cut


def _last_alive(raw: Raw) -> dict[str, date]:
    latest: dict[str, date] = {}
    for crf, items in _EVIDENCE.items():
        for subject, on in _days(raw.get(crf, ()), items):
            latest[subject] = max(on, latest.get(subject, on))
    for subject, on in _days([row for row in raw.get("follow_up", ()) if row.get("alive") == "Y"], ("fudat",)):
        latest[subject] = max(on, latest.get(subject, on))
    return latest


def _days(rows: Sequence[Row], items: tuple[str, ...]) -> Iterator[tuple[str, date]]:
    for row in rows:
        for item in items:
            if on := day(row, item):
                yield row["subject"], on
