"""What asking brings: for each check how often it fired, changed data, was confirmed, and after how long.

A firing is one time that a check found something new: a query that it opened or asked again, or a prompt at a save that
was settled there and then. A prompt that became a query, or was confirmed in place, is the same firing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from statistics import median
from typing import Any

from trial import query_thread
from trial.crf import check_list
from trial.history import history_model
from trial.models import FormRecord, Prompt, QueryMessage
from trial.query_thread import Firing, Outcome, Said

POINTED_OUT_FROM = 10  # fewer settled firings say nothing about a check

Place = tuple[int | None, str, str]  # record, item, check


@dataclass
class CheckValue:
    """One check. prompts: said at a save. queries: opened, or asked again for new values.

    left: prompts whose form was never saved, so that nobody knows what would have become of them.
    """

    code: str
    sentence: str
    prompts: int = 0
    queries: int = 0
    fired: int = 0
    left: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    _to_answer: list[timedelta] = field(default_factory=list)
    _to_close: list[timedelta] = field(default_factory=list)

    def add(self, firing: Firing) -> None:
        """Count a firing that was asked about."""
        self.fired += 1
        self.queries += not firing.in_place
        self.outcomes[firing.outcome] += 1
        if firing.to_answer is not None:
            self._to_answer.append(firing.to_answer)
        if firing.to_close is not None:
            self._to_close.append(firing.to_close)

    @property
    def changed(self) -> int:
        return self.outcomes[Outcome.CHANGED]

    @property
    def confirmed(self) -> int:
        return self.outcomes[Outcome.CONFIRMED]

    @property
    def open(self) -> int:
        return self.outcomes[Outcome.OPEN]

    @property
    def settled(self) -> int:
        """Firings of which it is known whether they changed data."""
        return self.changed + self.confirmed

    @property
    def days_to_answer(self) -> float | None:
        """Median, in days; None where no query of this check was answered."""
        return _median_days(self._to_answer)

    @property
    def days_to_close(self) -> float | None:
        """Median, in days; None where no query of this check was closed."""
        return _median_days(self._to_close)

    @property
    def changed_share(self) -> float | None:
        """Of the settled firings, 0 to 1; None where none is settled."""
        return self.changed / self.settled if self.settled else None

    @property
    def never_changed(self) -> bool:
        """Whether it is pointed out: settled often enough, and never changed anything."""
        return self.settled >= POINTED_OUT_FROM and not self.changed


def _median_days(spans: list[timedelta]) -> float | None:
    return median(span / timedelta(days=1) for span in spans) if spans else None


def per_check() -> list[CheckValue]:
    """Every check that has ever fired, the most often firing first. Of all sites; three statements."""
    threads = list(_threads())
    found: dict[str, CheckValue] = {}
    for place, thread in threads:
        for firing in query_thread.firings([said for said, _ in thread]):
            _of(found, place[2]).add(firing)
    _add_prompts(found, threads)
    return sorted(found.values(), key=lambda value: (-value.fired, value.code))


def _of(found: dict[str, CheckValue], code: str) -> CheckValue:
    return found.setdefault(code, CheckValue(code, check_list.sentence(code)))


Thread = list[tuple[Said, int]]  # with the transaction of each entry


def _threads() -> Iterator[tuple[Place, Thread]]:
    """The threads of all queries of checks, in order of the queries."""
    rows = (
        QueryMessage.objects.exclude(query__check_code="")
        .order_by("query_id", "id")
        .values_list(
            "query_id", "query__record_id", "query__item", "query__check_code", "step", "at", "role", "reason_code",
            "changeset",
        )
    )  # fmt: skip
    for _, entries in groupby(rows.iterator(chunk_size=5000), key=lambda row: row[0]):
        thread = list(entries)
        place = thread[0][1:4]
        yield place, [(Said(row[4], row[5], row[6] == "system", row[7]), row[8] or 0) for row in thread]


# --- prompts -----------------------------------------------------------------------------------------------------


def _add_prompts(found: dict[str, CheckValue], threads: Iterable[tuple[Place, Thread]]) -> None:
    """Prompts that were settled at the save; those that were asked about, before or then, are counted already."""
    saved = _saved()
    at: dict[Place, list[Thread]] = {}
    for place, thread in threads:
        at.setdefault(place, []).append(thread)
    for submission, record, item, code in _prompts():
        value = _of(found, code)
        value.prompts += 1
        is_saved = submission in saved
        record, changeset = saved[submission] if is_saved else (record, None)
        if any(_stands_after(thread, changeset) for thread in at.get((record, item, code), [])):
            continue
        value.fired += 1
        if is_saved:
            value.outcomes[Outcome.CHANGED] += 1
        else:
            value.left += 1


def _prompts() -> Iterator[tuple[Any, int | None, str, str]]:
    """(submit, record, item, check) of each prompt; the tries of one submit are one."""
    rows = Prompt.objects.order_by("id").values_list("submission", "record_id", "item", "check_code")
    tried = set()
    for submission, record, item, code in rows.iterator(chunk_size=5000):
        if submission is None or (submission, item, code) not in tried:
            tried.add((submission, item, code))
            yield submission, record, item, code


def _saved() -> dict[Any, tuple[int | None, int | None]]:
    """submit -> (record, transaction) of those that prompted and were saved in the end."""
    prompted = Prompt.objects.exclude(submission=None).values("submission")
    rows = history_model(FormRecord).objects.filter(submission__in=prompted).order_by("-pgh_id")
    found = rows.values_list("submission", "pgh_obj_id", "pgh_changeset")
    return {submission: (record, changeset) for submission, record, changeset in found}


def _stands_after(thread: Thread, changeset: int | None) -> bool:
    """Whether the finding stood once that transaction was through; None: whether it was ever asked about."""
    return changeset is None or query_thread.stands([said for said, number in thread if number <= changeset])
