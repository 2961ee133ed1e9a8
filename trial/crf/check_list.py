"""Every check by its code: those between forms, those of a form, and those that follow from its items."""

import re

from trial.checks import Check, CrossCheck, Severity
from trial.crf import registry
from trial.crf.spec import CrfSpec, Item

_FROM_ITEMS = {
    "blank": "{label} is blank.",
    "range": "{label} is outside {low} to {high} {unit}.",
    "future": "{label} is in the future.",
    "unasked": "{label} has an answer, but the other answers mean that it does not apply.",
    "why": "{label} is missing without a reason.",
    "identifying": "{label} seems to hold what could identify a person.",
    "type": "{label} cannot be read.",
    "limit": "{label} is beyond what can be.",
}
_REFUSING = frozenset({"type", "limit"})


def sentence(code: str) -> str:
    """What a check says, with … where it names values; "" where there is no such check (any more)."""
    found = _written(code)
    return _of_item(code) if found is None else _without_values(found.message)


def severity(code: str) -> Severity | None:
    """Of a check; None where there is no such check (any more)."""
    found = _written(code)
    if found is not None:
        return found.severity
    if not _of_item(code):
        return None
    return Severity.HARD if code.rpartition(".")[2] in _REFUSING else Severity.SOFT


def written() -> list[Check | CrossCheck]:
    """Every check but those that follow from items."""
    within = [check for spec in registry.all_specs() for check in spec.checks]
    return [*registry.all_cross_checks(), *within]


def _written(code: str) -> Check | CrossCheck | None:
    return next((check for check in written() if check.code == code), None)


def _of_item(code: str) -> str:
    crf, _, rest = code.partition(".")
    name, _, kind = rest.partition(".")
    spec = registry.find(crf)
    if spec is None or not spec.has_item(name) or not _follows(spec, spec.item(name), kind):
        return ""
    item = spec.item(name)
    low, high = ("" if limit is None else limit for limit in (item.low, item.high))
    words = _FROM_ITEMS[kind].format(label=item.label, low=low, high=high, unit=item.unit)
    return f"{spec.title}: {words}".replace(" .", ".")


def _follows(spec: CrfSpec, item: Item, kind: str) -> bool:
    """Whether this item has such a check."""
    has_range = item.low is not None or item.high is not None
    holds = {
        "blank": item.required,
        "range": has_range,
        "unasked": item.only_if is not None,
        "why": item.ask_why,
        "identifying": spec.is_free_text(item.name),
    }
    return holds.get(kind, kind in _FROM_ITEMS)


def _without_values(message: str) -> str:
    return re.sub(r"\{[^}]*\}", "…", message).replace("….", "…")
