"""Figures: one file for a page under a strict policy and for paper, equal to the byte, and never without a picture."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

from reports.figures.curves import Group, curves_figure, group_of
from reports.figures.proportions import Bar, proportions_figure
from reports.figures.style import spread
from reports.figures.svg import UnusableSvg, presentation_only
from reports.figures.swimmer import Stretch, Swimmer, swimmer_figure
from reports.parts import Figure, Part
from reports.stats.competing import cumulative_incidence
from reports.stats.matched import weighted_kaplan_meier
from reports.stats.survival import kaplan_meier
from tests.reports.report_parts import HOSTILE, survival_figure

SVG = "{http://www.w3.org/2000/svg}"


def curves(*groups: Group, **how: Any) -> Figure:
    given = {"code": "F7", "title": "Survival", "part": Part.CLOSED, "quantity": "Survival", "since": "study entry"}
    return curves_figure(groups, **{**given, **how})


def incidence(label: str = "Relapse") -> Figure:
    found = cumulative_incidence([1, 2, 3, 9, 30], [1, 2, 1, 0, 0], number_of_causes=2)
    return curves(group_of(label, found[1]), group_of("Other", found[2]), code="F8")


def mrd(*bars: Bar) -> Figure:
    return proportions_figure(
        bars, classes=["Negative", "Low", "High"], code="F6", title="MRD", part=Part.CLOSED, quantity="MRD class"
    )


def exposure(*swimmers: Swimmer) -> Figure:
    return swimmer_figure(
        swimmers, code="F3", title="Exposure", part=Part.OPEN, full_dose=15, planned_days=28, unit="µg/m²/day"
    )


INTERRUPTED = Swimmer("S011", (Stretch(0, 4, 15), Stretch(4, 6, 0), Stretch(6, 8, 10), Stretch(8, 30, 15)), "completed")
BARS = (
    Bar("Day 15", "Trial", {"Negative": 16, "Low": 10, "High": 4}),
    Bar("Day 15", "Controls", None),
    Bar("Day 29", "Trial", {"Negative": 1}),
)
EVERY_KIND: dict[str, Callable[[], Figure]] = {
    "survival": survival_figure,
    "incidence": incidence,
    "mrd": lambda: mrd(*BARS),
    "exposure": lambda: exposure(INTERRUPTED),
}


@pytest.fixture(params=list(EVERY_KIND), scope="module")
def figure(request: pytest.FixtureRequest) -> Figure:
    return EVERY_KIND[request.param]()


def drawing(figure: Figure) -> Any:
    return etree.fromstring(figure.svg.encode())


def words(figure: Figure) -> list[str]:
    return [text.text or "" for text in drawing(figure).iter(f"{SVG}text")]


def test_a_figure_needs_no_style_and_no_script(figure: Figure) -> None:
    root = drawing(figure)
    assert not root.xpath("//@style")
    assert not [
        element for name in ("style", "script", "metadata", "foreignObject") for element in root.iter(SVG + name)
    ]
    assert not [name for element in root.iter() for name in element.attrib if name.lower().startswith("on")]
    assert "://" not in figure.svg.replace("http://www.w3.org/2000/svg", "")


def test_a_figure_is_drawn_with_colours_of_its_own(figure: Figure) -> None:
    root = drawing(figure)
    assert root.xpath("//@stroke")
    assert {"#1b4a8a"} <= set(root.xpath("//@stroke | //@fill"))


def test_a_figure_says_its_title_and_what_it_shows(figure: Figure) -> None:
    root = drawing(figure)
    assert [root[0].tag, root[0].text] == [f"{SVG}title", figure.title]
    assert [root[1].tag, root[1].text] == [f"{SVG}desc", figure.alt]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [root[0].get("id"), root[1].get("id")]


def test_every_id_begins_with_the_figures_code_and_is_used(figure: Figure) -> None:
    ids = drawing(figure).xpath("//@id")
    assert len(ids) == len(set(ids))
    for name in ids:
        assert name.startswith(f"figure-{figure.code}-")
        assert any(f"{before}{name}" in figure.svg for before in ("#", 'labelledby="', " "))


def test_references_of_a_figure_lead_somewhere(figure: Figure) -> None:
    root = drawing(figure)
    targets = {value[1:] for value in root.xpath("//@href")}
    targets |= {value[5:-1] for value in root.xpath("//@*[starts-with(., 'url(#')]")}
    assert targets <= set(root.xpath("//@id"))


@pytest.mark.parametrize("kind", list(EVERY_KIND))
def test_the_same_input_gives_the_same_bytes(kind: str) -> None:
    assert EVERY_KIND[kind]().svg == EVERY_KIND[kind]().svg


def test_the_same_input_gives_the_same_bytes_in_another_process() -> None:
    here = Path(__file__).parent
    asked = (
        f"import sys; sys.path[:0] = [{str(here)!r}, {str(here.parents[1])!r}]\n"
        "import hashlib, report_parts; print(hashlib.sha256(report_parts.survival_figure().svg.encode()).hexdigest())"
    )
    hashes = {
        subprocess.run([sys.executable, "-c", asked], env={"PYTHONHASHSEED": seed, "HOME": "/tmp"}, capture_output=True,
                       text=True, check=True).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(hashes) == 1


def test_hostile_words_stay_words() -> None:
    figure = curves(group_of("<script>alert(1)</script> $x$", kaplan_meier([5, 30], [1, 0])), title=HOSTILE)
    assert drawing(figure)[0].text == HOSTILE
    assert "<script" not in figure.svg
    assert any("$x$" in text for text in words(figure))


def test_a_style_that_is_no_presentation_attribute_is_refused() -> None:
    drawn = b'<svg xmlns="http://www.w3.org/2000/svg"><g style="background: url(x)"/></svg>'
    with pytest.raises(UnusableSvg, match="background"):
        presentation_only(drawn, prefix="f", title="t", description="d")


def test_survival_shows_numbers_at_risk_as_the_curve_counts_them() -> None:
    curve = kaplan_meier([2, 6, 10, 26, 30], [1, 0, 1, 0, 0])
    shown = words(curves(group_of("Trial", curve)))
    below = shown[shown.index("Number at risk") + 1 :]
    # At 6 months the subject censored at 6 is still at risk
    assert below == ["5", "4", "2", "2", "2", "1", "Trial"]


def test_survival_prints_the_estimate_of_24_months_beside_its_curve() -> None:
    shown = words(survival_figure())
    assert "n = 5, 2 events" in shown
    assert "at 24 months" in shown
    assert any(text.startswith("53.3% (") for text in shown)


def test_the_numbers_drawn_are_the_steps_of_the_curve() -> None:
    curve = kaplan_meier([2, 6, 10, 26, 30], [1, 0, 1, 0, 0])
    lines = curves(group_of("Trial", curve)).data.lines
    assert [line.cells[1:4] for line in lines][:4] == [
        ("0.00", "5", "100.00"), ("2.00", "5", "80.00"), ("6.00", "4", "80.00"), ("10.00", "3", "53.33"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("time", "event"),
    [([], []), ([0], [0]), ([5], [1]), ([5], [0]), ([3, 40], [0, 0]), ([1, 1, 1], [1, 1, 1]), ([200], [0])],
    ids=["nobody", "no time", "one event", "one censored", "no event", "all at once", "long"],
)
def test_survival_is_drawn_for_any_group(time: list[float], event: list[int]) -> None:
    figure = curves(group_of("Trial", kaplan_meier(np.array(time), np.array(event))))
    assert "nan" not in figure.svg.lower().replace("nance", "")
    assert len(figure.data.lines) >= 1


def test_no_event_is_drawn_without_a_band_and_printed_without_an_interval() -> None:
    figure = curves(group_of("Trial", kaplan_meier([3, 40], [0, 0])))
    assert "100.0% (no interval)" in words(figure)
    assert "(100.0-100.0)" not in figure.svg
    assert "opacity" not in figure.svg
    assert "opacity" in survival_figure().svg
    assert {line.cells[4:] for line in figure.data.lines} == {("", "")}


def test_only_the_first_of_two_groups_has_a_band() -> None:
    one, two = (kaplan_meier(time, [1, 1, 0]) for time in ([2, 9, 30], [3, 8, 40]))
    assert curves(group_of("Trial", one), group_of("Controls", two)).svg.count("opacity") == (
        curves(group_of("Trial", one)).svg.count("opacity")
    )
    assert incidence().svg.count("opacity") == 1


def test_heads_of_counts_stand_apart() -> None:
    heads = [text for text in drawing(mrd(*BARS)).iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    ends = {head.text: float(head.get("x")) for head in heads if head.text in ("n", "Negative")}
    assert ends["Negative"] - ends["n"] > 0.62 * 7 * len("Negative") + 3  # DejaVu's mean width at 7 points, and a gap


def test_survival_of_nobody_says_so() -> None:
    figure = curves(group_of("Trial", kaplan_meier([], [])))
    assert "no subjects" in words(figure)
    assert "no subjects" in figure.alt


def test_a_weighted_curve_is_drawn_with_the_numbers_of_its_controls() -> None:
    curve = weighted_kaplan_meier([4, 10, 30, 31], [1, 1, 0, 0], ["S1", "S1", "S2", "S3"])
    figure = curves(Group("Matched controls", "Controls", curve, curve.controls, 2))
    assert "n = 4, 2 events" in words(figure)


def test_causes_that_compete_have_one_row_at_risk() -> None:
    assert words(incidence()).count("5") == 1  # at the start, of all subjects


def test_a_figure_of_curves_refuses_none_and_five_groups() -> None:
    one = group_of("Trial", kaplan_meier([1], [1]))
    for number in (0, 5):
        with pytest.raises(ValueError, match=f"not {number}"):
            curves(*[one] * number)


def test_what_controls_lack_is_said_in_the_picture() -> None:
    figure = mrd(*BARS)
    assert "not measured" in words(figure)
    assert "Day 15, Controls: not measured." in figure.alt
    assert figure.data.lines[1].cells == ("Day 15", "Controls", "not measured", "", "", "")


def test_proportions_stand_with_their_counts() -> None:
    figure = mrd(*BARS)
    assert {"53%", "33%", "13%", "100%"} <= set(words(figure))
    assert figure.data.lines[0].cells[2:] == ("30", "16 (53)", "10 (33)", "4 (13)")


def test_proportions_of_nobody_are_drawn() -> None:
    assert "no sample yet" in words(mrd(Bar("Day 15", "Trial", {})))
    assert mrd().data.lines == ()


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match="Day 15, Trial"):
        mrd(Bar("Day 15", "Trial", {"Middling": 1}))


def test_exposure_names_who_was_interrupted() -> None:
    figure = exposure(INTERRUPTED, Swimmer("S012", (Stretch(0, 28, 15),), "completed"))
    assert "S011 (1)" in figure.alt
    assert {"S011", "S012", "interrupted", "lower dose", "28.0 d"} <= set(words(figure))
    assert [line.cells[3] for line in figure.data.lines] == ["15", "0", "10", "15", "15"]


def test_exposure_before_anybody_started_is_drawn() -> None:
    assert "No subject has started." in words(exposure())
    assert "S001" in words(exposure(Swimmer("S001", (), "ongoing")))


def test_exposure_does_not_guess_why_an_infusion_ended() -> None:
    figure = exposure(Swimmer("S001", (Stretch(0, 3, 15),), "ended"))
    assert "1 ended, reason not known" in figure.alt
    assert "0 completed, 0 stopped early" in figure.alt


def test_exposure_refuses_an_unknown_end() -> None:
    with pytest.raises(ValueError, match="S001"):
        exposure(Swimmer("S001", (), "lost"))


@pytest.mark.parametrize("wanted", [[5.0, 5.0, 5.0], [0.0, 1.0], [9.0, 10.0, 2.0]])
def test_labels_are_spread(wanted: list[float]) -> None:
    places = spread(wanted, gap=3, lowest=0, highest=12)
    ordered = sorted(places)
    assert all(after - before >= 3 for before, after in pairwise(ordered))
    assert 0 <= ordered[0] <= ordered[-1] <= 12


def test_figures_load_no_matplotlib_before_they_are_drawn() -> None:
    modules = "curves, proportions, swimmer, style, svg"
    asked = f"import sys; from reports.figures import {modules}; print({{'matplotlib', 'lxml'}} & set(sys.modules))"
    root = Path(__file__).parents[2]
    loaded = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
