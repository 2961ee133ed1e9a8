"""What a CRF asks: sections and items with labels, units, CDASH names, ranges, conditions. Pure data."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from trial import identifiers, partial_dates
from trial.checks import Check, CrossCheck, Finding, Severity, show
from trial.missing import MISSING
from trial.subject_data import SubjectData


@dataclass(frozen=True)
class Item:
    """One question. Its storage (type, code list, hard bounds) is the model's field of the same name.

    low, high: the plausible range; outside it a soft finding asks. Both ends are plausible.
    only_if: (item, codes): asked only when that item has one of these answers.
    required: a blank, uncoded answer keeps the form "started" and is a query.
    links_to: for a link, the codes of the CRFs whose rows are offered.
    suggestions: gives the known answers of a text item, offered while one types.
    initial: shown in a new form; only for what is known beforehand, such as the dictionary's version.
    ask_why: a missing code needs a reason; without one it is a query.
    """

    name: str
    label: str
    unit: str = ""
    cdash: str = ""
    help: str = ""
    required: bool = False
    low: Decimal | int | None = None
    high: Decimal | int | None = None
    only_if: tuple[str, tuple[str, ...]] | None = None
    links_to: tuple[str, ...] = ()
    suggestions: Callable[[], Iterable[str]] | None = None
    initial: str = ""
    ask_why: bool = False

    def asked(self, values: dict[str, Any]) -> bool:
        """Whether this item is asked, given the other answers."""
        return self.only_if is None or values.get(self.only_if[0]) in self.only_if[1]


@dataclass(frozen=True)
class Section:
    title: str
    items: tuple[Item, ...]
    help: str = ""

    def __init__(self, title: str, *items: Item, help: str = "") -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "items", items)
        object.__setattr__(self, "help", help)


@dataclass(frozen=True, kw_only=True)
class LeadsTo:
    """Another form that an answer calls for, offered on the saved form until the subject has it.

    crf: the form that is called for. item, answers: what calls for it. because: the reason, as the end of a sentence.
    prefill: item there -> item here; a new form begun by the link shows these answers.
    """

    crf: str
    item: str
    answers: tuple[str, ...]
    because: str
    prefill: Mapping[str, str] = field(default_factory=dict)

    def called_for(self, values: Mapping[str, Any]) -> bool:
        return values.get(self.item) in self.answers


@dataclass(frozen=True, kw_only=True)
class CrfSpec:
    """The design of one CRF.

    code: stable name, used in URLs, queries and exports.
    log: may be entered any number of times, outside visits. Otherwise once per visit that expects it.
    once: a subject has one row of this log as a rule: no other is offered after it. A check asks about a second.
    title_items: items whose values name one row of a log in lists ("Blinatumomab, 28-Jul-2018").
    prefill: code of another CRF -> {item here: item there}; a new form begun from one of those shows its answers.
    derived: item -> what follows from the form's answers, said beside that item ("" where nothing follows).
    derived_across: the same where other forms of the subject are read too, those that `derived_reads` names; the
    subject's rows hold this form as it now stands.
    leads_to: other forms that its answers call for.
    """

    code: str
    title: str
    model: Any
    sections: Sequence[Section]
    log: bool = False
    once: bool = False
    checks: Sequence[Check] = ()
    cross_checks: Sequence[CrossCheck] = ()
    title_items: tuple[str, ...] = ()
    prefill: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    derived: Mapping[str, Callable[[Mapping[str, Any]], str]] = field(default_factory=dict)
    derived_across: Mapping[str, Callable[[Mapping[str, Any], SubjectData], str]] = field(default_factory=dict)
    derived_reads: frozenset[str] = frozenset()
    leads_to: Sequence[LeadsTo] = ()
    help: str = ""
    _items: dict[str, Item] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_items", {item.name: item for section in self.sections for item in section.items})

    @property
    def items(self) -> Iterator[Item]:
        return iter(self._items.values())

    def item(self, name: str) -> Item:
        return self._items[name]

    def has_item(self, name: str) -> bool:
        return name in self._items

    def findings(
        self, values: dict[str, Any], missing: dict[str, Any], *, now: datetime | None = None
    ) -> list[Finding]:
        """All findings within the form: required items, plausible ranges, days to come, identifying words, own checks.

        now: the site's wall clock; None where nothing is to be asked about the future.
        """
        found = [finding for item in self.items for finding in _item_findings(self.code, item, values, missing)]
        if now is not None:
            found += [finding for item in self.items if (finding := self._future(item, values.get(item.name), now))]
        found += [finding for item in self.items if (finding := self._identifying(item, values, missing))]
        asked = (check for check in self.checks if check.even_if_coded or check.items[0] not in missing)
        found += [finding for check in asked if (finding := check.run(values))]
        return found

    def derived_beside(self, name: str, values: Mapping[str, Any], subject: SubjectData) -> str:
        """What is said beside an item; "" where nothing follows from the answers so far."""
        parts = []
        if name in self.derived:
            parts.append(self.derived[name](values))
        if name in self.derived_across:
            parts.append(self.derived_across[name](values, subject))
        return "; ".join(part for part in parts if part)

    def is_partial(self, name: str) -> bool:
        """Whether an item is a date of which parts may be unknown."""
        return any(getattr(rule, "partial_date", False) for rule in self.model._meta.get_field(name).validators)

    def is_free_text(self, name: str) -> bool:
        """Whether anything may be typed as an answer: no code, no term of a dictionary, no partial date."""
        column = self.model._meta.get_field(name)
        is_text = column.get_internal_type() in ("CharField", "TextField") and not column.choices
        return is_text and not self.item(name).suggestions and not self.is_partial(name)

    def _identifying(self, item: Item, values: Mapping[str, Any], missing: Mapping[str, Any]) -> Finding | None:
        """The trial knows its subjects by number alone. The sentence says what the words seem to be, not the words."""
        answer = values.get(item.name) if self.is_free_text(item.name) else None
        text = answer or missing.get(item.name, {}).get("reason") or ""
        if not (kinds := identifiers.kinds(text)):
            return None
        return Finding(
            code=f"{self.code}.{item.name}.identifying",
            item=item.name,
            message=f"{item.label} seems to hold {kinds}. Take out what could identify a person.",
            severity=Severity.SOFT,
            values={item.name: text},
        )

    def _future(self, item: Item, value: Any, now: datetime) -> Finding | None:
        """Nothing has been observed after now. Of a partial date the first day that it can mean counts."""
        if isinstance(value, str):
            value = partial_dates.earliest(value) if value and self.is_partial(item.name) else None
        is_ahead = value > now if isinstance(value, datetime) else isinstance(value, date) and value > now.date()
        if not is_ahead:
            return None
        return Finding(
            code=f"{self.code}.{item.name}.future",
            item=item.name,
            message=f"{item.label} {show(value)} is in the future. Check day, month and year.",
            severity=Severity.SOFT,
            values={item.name: value},
        )

    def is_complete(self, values: dict[str, Any], missing: dict[str, Any]) -> bool:
        """Every required item that is asked has an answer or a missing code. 0 is an answer."""
        return not any(_is_blank(item, values, missing) for item in self.items)


def _item_findings(crf: str, item: Item, values: dict[str, Any], missing: dict[str, Any]) -> Iterator[Finding]:
    value = values.get(item.name)
    if item.ask_why and item.name in missing and not missing[item.name].get("reason"):
        yield Finding(
            code=f"{crf}.{item.name}.why",
            item=item.name,
            message=f"{item.label}: {MISSING[missing[item.name]['code']].lower()}, without a reason. Say why.",
            severity=Severity.SOFT,
        )
    if _is_blank(item, values, missing):
        yield Finding(
            code=f"{crf}.{item.name}.blank",
            item=item.name,
            message=f"{item.label} is blank. Enter it, or say why it is missing.",
            severity=Severity.SOFT,
        )
    elif value is not None and not item.asked(values):
        yield Finding(
            code=f"{crf}.{item.name}.unasked",
            item=item.name,
            message=f"{item.label} has an answer, but the other answers mean that it does not apply. Check both.",
            severity=Severity.SOFT,
            values={item.name: value},
        )
    elif _outside(item, value):
        limits = f"{show(_decimal(item.low))} to {show(_decimal(item.high))}"
        yield Finding(
            code=f"{crf}.{item.name}.range",
            item=item.name,
            message=f"{item.label} {show(value)} {item.unit}".rstrip() + f" is outside {limits}. Check value and unit.",
            severity=Severity.SOFT,
            values={item.name: value},
        )


def _is_blank(item: Item, values: dict[str, Any], missing: dict[str, Any]) -> bool:
    blank = values.get(item.name) in (None, "") and item.name not in missing
    return item.required and blank and item.asked(values)


def _outside(item: Item, value: Any) -> bool:
    if value is None or (item.low is None and item.high is None):
        return False
    return (item.low is not None and value < item.low) or (item.high is not None and value > item.high)


def _decimal(limit: Decimal | int | None) -> Decimal | None:
    return None if limit is None else Decimal(limit)
