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


@pytest.mark.parametrize("address", ["/api/v1/forms/vital_signs/", "/api/v1/token/"])
@pytest.mark.parametrize("body", ["[" * 100_000, '{"subject":' * 100_000])
def test_json_that_is_nested_too_deep_is_refused(coordinator: User, address: str, body: str) -> None:
    answer = browser(coordinator).post(address, body, content_type="application/json")
    assert (answer.status_code, "nested too deep" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    "address", ["/api/v1/nonsense/", "/api/", "/api/v2/subjects/", "/api/v1/forms/no_such_form/1/"]
)
def test_an_unknown_address_of_the_api_is_refused_in_json(coordinator: User, address: str) -> None:
    for client in (browser(coordinator), browser()):
        answer = client.get(address)
        assert (answer.status_code, "no such address" in answer.json()["detail"]) == (404, True)
    page = browser(coordinator).get("/nonsense/")
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_text_that_is_too_long_is_refused_in_words(vital_signs: FormRecord, coordinator: User) -> None:
    subject, said = vital_signs.subject, "The text has 201 characters; at most 200 are kept. Shorten it."
    client, typed = browser(coordinator), {"version": "0", "cmtrt": "OTHER", "cmtrt_other": "x" * 201}
    page = client.post(f"/subjects/{subject.number}/forms/concomitant/new/", typed)
    assert (page.status_code, said in page.content.decode()) == (422, True)
    body = {"subject": subject.number, "cmtrt": "OTHER", "cmtrt_other": "x" * 201}
    sent = client.post("/api/v1/forms/concomitant/", body, content_type="application/json")
    assert (sent.status_code, sent.json()["errors"]["cmtrt_other"]) == (400, [said])
