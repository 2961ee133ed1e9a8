"""The pages around the forms: queries, lists, people, sign-in; and what hostile input gets."""

import html
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.people import PASSWORD, make_user
from tests.trial.pages import browser, new_url, words
from trial import actions
from trial.crf import registry
from trial.models import FormRecord, OutboxMail, Query, Site, Subject, User

pytestmark = pytest.mark.django_db
TYPED = {"vsdat": "3 jan 24", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}


@pytest.fixture
def site(coordinator: User) -> Client:
    return browser(coordinator)


@pytest.fixture
def query(vital_signs: FormRecord, data_manager: User) -> Query:
    return actions.open_query(target=vital_signs, item="temp", text="Is this in the chart?", by=data_manager)


# --- queries -----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-03")
def test_a_query_is_asked_answered_asked_again_and_closed(
    site: Client, vital_signs: FormRecord, data_manager: User
) -> None:
    manager = browser(data_manager)
    asked = manager.post(f"/forms/{vital_signs.pk}/ask/", {"item": "temp", "text": "Is this in the chart?"})
    url = asked.headers["Location"]
    assert "Is this in the chart?" in words(site.get("/"))
    steps = [
        (manager, "answer", 403), (site, "close", 403), (site, "answer", 302), (site, "answer", 409),
        (manager, "reopen", 302), (site, "answer", 302), (manager, "close", 302), (manager, "close", 409),
    ]  # fmt: skip
    for client, step, status in steps:
        assert client.post(f"{url}{step}/", {"text": f"Said with {step}"}).status_code == status, step
    thread = words(site.get(url))
    assert "Said with answer" in thread
    assert thread.index("Said with reopen") < thread.index("Said with close")
    assert "Is this in the chart?" not in words(site.get("/queries/"))
    assert "Is this in the chart?" in words(site.get("/queries/?state=closed"))


@pytest.mark.parametrize("text", ["", " ", ".", "??"])
@pytest.mark.parametrize("step", ["answer", "ask"])
def test_a_query_and_its_answer_need_words(
    site: Client, query: Query, data_manager: User, text: str, step: str
) -> None:
    client = site if step == "answer" else browser(data_manager)
    url = f"/queries/{query.pk}/answer/" if step == "answer" else f"/forms/{query.record_id}/ask/"
    refused = client.post(url, {"item": "temp", "text": text})
    assert refused.status_code == 422
    assert "Nothing was changed" in words(refused)
    assert Query.objects.get().state == "open"


@pytest.mark.requirement("DE-03")
def test_a_monitor_closes_own_queries_alone(query: Query, vital_signs: FormRecord, monitor: User) -> None:
    client = browser(monitor)
    own = client.post(f"/forms/{vital_signs.pk}/ask/", {"item": "hr", "text": "Is this in the chart?"})
    assert client.post(f"/queries/{query.pk}/close/", {"text": ""}).status_code == 403
    assert client.post(f"{own.headers['Location']}close/", {"text": ""}).status_code == 302


def test_the_query_list_is_filtered(site: Client, query: Query) -> None:
    there = ("", "?state=open", "?state=nonsense", "?state=&subject=S00")
    elsewhere = ("?state=answered", "?state=&subject=S9", "?check_code=VS")
    assert all(query.text in words(site.get(f"/queries/{wanted}")) for wanted in there)
    assert not any(query.text in words(site.get(f"/queries/{wanted}")) for wanted in elsewhere)


# --- lists -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-03")
@pytest.mark.parametrize("page", ["/", "/subjects/", "/screening/", "/queries/?state=", "/subjects/?q=S00"])
def test_a_list_holds_nothing_of_another_site(page: str, query: Query, coordinator: User, stranger: User) -> None:
    number = query.subject.number
    listed = {"/": query.text, "/queries/?state=": query.text}.get(page, number)
    assert listed in words(browser(coordinator).get(page))
    elsewhere = words(browser(stranger).get(page))
    assert listed not in elsewhere
    assert number not in elsewhere


@pytest.mark.requirement("AC-03")
def test_search_leads_to_ones_own_subject_alone(site: Client, subject: Subject, stranger: User) -> None:
    assert site.get("/search/", {"q": "s001 "}).headers["Location"] == "/subjects/S001/"
    assert browser(stranger).get("/search/", {"q": "S001"}).headers["Location"] == "/subjects/?q=S001"
    assert "No subject" in words(browser(stranger).get("/search/", {"q": "S001"}, follow=True))


def test_search_keeps_what_was_typed(site: Client, subject: Subject) -> None:
    found = site.get("/search/", {"q": "0&state=enrolled#x\n"}, follow=True)
    assert found.status_code == 200
    assert "0&amp;state=enrolled#x" in found.content.decode()


def test_the_screening_log_says_what_became_of_each(site: Client, subject: Subject, coordinator: User) -> None:
    record = actions.new_record(subject=subject, crf_code="screening", visit=subject.visits.get(code="screening"))
    answers = {"eligible": "N", "enrolled": "N", "failure_reason": "Refused by parents"}
    record = actions.save_form(record=record, values=answers, by=coordinator).record
    assert "S001 NL01 Screen failed No – Refused by parents" in words(site.get("/screening/"))
    actions.delete_form(record=record, by=coordinator, reason="Wrong child")
    assert "Refused by parents" not in words(site.get("/screening/"))


def test_a_subject_is_screened_on_the_page(site: Client, nl01: Site, it02: Site) -> None:
    assert "IT02" not in words(site.get("/subjects/screen/"))
    assert site.post("/subjects/screen/", {"site": "IT02"}).status_code == 422
    assert site.post("/subjects/screen/", {}).status_code == 422
    assert site.post("/subjects/screen/", {"site": "NL01"}).headers["Location"] == "/subjects/S001/forms/consent/new/"
    assert not Subject.objects.filter(site=it02).exists()


def test_a_page_that_screens_is_sent_twice_and_screens_one(site: Client, nl01: Site) -> None:
    (submission,) = re.findall(r'name="submission" value="([^"]+)"', site.get("/subjects/screen/").content.decode())
    for _ in range(2):
        answer = site.post("/subjects/screen/", {"site": "NL01", "submission": submission}, follow=True)
        assert answer.redirect_chain[-1][0] == "/subjects/S001/forms/consent/new/"
    assert "Subject S001 was given its number by this page already." in words(answer)
    assert (
        site.post("/subjects/screen/", {"site": "NL01", "submission": str(uuid4())}).headers["Location"].count("S002")
    )
    assert Subject.objects.count() == 2


@pytest.mark.requirement("AC-05")
def test_people_are_shown_with_their_roles_and_days(coordinator: User, nl01: Site) -> None:
    manager = browser(make_user("trial-manager"))
    page = words(manager.get("/people/"))
    assert f"{coordinator.full_name} site-coordinator Site coordinator NL01 Active" in page
    assert "System" not in page.split("Roles today")[-1].split("Sites")[0]
    assert "Site coordinator NL01 01-Jan-2018 open" in words(manager.get(f"/people/{coordinator.pk}/"))


def test_the_subject_list_goes_page_by_page_in_order(site: Client, nl01: Site, coordinator: User) -> None:
    for _ in range(51):
        actions.screen_subject(site=nl01, by=coordinator)
    first, second = (words(site.get("/subjects/", {"page": page})) for page in (1, 2))
    assert "S050" in first
    assert "1 to 50 of 51 subjects" in first
    assert "S051" not in first
    assert "51 to 51 of 51 subjects" in second


# --- outbox, health, sign-in ---------------------------------------------------------------------------------------


def test_the_outbox_is_there_in_a_demo_alone(site: Client, settings: Any) -> None:
    OutboxMail.objects.create(to="someone@demo.invalid", subject="A made-up mail", body="Hello")
    assert site.get("/outbox/").status_code == 404
    settings.DEMO = True
    assert "A made-up mail" in words(site.get("/outbox/"))


def test_health_names_each_component_without_a_sign_in() -> None:
    answer = browser().get("/healthz")
    assert answer.json() | {"version": ""} == {"database": "ok", "queue": "ok", "version": ""}


def test_health_says_what_does_not_answer(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = browser().get("/healthz")
    assert (answer.status_code, answer.json()["database"], answer.json()["queue"] == "ok") == (503, "ok", False)


def sign_in(client: Client, user: User, password: str) -> Any:
    return client.post("/sign-in/", {"username": user.username, "password": password})


@pytest.mark.requirement("AC-01")
def test_five_wrong_passwords_lock_the_account_out(coordinator: User, monitor: User) -> None:
    assert sign_in(browser(), coordinator, PASSWORD).status_code == 302
    statuses = [sign_in(browser(), coordinator, "wrong").status_code for _ in range(5)]
    assert statuses[:4] == [200] * 4
    refused = sign_in(browser(), coordinator, PASSWORD)
    assert refused.status_code == 429
    assert sign_in(browser(), monitor, PASSWORD).status_code == 302


def test_a_sign_in_leads_to_the_page_that_was_asked_for_and_to_no_other_server(coordinator: User) -> None:
    client = browser()
    assert client.get("/queries/?state=open").headers["Location"] == "/sign-in/?next=/queries/%3Fstate%3Dopen"
    body = {"username": coordinator.username, "password": PASSWORD}
    assert client.post("/sign-in/?next=/queries/", body).headers["Location"] == "/queries/"
    assert browser().post("/sign-in/?next=//evil.invalid/", body).headers["Location"] == "/"


@pytest.mark.requirement("AC-05")
def test_a_deactivated_account_is_signed_out_at_once(site: Client, coordinator: User) -> None:
    assert site.get("/").status_code == 200
    actions.deactivate(user=coordinator, by=User.objects.system(), reason="Left the hospital")
    assert site.get("/").status_code == 302
    assert sign_in(browser(), coordinator, PASSWORD).status_code == 200


def test_the_built_in_account_cannot_sign_in() -> None:
    assert all(sign_in(browser(), User.objects.system(), word).status_code == 200 for word in ("", "!", "system"))


def test_a_password_is_changed_by_its_owner(coordinator: User) -> None:
    client = browser()
    sign_in(client, coordinator, PASSWORD)
    new = "seven long grey geese"

    def change(old: str, first: str, again: str) -> int:
        data = {"old_password": old, "new_password1": first, "new_password2": again}
        return client.post("/password/", data).status_code

    assert [change("wrong", new, new), change(PASSWORD, new, "other"), change(PASSWORD, "short", "short")] == [200] * 3
    assert change(PASSWORD, new, new) == 302
    assert client.get("/").status_code == 200
    assert sign_in(browser(), coordinator, new).status_code == 302


# --- hostile input -------------------------------------------------------------------------------------------------

SCRIPT = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


def test_a_script_typed_as_text_comes_out_as_text(
    site: Client, subject: Subject, vital_signs: FormRecord, data_manager: User
) -> None:
    made = site.post(
        new_url(subject, "treatment_block"), {"version": "0", "ecnote": SCRIPT, "seen": blank("treatment_block")}
    )
    actions.open_query(target=vital_signs, item="temp", text=SCRIPT, by=data_manager)
    query = Query.objects.get(item="temp")
    pages = ["/", "/queries/", f"/queries/{query.pk}/", f"/forms/{vital_signs.pk}/", f"/subjects/{subject.number}/",
             made.headers["Location"], f"{made.headers['Location']}items/ecnote/history/"]  # fmt: skip
    for page in pages:
        body = site.get(page).content.decode()
        assert SCRIPT not in body
        assert "<script>alert" not in body
        assert "<img src=x" not in body
    assert html.escape(SCRIPT) in site.get(f"/queries/{query.pk}/").content.decode()


def blank(code: str) -> list[str]:
    return [f"{code}.{item.name}.blank" for item in registry.get(code).items]


def test_a_text_of_a_megabyte_is_refused_or_kept_whole(
    site: Client, subject: Subject, vital_signs: FormRecord, data_manager: User
) -> None:
    long = "blast " * 170_000
    data = {"version": "0", "ecnote": long, "seen": blank("treatment_block")}
    refused = site.post(new_url(subject, "treatment_block"), data)
    assert refused.status_code == 422
    assert "at most 200 are kept" in words(refused)
    seen = blank("serious_adverse_event")
    data = {"version": "0", "narrative": long, "seen": seen}
    kept = site.post(new_url(subject, "serious_adverse_event"), data)
    assert kept.status_code == 302
    assert FormRecord.objects.get(crf_code="serious_adverse_event").answers().narrative == long.strip()
    asked = browser(data_manager).post(f"/forms/{vital_signs.pk}/ask/", {"text": long})
    assert asked.status_code in {302, 422}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/subjects/?page=abc", 200),
        ("/subjects/?page=-1", 200),
        ("/subjects/?page=²", 200),
        ("/subjects/?page=٣", 200),
        ("/subjects/?page=" + "9" * 5000, 200),
        ("/subjects/?state=nonsense", 200),
        ("/subjects/?q=%00", 400),
        ("/queries/?page=99999999999999999999", 200),
        ("/queries/?subject=%00", 400),
        ("/queries/?state=%F0", 200),
        ("/screening/?page=0", 200),
        ("/search/?q=%00", 400),
        ("/search/?q=%0d%0aSet-Cookie:x", 302),
        ("/search/", 302),
        ("/subjects/%00/", 404),
        ("/subjects/S999/", 404),
        ("/subjects/%ED%A0%80/", 404),
        ("/subjects/../../etc/passwd", 404),
        ("/subjects/S001/forms/no_such_form/new/", 404),
        ("/subjects/S001/forms/vital_signs/new/", 404),
        ("/subjects/S001/forms/vital_signs/new/?visit=day_99", 404),
        ("/subjects/S001/forms/vital_signs/new/?visit=fu_03", 404),
        ("/subjects/S001/forms/vital_signs/new/?visit=%00", 400),
        ("/subjects/S001/forms/%00/new/", 404),
        ("/forms/0/", 404),
        ("/forms/-1/", 404),
        ("/forms/٣/", 404),
        ("/forms/abc/", 404),
        ("/forms/" + "9" * 30 + "/", 404),
        ("/queries/" + "9" * 30 + "/", 404),
        ("/queries/²/", 404),
        ("/sign-in/?next=%00", 400),
    ],
)
def test_an_address_of_any_kind_is_a_page_or_a_sentence(
    site: Client, subject: Subject, address: str, status: int
) -> None:
    answer = site.get(address)
    assert answer.status_code == status
    assert status in {200, 302} or "<h1>" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/forms/{pk}/", {"version": "1", "temp": "37\x00"}), ("/forms/{pk}/ask/", {"text": "Why\x00 is that?"}),
        ("/forms/{pk}/delete/", {"reason": "Wrong\x00 child"}), ("/forms/{pk}/", {"seen": "\x00"}),
        ("/subjects/screen/", {"site": "NL01\x00"}), ("/sign-in/", {"username": "a\x00b", "password": "x"}),
    ],
)  # fmt: skip
def test_a_nul_in_what_is_sent_is_a_sentence(
    coordinator: User, vital_signs: FormRecord, path: str, data: dict[str, str]
) -> None:
    client = browser() if path == "/sign-in/" else browser(coordinator)
    refused = client.post(path.format(pk=vital_signs.pk), data)
    assert refused.status_code == 400
    assert "NUL character" in words(refused)


@pytest.mark.parametrize("item", ["no_such_item", "record_id", "'; DROP TABLE trial_query; --"])
def test_a_query_about_an_item_that_is_not_there_is_a_sentence(
    vital_signs: FormRecord, data_manager: User, item: str
) -> None:
    refused = browser(data_manager).post(f"/forms/{vital_signs.pk}/ask/", {"item": item, "text": "Why is that?"})
    assert refused.status_code == 422
    assert "has no item" in words(refused)


@pytest.mark.parametrize("item", ["record", "missing", "site", "no_such_item"])
def test_a_column_that_is_no_item_has_no_history_page(site: Client, vital_signs: FormRecord, item: str) -> None:
    assert site.get(f"/forms/{vital_signs.pk}/items/{item}/history/").status_code == 404


def test_fields_that_no_form_has_are_left_alone(site: Client, vital_signs: FormRecord, it02: Site) -> None:
    sneaked = {"version": "1", **TYPED, "site": it02.pk, "site_id": it02.pk, "record_id": "1", "subject": "S999"}
    assert site.post(f"/forms/{vital_signs.pk}/", sneaked).status_code == 302
    row = vital_signs.answers()
    assert (row.site_id, row.record_id) == (vital_signs.site_id, vital_signs.pk)


def test_a_form_without_its_token_is_refused(coordinator: User, vital_signs: FormRecord) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/forms/{vital_signs.pk}/", {"version": "1", **TYPED}).status_code == 403
