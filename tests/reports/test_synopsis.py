"""The synopsis says what results.json prints, and nothing of efficacy in the open part."""

import pytest

from reports.parts import Part, Result
from reports.synopsis import DEFINITIONS, LINES, synopsis
from tests.reports import rows_from_csv
from tests.reports.test_datasets import FINAL, snapshot

EFFICACY = ("DFS", "OS", "CIR", "HR_DFS", "HR_OS", "MRD", "WKM", "CTRL", "FISHER", "RELAPSE", "DEATH")


@pytest.fixture(scope="module")
def figures() -> dict[str, Result]:
    from reports.results import results

    return results(snapshot(rows_from_csv.raw(rows_from_csv.tables()), FINAL))


@pytest.mark.parametrize("part", Part)
def test_every_line_holds_printed_figures(figures: dict[str, Result], part: Part) -> None:
    lines = dict(synopsis(figures, part))
    assert len(lines) == len(LINES[part])
    assert not any("{" in text for text in lines.values())


def test_closed_lines_say_the_published_figures(figures: dict[str, Result]) -> None:
    lines = dict(synopsis(figures, Part.CLOSED))
    assert lines["Disease-free survival at 2 years, %"] == "81.6 (60.8-92.0); controls 49.4 (42.5-56.0)"
    assert lines["MRD negative or low at day 29"] == "28/30 (93%); negative 16/30 (53%)"


def test_open_lines_hold_no_efficacy() -> None:
    keys = [key for _, line in LINES[Part.OPEN] for key in line.split("{")[1:]]
    assert not [key for key in keys if key.startswith(EFFICACY)]


def test_definitions_are_sentences() -> None:
    assert all(meaning.endswith(".") for part in Part for _, meaning in DEFINITIONS[part])
