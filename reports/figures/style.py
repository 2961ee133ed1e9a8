"""One style for every figure: thin axes, direct labels, line and marker beside colour. Sizes in millimetres."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reports.figures.svg import presentation_only

INK, INK_2, LINE = "#1a222d", "#4a5563", "#c3c9d1"
ACCENT = "#1b4a8a"
WIDTH_MM = 170.0  # of the text on A4
_MM_PER_INCH = 25.4
_SMALL, _SIZE = 7.0, 7.5  # points

_RULES: Any = {  # matplotlib types each key by its own name
    "svg.hashsalt": "cradle",
    "svg.fonttype": "none",  # text stays text: read aloud, found, copied
    "font.family": ["DejaVu Sans"],
    "font.size": _SIZE,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign is a dollar sign
    "axes.unicode_minus": True,
    "axes.edgecolor": INK_2,
    "axes.labelcolor": INK,
    "axes.labelsize": _SIZE,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK_2,
    "ytick.color": INK_2,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": _SIZE,
    "ytick.labelsize": _SIZE,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.solid_capstyle": "butt",
    "lines.solid_joinstyle": "miter",
}


@dataclass(frozen=True)
class Look:
    """How a group is told from another: by line and marker, and by colour besides."""

    colour: str
    line: Any
    marker: str
    width: float = 1.2


LOOKS = (
    Look(ACCENT, "solid", "o", 1.5),
    Look(INK_2, (0, (4, 1.6)), "s"),
    Look("#8a5200", (0, (1.2, 1.2)), "^"),
    Look("#5d5577", (0, (6, 1.5, 1.2, 1.5)), "D"),
)


class Drawing:
    """A sheet of paper measured in millimetres from its top left corner, and the axes on it."""

    def __init__(self, *, height_mm: float, width_mm: float = WIDTH_MM) -> None:
        from matplotlib.figure import Figure

        self.width_mm, self.height_mm = width_mm, height_mm
        self.figure = Figure(figsize=(width_mm / _MM_PER_INCH, height_mm / _MM_PER_INCH))
        self.figure.patch.set_visible(False)

    def axes(self, *, left: float, top: float, width: float, height: float) -> Any:
        """Axes at that place; their own ground is not drawn."""
        bottom = self.height_mm - top - height
        place = (left / self.width_mm, bottom / self.height_mm, width / self.width_mm, height / self.height_mm)
        axes = self.figure.add_axes(place)
        axes.patch.set_visible(False)
        return axes

    def text(self, x: float, y: float, words: str, **how: Any) -> None:
        """Words at a place; `ha` and `va` as matplotlib's, by default left and on the base line."""
        self.figure.text(x / self.width_mm, 1 - y / self.height_mm, words, **how)

    def svg(self, *, code: str, title: str, description: str) -> str:
        """The drawing for page and paper. Equal drawings give equal bytes."""
        sheet = io.BytesIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self.figure.savefig(sheet, format="svg", metadata=nothing)
        return presentation_only(sheet.getvalue(), prefix=f"figure-{code}", title=title, description=description)


@contextmanager
def figure_style() -> Iterator[None]:
    """matplotlib's settings while a figure is drawn and written."""
    import matplotlib

    with matplotlib.rc_context(_RULES):
        yield


def spread(wanted: list[float], *, gap: float, lowest: float, highest: float) -> list[float]:
    """Places for labels as near as may be to where they are wanted, at least `gap` apart, in the order of `wanted`."""
    order = sorted(range(len(wanted)), key=lambda position: wanted[position])
    places = [0.0] * len(wanted)
    floor = lowest
    for position in order:
        places[position] = floor = max(wanted[position], floor)
        floor += gap
    ceiling = highest
    for position in reversed(order):
        places[position] = ceiling = min(places[position], ceiling)
        ceiling -= gap
    return places
