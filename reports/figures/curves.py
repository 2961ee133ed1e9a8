"""Step curves with numbers at risk beneath: survival and cumulative incidence, one group beside another."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reports.figures.style import INK, INK_2, LINE, LOOKS, Drawing, Look, figure_style, spread
from reports.parts import Column, Figure, Line, Part, Table
from reports.stats import rounding
from reports.stats.competing import IncidenceCurve
from reports.stats.matched import WeightedCurve
from reports.stats.observations import Floats, Integers
from reports.stats.survival import Estimate, SurvivalCurve

Computed = SurvivalCurve | WeightedCurve | IncidenceCurve

# Places on the sheet in millimetres
_LEFT, _TOP, _PLOT_WIDTH, _PLOT_HEIGHT = 11.0, 8.0, 114.0, 66.0
_MARGIN = _LEFT + _PLOT_WIDTH + 5.0  # where the labels of the curves begin
_LINE = 3.4  # from one line of small text to the next
_LABEL_LETTERS = 20
_MONTHS_BETWEEN_TICKS = 6
_DENSE = 60  # censorings from which their ticks are drawn finer


@dataclass(frozen=True, eq=False)
class Group:
    """One curve to draw.

    label: beside the curve; short: beside its numbers at risk. subjects, events: as counted for the curve.
    """

    label: str
    short: str
    curve: Computed
    subjects: int
    events: int

    @property
    def start(self) -> float:
        return 0.0 if isinstance(self.curve, IncidenceCurve) else 1.0

    @property
    def values(self) -> Floats:
        return self.curve.incidence if isinstance(self.curve, IncidenceCurve) else self.curve.survival

    @property
    def censored_at(self) -> Floats:
        """Times at which somebody's follow-up ended without event; none are marked on other than survival curves."""
        if not isinstance(self.curve, SurvivalCurve):
            return np.zeros(0)
        return self.curve.times[self.curve.censored > 0]

    def n_risk(self, t: float) -> int:
        """Subjects observed up to at least that time."""
        position = int(np.searchsorted(self.curve.times, t, side="left"))
        at_risk: Integers = self.curve.at_risk
        return int(at_risk[position]) if position < at_risk.size else 0

    def steps(self, until: float) -> tuple[Floats, Floats, Floats, Floats]:
        """Times, values and limits from 0 to the end of follow-up or `until`; NaN where limits say nothing."""
        times = self.curve.times
        kept = times <= until
        time = np.concatenate([[0.0], times[kept], [min(until, times[-1]) if times.size else 0.0]])
        columns = []
        said = self.curve.lower < self.curve.upper  # not before the first event, nor at the end of a curve at 0
        limits = (np.where(said, limit, np.nan) for limit in (self.curve.lower, self.curve.upper))
        for start, column in zip((self.start, np.nan, np.nan), (self.values, *limits), strict=True):
            begun = np.concatenate([[start], column[kept]])
            columns.append(np.concatenate([begun, begun[-1:]]))
        return time, columns[0], columns[1], columns[2]


def group_of(label: str, curve: SurvivalCurve | IncidenceCurve, *, short: str = "") -> Group:
    """A group whose numbers its own curve knows; a weighted curve does not count its events, so it needs `Group`."""
    subjects = int(curve.at_risk[0]) if curve.at_risk.size else 0
    return Group(label, short or label, curve, subjects, int(curve.events.sum()))


def curves_figure(
    groups: Sequence[Group],
    *,
    code: str,
    title: str,
    part: Part,
    quantity: str,
    since: str,
    mark_at: float = 24.0,
    notes: Sequence[str] = (),
) -> Figure:
    """The curves of up to four groups with limits, the estimate at `mark_at` months and the numbers at risk.

    The limits are a band for the first group and thin lines for the others.
    quantity: what is drawn ("Disease-free survival"). since: what the months are counted from ("study entry").
    The time axis ends with the first group's follow-up, and not before `mark_at`.
    """
    if not 0 < len(groups) <= len(LOOKS):
        raise ValueError(f"A figure of curves shows one to {len(LOOKS)} groups, not {len(groups)}.")
    until = _last_tick(groups[0], mark_at)
    alt = _in_words(groups, quantity=quantity, since=since, mark_at=mark_at)
    with figure_style():
        counted = _rows_at_risk(groups, until=until)
        drawing = Drawing(height_mm=_TOP + _PLOT_HEIGHT + 16 + _LINE * len(counted))
        axes = drawing.axes(left=_LEFT, top=_TOP, width=_PLOT_WIDTH, height=_PLOT_HEIGHT)
        _frame(axes, until=until, mark_at=mark_at, top=_top_of_scale(groups, until=until))
        for group, look in zip(groups, LOOKS, strict=False):
            _draw(axes, group, look, until=until, mark_at=mark_at)
        drawing.text(_LEFT, 3.2, f"{quantity}, %")
        axes.set_xlabel(f"Months since {since}", loc="left", labelpad=3)
        _label(drawing, axes, groups, until=until, mark_at=mark_at)
        _numbers_at_risk(drawing, counted, until=until)
        svg = drawing.svg(code=code, title=title, description=alt)
    data = _data(groups, code=code, title=title, part=part, until=until)
    return Figure(code=code, title=title, part=part, svg=svg, alt=alt, data=data, notes=tuple(notes))


def _last_tick(group: Group, mark_at: float) -> float:
    followed = float(group.curve.times[-1]) if group.curve.times.size else 0.0
    return max(mark_at, float(_MONTHS_BETWEEN_TICKS * round(followed / _MONTHS_BETWEEN_TICKS)))


def _ticks(until: float) -> list[float]:
    step = _MONTHS_BETWEEN_TICKS if until <= 10 * _MONTHS_BETWEEN_TICKS else 2 * _MONTHS_BETWEEN_TICKS
    return [float(month) for month in range(0, int(until) + 1, step)]


def _top_of_scale(groups: Sequence[Group], *, until: float) -> int:
    """100 percent for survival; for incidence the next 20 above all bands, and 40 at least."""
    if any(group.start == 1 for group in groups):
        return 100
    highest = max(float(np.nanmax(np.append(group.steps(until)[3], 0.0))) for group in groups)
    return min(100, max(40, 20 * math.ceil(5 * highest)))


def _frame(axes: Any, *, until: float, mark_at: float, top: int) -> None:
    step = 20 if top > 40 else 10
    axes.set(xlim=(0, until), ylim=(0, 1.01 * top), xticks=_ticks(until), yticks=range(0, top + 1, step))
    axes.spines["left"].set_bounds(0, top)
    axes.axvline(mark_at, color=LINE, linewidth=0.6, zorder=0)


def _draw(axes: Any, group: Group, look: Look, *, until: float, mark_at: float) -> None:
    time, value, lower, upper = group.steps(until)
    if look is LOOKS[0]:
        _band(axes, look, time, lower, upper)
    else:
        _bounds(axes, look, time, lower, upper)
    axes.step(time, 100 * value, where="post", color=look.colour, linestyle=look.line, linewidth=look.width)
    censored = group.censored_at[group.censored_at <= until]
    if censored.size:
        level = [100 * value[np.searchsorted(time[:-1], moment, side="right") - 1] for moment in censored]
        fine = censored.size > _DENSE
        axes.plot(
            censored, level, linestyle="none", marker="|", color=look.colour, clip_on=False,
            markersize=3.2 if fine else 5, markeredgewidth=0.35 if fine else 0.8,
        )  # fmt: skip
    marked = group.curve.at(mark_at).estimate
    if marked is not None:
        axes.plot(
            mark_at, 100 * marked, marker=look.marker, color=look.colour, markersize=4, markeredgecolor="white",
            markeredgewidth=0.6, zorder=5, clip_on=False,
        )  # fmt: skip


def _band(axes: Any, look: Look, time: Floats, lower: Floats, upper: Floats) -> None:
    """The limits of the first group; a second band over it would give a third shade that is neither's."""
    known = np.isfinite(lower)
    axes.fill_between(
        time, 100 * lower, 100 * upper, step="post", color=look.colour, alpha=0.12, linewidth=0, where=known
    )


def _bounds(axes: Any, look: Look, time: Floats, lower: Floats, upper: Floats) -> None:
    """The limits of a further group: two thin lines in its own pattern."""
    for limit in (lower, upper):
        axes.step(time, 100 * limit, where="post", color=look.colour, linestyle=look.line, linewidth=0.5)


def _label(drawing: Drawing, axes: Any, groups: Sequence[Group], *, until: float, mark_at: float) -> None:
    """Each group's name and figures in the margin, as near to the end of its curve as the others allow."""
    blocks = [[*_wrapped(group.label), *_figures(group, mark_at)] for group in groups]
    tallest = max(len(block) for block in blocks) * _LINE + 2
    scale = axes.get_ylim()[1]
    ends = [_TOP + _PLOT_HEIGHT * (1 - 100 * group.steps(until)[1][-1] / scale) for group in groups]
    places = spread(ends, gap=tallest, lowest=_TOP, highest=_TOP + _PLOT_HEIGHT - tallest + 2 * _LINE)
    for group, block, look, top in zip(groups, blocks, LOOKS, places, strict=False):
        _sample(drawing, look, top - 0.9)
        names = len(_wrapped(group.label))
        for row, words in enumerate(block):
            how = {"color": look.colour, "weight": "bold"} if row < names else {"color": INK_2, "size": 7}
            drawing.text(_MARGIN + 8, top + row * _LINE, words, **how)


def _wrapped(label: str) -> list[str]:
    return textwrap.wrap(label, _LABEL_LETTERS) or [label]


def _figures(group: Group, mark_at: float) -> list[str]:
    if not group.subjects:
        return ["no subjects"]
    happened = f"{group.events} event" + ("" if group.events == 1 else "s")
    at = textwrap.wrap(_printed(group.curve.at(mark_at), "%"), _LABEL_LETTERS, break_on_hyphens=False)
    return [f"n = {group.subjects}, {happened}", f"at {mark_at:g} months", *at]


def _printed(at: Estimate, unit: str) -> str:
    text = rounding.estimate_with_interval(at.estimate, at.lower, at.upper)
    return text.replace(" (", f"{unit} (", 1) if at.estimate is not None else text


def _sample(drawing: Drawing, look: Look, y: float) -> None:
    """A piece of the line with its marker, beside the name."""
    axes = drawing.axes(left=_MARGIN, top=y - 1, width=6.5, height=2)
    axes.set(xlim=(0, 2), ylim=(-1, 1))
    axes.set_axis_off()
    axes.plot([0, 2], [0, 0], color=look.colour, linestyle=look.line, linewidth=look.width)
    axes.plot(1, 0, marker=look.marker, color=look.colour, markersize=4, markeredgecolor="white", markeredgewidth=0.6)


def _rows_at_risk(groups: Sequence[Group], *, until: float) -> list[tuple[str, Look, list[int]]]:
    """The numbers at risk of each group; one row where they are the same subjects (causes that compete)."""
    counts = [[group.n_risk(month) for month in _ticks(until)] for group in groups]
    compete = all(isinstance(group.curve, IncidenceCurve) for group in groups)
    if compete and len(groups) > 1 and all(row == counts[0] for row in counts):
        return [("", LOOKS[0], counts[0])]
    return [(group.short, look, row) for group, look, row in zip(groups, LOOKS, counts, strict=False)]


def _numbers_at_risk(drawing: Drawing, rows: list[tuple[str, Look, list[int]]], *, until: float) -> None:
    top = _TOP + _PLOT_HEIGHT + 14
    drawing.text(_LEFT, top, "Number at risk", color=INK_2, size=7)
    for row, (short, look, counts) in enumerate(rows, start=1):
        y = top + row * _LINE + 0.6
        colour = look.colour if short else INK
        for month, count in zip(_ticks(until), counts, strict=True):
            drawing.text(_LEFT + _PLOT_WIDTH * month / until, y, str(count), ha="center", color=colour)
        if short:
            _sample(drawing, look, y - 0.9)
            drawing.text(_MARGIN + 8, y, textwrap.shorten(short, _LABEL_LETTERS + 2, placeholder="…"), color=colour)


def _in_words(groups: Sequence[Group], *, quantity: str, since: str, mark_at: float) -> str:
    said = []
    for group in groups:
        at = group.curve.at(mark_at)
        reached = _printed(at, "%") if group.subjects else "no subjects"
        said.append(f"{group.label}: n = {group.subjects}, events {group.events}, at {mark_at:g} months {reached}.")
    level = rounding.number(100 * groups[0].curve.level, decimals=0)
    return f"{quantity} in months since {since}, estimate with {level}% interval. " + " ".join(said)


def _data(groups: Sequence[Group], *, code: str, title: str, part: Part, until: float) -> Table:
    """Every step that is drawn, in percent."""
    labels = ("Months", "At risk", "Estimate, %", "Lower, %", "Upper, %")
    lines: list[Line] = []
    for group in groups:
        time, value, lower, upper = (column[:-1] for column in group.steps(until))
        for moment, *percents in zip(time, value, lower, upper, strict=True):
            numbers = ("" if np.isnan(part) else rounding.number(100 * part, decimals=2) for part in percents)
            cells = (group.label, rounding.number(moment, decimals=2), str(group.n_risk(moment)), *numbers)
            lines.append(Line(cells))
    columns = (Column("Group"), *(Column(label, numeric=True) for label in labels))
    return Table(code=code, title=f"{title}: the numbers drawn", part=part, columns=columns, lines=tuple(lines))
