"""`manage.py interim_report`: what it writes, what it says, and what it refuses."""

import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from reports import report
from reports import snapshot as snapshots
from reports.checkout import commit
from reports.package import BuiltReport, list_files
from reports.parts import Part
from reports.snapshot import Snapshot
from tests.people import make_site, make_user
from tests.reports.packages import enrol
from trial.actions import subjects
from trial.models import AccessEvent, Site, User

CUT = "2022-08-31"


def run(out: Path, **options: object) -> str:
    said = StringIO()
    call_command("interim_report", stdout=said, **{"cut": CUT, "out": str(out)} | options)
    return said.getvalue()


@pytest.fixture
def one_subject(committed_db: None) -> None:
    site = make_site("NL01")
    enrol(site, make_user("site-coordinator", site))


def test_both_parts_are_written_and_said_where(one_subject: None, tmp_path: Path) -> None:
    said = run(tmp_path / "out")
    assert said.startswith(f"Report as of {CUT} in {tmp_path / 'out'} after ")
    for part in ("open", "closed"):
        folder = tmp_path / "out" / part
        names = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
        assert {"report.pdf", "tables.xlsx", "document.json", "manifest.json"} <= names
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert set(manifest["files"]) == names - {"manifest.json"}
        assert [name for name, entry in manifest["files"].items() if entry.get("unmarked")] == ["report.pdf"]
        assert manifest["report"]["code_commit"] == commit(settings.BASE_DIR)
    assert (tmp_path / "out/closed/results.json").exists()
    assert (tmp_path / "out/closed/datasets/adsl.csv").exists()
    event = AccessEvent.objects.get(event="report written")
    assert (event.username, event.sha256) == ("system", manifest["report"]["snapshot_sha256"])


def test_the_open_part_holds_no_efficacy(one_subject: None, tmp_path: Path) -> None:
    run(tmp_path / "out")
    folder = tmp_path / "out/open"
    assert not [file for file in folder.rglob("*") if "dataset" in str(file) or "results" in file.name]
    text = (folder / "document.json").read_text().lower()
    for word in ("survival", "disease-free", "cumulative incidence", "hazard", "day 29"):
        assert word not in text


def test_one_subject_without_an_event_is_a_report(one_subject: None, tmp_path: Path) -> None:
    run(tmp_path / "out")
    figures = json.loads((tmp_path / "out/closed/results.json").read_bytes())["results"]
    assert figures
    assert "nan" not in (tmp_path / "out/closed/results.json").read_text().lower()


def test_invented_subjects_are_said_to_be_so(one_subject: None, tmp_path: Path) -> None:
    run(tmp_path / "real")
    subjects.screen_subject(site=Site.objects.get(), by=User.objects.system(), number="X1", synthetic=True)
    run(tmp_path / "invented")
    said = {
        name: json.loads((tmp_path / name / "open/manifest.json").read_bytes())["report"]["synthetic"]
        for name in ("real", "invented")
    }
    assert said == {"real": False, "invented": True}


def test_no_subject_is_a_sentence_and_no_folder(committed_db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No subject was enrolled by 31-Aug-2022"):
        run(tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"cut": "2999-01-01"}, "lies in the future"),
        ({"cut": "31.08.2022"}, "Write the cut as year-month-day"),
        ({"cut": "2022-02-30"}, "Write the cut as year-month-day"),
        ({"cut": "0001-01-01"}, "lies before 1990-01-01"),
        ({"by": "nobody"}, "There is no user 'nobody'"),
        ({"by": "data-manager"}, "data-manager may not build reports"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    data_manager: object, tmp_path: Path, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("freeze", ["2999-01-01T00:00", "yesterday", "2022-13-01T00:00"])
def test_a_freeze_that_cannot_be_is_refused(tmp_path: Path, freeze: str) -> None:
    with pytest.raises(CommandError, match=r"in the future|is not a moment"):
        call_command("interim_report", "--cut", CUT, "--freeze", freeze, "--out", str(tmp_path / "out"))


@pytest.mark.django_db
def test_a_folder_that_is_not_empty_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match="is not empty"):
        run(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["notes.txt"]
    with pytest.raises(CommandError, match="is a file"):
        run(tmp_path / "notes.txt")


@pytest.mark.parametrize("place", ["notes.txt/out", "notes.txt/deep/out", "/proc/nope", "/proc/nope/out", "long"])
def test_a_folder_that_cannot_be_made_is_a_sentence(one_subject: None, tmp_path: Path, place: str) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    name = "x" * 300 if place == "long" else place
    with pytest.raises(CommandError, match=r"The report cannot be written to .*Name another folder\.$"):
        run(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_database_says_run_migrate(committed_db: None, tmp_path: Path) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE trial_user CASCADE")
    with pytest.raises(CommandError, match="run migrate"):
        run(tmp_path / "out")


def rebuilt(snapshot: Snapshot, out: Path, at: datetime) -> BuiltReport:
    meta = report.Meta(number=1, version=1, built_by="An invented person", built_at=at)
    return report.write(snapshot=snapshot, out=out, meta=meta, progress=lambda step, done, total: None)


@pytest.mark.requirement("DB-01")
def test_the_same_snapshot_gives_the_same_bytes(one_subject: None, tmp_path: Path) -> None:
    run(tmp_path / "first")
    snapshot = snapshots.read(tmp_path / "first/closed/datasets")
    moments = [datetime(2022, 9, 15, 12, tzinfo=UTC), datetime(2023, 1, 5, 9, tzinfo=UTC)]
    same, later = (rebuilt(snapshot, tmp_path / f"{at:%Y}", at) for at in moments)
    again = rebuilt(snapshot, tmp_path / "again", moments[0])
    assert again == same
    says_when = {"report.pdf", "document.json", "manifest.json"}
    assert {(f.part, f.name) for f in set(same.files) - set(later.files)} == {(p, n) for p in Part for n in says_when}
    first = {(file.part, file.name): file.sha256 for file in list_files(tmp_path / "first")}
    differs = {name for (part, name), sha256 in first.items() if sha256 not in {f.sha256 for f in same.files}}
    assert differs == says_when


@pytest.mark.requirement("DB-01")
def test_what_is_entered_after_the_freeze_changes_nothing(one_subject: None, tmp_path: Path) -> None:
    run(tmp_path / "before")
    freeze = snapshots.read(tmp_path / "before/closed/datasets").freeze
    site = make_site("IT02")
    enrol(site, make_user("site-coordinator", site, "stranger"), on=date(2021, 2, 3))
    for name, options in {"same": ["--freeze", freeze.isoformat()], "now": []}.items():
        call_command("interim_report", "--cut", CUT, "--out", str(tmp_path / name), *options, stdout=StringIO())
    datasets = {name: (tmp_path / name / "closed/datasets/adsl.csv").read_bytes() for name in ("before", "same", "now")}
    assert datasets["before"] == datasets["same"] != datasets["now"]
