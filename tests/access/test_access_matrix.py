"""Every URL x every role -> the expected status. The rows are data: matrix.py."""

import logging
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests.access import matrix, world
from tests.access.urls import all_urls


@pytest.fixture(scope="module")
def trial(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[world.World]:
    """One world for all rows, undone at the end."""
    changed = override_settings(
        REPORTS_DIR=tmp_path_factory.mktemp("reports"),
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # quick; what is asked is who may
    )
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals are what is asked for
    with changed, django_db_blocker.unblock(), transaction.atomic():
        yield world.build()
        transaction.set_rollback(True)
    logging.getLogger("django.request").setLevel(logging.NOTSET)


def statuses(trial: world.World, method: str, name: str) -> dict[str, int]:
    """What each person gets. Every request is undone, so that none changes what the next one meets."""
    found = {}
    for person, client in trial.clients.items():
        with transaction.atomic():
            found[person] = world.send(client, trial, method, name)
            transaction.set_rollback(True)
    return found


@pytest.mark.requirement("AC-02")
@pytest.mark.requirement("AC-03")
@pytest.mark.requirement("DE-03")
@pytest.mark.parametrize(("method", "name"), sorted(matrix.ROWS), ids=map(" ".join, sorted(matrix.ROWS)))
def test_each_role_gets_what_the_matrix_says(trial: world.World, method: str, name: str) -> None:
    assert statuses(trial, method, name) == matrix.ROWS[method, name]


@pytest.mark.requirement("AC-02")
def test_every_url_has_its_row_and_every_row_its_url() -> None:
    urls, rows = set(all_urls()), {(method, name.split()[0]) for method, name in matrix.ROWS}
    assert sorted(urls - rows) == [], "Give these URLs a row in tests/access/matrix.py."
    assert sorted(rows - urls) == [], "These rows have no URL."
