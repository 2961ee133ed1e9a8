"""Databases for tests: all tests run as the application's role, on a copy of one migrated template.

A test that asks for `db` runs in a transaction that is rolled back. One that must see commits (locks, races,
`on_commit`, a live server) asks for `committed_db` and gets a fresh copy of the template afterwards: the application's
role may empty no table, a copy is quicker than emptying them all, and it brings back the rows that migrations put in.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pytest_django.plugin import DjangoDbBlocker

pytest_plugins = ["tests.people", "tests.imported", "tests.reports.packages"]  # fixtures for all tests

# The same examples in every run, so that a change alone can fail it. HYPOTHESIS_PROFILE=explore looks for new ones.
hypothesis_settings.register_profile("same", derandomize=True)
hypothesis_settings.register_profile("explore", max_examples=500)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# Nearly all tests enter visits of years ago, today; those of late entries switch the question on again.
django_settings.ASK_WHY_LATE = False

ALIASES = ("default", "owner")
KEPT = "test_kept_"
SCHEMA_PARTS = {"migrations", "models", "crfs"}
SCHEMA_FILES = ("database.py", "as_of.py", "history.py")
OWNER_URL = os.environ["DATABASE_OWNER_URL"]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    template_database: tuple[str, Path],
    worker_id: str,
) -> Iterator[None]:
    """One template for the session, one copy for this worker; the last worker drops the template."""
    template, lock_path = template_database
    name = f"{template}_{worker_id}"
    with lock_path.open("a") as used, django_db_blocker.unblock():
        # Two locks: who waits to make or copy the template must not wait for the tests of those who use it.
        with lock_path.with_suffix(".making").open("a") as making:
            fcntl.flock(making, fcntl.LOCK_EX)
            if not exists(template):
                drop_outdated(template)
                make_template(template)
            copy_database(template, name)
            fcntl.flock(used, fcntl.LOCK_SH)
        use_database(name)
        yield
        drop_database(name)
        drop_if_last(used.fileno(), template)


@pytest.fixture(scope="session")
def template_database(testrun_uid: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The template's name, and a lock that all workers of this run share.

    On a server that is kept between runs (CRADLE_TEST_HOME) the template is, too, until the code it is made by changes.
    """
    if home := os.environ.get("CRADLE_TEST_HOME"):
        name = f"{KEPT}{schema_digest()}"
        return name, Path(home) / f"{name}.lock"
    name = f"test_{testrun_uid[:8]}"
    return name, tmp_path_factory.getbasetemp().parent / f"{name}.lock"


def schema_digest() -> str:
    """Of every file that a migrated database may depend on."""
    root = Path(__file__).parent.parent
    files = [path for app in ("trial", "patients", "safety", "mrd", "reports") for path in (root / app).rglob("*.*")]
    made_by = [path for path in files if path.suffix == ".sql" or SCHEMA_PARTS.intersection(path.parts)]
    digest = hashlib.sha256()
    for path in sorted([*made_by, *(root / "trial" / name for name in SCHEMA_FILES)]):
        if path.suffix in {".py", ".sql"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture
def committed_db(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    template_database: tuple[str, Path],
    worker_id: str,
) -> Iterator[None]:
    """A database without a surrounding transaction, as new again after the test. Not together with `db`."""
    template, _ = template_database
    with django_db_blocker.unblock():
        yield
        close_connections()
        copy_database(template, f"{template}_{worker_id}")


@pytest.fixture
def transactional_db(committed_db: None) -> None:
    """What pytest-django's `live_server` asks for; its own would empty the tables as the application's role."""


@contextmanager
def as_owner() -> Iterator[psycopg.Connection]:
    with psycopg.connect(OWNER_URL, autocommit=True) as owner:
        yield owner


def exists(database: str) -> bool:
    with as_owner() as owner:
        return owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None


def make_template(name: str) -> None:
    """Migrate under another name first, so that a failed migration leaves no template behind."""
    half = f"{name}_half"
    copy_database("template1", half)
    use_database(half)
    call_command("migrate", database="owner", verbosity=0)
    close_connections()
    with as_owner() as owner:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        owner.execute(rename.format(sql.Identifier(half), sql.Identifier(name)))


def copy_database(template: str, name: str) -> None:
    """Make `name` anew. Its privileges do not come with the copy: nobody but the owner makes temporary tables."""
    drop_database(name)
    with as_owner() as owner:
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        owner.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
        owner.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC").format(**names))


def drop_database(name: str) -> None:
    close_connections()
    with as_owner() as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def drop_outdated(template: str) -> None:
    """Of the templates that are kept, the newest alone."""
    if not template.startswith(KEPT):
        return
    with as_owner() as owner:
        names = owner.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [KEPT]).fetchall()
    for (name,) in names:
        drop_database(name)


def drop_if_last(lock: int, template: str) -> None:
    if template.startswith(KEPT):
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    drop_database(template)


def use_database(name: str) -> None:
    """Point both identities, and any command that a test starts as a process of its own, to the database."""
    close_connections()
    for alias, variable in zip(ALIASES, ("DATABASE_URL", "DATABASE_OWNER_URL"), strict=True):
        connections[alias].settings_dict["NAME"] = name
        connections.settings[alias]["NAME"] = name
        os.environ[variable] = make_conninfo(os.environ[variable], dbname=name)


def close_connections() -> None:
    for alias in ALIASES:
        connections[alias].close()
