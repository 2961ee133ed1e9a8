"""Every role's home: what waits, for whom, since when; whole lists, their files, and the next form."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.people import VITAL_SIGNS, make_user
from tests.trial.pages import browser, words
from trial import actions, clock, worklists
from trial.history import history
from trial.lifecycle import SubjectState
from trial.models import AccessEvent, FormRecord, Signature, SignedForm, Site, Subject, User
from trial.worklists import Narrow

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(subject: Subject, coordinator: User) -> Subject:
    """Enrolled; the window of day 8 was over five days ago, that of day 15 is open."""
    today = clock.today()
    with history(by=coordinator, role="site-coordinator", site_id=subject.site_id):
        subject.state = SubjectState.ENROLLED
        subject.save()
        for code, day in (("day_8", today - timedelta(days=5)), ("day_15", today)):
            subject.visits.filter(code=code).update(target=day, opens=day, closes=day)
    return subject


@pytest.fixture
def lost_signature(vital_signs: FormRecord, investigator: User, coordinator: User) -> FormRecord:
    """A form that was signed and then corrected: PostgreSQL has voided the signature."""
    with history(by=investigator, role="investigator", site_id=vital_signs.site_id):
        signature = Signature.objects.create(
            scope="form", subject=vital_signs.subject, site=vital_signs.site, printed_name=investigator.full_name,
            meaning="Approved", statement="As I saw it", statement_version="1", time_zone="Europe/Amsterdam",
            by=investigator, role="investigator",
        )  # fmt: skip
        SignedForm.objects.create(signature=signature, record=vital_signs, version=1, history_id=1, sha256="0" * 64)
    vital_signs.refresh_from_db()
    values = VITAL_SIGNS | {"hr": 121}
    return actions.save_form(
        record=vital_signs, values=values, by=coordinator, reason="Typing error", expected_version=vital_signs.version
    ).record


def lines(user: User, slug: str, **narrow: str) -> list[tuple[str, str, str]] | None:
    worklist = worklists.find(slug)
    source = worklist.find(user, Narrow(**narrow)) if worklist else None
    return None if source is None else [(line.text, line.word, line.waited) for line in source.lines(0, 50)]


def test_a_coordinator_sees_what_is_due_and_late_with_the_days(late: Subject, coordinator: User) -> None:
    found = lines(coordinator, "forms-due") or []
    assert (f"{late.number}: Vital signs, Day 8", "Overdue", "5 days") in found
    assert (f"{late.number}: Vital signs, Day 15", "Due", "today") in found
    assert found[0][1] == "Due"
    assert lines(coordinator, "forms-due", site="IT02") == lines(coordinator, "forms-due", number="X") == []
    assert len(lines(coordinator, "forms-due", site="NL01", number=late.number.lower()) or []) == len(found)


def test_who_looks_after_data_sees_what_is_late_of_all_sites(
    late: Subject, data_manager: User, inspector: User, stranger: User
) -> None:
    for user in (data_manager, inspector):
        found = lines(user, "forms-overdue") or []
        assert (f"{late.number}: Vital signs, Day 8", "Overdue", "5 days") in found
        assert {word for _, word, _ in found} == {"Overdue"}
        assert lines(user, "forms-due") is None
    assert lines(stranger, "forms-due") == []


def test_a_void_signature_waits_until_the_form_is_signed_again(
    lost_signature: FormRecord, coordinator: User, investigator: User, data_manager: User, stranger: User
) -> None:
    number = lost_signature.subject.number
    waits = [(f"{number}: Vital signs, Day 1", "Signature void", "today")]
    undelegated = make_user("sub-investigator", lost_signature.site)
    for user in (coordinator, undelegated, data_manager):
        assert (lines(user, "void-signatures"), lines(user, "signatures-awaited")) == (None, waits)
        page = words(browser(user).get("/"))
        assert "Void signatures: wait for a new one" in page
        assert "sign again" not in page
    assert (lines(investigator, "void-signatures"), lines(investigator, "signatures-awaited")) == (waits, None)
    assert lines(stranger, "signatures-awaited") == []
    assert lines(make_user("statistician"), "signatures-awaited") is None


def test_an_investigator_sees_what_waits_for_a_signature(vital_signs: FormRecord, investigator: User) -> None:
    text = f"{vital_signs.subject.number}: Vital signs, Day 1"
    assert lines(investigator, "to-sign") == [(text, "To sign", "today")]


def test_an_sae_waits_for_its_signature_and_its_review(
    subject: Subject, coordinator: User, data_manager: User, investigator: User
) -> None:
    record = actions.new_record(subject=subject, crf_code="serious_adverse_event")
    actions.save_form(record=record, values={}, by=coordinator)
    officer = make_user("safety-officer")
    assert [word for _, word, _ in lines(officer, "sae-to-review") or []] == ["To review"]
    for user in (officer, data_manager, investigator):
        assert [word for _, word, _ in lines(user, "sae-unsigned") or []] == ["Not signed"]
    assert lines(coordinator, "sae-unsigned") is None


def test_a_sample_waits_for_its_result_in_the_laboratory(subject: Subject, coordinator: User) -> None:
    laboratory = make_user("mrd-laboratory")
    record = actions.new_record(subject=subject, crf_code="mrd_sample")
    sample = actions.save_form(record=record, values={}, by=coordinator).record
    assert [word for _, word, _ in lines(laboratory, "samples-without-result") or []] == ["No result"]
    result = actions.new_record(subject=subject, crf_code="mrd_result")
    actions.save_form(record=result, values={"sample": sample.pk}, by=laboratory)
    assert lines(laboratory, "samples-without-result") == []
    assert lines(coordinator, "samples-without-result") is None


def test_a_blank_end_point_waits_for_the_data_manager(subject: Subject, coordinator: User, data_manager: User) -> None:
    record = actions.new_record(subject=subject, crf_code="death")
    actions.save_form(record=record, values={}, by=coordinator)
    found = lines(data_manager, "missing-end-points") or []
    assert [(text.split(":")[0], word) for text, word, _ in found] == [(subject.number, "Blank")]
    assert lines(data_manager, "missing-end-points", site="IT02") == []
    assert lines(coordinator, "missing-end-points") is None


def test_queries_are_counted_by_age(vital_signs: FormRecord, data_manager: User) -> None:
    actions.open_query(target=vital_signs, item="hr", text="Is this in the chart?", by=data_manager)
    page = words(browser(data_manager).get("/"))
    assert "Ageing of queries 1" in page
    assert "1 younger than 7 days" in page


# --- pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(coordinator: User) -> Client:
    return browser(coordinator)


def test_a_whole_list_is_a_page_with_filters(client: Client, late: Subject, stranger: User) -> None:
    assert f"{late.number}: Vital signs, Day 8" in words(client.get("/work/forms-due/"))
    assert "No form is due." in words(client.get("/work/forms-due/?q=S999"))
    assert late.number not in words(browser(stranger).get("/work/forms-due/"))
    for address in ("/work/open-queries/", "/work/no-such-list/"):
        assert client.get(address).status_code == 404


@pytest.mark.requirement("AT-10")
@pytest.mark.parametrize(
    ("address", "name"),
    [("/work/forms-due/", "forms-due"), ("/subjects/", "subjects"), ("/screening/", "screening-log")],
)
def test_a_list_as_a_file_has_every_line_and_leaves_an_event(
    client: Client, late: Subject, coordinator: User, address: str, name: str
) -> None:
    answer: Any = client.get(address, {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    assert all((row["subject"], row["site"]) == (late.number, "NL01") for row in rows)
    event = AccessEvent.objects.get(event="list downloaded")
    assert (event.user, event.target) == (coordinator, f"{name}: {len(rows)} rows")


def test_a_formula_in_a_list_comes_out_as_text(client: Client, subject: Subject, coordinator: User) -> None:
    record = actions.new_record(subject=subject, crf_code="screening", visit=subject.visits.get(code="screening"))
    answers = {"eligible": "N", "enrolled": "N", "failure_reason": "=1+2"}
    actions.save_form(record=record, values=answers, by=coordinator)
    answer: Any = client.get("/screening/?format=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["failure_reason"] == "'=1+2"


def test_homes_key_opens_the_first_line_that_home_shows(
    client: Client, late: Subject, vital_signs: FormRecord, data_manager: User
) -> None:
    def first() -> str:
        address = client.get("/work/next/").headers["Location"]
        page = client.get("/").content.decode()
        lists = page[page.index('class="worklist"') :]
        assert re.findall(r'href="([^"]+)"\s+data-first-line', page) == [address]
        assert re.findall('<a href="([^"]+)">', lists)[0] == address
        return address

    assert first().endswith("visit=day_15")
    query = actions.open_query(target=vital_signs, item="hr", text="Is this in the chart?", by=data_manager)
    assert first() == f"/queries/{query.pk}/"


def test_without_a_line_next_leads_home(client: Client, subject: Subject) -> None:
    assert "Nothing waits for you." in words(client.get("/work/next/", follow=True))


def test_a_form_goes_on_in_its_subject_in_the_order_of_the_list(
    client: Client, late: Subject, nl01: Site, coordinator: User
) -> None:
    """Another subject's form, nearer to its end, comes before them in the list and is not where the form goes on."""
    other = actions.screen_subject(site=nl01, by=coordinator)
    today = clock.today()
    with history(by=coordinator, role="site-coordinator", site_id=nl01.pk):
        late.visits.filter(code="day_15").update(closes=today + timedelta(days=1))
        other.state = SubjectState.ENROLLED
        other.save()
        other.visits.filter(code="day_8").update(target=today, opens=today, closes=today)
    worklist: Any = worklists.find("forms-due")
    listed = [line.url for line in worklist.find(coordinator, Narrow(number=late.number)).lines(0, 50)]
    assert client.get("/work/next/").headers["Location"].startswith(f"/subjects/{other.number}/")
    for address in listed[:2]:
        assert client.get(f"/subjects/{late.number}/next/").headers["Location"] == address
        crf = address.split("/")[4]
        visit = late.visits.get(code=address.split("visit=")[1])
        actions.save_form(record=actions.new_record(subject=late, crf_code=crf, visit=visit), values={}, by=coordinator)
    assert client.get(f"/subjects/{late.number}/next/").headers["Location"] == listed[2]


def test_typing_a_number_suggests_ones_own_subjects(client: Client, subject: Subject, stranger: User) -> None:
    assert f'value="{subject.number}"' in client.get("/search/suggestions/?q=s0").content.decode()
    assert "option" not in client.get("/search/suggestions/?q=").content.decode()
    assert "option" not in browser(stranger).get("/search/suggestions/?q=S0").content.decode()


def test_a_number_that_is_not_there_gets_a_sentence(client: Client, subject: Subject) -> None:
    page = words(client.get("/search/?q=S999", follow=True))
    assert "There is no subject S999 at your sites." in page


@pytest.mark.parametrize(
    "role",
    [
        "site-coordinator", "investigator", "monitor", "data-manager", "safety-officer", "mrd-laboratory",
        "statistician", "dsmb-member", "dsmb-chair", "trial-manager", "inspector",
    ],
)  # fmt: skip
def test_every_home_has_a_list_or_says_where_to_go(role: str, late: Subject) -> None:
    page = words(browser(make_user(role, late.site, "somebody-else")).get("/"))
    assert "What waits for you" in page
    if role != "trial-manager":
        assert "Nothing waits for you" not in page
