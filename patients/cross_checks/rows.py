"""Rows of one subject's forms, as the checks between forms look at them."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from trial.subject_data import Row, SubjectData


def repeated(rows: Iterable[Row], *items: str) -> Iterator[Row]:
    """Rows that say the same in all of `items` as an earlier one. Rows with a blank among them are not compared."""
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        key = tuple(row.values[item] for item in items)
        if None in key:
            continue
        if key in seen:
            yield row
        seen.add(key)


def enrolment_of(subject: SubjectData) -> date | None:
    screening = subject.first("screening")
    return screening.enroldat if screening else None


def blocks_of(subject: SubjectData, *kinds: str) -> list[Row]:
    """Treatment blocks with a start, earliest first; only of these kinds, if any are named."""
    rows = [row for row in subject.rows("treatment_block") if row.ecstdat and (not kinds or row.block in kinds)]
    return sorted(rows, key=lambda row: row.ecstdat)


def events_of(subject: SubjectData, *kinds: str) -> list[Row]:
    """Dated disease events of these kinds, earliest first; a remission of the same day comes after its relapse."""
    rows = [row for row in subject.rows("disease_event") if row.deevent in kinds and row.dedat]
    return sorted(rows, key=lambda row: (row.dedat, row.deevent))


def in_relapse(subject: SubjectData, day: date) -> bool:
    """Whether the last relapse up to `day` was not followed by a remission up to `day`."""
    events = [row for row in events_of(subject, "RELAPSE", "SECOND_REMISSION") if row.dedat <= day]
    return bool(events) and events[-1].deevent == "RELAPSE"


def yes_no(answer: str) -> str:
    """An answer in a sentence."""
    return {"Y": "Yes", "N": "No"}[answer]
