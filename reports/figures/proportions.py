"""Classes as stacked proportions, trial beside controls at each time point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.figures.style import ACCENT, INK, INK_2, LINE, Drawing, figure_style
from reports.parts import Column, Figure, Line, Part, Table
from reports.stats import rounding

# From pale to dark as the class gets worse, so that the order survives a grey print
SHADES = ("#dbe6f3", "#7fa3cf", ACCENT)
_LIGHT_TEXT_FROM = 2
_LEFT, _TOP, _BAR_WIDTH, _BAR, _STEP, _GAP = 46.0, 9.0, 74.0, 4.6, 5.6, 4.2
_COUNTS_AT = _LEFT + _BAR_WIDTH + 7.5
_COUNT_STEP = 14.0
_NARROWEST_WITH_TEXT = 8  # percent


@dataclass(frozen=True)
class Bar:
    """The classes of one group at one time point. counts None: not measured in this group at that time point."""

    time_point: str
    group: str
    counts: Mapping[str, int] | None

    @property
    def total(self) -> int:
        return sum(self.counts.values()) if self.counts else 0


def proportions_figure(
    bars: Sequence[Bar],
    *,
    classes: Sequence[str],
    code: str,
    title: str,
    part: Part,
    quantity: str,
    notes: Sequence[str] = (),
) -> Figure:
    """Stacked bars by time point with the counts beside them; what was not measured is said in its place.

    bars: in the order to draw, those of one time point together. classes: two or three, from best to worst.
    """
    if not 2 <= len(classes) <= len(SHADES):
        raise ValueError(f"Two or three classes can be told apart in a bar, not {len(classes)}.")
    for bar in bars:
        if bar.counts is not None and not set(bar.counts) <= set(classes):
            raise ValueError(f"{bar.time_point}, {bar.group}: there is a class that the figure does not know.")
    alt = f"{quantity}. " + " ".join(_in_words(bar, classes) for bar in bars)
    with figure_style():
        tops = _tops(bars)
        height = (tops[-1] + _BAR if tops else _TOP) - _TOP
        drawing = Drawing(height_mm=_TOP + height + 10)
        axes = drawing.axes(left=_LEFT, top=_TOP - 1, width=_BAR_WIDTH, height=height + 2)
        axes.set(xlim=(0, 100), ylim=(height + 1, -1), yticks=[], xticks=range(0, 101, 25))
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("% of those measured", loc="left", labelpad=2)
        _heads(drawing, classes, quantity)
        for bar, top in zip(bars, tops, strict=True):
            _draw(axes, bar, classes, top - _TOP)
        _names_and_counts(drawing, bars, classes, tops)
        svg = drawing.svg(code=code, title=title, description=alt)
    data = _data(bars, classes, code=code, title=title, part=part)
    return Figure(code=code, title=title, part=part, svg=svg, alt=alt, data=data, notes=tuple(notes))


def _tops(bars: Sequence[Bar]) -> list[float]:
    places: list[float] = []
    top, before = _TOP, None
    for bar in bars:
        if before is not None:
            top += _STEP if bar.time_point == before else _STEP + _GAP
        places.append(top)
        before = bar.time_point
    return places


def _heads(drawing: Drawing, classes: Sequence[str], quantity: str) -> None:
    drawing.text(0, 5, quantity)
    drawing.text(_COUNTS_AT, 5, "n", ha="right", color=INK_2, size=7)
    for position, name in enumerate(classes):
        _swatch(drawing, _LEFT + position * 20, SHADES[position])
        drawing.text(_LEFT + position * 20 + 4.5, 5, name)
        drawing.text(_COUNTS_AT + (position + 1) * _COUNT_STEP, 5, name, ha="right", color=INK_2, size=7)


def _swatch(drawing: Drawing, left: float, shade: str) -> None:
    axes = drawing.axes(left=left, top=2.5, width=3, height=2.8)
    axes.set(xticks=[], yticks=[])
    axes.set_axis_off()
    axes.bar(0.5, 1, width=1, color=shade, edgecolor=ACCENT, linewidth=0.4)
    axes.set(xlim=(0, 1), ylim=(0, 1))


def _draw(axes: Any, bar: Bar, classes: Sequence[str], top: float) -> None:
    middle = top + _BAR / 2
    if not bar.counts or bar.total == 0:
        axes.barh(middle, 100, height=_BAR, color="none", edgecolor=LINE, linewidth=0.6, linestyle=(0, (2, 2)))
        words = "not measured" if bar.counts is None else "no sample yet"
        axes.text(1.5, middle, words, va="center_baseline", color=INK_2, size=7)
        return
    left = 0.0
    for position, name in enumerate(classes):
        count = bar.counts.get(name, 0)
        share = 100 * count / bar.total
        if count:
            axes.barh(middle, share, left=left, height=_BAR, color=SHADES[position], edgecolor=ACCENT, linewidth=0.4)
        if share >= _NARROWEST_WITH_TEXT:
            colour = "white" if position >= _LIGHT_TEXT_FROM else INK
            percent = f"{rounding.percent(count, bar.total)}%"
            axes.text(left + share / 2, middle, percent, ha="center", va="center_baseline", color=colour, size=7)
        left += share


def _names_and_counts(drawing: Drawing, bars: Sequence[Bar], classes: Sequence[str], tops: Sequence[float]) -> None:
    before = None
    for bar, top in zip(bars, tops, strict=True):
        line = top + _BAR - 1.2
        if bar.time_point != before:
            drawing.text(0, line, bar.time_point, weight="bold")
        before = bar.time_point
        drawing.text(_LEFT - 2, line, bar.group, ha="right", color=INK_2)
        if bar.counts is None:
            continue
        numbers = [bar.total, *(bar.counts.get(name, 0) for name in classes)]
        for position, number in enumerate(numbers):
            drawing.text(_COUNTS_AT + position * _COUNT_STEP, line, str(number), ha="right")


def _in_words(bar: Bar, classes: Sequence[str]) -> str:
    if bar.counts is None:
        return f"{bar.time_point}, {bar.group}: not measured."
    counts = ", ".join(
        f"{name.lower()} {rounding.count_percent(bar.counts.get(name, 0), bar.total)}" for name in classes
    )
    return f"{bar.time_point}, {bar.group}: {counts}."


def _data(bars: Sequence[Bar], classes: Sequence[str], *, code: str, title: str, part: Part) -> Table:
    columns = (Column("Time point"), Column("Group"), *(Column(name, numeric=True) for name in ("n", *classes)))
    lines = []
    for bar in bars:
        counts = bar.counts
        if counts is None:
            numbers = ("not measured", *("" for _ in classes))
        else:
            numbers = (str(bar.total), *(rounding.count_with_percent(counts.get(c, 0), bar.total) for c in classes))
        lines.append(Line((bar.time_point, bar.group, *numbers)))
    return Table(code=code, title=f"{title}: the numbers drawn", part=part, columns=columns, lines=tuple(lines))
