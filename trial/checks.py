"""Edit checks: pure functions of values, named for what they find.

    @check("VS-01", "sysbp", "diabp", message="Systolic {sysbp} is not above diastolic {diabp} mmHg. Check both.")
    def systolic_not_above_diastolic(sysbp, diabp):
        return sysbp <= diabp

A check is asked only when all its items have values, unless it says `when_missing=True`. The same function runs on the
page, in the API, on import and nightly.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from trial import partial_dates
from trial.subject_data import Row, SubjectData


class Severity(StrEnum):
    """HARD refuses the save; SOFT saves and opens a query unless confirmed; ORDER (a forbidden sequence of steps)
    refuses on page and API, and is a finding on import, where the step has been taken long ago."""

    HARD = "hard"
    SOFT = "soft"
    ORDER = "order"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found. `values` are what it looked at: the same values again are the same finding."""

    code: str
    item: str
    message: str
    severity: Severity
    values: Mapping[str, Any] = field(default_factory=dict)
    record_id: int | None = None

    @property
    def fingerprint(self) -> str:
        # As shown: 70 as typed and 70.00 as the column gives it back are the same value.
        text = "|".join(f"{name}={show(self.values[name])}" for name in sorted(self.values))
        return hashlib.sha256(f"{self.code}|{self.item}|{text}".encode()).hexdigest()[:32]

    def on(self, record_id: int) -> "Finding":
        return replace(self, record_id=record_id)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check within one form. The finding stands on the first of `items`.

    An item coded missing has said why it has no value, so a check on it stays silent, unless `even_if_coded`.
    """

    code: str
    items: tuple[str, ...]
    message: str
    severity: Severity
    find: Callable[..., bool]
    when_missing: bool = False
    even_if_coded: bool = False

    def run(self, values: Mapping[str, Any]) -> Finding | None:
        arguments = {name: values.get(name) for name in self.items}
        if not self.when_missing and any(value is None or value == "" for value in arguments.values()):
            return None
        if not self.find(**arguments):
            return None
        shown = {name: show(value) for name, value in arguments.items()}
        return Finding(
            code=self.code,
            item=self.items[0],
            message=self.message.format(**shown),
            severity=self.severity,
            values=arguments,
        )


@dataclass(frozen=True)
class Found:
    """One row on which a cross-form check has something to say, with the values for its sentence."""

    row: Row
    values: Mapping[str, Any] = field(default_factory=dict)
    item: str | None = None


@dataclass(frozen=True, kw_only=True)
class CrossCheck:
    """A check between forms of one subject.

    crf: the form on which the finding stands. reads: all CRFs that it reads; it runs when one of them was saved.
    """

    code: str
    crf: str
    item: str
    reads: frozenset[str]
    message: str
    severity: Severity
    find: Callable[[SubjectData], Iterable[Found]]

    def run(self, subject: SubjectData) -> list[Finding]:
        return [self._finding(found) for found in self.find(subject)]

    def _finding(self, found: Found) -> Finding:
        shown = {name: show(value) for name, value in found.values.items()}
        return Finding(
            code=self.code,
            item=found.item or self.item,
            message=self.message.format(**shown),
            severity=self.severity,
            values=found.values,
            record_id=found.row.record_id,
        )


def check(
    code: str,
    *items: str,
    message: str,
    severity: Severity = Severity.SOFT,
    when_missing: bool = False,
    even_if_coded: bool = False,
) -> Callable[[Callable[..., bool]], Check]:
    """Make a check of a function that returns True where something is odd."""

    def make(function: Callable[..., bool]) -> Check:
        return Check(
            code=code,
            items=items,
            message=message,
            severity=severity,
            find=function,
            when_missing=when_missing,
            even_if_coded=even_if_coded,
        )

    return make


def cross_check(
    code: str,
    *,
    crf: str,
    item: str,
    reads: Iterable[str],
    message: str,
    severity: Severity = Severity.SOFT,
) -> Callable[[Callable[[SubjectData], Iterable[Found]]], CrossCheck]:
    """Make a cross-form check of a function that yields a `Found` for each odd row."""

    def make(function: Callable[[SubjectData], Iterable[Found]]) -> CrossCheck:
        return CrossCheck(
            code=code,
            crf=crf,
            item=item,
            reads=frozenset(reads) | {crf},
            message=message,
            severity=severity,
            find=function,
        )

    return make


def show(value: Any) -> str:
    """A value as a sentence shows it."""
    if isinstance(value, datetime):
        return f"{value:%d-%b-%Y %H:%M}"
    if isinstance(value, date):
        return partial_dates.show(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)
