"""Folders that are not as they should be: each a clear sentence, no traceback, nothing half-saved."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from reports.demo.load import DATA
from reports.importing.loading import ImportRefused, NoFolder, Outcome, import_study
from reports.importing.reading import MAX_MEGABYTES
from reports.models import HistoricalDataset
from tests.people import make_user
from tests.trial.signing import sign
from trial import actions, signatures
from trial.crf import registry
from trial.models import FormRecord, Query, SignatureVoid, Site, Subject, User

pytestmark = pytest.mark.django_db

SUBJECTS = ("S001", "S011")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two subjects of the synthetic trial in a folder of their own."""
    for source in DATA.glob("*.csv"):
        lines = source.read_text().splitlines()
        kept = [line for line in lines[1:] if source.name == "sites.csv" or _is_of(line, source.name)]
        (tmp_path / source.name).write_text("\n".join([lines[0], *kept]) + "\n")
    return tmp_path


def _is_of(line: str, file: str) -> bool:
    if file in ("controls.csv", "interfant06_all484.csv"):
        return line.startswith("H00")
    return any(subject in line.split(",")[:2] for subject in SUBJECTS) or (
        file == "sae_details.csv" and line.startswith("SAE05")
    )


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def load(folder: Path, *, partial: bool = False) -> Outcome:
    return import_study(folder, by=User.objects.system(), synthetic=True, partial=partial)


def refusals(folder: Path) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        load(folder)
    return [str(problem) for problem in refused.value.problems]


def nothing_is_there() -> bool:
    return not any(model.objects.exists() for model in (Site, Subject, FormRecord, Query, HistoricalDataset))


def test_the_folder_as_it_should_be_is_loaded(folder: Path) -> None:
    outcome = load(folder)
    assert outcome.problems == []
    assert set(Subject.objects.values_list("number", flat=True)) == set(SUBJECTS)


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("vitals.csv", "2018-07-28", "2018-07-32", "vitals.csv, line 2, column date: “2018-07-32” is not a day"),
        ("vitals.csv", "2018-07-28", "28 July", "line 2, column date: “28 July” is not a day of the calendar"),
        ("vitals.csv", ",37.0,", ",warm,", "vitals.csv, line 2, column temp_c: “warm” is not a number"),
        ("vitals.csv", "S001,D1,", "S001,D9,", "column timepoint: “D9” is unknown. Use one of: EOI, D1, D8"),
        ("patients.csv", ",MEDIUM,", ",LOW,", "column risk_group: “LOW” is not an answer here. Use one of: HIGH"),
        ("events.csv", "RELAPSE", "RELAPS", "events.csv, line 2, column event_type: “RELAPS” is unknown"),
        ("events.csv", "CD19+", "CD20+", "column immunophenotype: “CD20+” is unknown"),
        ("ae.csv", "Vascular disorders", "Vessels", "column soc: 'Vessels' is no system organ class"),
        ("ae.csv", "Vascular disorders", "Eye disorders", "column soc: Hypertension belongs to Vascular disorders"),
        ("screening.csv", "S001", "S" * 21, "column screening_id: The number is longer than 20 characters"),
        ("treatment_blocks.csv", ",S001", "x" * 80 + ",S001", "column block_id: The key is longer than 80 characters"),
        ("ae.csv", ",3,2019-12-01", ",0,2019-12-01", "column grade"),
        ("ae.csv", "S011", "S099", "column patient_id: There is no subject “S099”"),
        ("screening.csv", "NL01", "XX01", "screening.csv, line 2, column site_id: There is no site “XX01”"),
        ("patients.csv", "NL01", "IT02", "column site_id: S001 is a subject of NL01"),
        ("mrd_results.csv", "S001-EOI,", "S001-NONE,", "column sample_id: There is no sample S001-NONE"),
        ("interruptions.csv", "AE026", "AE999", "column ae_id: There is no adverse event AE999"),
        ("sites.csv", "Europe/Vienna", "Europe/Wien", "sites.csv, line 2, column time_zone: “Europe/Wien” is no time"),
        ("infusion_segments.csv", "2018-07-28 09:45:00", "2018-07-28", "start_datetime: “2018-07-28” is not a date"),
        ("infusion.csv", ",6.96,", ",-6.96,", "infusion.csv, line 2, column weight_kg"),
        ("labs.csv", ",HGB,", ",HBG,", "labs.csv, line 2, column testcd: “HBG” is unknown"),
        ("controls.csv", ",GOOD,", ",FAIR,", "controls.csv, line 2, column prednisone_response: “FAIR” is unknown"),
        ("vitals.csv", "S001,D8", "S001,D1", "column patient_id, timepoint: “S001 / D1” stands on line 2 already"),
        ("vitals.csv", "temp_c", "temperature", "vitals.csv, line 1, column temp_c: The column is missing"),
        ("vitals.csv", "hr_bpm", "temp_c", "vitals.csv, line 1, column temp_c: Two columns have this name"),
        ("vitals.csv", "S001,D1,", "S001,D1,more,", "vitals.csv, line 2: The row has 9 cells, the heading 8"),
        ("vitals.csv", "S001,D1", 'S001,"D1', "vitals.csv"),
        ("vitals.csv", "S001,D1", "S\x00001,D1", "vitals.csv, line 2: The file holds a NUL byte"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_at_its_cell(
    folder: Path, file: str, old: str, new: str, sentence: str
) -> None:
    change(folder, file, old, new)
    found = refusals(folder)
    assert any(sentence in problem and problem.startswith(file) for problem in found), found
    assert nothing_is_there()


def test_a_file_in_another_encoding_is_refused_with_its_line(folder: Path) -> None:
    change(folder, "sites.csv", "Synthetic hospital AU01", "Hôpital")
    (folder / "sites.csv").write_bytes((folder / "sites.csv").read_text().encode("latin-1"))
    assert "sites.csv, line 3: The file is not in UTF-8. Save it as “CSV UTF-8”." in refusals(folder)
    assert nothing_is_there()


def test_a_byte_order_mark_is_no_part_of_the_first_column(folder: Path) -> None:
    (folder / "sites.csv").write_bytes((folder / "sites.csv").read_text().encode("utf-8-sig"))
    assert load(folder).problems == []


def test_a_file_of_1_gb_is_refused_before_it_is_read(folder: Path) -> None:
    os.truncate(folder / "labs.csv", 1024**3)  # a hole: takes no room
    assert refusals(folder) == [f"labs.csv: The file has 1,024 MB; the limit is {MAX_MEGABYTES} MB. Nothing was read."]
    assert nothing_is_there()


def test_an_empty_file_is_refused(folder: Path) -> None:
    (folder / "ae.csv").write_text("\n")
    assert "ae.csv: The file is empty." in refusals(folder)


def test_a_needed_file_that_is_missing_is_named_and_another_is_listed(folder: Path) -> None:
    (folder / "conmeds.csv").unlink()
    (folder / "notes.txt").write_text("Call Vienna")
    outcome = load(folder)
    assert (outcome.absent_files, outcome.unknown_files) == (["conmeds.csv"], ["notes.txt"])
    (folder / "patients.csv").unlink()
    assert "patients.csv: The file is missing, and nothing goes without it." in refusals(folder)


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoFolder, match="There is no folder"):
        load(tmp_path / "nowhere")


def test_partial_loads_the_rest_and_what_hangs_on_a_refused_row_is_refused_too(folder: Path) -> None:
    change(folder, "ae.csv", "AE026,S011,Hypertension", "AE026,S011,Hypertensionn")
    change(folder, "ae.csv", "Vascular disorders", "Vascular things")
    outcome = load(folder, partial=True)
    said = [str(problem) for problem in outcome.problems]
    assert [text.split(",")[0] for text in said] == ["ae.csv", "interruptions.csv", "sae.csv"]
    assert "column ae_id: AE026, to which the row refers, was refused." in said[1]
    assert FormRecord.objects.filter(subject__number="S011", crf_code="infusion").exists()
    assert not FormRecord.objects.filter(crf_code="interruption").exists()


# --- the same folder again, changed ----------------------------------------------------------------------------------


def _temperature() -> Any:
    return registry.get("vital_signs").model.objects.get(record__source_id="S001/D1")


def test_a_changed_row_changes_its_form_with_the_reason(folder: Path) -> None:
    load(folder)
    change(folder, "vitals.csv", ",37.0,", ",37.4,")
    outcome = load(folder)
    assert (outcome.added, outcome.changed) == (0, 1)
    assert str(_temperature().temp) == "37.4"
    history = (
        type(_temperature()).pgh_event_model.objects.filter(pgh_obj_id=_temperature().pk).order_by("pgh_id").last()
    )
    assert (history.pgh_reason, history.pgh_source) == ("Import: the source has changed", "csv:vitals.csv:2")


@pytest.mark.requirement("ES-04")
def test_a_changed_row_voids_the_signature_of_its_form(folder: Path) -> None:
    load(folder)
    signer = make_user("investigator", Site.objects.get(number="NL01"))
    signature = sign(_temperature().record, signer)
    change(folder, "vitals.csv", ",37.0,", ",37.4,")
    load(folder)
    void = SignatureVoid.objects.get(signature=signature)
    assert (void.items, void.reason, void.by.username) == (["temp"], "Import: the source has changed", "system")
    assert list(signatures.voided_for(signer)) == [signature]


def test_a_changed_row_is_refused_where_a_person_has_changed_the_form(folder: Path) -> None:
    load(folder)
    record = _temperature().record
    actions.save_form(record=record, values={"temp": "36.9"}, by=User.objects.system(), reason="Read from the chart")
    change(folder, "vitals.csv", ",37.0,", ",37.4,")
    assert refusals(folder) == [
        "vitals.csv, line 2: This row has changed, but a person has changed its form since. Correct the form by hand."
    ]
    assert str(_temperature().temp) == "36.9"


def test_changed_controls_are_a_new_version_beside_the_old_one(folder: Path) -> None:
    load(folder)
    change(folder, "controls.csv", ",GOOD,", ",POOR,")
    load(folder)
    assert list(HistoricalDataset.objects.filter(name="controls").values_list("version", flat=True)) == [1, 2]


def test_a_subject_that_was_entered_by_hand_is_not_overwritten(folder: Path) -> None:
    load(folder)
    shutil.copytree(folder, folder / "again")
    site = Site.objects.get(number="NL01")
    by_hand = actions.screen_subject(site=site, by=User.objects.system())
    line = (folder / "again" / "screening.csv").read_text().splitlines()[1]
    with (folder / "again" / "screening.csv").open("a") as file:
        file.write(line.replace("S001", by_hand.number) + "\n")
    assert f"Subject {by_hand.number} exists already, and was not imported." in refusals(folder / "again")[0]


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_lists_what_it_refuses_and_says_how_to_go_on(folder: Path, capsys: pytest.CaptureFixture) -> None:
    change(folder, "vitals.csv", ",37.0,", ",warm,")
    with pytest.raises(CommandError, match=r"^1 row was refused; nothing was loaded\."):
        call_command("import_study", str(folder))
    assert "vitals.csv, line 2, column temp_c" in capsys.readouterr().err


def test_the_command_says_what_it_loaded(folder: Path, capsys: pytest.CaptureFixture) -> None:
    (folder / "notes.txt").write_text("Call Vienna")
    call_command("import_study", str(folder))
    said = capsys.readouterr().out
    assert "Files that the import does not know: notes.txt" in said
    assert "12 sites, 2 subjects and 2 historical datasets are new." in said


def test_the_command_knows_its_users(folder: Path) -> None:
    with pytest.raises(CommandError, match="There is no active user “nobody”"):
        call_command("import_study", str(folder), by="nobody")
