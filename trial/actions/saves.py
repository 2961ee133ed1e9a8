"""What one save of a form works on, and what it may say: refused, overtaken, to be looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from trial import reasons, subject_forms
from trial.checks import Finding, Severity
from trial.models import FormRecord, Query


class Refused(Exception):
    """The save was refused and nothing was changed. `errors`: item ("" for the whole form) -> sentences.

    findings: what checks said, with what had been entered.
    """

    def __init__(self, errors: Mapping[str, list[str]], findings: Iterable[Finding] = ()) -> None:
        self.errors, self.findings = dict(errors), list(findings)
        super().__init__(" ".join(sentence for sentences in self.errors.values() for sentence in sentences))


class VersionConflict(Exception):
    """Somebody else saved first. `row` and `current` are what stands now, `theirs` its version.

    sent_before: this very submit saved before, with other answers than it brings now.
    """

    def __init__(self, record: FormRecord, row: Any, *, sent_before: bool = False) -> None:
        self.record, self.row, self.theirs = record, row, record.version
        self.current = subject_forms.check_values(record, row)
        self.sent_before = sent_before
        super().__init__(
            f"{record.updated_by.full_name} saved this form at {record.updated_at:%H:%M} UTC, after you opened it."
            " Your entries are kept below; compare and save again."
        )


class Unconfirmed(Exception):
    """Soft findings that the page has not shown yet. Nothing was saved."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(f"{len(findings)} findings to look at before saving.")


@dataclass(frozen=True)
class Why:
    """The reasons of one save. given: of the whole save, "" where none was; by_item: item -> its own."""

    given: str
    by_item: Mapping[str, str]

    @classmethod
    def of(cls, given: str, by_item: Mapping[str, str]) -> "Why":
        """Raises ReasonNeeded where an item's reason says nothing."""
        return cls(given, {item: reasons.check(text) for item, text in by_item.items() if text.strip()})

    @property
    def for_all(self) -> str:
        return self.given or "; ".join(dict.fromkeys(self.by_item.values()))

    def about(self, changed: Iterable[str]) -> "Why":
        """Without the reasons of items that do not change after all."""
        kept = set(changed)
        return Why(self.given, {item: text for item, text in self.by_item.items() if item in kept})

    def check(self, overwritten: set[str]) -> None:
        """Raise ReasonNeeded unless each saved answer that changes has a reason."""
        if overwritten - set(self.by_item):
            reasons.check(self.given)


@dataclass(frozen=True)
class Source:
    """Where an imported row comes from."""

    system: str
    id: str
    file: str
    line: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.system}:{self.file}:{self.line}"


@dataclass(frozen=True)
class Saved:
    """opened, closed: how many queries; asked: those that were opened or asked again, on whichever form.

    saved_before_at: this very submit had saved the form then; now nothing was changed.
    """

    record: FormRecord
    changed: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    opened: int = 0
    closed: int = 0
    asked: tuple[Query, ...] = ()
    saved_before_at: datetime | None = None


@dataclass
class Save:
    """What one save works on, from the locked record to the findings.

    sent_before_at: when this very submit saved the form already; `row` is what it saved then.
    """

    record: FormRecord
    row: Any
    is_new: bool
    submission: UUID | None = None
    sent_before_at: datetime | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    refusals: list[Finding] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    overwritten: set[str] = field(default_factory=set)

    def refuse(self, item: str, sentence: str) -> None:
        self.errors.setdefault(item, []).append(sentence)

    def refuse_entry(self, item: str, sentence: str, entered: Any, kind: str) -> None:
        """An answer that cannot be; kind: "type" or "limit"."""
        code = f"{self.record.crf_code}.{item}.{kind}"
        self.refuse_finding(
            Finding(code=code, item=item, message=sentence, severity=Severity.HARD, values={item: entered})
        )

    def refuse_finding(self, finding: Finding) -> None:
        self.refuse(finding.item, finding.message)
        self.refusals.append(finding)
