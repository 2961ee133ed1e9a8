"""Migrate as the owner, then put guards and rights in place (trial.database)."""

from typing import Any

from django.apps import apps
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.models.signals import pre_migrate

from trial import as_of, database


def let_columns_change(*, using: str, **_: Any) -> None:
    """Views of the past stand on the columns that a migration may change; `secure` makes them anew."""
    with connections[using].cursor() as cursor:
        as_of.drop_views(cursor)


class Command(Migrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] != "owner" or "owner" not in connections:
            raise CommandError("Migrations run as the owner: set DATABASE_OWNER_URL and use --database owner.")
        pre_migrate.connect(let_columns_change, sender=apps.get_app_config("trial"))
        super().handle(*args, **options)
        if database.is_migrated("owner"):
            database.secure(connections["owner"])
            database.seed(connections["owner"])
