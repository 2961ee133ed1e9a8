"""Load a study's folder into the database, through the same actions as the pages, in one transaction."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from reports.importing import historical_rows, layout
from reports.importing.drafts import Draft, Target
from reports.importing.layout import Table
from reports.importing.mapping import Plan, plan
from reports.importing.reading import Content, Problem, Row, read
from reports.importing.study import Study
from reports.models import HistoricalDataset
from trial import actions, history, locks, protocol
from trial.actions.forms import check_subject
from trial.crf import registry
from trial.models import FormRecord, Site, Subject, User, Visit
from trial.reasons import ReasonNeeded

SYSTEM = "csv"
CHANGED = "Import: the source has changed"
NOT_IN_SOURCE = {"code": "NIS", "reason": "not in source"}
REFUSALS = (
    actions.Refused,
    actions.VersionConflict,
    actions.NumberTaken,
    locks.Locked,
    PermissionDenied,
    ReasonNeeded,
    ValidationError,
)


class ImportRefused(Exception):
    """Nothing was loaded; `problems` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        rows = "1 row was" if len(problems) == 1 else f"{len(problems)} rows were"
        super().__init__(f"{rows} refused; nothing was loaded.")


class NoFolder(Exception):
    """There is no such folder; the message is a sentence."""


@dataclass
class Outcome:
    """What an import did. problems: rows that were left out (with `partial`).

    unknown_files: in the folder, but not known to the import. absent_files: known, but not in the folder.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    sites: int = 0
    subjects: int = 0
    datasets: int = 0
    problems: list[Problem] = field(default_factory=list)
    unknown_files: list[str] = field(default_factory=list)
    absent_files: list[str] = field(default_factory=list)


Progress = Callable[[int], None]


def import_study(
    folder: Path,
    *,
    by: User,
    partial: bool = False,
    synthetic: bool = False,
    begin: Callable[[int], Progress] = lambda total: lambda done: None,
) -> Outcome:
    """Load the folder's rows as forms. The same folder again changes nothing.

    What the files lack is coded as not in source and opens no query; no value is invented. A row whose source has
    changed changes its form, unless a person has changed the form since: then the row is refused.
    partial: load what can be loaded. begin: called with the number of forms, gives a function to call for each.
    Raises NoFolder; ImportRefused if a row is refused and not `partial`, and then nothing is changed.
    """
    contents, outcome = _read(folder)
    study = Study({file: content.rows for file, content in contents.items()})
    made = plan(study)
    outcome.problems += [problem for content in contents.values() for problem in content.problems] + made.problems
    with transaction.atomic():
        _Loading(by=by, synthetic=synthetic, outcome=outcome, progress=begin(made.form_count)).run(made)
        for table in historical_rows.CHECKS:
            _lock_dataset(table, contents, by, outcome)
        outcome.problems = sorted(set(outcome.problems), key=lambda p: (p.file, p.line or 0, p.column, p.reason))
        if outcome.problems and not partial:
            raise ImportRefused(outcome.problems)
    return outcome


def _read(folder: Path) -> tuple[dict[str, Content], Outcome]:
    if not folder.is_dir():
        raise NoFolder(f"There is no folder {folder}.")
    names = {path.name + ("/" if path.is_dir() else "") for path in folder.iterdir()}
    outcome = Outcome(unknown_files=layout.unknown(names))
    contents: dict[str, Content] = {}
    for table in layout.TABLES:
        if table.file in names:
            contents[table.file] = read(folder / table.file, table)
        elif table.needed:
            outcome.problems.append(Problem(table.file, None, "", "The file is missing, and nothing goes without it."))
        else:
            outcome.absent_files.append(table.file)
    return contents, outcome


def _lock_dataset(table: Table, contents: dict[str, Content], by: User, outcome: Outcome) -> None:
    """A new version of a historical dataset, unless the newest is the same. All of its rows, or none."""
    content = contents.get(table.file)
    if content is None:
        return
    found = historical_rows.check(table, content.rows)
    outcome.problems += found
    if found or content.problems:
        return
    rows = [dict(row.cells) for row in content.rows]
    sha256 = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    name = table.file.removesuffix(".csv")
    newest = HistoricalDataset.objects.filter(name=name).order_by("-version").first()
    if newest is None or newest.sha256 != sha256:
        HistoricalDataset.objects.create(
            name=name,
            version=newest.version + 1 if newest else 1,
            file=table.file,
            sha256=sha256,
            rows=rows,
            locked_by=by,
        )
        outcome.datasets += 1


@dataclass
class _Loading:
    """One import on its way into the database. `loaded`: the records of its rows, to link to."""

    by: User
    synthetic: bool
    outcome: Outcome
    progress: Progress
    loaded: dict[Target, FormRecord] = field(default_factory=dict)
    system: User = field(default_factory=User.objects.system)

    def run(self, made: Plan) -> None:
        known = FormRecord.objects.filter(source_system=SYSTEM).select_related("visit")
        self.loaded = {(record.crf_code, record.source_id): record for record in known}
        sites = {row["site_id"]: site for row in made.sites if (site := self._tried(row, self._site))}
        numbers = {subject.number: subject for subject in Subject.objects.select_related("site")}
        for row in made.subjects:
            site = sites.get(row["site_id"])
            subject = self._tried(row, lambda row: self._subject(row, site, numbers)) if site else None  # noqa: B023
            drafts = made.drafts.get(row["screening_id"], [])
            if subject:
                self._forms(subject, drafts)
            else:
                self.progress(len(drafts))

    def _tried(self, row: Row, load: Callable[[Row], Any]) -> Any:
        """What `load` makes of the row; None, with a problem, if it is refused."""
        try:
            with transaction.atomic():
                return load(row)
        except REFUSALS as refused:
            for column, reason in _reasons(refused):
                self.outcome.problems.append(row.refused(column, reason).problem)
            return None

    # --- sites and subjects ----------------------------------------------------------------------------------------

    def _site(self, row: Row) -> Site:
        told: dict[str, Any] = {
            "name": row["name"],
            "country": row["country"],
            "time_zone": row["time_zone"],
            "activated_on": _date(row, "activated_on"),
        }
        site = Site.objects.filter(number=row["site_id"]).first()
        if site is None:
            self.outcome.sites += 1
            return actions.create_site(number=row["site_id"], by=self.system, source=_source_of(row), **told)
        for column, value in told.items():
            if getattr(site, column) != value:
                raise actions.Refused({column: [f"{site.number} has “{getattr(site, column)}” here. Correct the one."]})
        return site

    def _subject(self, row: Row, site: Site, numbers: dict[str, Subject]) -> Subject:
        number = row["screening_id"]
        subject = numbers.get(number)
        if subject is None:
            self.outcome.subjects += 1
            return actions.screen_subject(
                site=site, by=self.by, number=number, synthetic=self.synthetic, source=_source_of(row)
            )
        if not subject.source:
            raise actions.NumberTaken(f"Subject {number} exists already, and was not imported.")
        if subject.site_id != site.pk:
            raise actions.Refused({"site_id": [f"{number} is a subject of {subject.site.number} here."]})
        return subject

    # --- forms -----------------------------------------------------------------------------------------------------

    def _forms(self, subject: Subject, drafts: list[Draft]) -> None:
        visits = {visit.code: visit for visit in subject.visits.all()}
        before = self.outcome.added + self.outcome.changed
        for draft in drafts:
            self._form(subject, draft, visits)
            self.progress(1)
        if self.outcome.added + self.outcome.changed > before:
            check_subject(subject=subject, by=self.by)

    def _form(self, subject: Subject, draft: Draft, visits: dict[str, Visit]) -> None:
        record = self.loaded.get(draft.target)
        try:
            if record is None:
                self._add(subject, draft, visits)
            elif record.source_hash == draft.sha256:
                self.outcome.unchanged += 1
            else:
                self._change(record, draft)
        except REFUSALS as refused:
            for item, reason in _reasons(refused):
                self.outcome.problems.append(draft.problem(item, reason))

    def _add(self, subject: Subject, draft: Draft, visits: dict[str, Visit]) -> None:
        visit = visits[draft.visit] if draft.visit else self._visit_of(subject, draft)
        record = actions.new_record(subject=subject, crf_code=draft.crf, visit=visit)
        saved = self._save(record, draft, defer_cross_checks=True)
        self.loaded[draft.target] = saved.record
        self.outcome.added += 1
        for item, text in draft.differences:
            actions.open_query(target=saved.record, item=item, text=text, by=self.system)

    def _change(self, record: FormRecord, draft: Draft) -> None:
        if record.deleted_at is not None:
            raise actions.Refused({"": ["This row has changed, but its form was deleted here. Look at both."]})
        if not _last_changed_by_import(record):
            raise actions.Refused(
                {"": ["This row has changed, but a person has changed its form since. Correct the form by hand."]}
            )
        self._save(record, draft, reason=CHANGED)
        self.outcome.changed += 1

    def _save(self, record: FormRecord, draft: Draft, **options: Any) -> actions.Saved:
        values = {**draft.values, **{item: self._linked(item, draft) for item in draft.links}}
        row = draft.row
        return actions.save_form(
            record=record,
            values=values,
            missing_codes=_not_in_source(draft.crf, values),
            by=self.by,
            source=actions.Source(SYSTEM, draft.source_id, row.file, row.line, draft.sha256),
            **options,
        )

    def _linked(self, item: str, draft: Draft) -> int:
        target = draft.links[item]
        record = self.loaded.get(target)
        if record is None:
            raise actions.Refused({item: [f"{target[1]}, to which the row refers, was refused."]})
        return record.pk

    def _visit_of(self, subject: Subject, draft: Draft) -> Visit | None:
        """The visit whose window holds the draft's day, where that visit expects this form and has none yet."""
        if draft.at_visit_of is None:
            return None
        expecting = {visit.code for visit in protocol.get().schedule if draft.crf in visit.forms}
        return (
            subject.visits.filter(code__in=expecting, opens__lte=draft.at_visit_of, closes__gte=draft.at_visit_of)
            .exclude(records__crf_code=draft.crf)
            .first()
        )


def _not_in_source(crf: str, values: dict[str, Any]) -> dict[str, Any]:
    """The items that every such form has to answer and the source does not, coded as such."""
    blank = [
        item.name
        for item in registry.get(crf).items
        if item.required and item.asked(values) and values.get(item.name) in (None, "")
    ]
    return dict.fromkeys(blank, NOT_IN_SOURCE)


def _last_changed_by_import(record: FormRecord) -> bool:
    rows = history.rows_of(record.spec.model, record.pk)
    return bool(rows) and bool(rows[-1].pgh_source)


def _reasons(refused: Exception) -> Iterator[tuple[str, str]]:
    """(item or column, sentence) of each thing that was refused."""
    if isinstance(refused, actions.VersionConflict):
        yield "", "This form has been entered already, and not by an import."
    elif isinstance(refused, actions.Refused):
        yield from ((item, sentence) for item, sentences in refused.errors.items() for sentence in sentences)
    elif isinstance(refused, ValidationError):
        yield from ((name, " ".join(texts)) for name, texts in refused.message_dict.items())
    else:
        yield "", str(refused)


def _date(row: Row, column: str) -> date | None:
    try:
        return date.fromisoformat(row[column]) if row[column] else None
    except ValueError:
        raise actions.Refused({column: [f"“{row[column]}” is not a date like 2024-01-17."]}) from None


def _source_of(row: Row) -> str:
    return f"{SYSTEM}:{row.file}:{row.line}"
