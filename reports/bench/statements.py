"""SQL statements of the main pages against their budgets (all but BEGIN, COMMIT, SAVEPOINT; signed in, warm)."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from trial.models import FormRecord, Site, User

NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
REASON = {"reason_code": "other", "reason_text": "Benchmark: a value that changes"}


@dataclass(frozen=True)
class Page:
    name: str
    statements: int
    budget: int
    milliseconds: float


def measure() -> Iterator[Page]:
    """Each page once warm, then counted and timed. Needs the demo trial."""
    coordinator, manager = _client("site-coordinator"), _client("data-manager")
    record = _record()
    form = reverse("form", args=[record.pk])
    yield _page("open a form", 12, lambda _: coordinator.get(form))
    yield _page("save a form with history", 15, lambda data: coordinator.post(form, data), lambda: _correction(record))
    yield _page("50 subjects with what is open", 12, lambda _: manager.get(reverse("subjects")))
    yield _page("casebook of one subject", 20, lambda _: manager.get(reverse("casebook", args=[record.subject.number])))
    yield _page("query inbox", 12, lambda _: manager.get(reverse("queries")))
    site = Site.objects.get(number="NL01")
    yield _page("enrol a subject", 25, lambda _: coordinator.post(reverse("screen"), {"site": site.number}))


def _client(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def _record() -> FormRecord:
    found = FormRecord.objects.filter(crf_code="vital_signs", site__number="NL01", deleted_at=None)
    return found.select_related("subject").earliest("id")


def _correction(record: FormRecord) -> dict[str, Any]:
    """What the browser would post to correct the heart rate of a saved form, with a reason."""
    record.refresh_from_db()
    row = record.answers()
    values = {field: getattr(row, field) for field in ("temp", "sysbp", "diabp", "weight")}
    data = {**values, "vsdat": f"{row.vsdat:%d-%b-%Y}", "hr": row.hr + (1 if row.hr % 2 else -1)}
    return {**data, **REASON, "version": record.version}


def _page(name: str, budget: int, visit: Callable[[Any], object], prepare: Callable[[], Any] = lambda: None) -> Page:
    """Visit once to be warm, then count. `prepare` makes what a visit needs, and is not counted."""
    visit(prepare())
    prepared = prepare()
    before = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        visit(prepared)
    elapsed = (time.perf_counter() - before) * 1000
    counted = [query for query in captured.captured_queries if not query["sql"].startswith(NOT_COUNTED)]
    return Page(name, len(counted), budget, elapsed)
