"""The synthetic trial as a database: imported once in a test run, then copied.

`imported_trial`: a transaction on a copy of it, rolled back after the test. `imported_committed`: without the
transaction (a live server, races), and a fresh copy afterwards. Neither goes together with `db`, which is a transaction
on another database: make people with the functions of tests.people, inside the test.

    from tests.imported import imported_trial
"""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from reports.demo.load import DATA
from reports.importing.loading import import_study
from tests.conftest import as_owner, close_connections, copy_database, drop_database, drop_if_last, exists, use_database
from trial.models import User

_made: list[str] = []


@pytest.fixture(scope="session")
def imported_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, template_database: tuple[str, Path], worker_id: str
) -> Iterator[str]:
    """Name of this worker's copy. The first worker imports, the last one drops what it imported into."""
    if _made:  # each module that imports this fixture has one of its own
        yield _made[0]
        return
    template, lock_path = template_database
    imported, name = f"{template}_imported", f"{template}_{worker_id}_imported"
    with lock_path.with_suffix(".imported").open("a") as lock, django_db_blocker.unblock():
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not exists(imported):
            _import(template, imported)
        copy_database(imported, name)
        fcntl.flock(lock, fcntl.LOCK_SH)
        use_database(f"{template}_{worker_id}")
        _made.append(name)
        yield name
        drop_database(name)
        drop_if_last(lock.fileno(), imported)


def _import(template: str, imported: str) -> None:
    """Under another name first, so that an import that failed leaves nothing to copy."""
    half = f"{imported}_half"
    copy_database(template, half)
    use_database(half)
    import_study(DATA, by=User.objects.system(), synthetic=True)
    close_connections()
    with as_owner() as owner:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        owner.execute(rename.format(sql.Identifier(half), sql.Identifier(imported)))


@pytest.fixture
def imported_trial(
    request: pytest.FixtureRequest,
    imported_database: str,
    django_db_blocker: DjangoDbBlocker,
    template_database: tuple[str, Path],
    worker_id: str,
) -> Iterator[None]:
    """The synthetic trial, in a transaction that is rolled back."""
    _refuse_together_with_db(request)
    with django_db_blocker.unblock():
        use_database(imported_database)
        try:
            with transaction.atomic():
                yield
                transaction.set_rollback(True)
        finally:
            use_database(f"{template_database[0]}_{worker_id}")


@pytest.fixture
def imported_committed(
    request: pytest.FixtureRequest,
    imported_database: str,
    django_db_blocker: DjangoDbBlocker,
    template_database: tuple[str, Path],
    worker_id: str,
) -> Iterator[None]:
    """The synthetic trial without a surrounding transaction, as new again after the test."""
    _refuse_together_with_db(request)
    with django_db_blocker.unblock():
        use_database(imported_database)
        try:
            yield
        finally:
            use_database(f"{template_database[0]}_{worker_id}")
            copy_database(f"{template_database[0]}_imported", imported_database)


def _refuse_together_with_db(request: pytest.FixtureRequest) -> None:
    if "db" in request.fixturenames:
        pytest.fail("A test asks for the imported trial and for `db`, which are two databases. Ask for one.")


__all__ = ["imported_committed", "imported_database", "imported_trial"]
