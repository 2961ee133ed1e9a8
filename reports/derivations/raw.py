"""The rows that everything is derived from, as plain data: what the forms say, by CRF.

A row is a mapping with `subject` (number), `record` (id of the form record), `sequence`, `visit` (code or None), `zone`
(IANA name) and the CRF's items by name: moments in UTC, partial dates as text, links as record ids. Beside the CRFs
stand `site` (number, country, activated_on) and `subject` (number, site).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from trial import partial_dates

Row = Mapping[str, Any]
Raw = Mapping[str, Sequence[Row]]

# The day on which a row starts: it decides whether the row counts at a cut, and orders the rows of a subject.
START: Mapping[str, str] = {
    "consent": "icdat",
    "screening": "enroldat",
    "baseline": "diagdat",
    "end_of_induction": "eoidat",
    "treatment_block": "ecstdat",
    "infusion": "exstdtc",
    "dose_change": "dcdtc",
    "interruption": "intstdtc",
    "vital_signs": "vsdat",
    "neurological": "neudat",
    "transplantation": "trdat",
    "disease_event": "dedat",
    "death": "dthdat",
    "follow_up": "fudat",
    "deviation": "dvstdat",
    "disposition": "dsdat",
    "concomitant": "cmstdat",
    "adverse_event": "aestdat",
    "serious_adverse_event": "saestdat",
    "laboratory": "lbdat",
    "mrd_sample": "msdat",
}
UNDATED = ("mrd_result",)  # belongs to its sample
CRFS = (*START, *UNDATED)


def day(row: Row, item: str) -> date | None:
    """The calendar day of an item: moments by the site's clock, partial dates by their first possible day."""
    value = row.get(item)
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(row["zone"])).date()
    if isinstance(value, str):
        return partial_dates.earliest(value)
    return value


def start(crf: str, row: Row) -> date | None:
    return day(row, START[crf]) if crf in START else None


@dataclass(frozen=True)
class Case:
    """One subject with its rows, those of each CRF in the order of their start."""

    number: str
    site: str
    country: str
    forms: Mapping[str, Sequence[Row]]

    def rows(self, crf: str) -> Sequence[Row]:
        return self.forms.get(crf, ())

    def first(self, crf: str) -> Row:
        """The only row of a CRF that is asked once; one without answers where there is none."""
        rows = self.rows(crf)
        return rows[0] if rows else {}

    def first_day(self, crf: str) -> date | None:
        return min((on for row in self.rows(crf) if (on := start(crf, row))), default=None)

    @property
    def enrolled_on(self) -> date | None:
        return self.first_day("screening")


def cases(raw: Raw) -> list[Case]:
    """All subjects by number."""
    country = {site["number"]: site["country"] for site in raw.get("site", ())}
    forms = _by_subject(raw)
    return [
        Case(subject["number"], subject["site"], country[subject["site"]], forms[subject["number"]])
        for subject in sorted(raw.get("subject", ()), key=lambda subject: subject["number"])
    ]


def _by_subject(raw: Raw) -> Mapping[str, Mapping[str, Sequence[Row]]]:
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for crf in CRFS:
        for row in sorted(raw.get(crf, ()), key=partial(_position, crf)):
            found[row["subject"]][crf].append(row)
    return found


def _position(crf: str, row: Row) -> tuple[date, int]:
    return start(crf, row) or date.max, row["sequence"]
