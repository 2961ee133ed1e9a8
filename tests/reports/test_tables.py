"""Tables say what the results say, name their data cut, and can be built from any snapshot."""

from __future__ import annotations

import re
from datetime import date

import pytest

from reports.derivations.cut import cut_rows
from reports.derivations.derive import derive
from reports.derivations.historical import Historical
from reports.parts import Part, Table
from reports.results import results
from reports.snapshot import Snapshot
from reports.tables import TABLES
from reports.tables.wording import cut_note
from tests.reports.test_datasets import FINAL, FREEZE, INTERIM, demo

CLOSED = {"T15", "T16", "T17", "T18", "T19", "T20"}
NOBODY = Snapshot(cut=FINAL, freeze=FREEZE, datasets=derive(cut_rows({}, FINAL), Historical()))
SNAPSHOTS = [demo(), *map(demo, INTERIM), demo(date(2018, 7, 27)), demo(date(2018, 8, 1)), NOBODY]


def table(code: str, snapshot: Snapshot | None = None) -> Table:
    return next(built for module in TABLES if (built := module.build(snapshot or demo())).code == code)


def line(code: str, label: str, *, under: str = "") -> tuple[str, ...]:
    """The cells of the first line of that label, after the heading `under`."""
    lines = iter(table(code).lines)
    if under:
        next(found for found in lines if found.cells[0].startswith(under))
    return next(found.cells[1:] for found in lines if found.cells[0] == label)


def texts(*keys: str) -> tuple[str, ...]:
    found = results(demo())
    return tuple(found[key].text for key in keys)


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=lambda snapshot: f"{snapshot.cut}-{len(snapshot['ADSL'])}")
def test_every_table_can_be_built_and_names_cut_and_n(snapshot: Snapshot) -> None:
    built = [module.build(snapshot) for module in TABLES]
    assert len({one.code for one in built}) == len(TABLES)
    for one in built:
        assert one.notes[0] == cut_note(snapshot)
        assert str(len(snapshot["ADSL"])) in one.title
        assert all(cell.strip() == cell and not re.search(r"\bnan\b", cell) for row in one.lines for cell in row.cells)


def test_note_shows_cut_and_freeze() -> None:
    assert cut_note(demo()) == "Data cut 31-Aug-2022; entries up to 15-Sep-2022 12:00 UTC."


def test_efficacy_is_closed_and_conduct_and_safety_are_open() -> None:
    parts = {built.code: built.part for built in (module.build(demo()) for module in TABLES)}
    assert {code for code, part in parts.items() if part is Part.CLOSED} == CLOSED


def test_closed_tables_show_neither_site_nor_subject() -> None:
    names = {row["USUBJID"] for row in demo()["ADSL"].records} | {row["SITEID"] for row in demo()["ADSL"].records}
    shown = {cell for module in TABLES for row in module.build(demo()).lines for cell in row.cells}
    assert not [cell for cell in shown if any(name in cell for name in names)]


def test_open_tables_say_nothing_of_response_after_induction() -> None:
    said = [cell for module in TABLES if (built := module.build(demo())).part is Part.OPEN
            for row in built.lines for cell in row.cells]  # fmt: skip
    assert [cell for cell in said if re.search("MRD|HSCT|elapse", cell)] == [
        "MRD at end of induction",
        "Progression or relapse",  # a reason to stop the infusion
    ]


def test_flow_counts_screened_failed_and_enrolled() -> None:
    assert (line("T1", "Screened"), line("T1", "Not enrolled"), line("T1", "Enrolled")) == (("36",), ("6",), ("30",))
    assert line("T1", "Blasts CD19 negative") == ("1",)
    assert (line("T1", "Infusion completed"), line("T1", "In follow-up"), line("T1", "Died")) == (
        ("30",), ("28",), ("2",),
    )  # fmt: skip


def test_infusion_that_runs_at_the_cut_is_neither_completed_nor_stopped() -> None:
    cells = {row.cells[0]: row.cells[-1] for row in table("T1", demo(date(2021, 7, 31))).lines}
    assert (cells["Infusion still running"], cells["Infusion completed"], cells["Stopped early"]) == ("1", "29", "0")


def test_baseline_counts_add_up_to_n() -> None:
    assert (line("T4", "High", under="Risk group"), line("T4", "Medium")) == (("9 (30)",), ("21 (70)",))
    assert line("T4", "M3 (above 25 %)") == ("1 (3)",)  # the planted 27 %


def test_exposure_shows_full_course_and_interruption() -> None:
    assert line("T8", "Full course received") == ("30 (100)",)
    assert line("T8", "Infusion interrupted") == texts("INTERRUPTED")
    assert line("T8", "Adverse event") == ("1",)


def test_adverse_events_are_those_of_the_results() -> None:
    assert line("T9", "Any adverse event")[0] == texts("AE_ALL")[0]
    assert line("T9", "Anemia") == ("5", *texts("G3_ANEMIA"))
    assert line("T9", "Hypoproteinemia")[1] == texts("G3_HYPO")[0]
    assert line("T9", "Any serious adverse event") == texts("SAE_EVENTS", "SAE_PTS")
    assert line("T9", "Infection", under="Serious") == texts("SAE_INFECTION_EVENTS", "SAE_INFECTION")
    assert line("T9", "Cytokine release syndrome")[1] == "1 (3)"


@pytest.mark.parametrize("code", ["T9", "T10"])
def test_serious_events_without_an_adverse_event_form_are_named_beneath(code: str) -> None:
    unlinked = [row for row in demo()["ADSAE"].records if not row["LINKED"]]
    severe = [row["AETERM"] for row in unlinked if row["AETOXGR"] >= 3]
    note = next(note for note in table(code).notes if "no adverse event form" in note)
    assert note.startswith(f"{len(unlinked)} serious adverse events have no adverse event form (grade 3 or more: ")
    assert {f"{term} {severe.count(term)}" for term in severe} == set(re.findall(r"[A-Z][^,()]* \d+", note))
    assert "Every serious adverse event has an adverse event form." in table(code, NOBODY).notes


def test_serious_is_counted_under_two_names() -> None:
    assert line("T9", "Marked serious on the AE form") != line("T9", "Any serious adverse event")


def test_terms_add_up_to_the_events_of_the_results() -> None:
    grades = [list(map(int, row.cells[1:6])) for row in table("T10").lines if row.kind == "indent"]
    assert sum(map(sum, grades)) == int(texts("AE_DEDUP")[0])
    assert sum(sum(row[2:]) for row in grades) == int(texts("AE_GE3")[0])


def test_mrd_stands_beside_the_controls_and_says_where_they_have_no_data() -> None:
    ours, theirs, p = line("T15", "Negative or low", under="Before MARMA")
    assert (ours.split(" (")[0], theirs, p) == ("26/28", "123/148 (83%)", texts("FISHER")[0])
    assert line("T15", "Negative", under="Day 29")[1:] == ("no data", "")


def test_a_time_point_that_nobody_has_reached_shows_no_interval() -> None:
    cells = [cell for row in table("T15", demo(date(2018, 12, 31))).lines for cell in row.cells]
    assert "0/0" in cells
    assert not [cell for cell in cells if "estimable" in cell]


def test_survival_sensitivity_relapse_hazard_and_matching_are_those_of_the_results() -> None:
    assert line("T16", "Study")[3] == texts("DFS24")[0]
    assert line("T16", "Historical controls", under="Overall")[3] == texts("CTRL_OS24")[0]
    assert line("T17", "Deviating subjects censored")[2] == texts("DFS24_SENS")[0]
    assert line("T18", "24 months") == texts("CIR24")
    breslow, p, efron = line("T19", "Study against historical controls")
    assert (breslow, efron) == texts("HR_DFS_breslow", "HR_DFS_efron")
    assert p != "not estimable"
    assert line("T20", "Matched controls")[2] == texts("WKM")[0]


def test_survival_without_an_event_by_then_has_no_interval_and_says_why() -> None:
    early = table("T16", demo(date(2019, 12, 31)))
    cells = [cell for row in early.lines for cell in row.cells]
    assert "100.0 (no interval)" in cells
    assert not [cell for cell in cells if "(100.0-100.0)" in cell]
    assert early.notes[-1].startswith("“No interval”")
    assert not [note for note in table("T16").notes if "“No interval”" in note]


def test_molecular_reappearance_is_said_to_be_no_event() -> None:
    assert any(note.endswith("Molecular reappearance is not an event.") for note in table("T16").notes)
