"""The databases that tests run on."""

import pytest
from django.db import ProgrammingError, connection, connections


def one(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_tests_run_as_the_applications_role() -> None:
    assert one("SELECT current_user") == "cradle_app"


@pytest.mark.django_db
def test_the_application_makes_no_temporary_table() -> None:
    """One would stand before the real table in the search path of a history trigger."""
    with pytest.raises(ProgrammingError, match="permission denied to create temporary tables"):
        one("CREATE TEMPORARY TABLE trial_formrecord ()")


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_committed_database_is_as_new_for_every_test(committed_db: None, time: str) -> None:
    assert one("SELECT to_regclass('left_behind')") is None
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE left_behind ()")
    assert one("SELECT to_regclass('left_behind')") == "left_behind"


@pytest.mark.django_db
def test_what_a_committed_test_left_is_gone_for_the_others() -> None:
    assert one("SELECT to_regclass('left_behind')") is None
