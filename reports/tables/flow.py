"""T1: from screening to follow-up, with the reasons of failure."""

from __future__ import annotations

from collections import Counter

from reports.derivations.analyses import Record, count
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.tables.wording import columns, cut_note, group, indented


def build(snapshot: Snapshot) -> Table:
    screened, subjects = snapshot["SCR"].records, snapshot["ADSL"].records
    failed = [row for row in screened if row["STATUS"] == "FAILED"]
    started = [row for row in subjects if row["TRTSDTM"]]
    reasons = Counter(row["UNMET"] or row["FAILREAS"] or "Reason not given" for row in failed)
    lines = [
        Line(("Screened", str(len(screened)))),
        Line(("Not enrolled", str(len(failed)))),
        *(indented(_sentence(reason), str(number)) for reason, number in sorted(reasons.items(), key=_most_first)),
        Line(("In screening", str(count(screened, lambda row: row["STATUS"] == "IN SCREENING")))),
        Line(("Enrolled", str(len(subjects)))),
        Line(("Started blinatumomab", str(len(started)))),
        indented("Infusion still running", str(count(started, lambda row: row["TRTONGO"]))),
        indented("Infusion completed", str(count(started, lambda row: row["STOPREAS"] == "COMPLETED"))),
        indented("Stopped early", str(count(started, _stopped_early))),
        group("At the data cut"),
        indented("In follow-up", str(count(subjects, lambda row: not row["DTHDT"] and not row["DISPOS"]))),
        indented("Left the study", str(count(subjects, lambda row: not row["DTHDT"] and bool(row["DISPOS"])))),
        indented("Died", str(count(subjects, lambda row: row["DTHDT"] is not None))),
        indented("Analysed", str(len(subjects))),
    ]
    return Table(
        code="T1",
        title=f"Flow of subjects from screening to follow-up ({len(screened)} screened, N = {len(subjects)} enrolled)",
        part=Part.OPEN,
        columns=columns("Step", "No."),
        lines=tuple(lines),
        notes=(cut_note(snapshot), "All enrolled subjects are analysed."),
    )


def _stopped_early(row: Record) -> bool:
    return row["STOPREAS"] not in (None, "COMPLETED")


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]


def _most_first(reason: tuple[str, int]) -> tuple[int, str]:
    return -reason[1], reason[0]
