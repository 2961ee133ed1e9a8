"""Truth tables of roles, states and steps: what each door says, tried in turn and undone again."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.test import Client

from tests.people import make_user
from tests.trial.pages import browser, words
from trial.models import Site, User

ROLES = (
    "site-coordinator", "investigator", "monitor", "data-manager", "safety-officer", "trial-manager", "inspector",
)  # fmt: skip
Door = Callable[[Client], Any]


def people(site: Site, already: Mapping[str, User]) -> dict[str, User]:
    """One person of each role at this site; those that are there already are kept."""
    return {role: already.get(role) or make_user(role, site) for role in ROLES}


def rows(table: str) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Each line of a table: its first words, and role -> expected outcome."""
    for line in table.strip().splitlines()[1:]:
        cells = line.split()
        if cells:
            yield cells[: -len(ROLES)], dict(zip(ROLES, cells[-len(ROLES) :], strict=True))


def said(person: User, door: Door) -> tuple[int, str]:
    """Status and words of one request, which is undone afterwards."""
    client = browser(person)
    client.raise_request_exception = False
    with transaction.atomic():
        answer = door(client)
        transaction.set_rollback(True)
    text = answer.json().get("detail", "") if "json" in answer.headers.get("Content-Type", "") else words(answer)
    return answer.status_code, str(text)


def outcomes(everybody: Mapping[str, User], door: Door, expected: Mapping[str, str], known: Mapping[str, Any]) -> Any:
    """role -> the outcome that was met, by `known`: outcome -> (statuses, part of the sentence)."""
    found = {}
    for role in expected:
        status, text = said(everybody[role], door)
        met = [name for name, (statuses, part) in known.items() if status in statuses and part in text]
        found[role] = met[0] if met else f"{status}: {text[:200]}"
    return found
