"""Exposure, one bar for each subject: doses, interruptions, and how the course ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.figures.style import ACCENT, INK, INK_2, LINE, Drawing, figure_style
from reports.parts import Column, Figure, Line, Part, Table
from reports.stats import rounding

_LEFT, _TOP, _PLOT_WIDTH, _STEP, _BAR = 18.0, 10.0, 118.0, 3.9, 2.6
FULL, REDUCED = "#7fa3cf", "#dbe6f3"
_MARGIN = _LEFT + _PLOT_WIDTH + 4.0
_MARKS = {"completed": "|", "stopped": "x", "ended": "d", "ongoing": ">"}
_WORDS = {
    "completed": "completed",
    "stopped": "stopped early",
    "ended": "ended, reason not known",
    "ongoing": "ongoing at the cut",
}


@dataclass(frozen=True)
class Stretch:
    """From day to day of the course (elapsed days, 0 = the start); dose 0 is an interruption."""

    start: float
    end: float
    dose: float


@dataclass(frozen=True)
class Swimmer:
    """The course of one subject. end: "completed", "stopped", "ended" (it is not known why) or "ongoing".

    words: stand beside the days infused, for instance why the infusion was stopped.
    """

    subject: str
    stretches: tuple[Stretch, ...]
    end: str
    words: str = ""

    @property
    def infused_days(self) -> float:
        return sum(part.end - part.start for part in self.stretches if part.dose > 0)

    @property
    def interruptions(self) -> int:
        return sum(part.dose == 0 for part in self.stretches)

    @property
    def last_day(self) -> float:
        return max((part.end for part in self.stretches), default=0.0)


def swimmer_figure(
    swimmers: Sequence[Swimmer],
    *,
    code: str,
    title: str,
    part: Part,
    full_dose: float,
    planned_days: int,
    unit: str,
    notes: Sequence[str] = (),
) -> Figure:
    """One bar for each subject, in the order given. A bar is as high as its dose; an interruption is a gap.

    full_dose: the dose of a full bar, in `unit`. planned_days: where a line shows the planned end.
    """
    for swimmer in swimmers:
        if swimmer.end not in _MARKS:
            raise ValueError(f"The course of {swimmer.subject} ends as one of {', '.join(_MARKS)}, not {swimmer.end}.")
    alt = _in_words(swimmers, planned_days)
    longest = max([float(planned_days), *(swimmer.last_day for swimmer in swimmers)])
    with figure_style():
        height = _STEP * max(len(swimmers), 1)
        drawing = Drawing(height_mm=_TOP + height + 10)
        axes = drawing.axes(left=_LEFT, top=_TOP, width=_PLOT_WIDTH, height=height)
        _frame(axes, swimmers, longest=longest, planned_days=planned_days)
        _key(drawing, swimmers, full_dose=full_dose, unit=unit)
        for row, swimmer in enumerate(swimmers):
            _draw(axes, row, swimmer, full_dose)
            drawing.text(_MARGIN, _TOP + (row + 0.5) * _STEP + 0.9, _at_the_end(swimmer), color=INK_2, size=7)
        svg = drawing.svg(code=code, title=title, description=alt)
    data = _data(swimmers, code=code, title=title, part=part, unit=unit)
    return Figure(code=code, title=title, part=part, svg=svg, alt=alt, data=data, notes=tuple(notes))


def _frame(axes: Any, swimmers: Sequence[Swimmer], *, longest: float, planned_days: int) -> None:
    axes.set(xlim=(0, longest * 1.02), ylim=(max(len(swimmers), 1), 0))
    axes.set_xticks(range(0, int(longest) + 1, 7))
    axes.set_yticks([row + 0.5 for row in range(len(swimmers))], [swimmer.subject for swimmer in swimmers])
    axes.tick_params(axis="y", length=0, pad=2)
    axes.spines["left"].set_visible(False)
    axes.axvline(planned_days, color=LINE, linewidth=0.6, zorder=0)
    axes.set_xlabel("Days since the start of the infusion", loc="left", labelpad=2)
    if not swimmers:
        axes.text(0.2, 0.6, "No subject has started.", color=INK_2)


def _draw(axes: Any, row: int, swimmer: Swimmer, full_dose: float) -> None:
    middle, tall = row + 0.5, _BAR / _STEP
    for part in swimmer.stretches:
        if part.dose == 0:
            axes.plot([part.start, part.end], [middle] * 2, color=INK, linewidth=0.6, linestyle=(0, (1, 1)))
            continue
        reduced = part.dose < full_dose
        height = tall * max(min(part.dose / full_dose, 1.0), 0.25)
        axes.barh(
            middle, part.end - part.start, left=part.start, height=height, linewidth=0.4, edgecolor=ACCENT,
            color=REDUCED if reduced else FULL,
        )  # fmt: skip
    if swimmer.stretches:
        size = {"markersize": 3.6, "markeredgewidth": 0.9, "clip_on": False}
        axes.plot(swimmer.last_day + 0.35, middle, marker=_MARKS[swimmer.end], color=INK, linestyle="none", **size)


def _key(drawing: Drawing, swimmers: Sequence[Swimmer], *, full_dose: float, unit: str) -> None:
    axes = drawing.axes(left=_LEFT, top=1.5, width=_PLOT_WIDTH, height=4)
    axes.set(xlim=(0, _PLOT_WIDTH), ylim=(0, 1))
    axes.set_axis_off()
    place = 0.0
    for kind, words in _entries(swimmers, full_dose, unit):
        if kind == "dose":
            axes.barh(0.5, 6, left=place, height=0.66, color=FULL, edgecolor=ACCENT, linewidth=0.4)
        elif kind == "reduced":
            axes.barh(0.5, 6, left=place, height=0.3, color=REDUCED, edgecolor=ACCENT, linewidth=0.4)
        elif kind == "pause":
            axes.plot([place, place + 6], [0.5] * 2, color=INK, linewidth=0.6, linestyle=(0, (1, 1)))
        else:
            axes.plot(place + 4, 0.5, marker=_MARKS[kind], color=INK, markersize=3.6, markeredgewidth=0.9)
        axes.text(place + 7.5, 0.5, words, va="center_baseline", size=7)
        place += 7.5 + 1.55 * len(words) + 3.5


def _entries(swimmers: Sequence[Swimmer], full_dose: float, unit: str) -> list[tuple[str, str]]:
    """What the key explains: the full dose, and whatever else occurs."""
    doses = {part.dose for swimmer in swimmers for part in swimmer.stretches}
    entries = [("dose", f"{full_dose:g} {unit}")]
    if any(0 < dose < full_dose for dose in doses):
        entries.append(("reduced", "lower dose"))
    if 0 in doses:
        entries.append(("pause", "interrupted"))
    ends = {swimmer.end for swimmer in swimmers}
    return entries + [(end, words) for end, words in _WORDS.items() if end in ends]


def _at_the_end(swimmer: Swimmer) -> str:
    words = f"{rounding.number(swimmer.infused_days, decimals=1)} d"
    return f"{words}, {swimmer.words}" if swimmer.words else words


def _in_words(swimmers: Sequence[Swimmer], planned_days: int) -> str:
    counts = {end: sum(swimmer.end == end for swimmer in swimmers) for end in _WORDS}
    ends = ", ".join(f"{counts[end]} {words}" for end, words in _WORDS.items() if counts[end] or end != "ended")
    interrupted = [swimmer for swimmer in swimmers if swimmer.interruptions]
    named = ", ".join(f"{s.subject} ({s.interruptions})" for s in interrupted) or "none"
    return (
        f"Infusion of {len(swimmers)} subjects, planned for {planned_days} days: {ends}. "
        f"Subjects with interruptions (number): {named}."
    )


def _data(swimmers: Sequence[Swimmer], *, code: str, title: str, part: Part, unit: str) -> Table:
    columns = (
        Column("Subject"), Column("From, days", numeric=True), Column("To, days", numeric=True),
        Column(f"Dose, {unit}", numeric=True), Column("End of course"),
    )  # fmt: skip
    lines = []
    for swimmer in swimmers:
        for stretch in swimmer.stretches:
            days = (rounding.number(day, decimals=2) for day in (stretch.start, stretch.end))
            last = stretch is swimmer.stretches[-1]
            lines.append(Line((swimmer.subject, *days, f"{stretch.dose:g}", _WORDS[swimmer.end] if last else "")))
    return Table(code=code, title=f"{title}: the numbers drawn", part=part, columns=columns, lines=tuple(lines))
