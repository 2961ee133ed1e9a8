"""Reasons for a change: from a list, plus free text; "other" needs its text (ICH E6(R3) 4.2.2, FDA eSource III.A.4)."""

import re

REASONS = {
    "entry-error": "Entry error",
    "source-corrected": "Source document corrected",
    "new-information": "New information",
    "query": "Answer to a query",
    "late-source": "Source came late",
    "system-unavailable": "The system could not be reached",
    "other": "Other",
}


class ReasonNeeded(ValueError):
    """A change was asked for without a usable reason; the message is a sentence."""


def compose(code: str, text: str = "") -> str:
    """The reason as it is kept: `Entry error: read 2 for 7`. Raises ReasonNeeded if nothing usable was given."""
    text = text.strip()
    if code not in REASONS:
        return check(text)
    if code == "other":
        return f"Other: {check(text)}"
    return f"{REASONS[code]}: {text}" if text else REASONS[code]


CHANGES = "A saved value changes: give the reason, in words that an auditor will understand."


def check(reason: str, sentence: str = CHANGES) -> str:
    """The reason, stripped. Raises ReasonNeeded with the sentence where it is empty or says nothing (`.`, `-`)."""
    reason = reason.strip()
    if len(re.findall(r"\w", reason)) < 3:
        raise ReasonNeeded(sentence)
    return reason
