"""What a signer attests: statement, meanings, and the fingerprint that binds a signature to the values it is of.

Texts are fixed and carry a version; a signature keeps the text that its signer was shown. Changing a word means a new
version (21 CFR 11.50(a)(3), 11.70, 11.100(c)).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

STATEMENT_VERSION = "1.0"
ACKNOWLEDGEMENT_VERSION = "1.0"
ACKNOWLEDGEMENT = (
    "My electronic signature in this system is the legally binding equivalent of my handwritten signature."
    " I keep my password to myself, and I sign only what I have reviewed."
)
APPROVAL = "approval"
MEANINGS = {
    APPROVAL: "Reviewed and approved",
    "authorship": "Entered and approved by me",
}
_STATEMENTS = {
    APPROVAL: (
        "I have reviewed these entries. To the best of my knowledge they are complete and correct and agree with the"
        " source documents. I take responsibility for them."
    ),
    "authorship": (
        "I have made and reviewed these entries. To the best of my knowledge they are complete and correct and agree"
        " with the source documents. I take responsibility for them."
    ),
}


def statement(meaning: str) -> str:
    """What the signer attests by a signature of this meaning. Raises ValueError for an unknown one."""
    check_meaning(meaning)
    return _STATEMENTS[meaning]


def check_meaning(meaning: str) -> None:
    if meaning not in MEANINGS:
        raise ValueError(f"“{meaning}” is no meaning of a signature. Use one of: {', '.join(MEANINGS)}.")


@dataclass(frozen=True, kw_only=True)
class Content:
    """The answers of one form as a signature covers them.

    values: item -> typed answer. missing: item -> {"code", "reason"}. history_id: of the newest history row.
    """

    values: Mapping[str, Any]
    missing: Mapping[str, Mapping[str, str]]
    history_id: int


def canonical(*, record_id: int, crf_code: str, version: int, content: Content) -> str:
    """One text for one content, however it was loaded: keys sorted, decimals without idle zeros, moments in UTC.

    Items without an answer are left out, so that an item added by an amendment leaves old signatures as they are.
    Raises TypeError for an answer of a type that no item has.
    """
    answers = {item: _plain(value) for item, value in content.values.items() if value is not None}
    whole = {
        "record": record_id,
        "form": crf_code,
        "version": version,
        "history": content.history_id,
        "answers": answers,
        "missing": {item: dict(code) for item, code in content.missing.items()},
    }
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(*, record_id: int, crf_code: str, version: int, content: Content) -> str:
    """The sha256 of the canonical text, in hexadecimal."""
    text = canonical(record_id=record_id, crf_code=crf_code, version=version, content=content)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str | int | bool:
    if isinstance(value, Decimal):
        return f"{value.normalize() if value else Decimal(0):f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int):
        return value
    raise TypeError(f"An answer of type {type(value).__name__} cannot be signed.")
