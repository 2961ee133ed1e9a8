"""T9: adverse events in short: overview, grade 3 or more by term, serious ones by category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from reports.derivations.analyses import Record, counted_events, highest_per_subject, subjects_of
from reports.derivations.safety import RELATED, is_cytokine_release, is_neurologic
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.tables.wording import columns, cut_note, enrolled, group, without_form

_OVERVIEW: tuple[tuple[str, Callable[[Record], bool]], ...] = (
    ("Any adverse event", lambda row: True),
    ("Grade 3 or more", lambda row: (row["AETOXGR"] or 0) >= 3),
    ("Marked serious on the AE form", lambda row: row["AESER"] == "Y"),
    ("Related to blinatumomab", lambda row: row["AEREL"] in RELATED),
    ("Infusion interrupted", lambda row: row["AEACN"] == "INTERRUPTED"),
    ("Blinatumomab stopped for good", lambda row: row["AEACN"] == "WITHDRAWN"),
    ("Fatal", lambda row: row["AEOUT"] == "FATAL"),
    ("Cytokine release syndrome", is_cytokine_release),
    ("Neurologic event", is_neurologic),
)


def build(snapshot: Snapshot) -> Table:
    size = enrolled(snapshot)
    episodes = counted_events(snapshot)
    lines = [_line(label, [row for row in episodes if holds(row)], size) for label, holds in _OVERVIEW]
    lines += [group("Grade 3 or more, highest grade of each subject and term"), *_severe(snapshot, size)]
    lines += [group("Serious adverse events"), *_serious(snapshot, size)]
    return Table(
        code="T9",
        title=f"Adverse events from the start of blinatumomab to the next course (N = {size} enrolled)",
        part=Part.OPEN,
        columns=columns("Adverse event", "Events", "Subjects, No. (%)"),
        lines=tuple(lines),
        notes=(
            cut_note(snapshot),
            "CTCAE v4.03. Onset from the day of the first infusion to before the day of the next course.",
            "Related: possibly, probably or definitely.",
            "Serious adverse events: all reports, also those without an adverse event form. Infections count as"
            " one category.",
            without_form(snapshot, ": counted under serious adverse events alone, not among the grades above"),
        ),
    )


def _line(label: str, rows: Sequence[Record], size: int, *, kind: str = "normal") -> Line:
    return Line((label, str(len(rows)), rounding.count_with_percent(subjects_of(rows), size)), kind=kind)


def _severe(snapshot: Snapshot, size: int) -> list[Line]:
    subjects: dict[str, int] = defaultdict(int)
    for event in highest_per_subject(snapshot):
        if (event.grade or 0) >= 3:
            subjects[event.specified or event.term or "Not coded"] += 1
    ordered = sorted(subjects.items(), key=lambda item: (-item[1], item[0]))
    lines = [Line((term, str(n), rounding.count_with_percent(n, size)), kind="indent") for term, n in ordered]
    return lines or [Line(("None", "0", rounding.count_with_percent(0, size)), kind="indent")]


def _serious(snapshot: Snapshot, size: int) -> list[Line]:
    rows = snapshot["ADSAE"].records
    categories: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        categories[row["CATEGORY"] or "Not coded"].append(row)
    ordered = sorted(categories.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        _line("Any serious adverse event", rows, size, kind="indent"),
        *(_line(category, own, size, kind="indent") for category, own in ordered),
    ]
