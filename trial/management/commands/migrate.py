"""Migrate as the owner, then put guards and rights in place (trial.database)."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from trial import database


class Command(Migrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] != "owner" or "owner" not in connections:
            raise CommandError("Migrations run as the owner: set DATABASE_OWNER_URL and use --database owner.")
        super().handle(*args, **options)
        if database.is_migrated("owner"):
            database.secure(connections["owner"])
            database.seed(connections["owner"])
