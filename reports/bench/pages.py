"""How long the main pages take in the server at the size of a large trial, and how many SQL statements they need.

Statements are all but BEGIN, COMMIT and SAVEPOINT. Times are of whole requests through all middleware, signed in and
warm, one after the other, each for another subject, form or page; in one process, beside its PostgreSQL. Where the
system says it (Linux), the processor time of both is measured too: what a request costs while others use the machine.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from trial import access
from trial.checks import show
from trial.conf.warm import warm_up
from trial.lifecycle import LIVE_QUERY_STATES
from trial.models import FormRecord, Lock, Query, Site, Subject, User, item_fields

REQUESTS = 120
COUNTED = 6  # requests whose statements are counted; the largest number is reported
WARM = 5
SEED = 4711
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
REASON = {"reason_code": "other", "reason_text": "Benchmark: a value that changes"}
# A form of few items, one of many, and one that is read by many checks between forms; with the item that is changed.
SAVED = {"vital_signs": "hr", "laboratory": "wbc", "adverse_event": "aerel"}
OTHER = {"POSSIBLE": "UNLIKELY", "UNLIKELY": "POSSIBLE", "UNRELATED": "UNLIKELY"}


class NotThePage(Exception):
    """A page answered otherwise than it should; the message says which and how."""


@dataclass(frozen=True)
class Budget:
    """Most statements, and the 95th percentile in milliseconds; None where the design names none."""

    statements: int | None = None
    milliseconds: float | None = None


@dataclass(frozen=True)
class Measured:
    """median, p95: milliseconds from request to answer. busy_p95: of processor time, PostgreSQL's too, or None."""

    page: str
    role: str
    requests: int
    statements: int
    median: float
    p95: float
    busy_p95: float | None
    budget: Budget

    @property
    def over(self) -> list[str]:
        """What is over the budget, as sentences."""
        found = []
        if self.budget.statements is not None and self.statements > self.budget.statements:
            found.append(f"{self.page} ({self.role}): {self.statements} statements, budget {self.budget.statements}")
        if self.budget.milliseconds is not None and self.p95 >= self.budget.milliseconds:
            found.append(f"{self.page} ({self.role}): p95 {self.p95:.0f} ms, budget {self.budget.milliseconds:.0f} ms")
        return found


@dataclass(frozen=True)
class Request:
    """One request of a page. data: what is posted, made just before, and not timed."""

    url: str
    data: Callable[[], dict[str, Any]] | None = None


FORM, SAVE = Budget(12, 60), Budget(15, 90)
MATRIX, INBOX, ENROL = Budget(12, 100), Budget(12, 100), Budget(25)


def measure(requests: int = REQUESTS) -> Iterator[Measured]:
    """Each page as the people of the generator see it, in the order of the design's budgets."""
    warm_up()  # as a server does; what the generator left in this process is not looked through either
    coordinator, monitor, manager = (_user(role) for role in ("coordinator", "monitor", "data-manager"))
    random = Random(SEED)
    for user, role in ((coordinator, "coordinator"), (monitor, "monitor"), (manager, "data manager")):
        yield _measure("form open", role, user, _forms(random, user, requests), FORM)
    yield _measure("form save", "coordinator", coordinator, _saves(random, coordinator, requests), SAVE)
    yield _measure("enrol a subject", "coordinator", coordinator, _enrolments(coordinator, requests), ENROL)
    for user, role in ((coordinator, "coordinator"), (monitor, "monitor"), (manager, "data manager")):
        subjects, live = access.subjects(user), access.queries(user).filter(state__in=LIVE_QUERY_STATES)
        yield _measure("page of 50 subjects", role, user, _paged(random, "subjects", subjects, requests), MATRIX)
        yield _measure("study matrix", role, user, _paged(random, "matrix", subjects, requests), MATRIX)
        yield _measure("query inbox", role, user, _paged(random, "queries", live, requests), INBOX)
        yield _measure("home", role, user, [Request(reverse("home"))] * requests, Budget())
        yield _measure("casebook", role, user, _casebooks(random, subjects, requests), Budget())


def percentile_95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1]


def _user(role: str) -> User:
    """Of the generator's people. The coordinator is that of the largest site."""
    if role != "coordinator":
        return User.objects.get(username=f"bench-{role}")
    largest = Site.objects.annotate(size=models.Count("subjects")).order_by("-size", "number").first()
    if largest is None:
        raise NotThePage("There is no trial to measure here: fill the database first.")
    return User.objects.get(username=f"bench-{largest.number.lower()}")


# --- what is asked for -------------------------------------------------------------------------------------------


def _forms(random: Random, user: User, requests: int) -> list[Request]:
    """Forms of all kinds, as they are distributed, of anybody whom the user sees."""
    keys = list(access.forms(user).filter(deleted_at=None).values_list("pk", flat=True))
    return [Request(reverse("form", args=[pk])) for pk in random.choices(keys, k=requests)]


def _saves(random: Random, user: User, requests: int) -> list[Request]:
    """Corrections of single items, in turns of the three CRFs; none that is locked or of which a value is odd."""
    locked = Lock.objects.filter(locked=True).values("subject")
    asked = Query.objects.filter(models.Q(state__in=LIVE_QUERY_STATES) | models.Q(confirmed=True)).values("record")
    free = access.forms(user).filter(deleted_at=None).exclude(subject__in=locked).exclude(pk__in=asked)
    keys = {crf: list(free.filter(crf_code=crf).values_list("pk", flat=True)) for crf in SAVED}
    kinds = [found for found in keys.values() if found]
    chosen = [random.choice(kinds[turn % len(kinds)]) for turn in range(requests)]
    return [Request(reverse("form", args=[pk]), partial(correction, pk)) for pk in chosen]


def correction(pk: int) -> dict[str, Any]:
    """What a browser would post to correct one item of a saved form, with the reason."""
    record = FormRecord.objects.get(pk=pk)
    row = record.answers()
    data = {field.name: _typed(getattr(row, field.attname)) for field in item_fields(type(row))}
    changed = SAVED[record.crf_code]
    value = getattr(row, changed)
    data[changed] = OTHER[value] if value in OTHER else _typed(value + (1 if record.version % 2 else -1))
    return {**data, **REASON, "version": record.version}


def _typed(value: Any) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%d-%b-%Y}"
    return show(value)


def _enrolments(user: User, requests: int) -> list[Request]:
    site = access.sites(user).get()
    return [Request(reverse("screen"), lambda: {"site": site.number})] * requests


def _paged(random: Random, name: str, rows: models.QuerySet[Any], requests: int) -> list[Request]:
    """Any page of a list, 50 lines a page."""
    pages = max(1, -(-rows.count() // 50))
    return [Request(f"{reverse(name)}?page={random.randint(1, pages)}") for _ in range(requests)]


def _casebooks(random: Random, subjects: models.QuerySet[Subject], requests: int) -> list[Request]:
    numbers = list(subjects.values_list("number", flat=True))
    return [Request(reverse("casebook", args=[number])) for number in random.choices(numbers, k=requests)]


# --- measuring ---------------------------------------------------------------------------------------------------


def _measure(page: str, role: str, user: User, requests: list[Request], budget: Budget) -> Measured:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for request in requests[:WARM]:
        _send(client, request)
    times = [_send(client, request) for request in requests]
    elapsed, busy = [each for each, _ in times], [each for _, each in times if each is not None]
    return Measured(
        page=page,
        role=role,
        requests=len(times),
        statements=max(_statements(client, request) for request in requests[:COUNTED]),
        median=median(elapsed),
        p95=percentile_95(elapsed),
        busy_p95=percentile_95(busy) if len(busy) == len(times) else None,
        budget=budget,
    )


def _send(client: Client, request: Request) -> tuple[float, float | None]:
    """Milliseconds of one request, and of processor time. Raises NotThePage."""
    data = request.data() if request.data else None
    before, worked_before = time.perf_counter(), _worked()
    answer = client.get(request.url) if data is None else client.post(request.url, data)
    elapsed, worked = (time.perf_counter() - before) * 1000, _worked()
    if answer.status_code != (200 if data is None else 302):
        raise NotThePage(f"{request.url} answered {answer.status_code}.")
    return elapsed, None if worked is None or worked_before is None else worked - worked_before


def _worked() -> float | None:
    """Milliseconds of processor time so far, of this process and of its PostgreSQL session; None if not told."""
    connection.ensure_connection()
    session = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    try:
        return time.process_time() * 1000 + int(session.read_text().split()[0]) / 1e6
    except (OSError, ValueError):
        return None


def _statements(client: Client, request: Request) -> int:
    data = request.data() if request.data else None
    with CaptureQueriesContext(connection) as captured:
        if data is None:
            client.get(request.url)
        else:
            client.post(request.url, data)
    return sum(not query["sql"].startswith(NOT_COUNTED) for query in captured.captured_queries)
