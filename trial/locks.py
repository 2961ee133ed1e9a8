"""What holds a form, frozen or locked, and what that says to the person who meets it."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, connection

LOCKED = "CR002"
NO_ACTOR = "CR001"

FREEZE, LOCK = "freeze", "lock"
SCOPES = {
    "form": "",
    "visit": " with its visit",
    "subject": " with its subject",
    "site": " with its site",
    "study": " with the study",
}
ASK = {
    FREEZE: "Queries go on. Ask a data manager to unfreeze it, with the reason.",
    LOCK: "Ask a data manager to unlock it, with the reason.",
}


@dataclass(frozen=True, kw_only=True)
class Held:
    """The freeze or lock that holds a form: at which scope, since when (UTC), by whom and why."""

    kind: str
    scope: str
    at: datetime
    by: str
    role: str
    reason: str

    @property
    def word(self) -> str:
        return "frozen" if self.kind == FREEZE else "locked"

    @property
    def since(self) -> str:
        """`since 05-Jan-2026 10:00 UTC by Ann Person with its subject: Interim analysis`."""
        return f"since {self.at.astimezone(UTC):%d-%b-%Y %H:%M} UTC by {self.told}"

    @property
    def told(self) -> str:
        """`Ann Person with its subject: Interim analysis`."""
        return f"{self.by}{SCOPES[self.scope]}: {self.reason}"

    def __str__(self) -> str:
        return f"This form is {self.word} and cannot be changed, {_ended(self.since)} {ASK[self.kind]}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


class Locked(Exception):
    """The form is frozen or locked; the message is a sentence."""

    def __init__(self, held: Held | None = None) -> None:
        self.held = held
        super().__init__(str(held) if held else f"This form is locked and cannot be changed. {ASK[LOCK]}")


@contextmanager
def refusals() -> Iterator[None]:
    """Turn PostgreSQL's refusal of a change under a lock into `Locked`, which says what holds it."""
    try:
        yield
    except DatabaseError as error:
        if sqlstate(error) == LOCKED:
            raise Locked(_read(_detail(error))) from error
        raise


def sqlstate(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _detail(error: DatabaseError) -> str | None:
    return getattr(getattr(error.__cause__, "diag", None), "message_detail", None)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A form opened for a correction, under whatever freeze or lock: since when (UTC), by whom and what for."""

    at: datetime
    by: str
    reason: str


_STATE = """
SELECT cradle_lock_in_words(%(record)s, %(visit)s, %(subject)s, %(site)s), (
    SELECT CASE WHEN newest.until_signed AND NOT newest.locked THEN
        json_build_object('at', newest.at, 'by', u.full_name, 'reason', newest.reason)::text END
    FROM (SELECT * FROM trial_lock WHERE scope = 'form' AND record_id = %(record)s AND kind = 'lock'
          ORDER BY id DESC LIMIT 1) newest JOIN trial_user u ON u.id = newest.by_id)
"""


def state_of(record: Any) -> tuple[Held | None, Opened | None]:
    """What holds this record, saved or new (a lock before a freeze, the newest first); its opening. One statement."""
    place = {
        "record": record.pk or 0,
        "visit": record.visit_id,
        "subject": record.subject_id,
        "site": record.site_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATE, place)
        held, opened = cursor.fetchone()
    return _read(held), Opened(**_stored(opened)) if opened else None


def lock_of(record: Any) -> Held | None:
    """What holds this record, saved or new. One statement."""
    return state_of(record)[0]


def is_locked(record: Any) -> bool:
    """Whether any scope that holds this record is frozen or locked now."""
    return lock_of(record) is not None


def check_not_locked(record: Any, sentence: str) -> None:
    """Raise Locked unless queries and marks may go on here: a freeze lets them, a lock does not.

    Inside a transaction no lock can come until it ends. sentence: what cannot be done, as the message's beginning.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(4711, 1)")  # as in cradle_refuse_locked
    held = lock_of(record)
    if held is not None and held.kind == LOCK:
        raise UnderLock(held, sentence)


def check_may_ask(record: Any) -> None:
    """Raise Locked where a form is locked: nothing is asked or answered there any more. A freeze lets queries go on."""
    check_not_locked(record, "Nothing can be asked or answered on this form")


class UnderLock(Locked):
    """What a freeze would let be, a lock does not."""

    def __init__(self, held: Held, sentence: str) -> None:
        super().__init__(held)
        self.args = (f"{sentence}: it is locked {_ended(held.since)} {ASK[LOCK]}",)


def _read(text: str | None) -> Held | None:
    return Held(**_stored(text)) if text else None


def _stored(text: str) -> dict[str, Any]:
    stored = json.loads(text)
    return {**stored, "at": datetime.fromisoformat(stored["at"])}


class InForce:
    """Which forms are frozen or locked, from all lock rows that may hold them, oldest first: for many forms at once.

    The same rule as `lock_of`: the newest row of each target and kind counts; a form opened for a correction is open
    for what was set before.
    """

    def __init__(self, rows: Iterable[Any]) -> None:
        self._newest: dict[tuple[str, int | None, str], Any] = {}
        for row in rows:
            target = row.record_id or row.visit_id or row.subject_id or row.site_id
            self._newest[row.scope, target, row.kind] = row

    def of(self, record: Any) -> str | None:
        """`lock`, `freeze` or None for a saved form record."""
        own = self._newest.get(("form", record.pk, LOCK))
        opened = own.pk if own is not None and own.until_signed and not own.locked else 0
        return self._kind({"form": record.pk, "visit": record.visit_id, **self._around(record)}, opened)

    def of_subject(self, subject: Any) -> str | None:
        """`lock`, `freeze` or None for a subject as a whole."""
        return self._kind({"subject": subject.pk, "site": subject.site_id, "study": None}, 0)

    def _around(self, record: Any) -> dict[str, int | None]:
        return {"subject": record.subject_id, "site": record.site_id, "study": None}

    def _kind(self, targets: dict[str, int | None], opened: int) -> str | None:
        for kind in (LOCK, FREEZE):
            rows = (self._newest.get((scope, target, kind)) for scope, target in targets.items())
            if any(row is not None and row.locked and row.pk > opened for row in rows):
                return kind
        return None
