"""A whole report: from the database, or from a snapshot that was written before, to the files of both parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from reports import snapshot as snapshots
from reports.checkout import commit
from reports.contents import PDF
from reports.datasets import WrongFreeze, take
from reports.figures import FIGURES
from reports.package import BuiltReport, NotBuilt, list_files
from reports.parts import Figure, Part, Table
from reports.render import RenderInput, stored
from reports.render import manifest as manifests
from reports.render.pdf import pdf
from reports.render.tabular import csv, xlsx
from reports.results import results, to_json
from reports.snapshot import Snapshot
from reports.synopsis import DEFINITIONS, synopsis
from reports.tables import TABLES
from trial.models import Subject

Progress = Callable[[str, int, int], None]
DATASETS = "datasets"
CTCAE = "4.03"


@dataclass(frozen=True, kw_only=True)
class Meta:
    """What stands on a report beside its data.

    number: None for one that is not registered. synthetic: the subjects are invented; every page then says so.
    """

    number: int | None
    version: int
    built_by: str
    built_at: datetime
    synthetic: bool = False


def build(*, cut: date, freeze: datetime | None, out: Path, meta: Meta, progress: Progress) -> BuiltReport:
    """Take a snapshot of the database and write the report to `out`: `open/` and `closed/`.

    freeze: only what was entered by then counts; None is now. progress: step, steps done, steps in all.
    Raises NotBuilt where there is no subject to report on, or the freeze cannot be.
    """
    progress("Reading the database", 0, _steps())
    snapshot = _taken(cut, freeze)
    meta = replace(meta, synthetic=settings.DEMO or Subject.objects.filter(synthetic=True).exists())
    return write(snapshot=snapshot, out=out, meta=meta, progress=progress)


def _taken(cut: date, freeze: datetime | None) -> Snapshot:
    try:
        snapshot = take(cut=cut, freeze=freeze)
    except WrongFreeze as refusal:
        raise NotBuilt(str(refusal)) from refusal
    if not snapshot["ADSL"]:
        raise NotBuilt(f"No subject was enrolled by {cut:%d-%b-%Y}, so there is nothing to report on.")
    return snapshot


def write(*, snapshot: Snapshot, out: Path, meta: Meta, progress: Progress) -> BuiltReport:
    """The report of a snapshot. The same snapshot gives the same bytes of datasets, results, tables and figures."""
    step = _Steps(progress)
    step("Writing the datasets")
    snapshots.write(snapshot, out / Part.CLOSED.lower() / DATASETS)
    step("Computing the results")
    figured = results(snapshot)
    results_json = to_json(figured, _origin(snapshot, meta))
    (out / Part.CLOSED.lower() / "results.json").write_text(results_json, encoding="utf-8")
    tables, figures = _tables(snapshot, step), _figures(snapshot, step)
    described = _described(snapshot, meta)
    for part in Part:
        step(f"Setting the {part.lower()} part")
        _write_part(out / part.lower(), _input(part, described, tables, figures, synopsis(snapshot, figured, part)))
    progress("Done", _steps(), _steps())
    return BuiltReport(cut=snapshot.cut, freeze=snapshot.freeze, snapshot_sha256=snapshot.sha256, files=list_files(out))


class _Steps:
    """Counts the steps that have begun; reading the database was the first."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.done = progress, 0

    def __call__(self, text: str) -> None:
        self.done += 1
        self.progress(text, self.done, _steps())


def _steps() -> int:
    """Database, datasets, results; each table and figure; both parts."""
    return 3 + len(TABLES) + len(FIGURES) + len(Part)


def _tables(snapshot: Snapshot, step: Callable[[str], None]) -> list[Table]:
    made = []
    for position, table in enumerate(TABLES, start=1):
        step(f"Table {position} of {len(TABLES)}")
        made.append(table.build(snapshot))
    return made


def _figures(snapshot: Snapshot, step: Callable[[str], None]) -> list[Figure]:
    made = []
    for position, figure in enumerate(FIGURES, start=1):
        step(f"Figure {position} of {len(FIGURES)}")
        made.append(figure.build(snapshot))
    return made


def _origin(snapshot: Snapshot, meta: Meta) -> dict[str, Any]:
    """What the numbers come from, and nothing of when or by whom they were computed."""
    return {
        "trial": settings.TRIAL_TITLE,
        "trial_short": settings.TRIAL_NAME,
        "registration": settings.TRIAL_REGISTRATION,
        "cut": snapshot.cut.isoformat(),
        "freeze": snapshot.freeze.isoformat(),
        "snapshot_sha256": snapshot.sha256,
        "code_version": settings.VERSION,
        "synthetic": meta.synthetic,
    }


def _described(snapshot: Snapshot, meta: Meta) -> dict[str, Any]:
    return _origin(snapshot, meta) | {
        "report": "without number" if meta.number is None else meta.number,
        "version": meta.version,
        "cut": snapshot.cut,
        "freeze": snapshot.freeze,
        "built_at": meta.built_at,
        "built_by": meta.built_by,
        "code_commit": commit(settings.BASE_DIR),
        "lock_sha256": manifests.lock_sha256(settings.BASE_DIR / "requirements.lock"),
        "ctcae": CTCAE,
        "datasets": {name: dataset.sha256 for name, dataset in snapshot.datasets.items()},
    }


def _input(
    part: Part,
    described: Mapping[str, Any],
    tables: list[Table],
    figures: list[Figure],
    lines: tuple[tuple[str, str], ...],
) -> RenderInput:
    """Datasets and results belong to CLOSED, and so do their hashes: that of a small table can be guessed back."""
    meta = dict(described)
    if part is Part.OPEN:
        del meta["datasets"]
    return RenderInput(
        meta=meta,
        part=part,
        synopsis=lines,
        definitions=DEFINITIONS[part],
        tables=tuple(table for table in tables if table.part is part),
        figures=tuple(figure for figure in figures if figure.part is part),
        versions=(("Cradle", settings.VERSION), ("CTCAE", CTCAE), ("requirements.lock", meta["lock_sha256"])),
        hashes=tuple((f"{name} dataset", sha256) for name, sha256 in meta.get("datasets", {}).items()),
    )


def _write_part(folder: Path, given: RenderInput) -> None:
    """The renderings of one part beside what is there already, and the manifest over all of it."""
    files = {PDF: pdf(given), "tables.xlsx": xlsx(given.tables), stored.NAME: stored.write(given)}
    files |= {f"tables/{table.code}.csv": csv(table) for table in given.tables}
    files |= {f"figures/{figure.code}.svg": figure.svg.encode() for figure in given.figures}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    everything = {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }
    (folder / manifests.NAME).write_bytes(manifests.manifest(everything, given.meta))
