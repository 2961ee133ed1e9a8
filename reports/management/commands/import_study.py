"""Import a study from a folder of CSV files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from reports.importing.loading import ImportRefused, NoFolder, Outcome, Progress, import_study
from reports.importing.reading import Problem
from trial import database
from trial.models import User

SHOWN = 200


class Command(BaseCommand):
    help = "Import a study from a folder of CSV files. The same folder again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, help="the folder with sites.csv, screening.csv, patients.csv...")
        parser.add_argument("--by", metavar="USER", help="user name in whose name it is done; else the system's")
        parser.add_argument("--partial", action="store_true", help="load the rest if rows are refused")
        parser.add_argument("--synthetic", action="store_true", help="mark the subjects as invented")

    def handle(self, *args: Any, **options: Any) -> None:
        if not database.is_migrated():
            raise CommandError("The database is empty. Run migrate first: manage.py migrate")
        by = _user(options["by"])
        try:
            outcome = self._load(options, by)
        except NoFolder as none:
            raise CommandError(str(none)) from none
        except ImportRefused as refused:
            self._list(refused.problems)
            raise CommandError(f"{refused} Correct the files, or load the rest with --partial.") from refused
        self._report(outcome)

    def _load(self, options: dict[str, Any], by: User) -> Outcome:
        with tqdm(unit=" forms", desc="Importing", disable=None) as bar:

            def begin(total: int) -> Progress:
                bar.reset(total)
                return bar.update

            return import_study(
                options["dir"], by=by, partial=options["partial"], synthetic=options["synthetic"], begin=begin
            )

    def _list(self, problems: list[Problem]) -> None:
        for problem in problems[:SHOWN]:
            self.stderr.write(str(problem))
        if len(problems) > SHOWN:
            self.stderr.write(f"... and {len(problems) - SHOWN} more.")

    def _report(self, outcome: Outcome) -> None:
        self._list(outcome.problems)
        if outcome.unknown_files:
            self.stdout.write(f"Files that the import does not know: {', '.join(outcome.unknown_files)}")
        if outcome.absent_files:
            self.stdout.write(f"Files that are not in the folder: {', '.join(outcome.absent_files)}")
        self.stdout.write(
            f"{outcome.sites} sites, {outcome.subjects} subjects and {outcome.datasets} historical datasets are new."
            f" Forms: {outcome.added} added, {outcome.changed} changed, {outcome.unchanged} as before,"
            f" {len(outcome.problems)} rows refused."
        )


def _user(username: str | None) -> User:
    if username is None:
        return User.objects.system()
    try:
        return User.objects.get(username=username, is_active=True)
    except User.DoesNotExist:
        raise CommandError(f"There is no active user “{username}”.") from None
