"""What a lock says to the person who meets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection

LOCKED = "CR002"
NO_ACTOR = "CR001"


class Locked(Exception):
    """The form is locked; the message is a sentence."""

    def __init__(self) -> None:
        super().__init__("This form is locked and cannot be changed. Ask a data manager to unlock it, with the reason.")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn PostgreSQL's refusal of a change under a lock into `Locked`."""
    try:
        yield
    except DatabaseError as error:
        if sqlstate(error) == LOCKED:
            raise Locked from error
        raise


def sqlstate(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def is_locked(record: Any) -> bool:
    """Whether any scope that holds this record is locked now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cradle_is_locked(%s, %s, %s, %s)",
            [record.pk, record.visit_id, record.subject_id, record.site_id],
        )
        return bool(cursor.fetchone()[0])
