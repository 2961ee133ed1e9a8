"""T10: adverse events by system organ class and term, with the highest grade of each subject."""

from __future__ import annotations

from collections import defaultdict

from reports.derivations.analyses import highest_per_subject
from reports.derivations.safety import soc
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.tables.wording import columns, cut_note, enrolled, group, without_form
from safety import ctcae

GRADES = (1, 2, 3, 4, 5)
NOT_CODED = "Not coded"


def build(snapshot: Snapshot) -> Table:
    size = enrolled(snapshot)
    classes: dict[str, dict[str, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for event in highest_per_subject(snapshot):
        classes[soc(event.term) or NOT_CODED][event.specified or event.term or NOT_CODED].append(event.grade)
    lines: list[Line] = []
    for name in (*ctcae.socs(), NOT_CODED):
        if name in classes:
            lines += [group(name), *(_line(term, grades, size) for term, grades in sorted(classes[name].items()))]
    return Table(
        code="T10",
        title=f"Adverse events by class and term, highest grade of each subject (N = {size} enrolled)",
        part=Part.OPEN,
        columns=columns("Term", *(f"Grade {grade}" for grade in GRADES), "Any, No. (%)"),
        lines=tuple(lines or [_line("None", [], size)]),
        notes=(
            cut_note(snapshot),
            "CTCAE v4.03. A subject counts once for each term, with its highest grade."
            " Onset from the day of the first infusion to before the day of the next course.",
            without_form(snapshot, ": not in this table"),
        ),
    )


def _line(term: str, grades: list[int | None], size: int) -> Line:
    counts = (str(grades.count(grade)) for grade in GRADES)
    return Line((term, *counts, rounding.count_with_percent(len(grades), size)), kind="indent")
