"""Now, or the past moment that is being shown. Pages that say how long something waits ask here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_shown: ContextVar[datetime | None] = ContextVar("shown_moment", default=None)


def now() -> datetime:
    """The moment that the page shows, in UTC."""
    return _shown.get() or datetime.now(UTC)


def today() -> date:
    return now().date()


def shown_moment() -> datetime | None:
    """The past moment that is being shown; None while the present is."""
    return _shown.get()


@contextmanager
def showing(moment: datetime) -> Iterator[None]:
    """Inside, it is `moment`."""
    token = _shown.set(moment)
    try:
        yield
    finally:
        _shown.reset(token)
