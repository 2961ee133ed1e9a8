"""A database for measurements: made, migrated, used and dropped. What a person has stored is never touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

NAME = "cradle_bench"
ALIASES = {"default": "DATABASE_URL", "owner": "DATABASE_OWNER_URL"}


class NoScratchDatabase(Exception):
    """There can be none here; the message is a sentence."""


@contextmanager
def scratch_database() -> Iterator[None]:
    """All work inside is in an empty, migrated database; afterwards it is gone, and the old one in use again.

    One that a killed run has left is replaced. Raises NoScratchDatabase where another run uses it, or where the owner's
    address is not known.
    """
    if "owner" not in connections.settings:
        raise NoScratchDatabase("A benchmark makes a database of its own: DATABASE_OWNER_URL has to say as whom.")
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ALIASES}
    _drop(before["owner"])
    with _as_owner(before["owner"]) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    try:
        _use(dict.fromkeys(ALIASES, NAME))
        call_command("migrate", database="owner", verbosity=0)
        yield
    finally:
        _use(before)
        _drop(before["owner"])


def settle() -> None:
    """What autovacuum does in its own time: statistics for the planner, and the visibility of pages."""
    with _as_owner(NAME) as owner:
        owner.execute("VACUUM (ANALYZE)")


def _use(names: dict[str, str]) -> None:
    """Point both identities, and commands started from here, to these databases."""
    for alias, variable in ALIASES.items():
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = names[alias]
        connections.settings[alias]["NAME"] = names[alias]
        os.environ[variable] = make_conninfo(os.environ[variable], dbname=names[alias])


def _drop(home: str) -> None:
    """Without force: another run that uses it is not ended."""
    try:
        with _as_owner(home) as owner:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(NAME)))
    except psycopg.errors.ObjectInUse as error:
        raise NoScratchDatabase(f"Another run uses the database {NAME}. Wait for its end.") from error


@contextmanager
def _as_owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    address = make_conninfo(os.environ[ALIASES["owner"]], dbname=database)
    with psycopg.connect(address, autocommit=True) as owner:
        yield owner
