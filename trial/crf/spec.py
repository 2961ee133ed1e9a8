"""What a CRF asks: sections and items with labels, units, CDASH names, ranges, conditions. Pure data."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from trial.checks import Check, CrossCheck, Finding, Severity, show


@dataclass(frozen=True)
class Item:
    """One question. Its storage (type, code list, hard bounds) is the model's field of the same name.

    low, high: the plausible range; outside it a soft finding asks. Both ends are plausible.
    only_if: (item, codes): asked only when that item has one of these answers.
    required: a blank, uncoded answer keeps the form "started" and is a query.
    links_to: for a link, the codes of the CRFs whose rows are offered.
    suggestions: gives the known answers of a text item, offered while one types.
    initial: shown in a new form; only for what is known beforehand, such as the dictionary's version.
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
class CrfSpec:
    """The design of one CRF.

    code: stable name, used in URLs, queries and exports.
    log: may be entered any number of times, outside visits. Otherwise once per visit that expects it (`once`: once
    per subject, wherever it stands).
    title_items: items whose values name one row of a log in lists ("Blinatumomab, 28-Jul-2018").
    prefill: code of another CRF -> {item here: item there}; a new form begun from one of those shows its answers.
    derived: item -> what follows from the form's answers, said beside that item ("" where nothing follows).
    """

    code: str
    title: str
    model: Any
    sections: Sequence[Section]
    log: bool = False
    checks: Sequence[Check] = ()
    cross_checks: Sequence[CrossCheck] = ()
    title_items: tuple[str, ...] = ()
    prefill: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    derived: Mapping[str, Callable[[Mapping[str, Any]], str]] = field(default_factory=dict)
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

    def findings(self, values: dict[str, Any], missing: dict[str, Any]) -> list[Finding]:
        """All findings within the form: required items, plausible ranges, its own checks."""
        found = [finding for item in self.items for finding in _item_findings(self.code, item, values, missing)]
        asked = (check for check in self.checks if check.even_if_coded or check.items[0] not in missing)
        found += [finding for check in asked if (finding := check.run(values))]
        return found

    def is_complete(self, values: dict[str, Any], missing: dict[str, Any]) -> bool:
        """Every required item that is asked has an answer or a missing code. 0 is an answer."""
        return not any(_is_blank(item, values, missing) for item in self.items)


def _item_findings(crf: str, item: Item, values: dict[str, Any], missing: dict[str, Any]) -> Iterator[Finding]:
    value = values.get(item.name)
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
