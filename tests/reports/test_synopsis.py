"""The synopsis says what results.json prints, and nothing of efficacy in the open part."""

import pytest

from reports.parts import Part
from reports.results import results
from reports.synopsis import DEFINITIONS, LINES, synopsis
from tests.reports.test_datasets import demo

EFFICACY = ("DFS", "OS", "CIR", "HR_DFS", "HR_OS", "MRD", "WKM", "CTRL", "FISHER", "RELAPSE", "DEATH")


def lines_of(part: Part) -> dict[str, str]:
    return dict(synopsis(demo(), results(demo()), part))


@pytest.mark.parametrize("part", Part)
def test_every_line_holds_printed_figures(part: Part) -> None:
    lines = lines_of(part)
    assert len(lines) == len(LINES[part])
    assert not any("{" in text for text in lines.values())


def test_closed_lines_say_the_published_figures() -> None:
    lines = lines_of(Part.CLOSED)
    assert lines["Disease-free survival at 2 years, %"] == "81.6 (60.8-92.0); controls 49.4 (42.5-56.0)"
    assert lines["MRD negative or low at day 29"] == "28/30 (93%); negative 16/30 (53%)"


def test_open_lines_say_which_serious_events_have_no_form() -> None:
    said = lines_of(Part.OPEN)["Serious adverse events"]
    assert "4 serious adverse events have no adverse event form (grade 3 or more: " in said
    assert said.endswith("not counted among the adverse events.")


def test_open_lines_hold_no_efficacy() -> None:
    keys = [key for _, line in LINES[Part.OPEN] for key in line.split("{")[1:]]
    assert not [key for key in keys if key.startswith(EFFICACY)]


def test_definitions_are_sentences() -> None:
    assert all(meaning.endswith(".") for part in Part for _, meaning in DEFINITIONS[part])
