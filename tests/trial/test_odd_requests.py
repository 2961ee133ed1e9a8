"""Requests that no page sends: refused with a status and a sentence, never a fault of the server."""

import json

import pytest

from tests.trial.pages import browser
from trial.models import FormRecord, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/api/v1/subjects/%00/", "/api/v1/signatures/?subject=%00"])
def test_the_api_refuses_a_nul_in_an_address(coordinator: User, address: str) -> None:
    answer = browser(coordinator).get(address)
    assert (answer.status_code, "NUL" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    ("address", "entries", "status"),
    [("http://[::1", json.dumps({"temp": "37"}), 404), ("", "[" * 100_000, 422)],
)
def test_a_draft_that_cannot_be_read_is_not_kept(
    vital_signs: FormRecord, coordinator: User, address: str, entries: str, status: int
) -> None:
    sent = {"address": address or f"/forms/{vital_signs.pk}/", "entries": entries}
    assert browser(coordinator).post("/drafts/", sent).status_code == status
