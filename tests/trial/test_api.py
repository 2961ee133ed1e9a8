"""The derived API: the same actions as the pages, with statuses and sentences that a program can read."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.people import PASSWORD, VITAL_SIGNS, give_consent, make_user
from trial import actions
from trial.history import item_changes
from trial.models import FormRecord, Query, Site, Subject, User

pytestmark = pytest.mark.django_db
URL = "/api/v1/forms/vital_signs/"


def api(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def site_api(coordinator: User) -> Client:
    return api(coordinator)


def post(client: Client, url: str, body: Any) -> Any:
    return client.post(url, body, content_type="application/json")


def patch(client: Client, record: FormRecord, body: Any, *, version: str = '"1"', reason: str = "Entry error") -> Any:
    headers = {"If-Match": version, "X-Reason": reason}
    given = {name: value for name, value in headers.items() if value}
    return client.patch(f"{URL}{record.pk}/", body, content_type="application/json", headers=given)


def new_form(subject: Subject, **values: Any) -> dict[str, Any]:
    return {"subject": subject.number, "visit": "day_1", **VITAL_SIGNS, **values}


# --- create, read, change ----------------------------------------------------------------------------------------


def test_a_form_is_created_and_read_back(site_api: Client, subject: Subject) -> None:
    created = post(site_api, URL, new_form(subject))
    assert (created.status_code, created["ETag"]) == (201, '"1"')
    read = site_api.get(f"{URL}{created.json()['id']}/")
    body = read.json()
    assert (read.status_code, read["ETag"]) == (200, '"1"')
    assert (body["subject"], body["site"], body["visit"], body["state"]) == (
        subject.number,
        "NL01",
        "day_1",
        "complete",
    )
    assert (body["temp"], body["sysbp"], body["vsdat"]) == ("37.2", 90, "2024-01-03")
    assert [row["id"] for row in site_api.get(URL).json()["results"]] == [body["id"]]


def test_findings_come_with_the_answer_and_are_queries(site_api: Client, subject: Subject) -> None:
    created = post(site_api, URL, new_form(subject, hr=0)).json()
    assert [finding["code"] for finding in created["findings"]] == ["vital_signs.hr.range"]
    assert Query.objects.get(record=created["id"]).item == "hr"


@pytest.mark.requirement("AT-01")
def test_a_change_names_its_reason_and_raises_the_version(
    site_api: Client, vital_signs: FormRecord, coordinator: User
) -> None:
    changed = patch(site_api, vital_signs, {"temp": 38.1}, reason="Lu à tort 37,2".encode().decode("latin-1"))
    assert (changed.status_code, changed["ETag"], changed.json()["temp"]) == (200, '"2"', "38.1")
    change = item_changes(vital_signs.spec.model, vital_signs.pk, ["temp"])[-1]
    assert (change.new, change.reason, change.by) == (Decimal("38.1"), "Lu à tort 37,2", coordinator.full_name)


@pytest.mark.parametrize("version", ["", "one", "²", "٣", "-1", "9" * 5000, "*"])
def test_a_change_without_a_version_that_was_seen_is_refused(
    site_api: Client, vital_signs: FormRecord, version: str
) -> None:
    as_sent = version.encode().decode("latin-1") if version == "٣" else version
    refused = patch(site_api, vital_signs, {"temp": "38.1"}, version=as_sent)
    assert refused.status_code == 428
    assert "If-Match" in refused.json()["detail"]
    assert patch(site_api, vital_signs, {"temp": "38.1"}, version="1").status_code == 200


def test_a_stale_version_is_a_conflict_that_shows_what_stands(site_api: Client, vital_signs: FormRecord) -> None:
    assert patch(site_api, vital_signs, {"temp": "38.1"}).status_code == 200
    stale = patch(site_api, vital_signs, {"temp": "39.9"})
    assert stale.status_code == 409
    assert (stale.json()["version"], stale.json()["current"]["temp"]) == (2, "38.1")
    assert vital_signs.answers().temp == Decimal("38.1")


@pytest.mark.requirement("AT-09")
@pytest.mark.parametrize("reason", ["", ".", "xx", "--"])
def test_a_change_without_a_usable_reason_is_refused(site_api: Client, vital_signs: FormRecord, reason: str) -> None:
    refused = patch(site_api, vital_signs, {"temp": "38.1"}, reason=reason)
    assert refused.status_code == 400
    assert "give the reason" in refused.json()["detail"]
    assert vital_signs.answers().temp == Decimal("37.2")


@pytest.mark.requirement("DE-10")
def test_a_deleted_form_is_marked_and_stays(site_api: Client, vital_signs: FormRecord) -> None:
    url = f"{URL}{vital_signs.pk}/"
    assert site_api.delete(url).status_code == 400
    assert site_api.delete(url, headers={"X-Reason": "Entered for the wrong child"}).status_code == 204
    kept = site_api.get(url).json()
    assert (kept["deleted"], kept["temp"]) == (True, "37.2")
    assert patch(site_api, vital_signs, {"temp": "38.1"}, version='"2"').status_code == 403


# --- missing codes -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-02")
def test_an_item_says_why_it_has_no_value(site_api: Client, subject: Subject) -> None:
    body = new_form(subject, weight=None, missing={"weight": {"code": "ND", "reason": "scales broken"}, "hr": None})
    created = post(site_api, URL, body).json()
    assert (created["missing"], created["state"]) == ({"weight": {"code": "ND", "reason": "scales broken"}}, "complete")


@pytest.mark.parametrize(
    "missing",
    [
        {"weight": "XX"}, {"weight": 5}, {"weight": ["ND"]}, {"weight": {"code": ["ND"]}}, {"weight": True},
        {"weight": {"code": "ND", "reason": 7}}, {"weight": {"code": "ND", "reason": "a\x00b"}}, {"temp": "ND"},
        {"weight": {"code": "ND", "reason": "\ud800"}}, {"no_such_item": "ND"}, ["weight"], "weight", {"weight": {}},
    ],
)  # fmt: skip
def test_a_missing_code_that_is_none_is_refused(site_api: Client, subject: Subject, missing: Any) -> None:
    body = new_form(subject, weight=None)
    refused = post(site_api, URL, {**body, "missing": missing})
    assert refused.status_code == 400, refused.content
    assert not FormRecord.objects.filter(subject=subject).exists()
    assert post(site_api, URL, {**body, "missing": {"weight": "ND"}}).status_code == 201


# --- bad input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "value", "sentence"),
    [
        ("temp", "warm", "is not a number"),
        ("temp", "37\x00", "cannot be stored"),
        ("temp", "\ud800", "cannot be stored"),
        ("temp", [37], "single answer"),
        ("temp", {"value": 37}, "single answer"),
        ("temp", True, "single answer"),
        ("temp", 1e300, "the most is 45"),
        ("temp", "37.25", "“37.25” has 2 decimals. Enter it with at most 1."),
        ("hr", 90.7, "is not a whole number"),
        ("hr", 10**30, "the most is 400"),
        ("hr", "9" * 5000, "is not a whole number"),
        ("hr", "٣", "3"),
        ("vsdat", "2024-02-30", "is not a day of the calendar"),
        ("vsdat", "next Tuesday", "Enter it like 2024-01-03"),
        ("vsdat", 20240103, "is not a date"),
        ("vsdat", "0001-01-01", "outside 1900 to 2100"),
        ("no_such_item", 1, "has no item"),
        ("id", 1, "has no item"),
    ],
)
def test_an_impossible_answer_is_refused_with_a_sentence(
    site_api: Client, vital_signs: FormRecord, item: str, value: Any, sentence: str
) -> None:
    refused = patch(site_api, vital_signs, {item: value, "sysbp": 95})
    if value == "٣":  # Arabic three is a number too
        assert refused.json()["hr"] == 3
        return
    assert refused.status_code == 400, refused.content
    told = refused.json()
    assert sentence in str(told.get("errors", told)[item])
    assert vital_signs.answers().sysbp == 90


def test_a_whole_number_with_a_point_is_one(site_api: Client, vital_signs: FormRecord) -> None:
    assert patch(site_api, vital_signs, {"hr": 130.0}).json()["hr"] == 130


@pytest.mark.parametrize("body", ["{", "[1, 2]", '"text"', "5", "null", '{"temp": NaN}', '{"temp": Infinity}', "\x00"])
def test_a_body_that_is_no_object_is_refused(site_api: Client, vital_signs: FormRecord, body: str) -> None:
    assert patch(site_api, vital_signs, body).status_code == 400
    assert post(site_api, URL, body).status_code == 400


def test_a_wrong_code_is_refused_with_the_codes_that_are(site_api: Client, subject: Subject) -> None:
    body = {"subject": subject.number, "visit": "day_1", "seizure": "PERHAPS"}
    refused = post(site_api, "/api/v1/forms/neurological/", body)
    assert refused.status_code == 400
    assert refused.json()["errors"]["seizure"] == ["“PERHAPS” is not an answer here. Use one of: Y, N."]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("2024-03-31T02:30", "does not exist in Europe/Amsterdam"),
        ("2024-03-31", "is not a date with a time"),
        ("noon", "is not a date with a time"),
        (20240331, "is not a date with a time"),
        ("0001-01-01T00:00", "outside 1900 to 2100"),
        ("9999-12-31T23:59", "outside 1900 to 2100"),
    ],
)
def test_an_impossible_moment_is_refused_with_a_sentence(
    site_api: Client, subject: Subject, coordinator: User, value: Any, sentence: str
) -> None:
    give_consent(subject, coordinator)
    body = {"subject": subject.number, "dcdtc": value}
    refused = post(site_api, "/api/v1/forms/dose_change/", body)
    assert refused.status_code == 400, refused.content
    assert sentence in str(refused.json())
    accepted = post(site_api, "/api/v1/forms/dose_change/", {**body, "dcdtc": "2024-03-31T03:30"})
    assert (accepted.status_code, accepted.json()["dcdtc"]) == (201, "2024-03-31T01:30:00Z")


@pytest.mark.requirement("AC-03")
@pytest.mark.parametrize("link", ["abc", 1.5, -1, 10**30, 999_999, "٣", "other"])
def test_a_link_is_to_a_form_of_this_subject_alone(
    site_api: Client, vital_signs: FormRecord, nl01: Site, coordinator: User, link: Any
) -> None:
    sibling = actions.screen_subject(site=nl01, by=coordinator)
    target = vital_signs.pk if link == "other" else link
    body = {"subject": sibling.number, "saeterm": "Fever", "ae": target}
    refused = post(site_api, "/api/v1/forms/serious_adverse_event/", body)
    assert refused.status_code == 400, refused.content
    assert "ae" in str(refused.json())


@pytest.mark.parametrize("visit", [None, "day_99", "", 5, ["day_1"], "day\x00", "fu_03"])
def test_a_form_is_entered_at_a_visit_that_asks_for_it(site_api: Client, subject: Subject, visit: Any) -> None:
    refused = post(site_api, URL, new_form(subject, visit=visit))
    assert refused.status_code == 400, refused.content
    assert "Vital signs is not asked at the visit" in str(refused.json()["visit"])


def test_the_same_visit_form_twice_is_a_conflict(site_api: Client, subject: Subject) -> None:
    assert post(site_api, URL, new_form(subject)).status_code == 201
    assert post(site_api, URL, new_form(subject)).status_code == 409


@pytest.mark.parametrize("address", ["abc", "-1", "٣", "9" * 30, "1.5"])
def test_an_address_that_is_no_number_is_not_found(site_api: Client, address: str) -> None:
    assert site_api.get(f"{URL}{address}/").status_code == 404
    assert site_api.get(f"/api/v1/queries/{address}/").status_code == 404


@pytest.mark.parametrize("number", ["", None, "S999", "S\x00", "\ud800", ["S001"], 1, {"number": "S001"}])
def test_an_unknown_subject_is_not_found(site_api: Client, subject: Subject, number: Any) -> None:
    body = {**new_form(subject), "subject": number}
    assert post(site_api, URL, body).status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99", "9" * 5000])
def test_a_page_that_is_not_there_is_not_found(site_api: Client, page: str) -> None:
    assert site_api.get(f"{URL}?page={page}").status_code == 404


@pytest.mark.parametrize("address", [f"{URL}%00/", f"{URL}?page=%00", "/api/v1/queries/%00/"])
def test_a_nul_in_an_address_is_refused_with_a_sentence(site_api: Client, address: str) -> None:
    refused = site_api.get(address)
    assert (refused.status_code, "NUL" in str(refused.json())) == (400, True)


def test_a_form_of_another_crf_is_not_found_here(site_api: Client, vital_signs: FormRecord) -> None:
    assert site_api.get(f"/api/v1/forms/baseline/{vital_signs.pk}/").status_code == 404


# --- locks, roles, sites -----------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-06")
def test_a_locked_form_answers_423(site_api: Client, vital_signs: FormRecord, data_manager: User) -> None:
    actions.lock(target=vital_signs, by=data_manager, reason="Data are clean")
    refused = patch(site_api, vital_signs, {"temp": "38.1"})
    assert refused.status_code == 423
    assert "locked" in refused.json()["detail"]
    assert site_api.delete(f"{URL}{vital_signs.pk}/", headers={"X-Reason": "Wrong child"}).status_code == 423
    actions.unlock(target=vital_signs, by=data_manager, reason="A query is open")
    assert patch(site_api, vital_signs, {"temp": "38.1"}).status_code == 200


@pytest.mark.requirement("DE-03")
@pytest.mark.parametrize("role", ["data-manager", "monitor", "inspector", "trial-manager", "statistician"])
def test_nobody_but_site_staff_changes_clinical_data(vital_signs: FormRecord, nl01: Site, role: str) -> None:
    refused = patch(api(make_user(role, nl01)), vital_signs, {"temp": "38.1"})
    assert (refused.status_code, vital_signs.answers().temp) == (403, Decimal("37.2"))
    assert "may not enter and correct data" in refused.json()["detail"]


@pytest.mark.requirement("AC-03")
def test_another_site_finds_nothing_and_learns_nothing(
    vital_signs: FormRecord, stranger: User, data_manager: User
) -> None:
    query = actions.open_query(target=vital_signs, item="temp", text="Is this right?", by=data_manager)
    client = api(stranger)
    number = vital_signs.subject.number
    nothing, nobody = FormRecord(pk=999_999), Subject(number="S999")
    elsewhere_and_nowhere = [
        (client.get(f"{URL}{vital_signs.pk}/"), client.get(f"{URL}999999/")),
        (patch(client, vital_signs, {"temp": "38.1"}), patch(client, nothing, {"temp": "38.1"})),
        (client.get(f"/api/v1/subjects/{number}/"), client.get("/api/v1/subjects/S999/")),
        (client.get(f"/api/v1/queries/{query.pk}/"), client.get("/api/v1/queries/999999/")),
        (post(client, URL, new_form(vital_signs.subject)), post(client, URL, new_form(nobody))),
    ]
    for elsewhere, nowhere in elsewhere_and_nowhere:
        assert (elsewhere.status_code, elsewhere.content) == (404, nowhere.content)
    assert post(client, f"/api/v1/queries/{query.pk}/answer/", {"text": "It is right"}).status_code == 404
    assert all(client.get(url).json()["count"] == 0 for url in (URL, "/api/v1/subjects/", "/api/v1/queries/"))


# --- subjects and queries ----------------------------------------------------------------------------------------


def test_a_subject_is_screened_with_the_next_number(site_api: Client, subject: Subject) -> None:
    created = post(site_api, "/api/v1/subjects/", {"site": "NL01"})
    assert (created.status_code, created.json()["number"], created.json()["state"]) == (201, "S002", "screening")
    assert post(site_api, "/api/v1/subjects/", {"site": "XX99"}).status_code == 404
    assert post(site_api, "/api/v1/subjects/", {}).status_code == 400


def test_a_query_goes_round(site_api: Client, vital_signs: FormRecord, data_manager: User) -> None:
    manager = api(data_manager)
    asked = post(manager, "/api/v1/queries/", {"record": vital_signs.pk, "item": "temp", "text": "Is this right?"})
    url = f"/api/v1/queries/{asked.json()['id']}/"
    steps = [
        (manager, "answer", 403), (site_api, "answer", 200), (site_api, "answer", 409), (site_api, "close", 403),
        (manager, "reopen", 200), (site_api, "answer", 200), (manager, "close", 200), (manager, "close", 409),
    ]  # fmt: skip
    assert asked.status_code == 201
    for client, step, status in steps:
        assert post(client, f"{url}{step}/", {"text": "It was read twice"}).status_code == status, step
    assert manager.get(url).json()["state"] == "closed"


@pytest.mark.parametrize(
    "body", [{"record": "x", "text": "Why?"}, {"record": 10**30, "text": "Why is that?"}, {"text": "Why is that?"},
             {"item": "no_such_item", "text": "Why is that?"}, {"text": ""}, {"text": "a\x00b"}, [], "text"],
)  # fmt: skip
def test_a_query_without_form_item_or_words_is_refused(vital_signs: FormRecord, data_manager: User, body: Any) -> None:
    sent = {"record": vital_signs.pk, **body} if isinstance(body, dict) and "record" not in body else body
    if body == {"text": "Why is that?"}:
        sent = body
    assert post(api(data_manager), "/api/v1/queries/", sent).status_code in {400, 404}
    assert not Query.objects.exists()


# --- sign-in by token --------------------------------------------------------------------------------------------


def test_a_token_signs_in(vital_signs: FormRecord, coordinator: User) -> None:
    client = Client()
    given = post(client, "/api/v1/token/", {"username": coordinator.username, "password": PASSWORD})
    headers = {"Authorization": f"Token {given.json()['token']}"}
    assert client.get(URL).status_code == 401
    assert client.get(URL, headers=headers).json()["count"] == 1
    assert client.get(URL, headers={"Authorization": "Token nonsense"}).status_code == 401


def test_a_deactivated_account_has_no_use_of_its_token(coordinator: User) -> None:
    body = {"username": coordinator.username, "password": PASSWORD}
    given = post(Client(), "/api/v1/token/", body).json()
    actions.deactivate(user=coordinator, by=User.objects.system(), reason="Left the hospital")
    headers = {"Authorization": f"Token {given['token']}"}
    assert Client().get(URL, headers=headers).status_code == 401
    assert post(Client(), "/api/v1/token/", body).status_code == 400


def test_wrong_passwords_lock_the_token_out_too(coordinator: User) -> None:
    client, wrong = Client(), {"username": coordinator.username, "password": "wrong"}
    statuses = [post(client, "/api/v1/token/", wrong).status_code for _ in range(6)]
    assert set(statuses) <= {400, 403, 429}
    right = post(client, "/api/v1/token/", {"username": coordinator.username, "password": PASSWORD})
    assert right.status_code in {400, 403, 429}
    assert "token" not in right.json()
