"""A report as files: what a reader that we did not write finds in them, and that equal inputs give equal bytes."""

from __future__ import annotations

import csv as csv_reader
import hashlib
import io
import json
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

import openpyxl
import pikepdf
import pytest
from django.template.loader import render_to_string
from lxml import html

from reports.parts import Column, Line, Part, Table
from reports.render import RenderInput, UnusableReport, stored
from reports.render.cells import letter, printable, split_at_point
from reports.render.manifest import manifest
from reports.render.page import figure_context, table_context
from reports.render.pdf import pdf
from reports.render.tabular import csv, xlsx
from tests.reports.pdf_text import pages_of
from tests.reports.report_parts import BASELINE, HOSTILE, META, report, survival_figure, table

LISTING = Table(
    code="L2",
    title="Serious adverse events",
    part=Part.OPEN,
    columns=tuple(Column(name) for name in ("Subject", "Term", "Cause", "Outcome", "What happened")),
    lines=tuple(Line((f"D-{n}", "Infection", "Not related", "Recovered", "A long story. " * 12)) for n in range(60)),
)


@cache
def pages(watermark: str | None = None) -> list[str]:
    given = report(tables=(BASELINE, LISTING, table(code="T5", title="Nothing yet")))
    return pages_of(pdf(given, watermark=watermark))


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


# --- PDF ----------------------------------------------------------------------------------------------------------


def test_every_page_says_part_trial_report_cut_and_page() -> None:
    assert len(pages()) > 5
    for number, text in enumerate(pages(), start=1):
        assert "CONFIDENTIAL – OPEN" in text
        assert "Trial of nothing" in text
        assert "Interim report 3, version 2" in text
        assert "Data cut 31-Dec-2020 (UTC)" in text
        assert f"Page {number} of {len(pages())}" in text
        assert "SYNTHETIC DATA" in text


def test_title_page_says_what_the_report_was_computed_from() -> None:
    text = pages()[0].replace(" ", "")
    for said in ("A trial of nothing in nobody", "EudraCT 0000-000000-00", "15-Jan-2021 12:00:00 UTC", "0.1.0",
                 META["snapshot_sha256"]):  # fmt: skip
        assert said.replace(" ", "") in text


def test_data_that_are_not_synthetic_are_not_called_so() -> None:
    text = " ".join(pages_of(pdf(report(meta={**META, "synthetic": False}))))
    assert "SYNTHETIC" not in text


def test_the_closed_part_says_closed_on_every_page() -> None:
    given = report(part=Part.CLOSED, tables=(table(part=Part.CLOSED),), figures=(survival_figure(part=Part.CLOSED),))
    assert all("CONFIDENTIAL – CLOSED" in text for text in pages_of(pdf(given)))


def test_synopsis_contents_tables_figures_and_appendix_follow_each_other() -> None:
    whole = "".join(pages()).replace(" ", "")
    places = [whole.index(said) for said in ("Synopsis", "Contents", "5(17)", "Numberatrisk", "MRDnegative")]
    assert places == sorted(places)
    assert "Nothingtoshow." in whole


def test_words_of_the_trial_are_never_markup() -> None:
    squeezed = "".join(pages()).replace(" ", "").replace("\n", "")
    assert squeezed.count(HOSTILE.replace(" ", "")) == 2  # synopsis and table
    assert "=1+1" in squeezed


@pytest.mark.parametrize("words", ["中文", "\U0001f600", "a\x07b", "\ue000", "é ≥ −5 µg/m²", "\u200f\u202eabc", "\x00"])
def test_any_character_can_be_set(words: str) -> None:
    content = pdf(report(tables=(table(Line((words, "1", "2"))),), synopsis=((words, words),)), watermark=words)
    assert opened(content).pages


def test_the_file_is_tagged_archival_and_accessible() -> None:
    with opened(pdf(report())) as file:
        assert bool(file.Root.MarkInfo.Marked)
        assert file.Root.Lang == "en-GB"
        assert "/StructTreeRoot" in file.Root
        described = file.open_metadata()
        assert (described["pdfaid:part"], described["pdfaid:conformance"]) == ("2", "A")
        assert described["pdfuaid:part"] == "1"
        assert described["dc:title"] == "Interim report 3, version 2, OPEN part"


def test_a_figure_has_its_alternative_text() -> None:
    with opened(pdf(report())) as file:
        found = {str(thing.Alt) for thing in file.objects if isinstance(thing, pikepdf.Dictionary) and "/Alt" in thing}
    assert survival_figure().alt in found


def test_the_file_asks_for_nothing_and_runs_nothing() -> None:
    with opened(pdf(report())) as file:
        keys = {key for thing in file.objects if isinstance(thing, pikepdf.Dictionary) for key in thing}
    assert not keys & {"/JS", "/JavaScript", "/URI", "/Launch", "/EmbeddedFile", "/OpenAction", "/AA"}


def test_the_same_report_gives_the_same_bytes() -> None:
    assert pdf(report()) == pdf(report())
    assert pdf(report(), watermark="A") == pdf(report(), watermark="A")
    with opened(pdf(report())) as file:
        assert str(file.docinfo["/CreationDate"]).startswith("D:20210115120500")


def test_a_mark_stands_on_every_page_and_changes_nothing_else() -> None:
    marked = pages("Dr Nobody, 17-Jan-2021")
    assert all("Dr Nobody, 17-Jan-2021" in text for text in marked)
    assert [text.replace("Dr Nobody, 17-Jan-2021", "").split() for text in marked] == [t.split() for t in pages()]


def test_the_head_of_a_long_table_stands_on_each_of_its_pages() -> None:
    with_head = [text for text in pages() if "What happened" in text]
    assert len(with_head) > 1


def test_a_report_of_nothing_is_set() -> None:
    empty = RenderInput(meta=META, part=Part.OPEN)
    assert opened(pdf(empty)).pages


# --- what is given ------------------------------------------------------------------------------------------------


def test_the_open_part_refuses_what_is_closed() -> None:
    with pytest.raises(UnusableReport, match="T9"):
        report(tables=(BASELINE, table(code="T9", part=Part.CLOSED)))
    with pytest.raises(UnusableReport, match="F7b"):
        report(figures=(survival_figure(part=Part.CLOSED, code="F7b"),))


@pytest.mark.parametrize(
    ("name", "value"),
    [("trial", ""), ("cut", None), ("cut", datetime(2020, 1, 1)), ("freeze", datetime(2020, 1, 1)),  # noqa: DTZ001
     ("built_at", date(2020, 1, 1))],
)  # fmt: skip
def test_a_report_without_its_origin_is_refused(name: str, value: Any) -> None:
    with pytest.raises(UnusableReport, match=name):
        report(meta={**META, name: value})


def test_a_stored_report_comes_back_and_sets_the_same_pdf() -> None:
    again = stored.read(stored.write(report()))
    assert again == report()
    assert pdf(again) == pdf(report())
    assert stored.write(again) == stored.write(report())


# --- XLSX and CSV -------------------------------------------------------------------------------------------------


def test_a_workbook_read_back_is_the_table() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx([BASELINE])))["T4"]
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0][0] == "T4  Baseline"
    assert rows[2] == [column.label for column in BASELINE.columns]
    told = [[*line.cells, "", ""][:3] for line in BASELINE.lines]
    assert rows[3 : 3 + len(told)] == told
    assert rows[-1][0] == "a  Fisher's exact test."


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "https://example.org", "0012"])
def test_nothing_in_a_workbook_is_computed(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx([table(Line((text, text, text)), title=text)])))
    cells = book["T4"][4]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None)] * 3


def test_a_workbook_is_the_same_for_the_same_tables() -> None:
    assert xlsx([BASELINE, LISTING]) == xlsx([BASELINE, LISTING])


def test_a_workbook_of_no_table_opens_and_two_of_one_code_are_refused() -> None:
    assert openpyxl.load_workbook(io.BytesIO(xlsx([]))).sheetnames == ["No tables"]
    with pytest.raises(ValueError, match="same code"):
        xlsx([BASELINE, BASELINE])


def test_control_characters_do_not_break_a_workbook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx([table(Line(("a\x07b", "", "")))])))
    assert book["T4"]["A4"].value == "a[U+0007]b"


def test_csv_read_back_is_the_table() -> None:
    odd = table(Line(('quote "and", comma', "two\nlines", "é")))
    rows = list(csv_reader.reader(io.StringIO(csv(odd).decode(), newline="")))
    assert rows == [[column.label for column in odd.columns], list(odd.lines[0].cells)]
    assert list(csv_reader.reader(io.StringIO(csv(BASELINE).decode(), newline="")))[1] == ["Age at diagnosis", "", ""]


# --- pages --------------------------------------------------------------------------------------------------------


def page(name: str, context: dict[str, Any]) -> Any:
    return html.fragment_fromstring(render_to_string(f"reports/{name}.html", context), create_parent="div")


def test_a_table_on_a_page_has_heads_for_columns_and_rows() -> None:
    shown = page("part_table", table_context(BASELINE, note="Data cut 31-Dec-2020 (UTC)."))
    assert [" ".join(head.text_content().split()) for head in shown.xpath("//thead/tr/th[@scope='col']")] == [
        column.label for column in BASELINE.columns
    ]
    assert len(shown.xpath("//tbody/tr/th[@scope='row']")) == 4
    assert [head.get("colspan") for head in shown.xpath("//tbody/tr/th[@scope='rowgroup']")] == ["3"]
    cells = [cell.text_content().strip() for cell in shown.xpath("//tbody/tr[2]/*")]
    assert cells == ["Less than 3 months", "5 (17)", "<0.001"]
    assert "Data cut 31-Dec-2020 (UTC)." in shown.text_content()


def test_words_on_a_page_are_escaped() -> None:
    shown = page("part_table", table_context(BASELINE))
    assert not shown.xpath("//b")
    assert HOSTILE in [head.text_content() for head in shown.xpath("//tbody//th")]


def test_an_empty_table_says_so() -> None:
    assert "Nothing to show." in page("part_table", table_context(table())).text_content()


def test_a_figure_on_a_page_is_its_drawing_with_the_numbers() -> None:
    figure = survival_figure()
    text = render_to_string("reports/part_figure.html", figure_context(figure))
    assert figure.svg in text
    assert "style=" not in text
    shown = html.fragment_fromstring(text, create_parent="div")
    assert len(shown.xpath("//details//tbody/tr")) == len(figure.data.lines)
    ids = shown.xpath("//@id")
    assert len(ids) == len(set(ids))


# --- manifest and cells -------------------------------------------------------------------------------------------


def test_the_manifest_names_every_file_and_where_it_comes_from() -> None:
    files = {"report.pdf": b"one", "tables/T4.csv": b""}
    found = json.loads(manifest(files, {**META, "ctcae": "4.03"}))
    plain = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)} for name, content in files.items()
    }
    assert found["files"] == plain | {"report.pdf": {**plain["report.pdf"], "unmarked": True}}
    assert found["report"]["freeze"] == "2021-01-15T12:00:00Z"
    assert found["report"]["cut"] == "2020-12-31"
    assert found["report"]["ctcae"] == "4.03"
    assert manifest(dict(reversed(files.items())), META) == manifest(files, META)


def test_the_manifest_refuses_itself_and_an_unknown_origin() -> None:
    with pytest.raises(ValueError, match=r"manifest\.json"):
        manifest({"manifest.json": b""}, META)
    with pytest.raises(UnusableReport, match="code_version"):
        manifest({}, {**META, "code_version": ""})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("5 (17)", ("5", " (17)")), ("26.3 (3.9-48.2)", ("26", ".3 (3.9-48.2)")), ("<0.001", ("<0", ".001")),
        ("16/30 (53%)", ("16", "/30 (53%)")), ("83% (123/148)", ("83", "% (123/148)")), ("0", ("0", "")),
        ("-1.5", ("-1", ".5")), ("not estimable", None), ("2020-01-31", None), ("05-Jan-2026", None), ("3-6", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_number_is_split_at_its_decimal_point(text: str, parts: tuple[str, str] | None) -> None:
    assert split_at_point(text) == parts


def test_footnotes_are_lettered() -> None:
    assert [letter(position) for position in (0, 1, 25, 26, 27, 52)] == ["a", "b", "z", "aa", "ab", "ba"]


def test_what_archives_forbid_is_written_as_its_code_point() -> None:
    assert printable("a\tb\nc\x07\ue000é") == "a\tb\nc[U+0007][U+E000]é"


def test_a_line_that_lacks_cells_of_a_group_is_filled() -> None:
    short = replace(BASELINE, lines=(Line(("Only a heading",), "group"),))
    assert pdf(report(tables=(short,)))
    assert csv(short).decode().splitlines()[1] == "Only a heading,,"
