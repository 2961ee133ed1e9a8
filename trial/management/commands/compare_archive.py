"""Compare the archive of a subject, as somebody keeps it, with the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trial import database
from trial.exports.archive_compare import compare


class Command(BaseCommand):
    help = "Compare a subject's archive with its manifest and the database; name what differs. Fails if anything does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the zip that was downloaded from the casebook")

    def handle(self, *args: Any, **options: Any) -> None:
        if not database.is_migrated():
            raise CommandError("The database is empty. Run migrate first: manage.py migrate")
        try:
            differences = compare(options["file"].read_bytes())
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        for difference in differences:
            self.stdout.write(difference)
        if differences:
            raise CommandError(f"{len(differences)} differences between the copy and the database.")
        self.stdout.write("The copy is whole, and agrees with the database field by field.")
