"""How a query is answered: a reason from a list, plus free text; and why a query closes by itself. Pure."""

from trial import reasons

OTHER = "other"
REPLIES = {
    "corrected": "Corrected",
    "confirmed": "Confirmed as correct",
    "not-available": "Not available at the site",
    "will-follow": "Will follow",
    OTHER: "Other",
}

GONE, ENTERED, DELETED, RETIRED = "gone", "entered", "deleted", "retired"
BY_SYSTEM = {
    GONE: "The finding is gone.",
    ENTERED: "The form was entered.",
    DELETED: "The form was deleted.",
    RETIRED: "The check was retired.",
}


class ReplyNeeded(ValueError):
    """An answer that says nothing, or nothing that is on the list; the message is a sentence."""


def check(code: str, text: str) -> None:
    """Raise ReplyNeeded unless this answers a query: a reason of the list, and words where it is "other"."""
    if code not in REPLIES:
        raise ReplyNeeded(f"“{code}” is not a reply. Choose one of: {', '.join(REPLIES.values())}.")
    if code == OTHER:
        try:
            reasons.check(text)
        except reasons.ReasonNeeded:
            raise ReplyNeeded("Write the answer: what you checked, and what you found.") from None


def compose(code: str, text: str) -> str:
    """The answer as it is read: `Corrected: read 2 for 7`."""
    text = text.strip()
    if code not in REPLIES or code == OTHER:
        return text
    return f"{REPLIES[code]}: {text}" if text else REPLIES[code]
