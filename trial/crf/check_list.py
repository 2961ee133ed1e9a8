"""Every check by its code: those between forms, those of a form, and those that follow from its items."""

import re

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


def sentence(code: str) -> str:
    """What a check says, with … where it names values; "" where there is no such check (any more)."""
    between = next((check for check in registry.all_cross_checks() if check.code == code), None)
    if between is not None:
        return _without_values(between.message)
    for spec in registry.all_specs():
        within = next((check for check in spec.checks if check.code == code), None)
        if within is not None:
            return _without_values(within.message)
    return _of_item(code)


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
