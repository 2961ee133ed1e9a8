"""Missing codes: why an item has no value (ALCOA: complete). A blank answer is a question, never a guess."""

from collections.abc import Mapping
from typing import Any

MISSING = {"ND": "Not done", "NA": "Not applicable", "UNK": "Unknown", "NIS": "Not in source"}
OFFERED = ("ND", "NA", "UNK")  # what a person can choose; NIS is for imports


class WrongMissingCode(ValueError):
    """No such missing code; the message is a sentence."""


def clean(missing: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """item -> {"code", "reason"}, checked. A bare code is taken as one without reason."""
    cleaned = {}
    for item, given in missing.items():
        code, reason = (given, "") if isinstance(given, str) else (given.get("code", ""), given.get("reason", ""))
        if code not in MISSING:
            raise WrongMissingCode(f"“{code}” is no missing code. Use one of {', '.join(MISSING)}.")
        cleaned[item] = {"code": code, "reason": reason.strip()}
    return cleaned


def show(given: Mapping[str, str]) -> str:
    return MISSING[given["code"]] + (f" ({given['reason']})" if given.get("reason") else "")
