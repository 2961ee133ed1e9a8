"""What the page says while a form is filled in: the server's rules, and nothing stored."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.every_crf import made_up
from tests.people import make_user
from tests.trial.pages import browser, words
from trial import actions, partial_dates
from trial.crf import registry
from trial.models import FormRecord, Query, Site, Subject, User, Visit

pytestmark = pytest.mark.django_db
TYPED = {"vsdat": "3 jan 24", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}


@pytest.fixture
def site(coordinator: User) -> Client:
    return browser(coordinator)


@pytest.fixture
def day_1(subject: Subject) -> Visit:
    return subject.visits.get(code="day_1")


def places(answer: Any) -> dict[str, str]:
    """Place -> its words."""
    parts = re.split(r'<div data-place="([^"]+)">', answer.content.decode())
    texts = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split()) for part in parts[2::2]]
    return dict(zip(parts[1::2], texts, strict=True))


def said(answer: Any) -> dict[str, Any]:
    found = re.search(r'data-said="([^"]*)"', answer.content.decode())
    assert found
    return json.loads(html.unescape(found.group(1)))


def ask_new(site: Client, subject: Subject, crf: str, visit: str = "", **entries: str) -> Any:
    url = f"/forms/live/?subject={subject.number}&crf={crf}" + (f"&visit={visit}" if visit else "")
    answer = site.post(url, {"left": " ".join(entries), **entries})
    assert answer.status_code == 200, words(answer)
    return answer


def ask(site: Client, record: FormRecord, **entries: str) -> Any:
    answer = site.post(f"/forms/live/?record={record.pk}", {"left": " ".join(entries), **TYPED, **entries})
    assert answer.status_code == 200, words(answer)
    return answer


# --- findings ----------------------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-01")
@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ({}, {}),
        ({"temp": "37.2"}, {}),
        ({"temp": "43"}, {"temp": "is outside 35 to 42"}),
        ({"temp": "much"}, {"temp": "is not a number"}),
        ({"temp": "72"}, {"temp": "the most is 45"}),
        ({"temp": ""}, {"temp": "is blank"}),
        ({"temp": "0"}, {"temp": "the least is 25"}),
        ({"vsdat": "someday"}, {"vsdat": "is not a date"}),
        ({"sysbp": "60", "diabp": "70"}, {"sysbp": "is not above diastolic"}),
        ({"weight": "0"}, {"weight": "cannot be"}),
    ],
)
def test_a_field_that_is_left_is_answered_by_the_servers_rule(
    site: Client, subject: Subject, day_1: Visit, entries: dict[str, str], found: dict[str, str]
) -> None:
    answer = places(ask_new(site, subject, "vital_signs", "day_1", **entries))
    shown = {place.removeprefix("findings-"): text for place, text in answer.items() if place.startswith("findings-")}
    assert set(shown) == set(found)
    assert all(words in shown[item] for item, words in found.items())
    assert not FormRecord.objects.filter(crf_code="vital_signs").exists()


@pytest.mark.requirement("AT-12")
def test_a_soft_finding_can_be_confirmed_in_place_and_a_hard_one_cannot(
    site: Client, subject: Subject, day_1: Visit
) -> None:
    soft = ask_new(site, subject, "vital_signs", "day_1", temp="43")
    assert 'name="confirm__vital_signs.temp.range"' in soft.content.decode()
    assert 'name="seen" value="vital_signs.temp.range"' in soft.content.decode()
    assert places(soft)["save-label"] == "Save as it is, with 1 query"
    confirm = {"confirm__vital_signs.temp.range": "Measured twice"}
    confirmed = site.post(
        f"/forms/live/?subject={subject.number}&crf=vital_signs&visit=day_1", {"left": "temp", "temp": "43", **confirm}
    )
    assert places(confirmed)["save-label"] == "Save"
    assert 'value="Measured twice"' in confirmed.content.decode()
    assert "confirm__" not in ask_new(site, subject, "vital_signs", "day_1", temp="72").content.decode()


def test_a_finding_seen_and_confirmed_in_place_is_saved_without_another_question(
    site: Client, subject: Subject, day_1: Visit
) -> None:
    url = f"/subjects/{subject.number}/forms/vital_signs/new/?visit=day_1"
    data = {"version": "0", **TYPED, "weight": "25", "seen": "vital_signs.weight.range"}
    saved = site.post(url, {**data, "confirm__vital_signs.weight.range": "Measured twice"})
    assert saved.status_code == 302, words(saved)
    assert Query.objects.get(check_code="vital_signs.weight.range").confirmed


def test_what_was_seen_and_confirmed_stays_so_when_the_page_comes_back(
    site: Client, subject: Subject, day_1: Visit
) -> None:
    url = f"/subjects/{subject.number}/forms/vital_signs/new/?visit=day_1"
    data = {"version": "0", **TYPED, "temp": "43", "sysbp": "50", "seen": "vital_signs.temp.range"}
    page = site.post(url, {**data, "confirm__vital_signs.temp.range": "Measured twice"}).content.decode()
    assert 'name="seen" value="vital_signs.temp.range"' in page
    assert 'name="confirm__vital_signs.temp.range" value="Measured twice"' in page
    assert 'name="seen" value="VS-01"' in page


def test_while_one_types_nothing_is_asked(site: Client, subject: Subject, day_1: Visit) -> None:
    url = f"/forms/live/?subject={subject.number}&crf=vital_signs&visit=day_1"
    answer = places(site.post(url, {"left": "temp", "temp": "4", "typing": "1"}))
    assert not [place for place in answer if place.startswith("findings-")]


def test_an_answer_no_longer_asked_for_is_found_once_it_is_kept(site: Client, subject: Subject) -> None:
    url = f"/forms/live/?subject={subject.number}&crf=treatment_block"
    entries = {"left": "econgo ecendat", "ecstdat": "3 jan 24", "econgo": "Y", "ecendat": "5 jan 24"}
    assert "findings-ecendat" not in places(site.post(url, entries))
    assert "does not apply" in places(site.post(url, {**entries, "kept": "ecendat"}))["findings-ecendat"]
    shown_by_a_save = {**entries, "seen": "treatment_block.ecendat.unasked"}
    assert "does not apply" in places(site.post(url, shown_by_a_save))["findings-ecendat"]


def test_a_place_that_showed_something_is_emptied(site: Client, subject: Subject, day_1: Visit) -> None:
    url = f"/forms/live/?subject={subject.number}&crf=vital_signs&visit=day_1"
    standing = {"standing": "findings-temp when-vsdat findings-nothing"}
    answer = places(site.post(url, {"left": "temp", "temp": "37", **standing}))
    assert (answer["findings-temp"], answer["when-vsdat"]) == ("", "")
    assert "findings-nothing" not in answer


def test_a_finding_that_is_a_query_already_is_not_asked_again_until_its_value_changes(
    site: Client, subject: Subject, day_1: Visit, coordinator: User
) -> None:
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=day_1)
    answers = {"vsdat": "2024-01-03", "temp": "43", "sysbp": 90, "diabp": 55, "hr": 120, "weight": "6.80"}
    actions.save_form(record=record, values=answers, by=coordinator)
    assert "findings-temp" not in places(ask(site, record, temp="43,0"))
    assert "is outside" in places(ask(site, record, temp="44"))["findings-temp"]


@pytest.mark.requirement("DE-01")
def test_checks_between_forms_answer_too(site: Client, subject: Subject, day_1: Visit, coordinator: User) -> None:
    actions.save_form(
        record=actions.new_record(
            subject=subject, crf_code="baseline", visit=subject.visits.get(code="screening")
        ),
        values={"brthdat": "2024-01-05", "diagdat": "2024-01-06"},
        by=coordinator,
    )  # fmt: skip
    early = places(ask_new(site, subject, "vital_signs", "day_1", vsdat="3 jan 24"))
    assert "VS-40" in early["findings-vsdat"]
    assert "findings-vsdat" not in places(ask_new(site, subject, "vital_signs", "day_1", vsdat="7 jan 24"))


def test_the_whole_answer_costs_8_statements_at_most(site: Client, vital_signs: FormRecord, subject: Subject) -> None:
    ask(site, vital_signs, temp="43")
    for asked in (
        lambda: ask(site, vital_signs, temp="43"),
        lambda: ask_new(site, subject, "infusion", "day_1", weight="6.2"),
        lambda: ask_new(site, subject, "serious_adverse_event", saeterm="Fever"),
    ):
        with CaptureQueriesContext(connection) as captured:
            asked()
        assert len(captured) <= 8, "\n".join(query["sql"] for query in captured)


# --- what stands beside the answers ------------------------------------------------------------------------------


@pytest.fixture
def enrolled(subject: Subject, coordinator: User) -> Subject:
    """Born 20-Nov-2023, enrolled 3-Jan-2024."""
    known = {
        "consent": {"icdat": "2024-01-02"},
        "screening": {"enroldat": "2024-01-03"},
        "baseline": {"brthdat": "2023-11-20", "diagdat": "2023-12-20"},
    }
    for code, values in known.items():
        record = made_up.save(registry.get(code), subject, coordinator)
        actions.save_form(record=record, values=values, by=coordinator, reason="As invented here")
    subject.refresh_from_db()
    return subject


@pytest.mark.parametrize(
    ("crf", "visit", "entries", "place", "said_there"),
    [
        ("vital_signs", "day_1", {"vsdat": "5 jan 24"}, "when-vsdat", "Study day 3, 46 days old (1.5 months)"),
        ("vital_signs", "day_1", {"vsdat": "2/1/2024"}, "when-vsdat", "Study day -1, 43 days old (1.4 months)"),
        ("vital_signs", "day_1", {"vsdat": "1 jan 23"}, "when-vsdat", "Study day -367"),
        ("dose_change", "", {"dcdtc_day": "5 jan 24", "dcdtc_time": "9:00"}, "when-dcdtc", "Study day 3, 46 days old"),
        ("concomitant", "", {"cmstdat": "5 jan 24"}, "when-cmstdat", "Study day 3, 46 days old"),
        ("infusion", "day_1", {"weight": "6,2", "height": "62"}, "derived-bsa", "0.33 m²; 4.95 µg a day"),
        ("baseline", "screening", {"predresp": "GOOD", "wbc": "100"}, "derived-riskgrp", "Derived: medium"),
    ],
)
def test_days_ages_and_derived_values_stand_beside_the_answers(
    site: Client, enrolled: Subject, crf: str, visit: str, entries: dict[str, str], place: str, said_there: str
) -> None:
    if crf == "baseline":
        enrolled = actions.screen_subject(site=enrolled.site, by=User.objects.get(username="site-coordinator"))
    assert said_there in places(ask_new(site, enrolled, crf, visit, **entries))[place]


@pytest.mark.parametrize("entry", ["jan 2024", "2024", "", "someday"])
def test_no_day_stands_beside_a_date_that_is_not_full(site: Client, enrolled: Subject, entry: str) -> None:
    assert "when-cmstdat" not in places(ask_new(site, enrolled, "concomitant", cmstdat=entry))


def test_body_surface_and_share_of_the_planned_dose_draw_on_other_forms(
    site: Client, enrolled: Subject, coordinator: User
) -> None:
    visit = enrolled.visits.get(code="day_1")
    course = {"exstdtc": "2024-01-08T10:00", "weight": "6.2", "height": "62", "exongo": "N"}
    record = actions.new_record(subject=enrolled, crf_code="infusion", visit=visit)
    actions.save_form(record=record, values=course, by=coordinator)
    surface = places(ask_new(site, enrolled, "vital_signs", "day_1", weight="6,2"))["derived-weight"]
    assert surface == "Body surface 0.33 m² by Mosteller, with the height of the infusion form (62 cm)"
    end = {"exendtc_day": "22 jan 2024", "exendtc_time": "10:00", "exstdtc_day": "8/1/24", "exstdtc_time": "1000"}
    given = places(ask(site, record, **end))["derived-exendtc"]
    assert given.startswith("50.0 % of the planned dose (15 µg/m²/day for 28 days), infused for 14.0 days")


def test_an_age_is_not_told_to_who_may_not_read_the_birth_date(enrolled: Subject) -> None:
    laboratory = browser(make_user("mrd-laboratory"))
    answer = ask_new(laboratory, enrolled, "mrd_sample", "screening", msdat="5 jan 24")
    assert "when-msdat" not in places(answer)
    assert "days old" not in words(laboratory.get(f"/subjects/{enrolled.number}/forms/mrd_sample/new/?visit=screening"))


@pytest.mark.requirement("DE-02")
@pytest.mark.parametrize(
    ("crf", "entries", "read"),
    [
        ("concomitant", {"cmstdat": "jan 2024"}, {"cmstdat": ["jan 2024", "UN-Jan-2024"]}),
        ("concomitant", {"cmstdat": "03jan2024"}, {"cmstdat": ["03jan2024", "03-Jan-2024"]}),
        ("concomitant", {"cmstdat": "03-Jan-2024"}, {}),
        ("concomitant", {"cmstdat": "someday"}, {}),
        ("dose_change", {"dcdose": "7,50"}, {"dcdose": ["7,50", "7.5"]}),
        ("dose_change", {"dcdose": "7.5"}, {}),
        ("dose_change", {"dcdose": "1.500"}, {"dcdose": ["1.500", "1.5"]}),
        ("dose_change", {"dcdose": "1e9999999"}, {}),
        ("dose_change", {"dcdtc_day": "3/1/24", "dcdtc_time": "905"},
         {"dcdtc_day": ["3/1/24", "03-Jan-2024"], "dcdtc_time": ["905", "09:05"]}),
    ],
)  # fmt: skip
def test_a_date_or_number_is_shown_back_as_it_was_read(
    site: Client, subject: Subject, crf: str, entries: dict[str, str], read: dict[str, list[str]]
) -> None:
    assert said(ask_new(site, subject, crf, **entries))["read"] == read


def test_a_doubled_time_asks_which_of_the_two(site: Client, subject: Subject) -> None:
    entries = {"dcdtc_day": "27 oct 24", "dcdtc_time": "0230"}
    answer = ask_new(site, subject, "dose_change", **entries)
    assert "The clock showed 02:30 twice on 27-Oct-2024" in places(answer)["passing-dcdtc"]
    assert 'name="dcdtc__passing"' in answer.content.decode()
    assert "passing-dcdtc" not in places(ask_new(site, subject, "dose_change", **entries | {"dcdtc_time": "0330"}))


# --- a correction ------------------------------------------------------------------------------------------------


@pytest.mark.requirement("AT-09")
@pytest.mark.parametrize(
    ("entries", "changed"),
    [
        ({}, []),
        ({"temp": "37,2"}, []),
        ({"vsdat": "03-Jan-2024"}, []),
        ({"temp": "37.4"}, ["Temperature"]),
        ({"hr": ""}, ["Heart rate"]),
        ({"temp": "37.4", "hr": "121"}, ["Temperature", "Heart rate"]),
        ({"hr": "120", "hr__missing": "ND", "hr__replaces": "1"}, ["Heart rate"]),
    ],
)
def test_the_reason_is_asked_for_what_differs_from_what_is_saved(
    site: Client, vital_signs: FormRecord, entries: dict[str, str], changed: list[str]
) -> None:
    answer = ask(site, vital_signs, **entries)
    assert said(answer)["changed"] == changed
    fields = set(re.findall(r'name="reason__(\w+?)__code"', answer.content.decode()))
    assert fields == {item.name for item in registry.get("vital_signs").items if item.label in changed}


def test_the_fields_for_other_reasons_come_back_with_the_page(site: Client, vital_signs: FormRecord) -> None:
    data = {
        "version": "1",
        **TYPED,
        "temp": "37.4",
        "sysbp": "many",
        "reason__temp__code": "query",
        "reason__temp__text": "Asked by phone",
    }
    page = site.post(f"/forms/{vital_signs.pk}/", data)
    assert page.status_code == 422
    shown = page.content.decode()
    assert 'name="reason__temp__text"' in shown
    assert 'value="Asked by phone"' in shown
    assert 'name="reason__hr__code"' not in shown
    assert "Reason for a change Temperature" in words(page)


# --- the future --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("DE-01")
@pytest.mark.parametrize(("days", "is_asked"), [(-1, False), (0, False), (2, True), (400, True)])
@pytest.mark.parametrize(
    ("crf", "item", "shown"),
    [
        ("concomitant", "cmstdat", "{:%d-%b-%Y}"),
        ("treatment_block", "ecstdat", "{:%d %b %y}"),
        ("dose_change", "dcdtc", ""),
    ],
)
def test_a_day_to_come_is_asked_about(
    site: Client, subject: Subject, crf: str, item: str, shown: str, days: int, is_asked: bool
) -> None:
    day = timezone.now() + timedelta(days=days)
    entries = {item: shown.format(day)} if shown else {f"{item}_day": f"{day:%Y-%m-%d}", f"{item}_time": "00:01"}
    found = places(ask_new(site, subject, crf, **entries)).get(f"findings-{item}", "")
    assert ("is in the future" in found) == is_asked


def test_a_month_is_in_the_future_when_its_first_day_is(site: Client, subject: Subject) -> None:
    today = timezone.now().date()
    this_month, next_year = f"{today:%b %Y}", f"{today.year + 1}"
    assert "findings-cmstdat" not in places(ask_new(site, subject, "concomitant", cmstdat=this_month))
    found = places(ask_new(site, subject, "concomitant", cmstdat=next_year))["findings-cmstdat"]
    assert f"{partial_dates.show(partial_dates.earliest(next_year))} is in the future" in found


def test_an_imported_day_to_come_is_a_query(subject: Subject, coordinator: User) -> None:
    source = actions.Source(system="lab", id="1", file="blocks.csv", line=2, sha256="0" * 64)
    record = actions.new_record(subject=subject, crf_code="treatment_block")
    actions.save_form(record=record, values={"ecstdat": "2099-01-01"}, by=coordinator, source=source)
    assert record.queries.filter(check_code="treatment_block.ecstdat.future", state="open").exists()


@pytest.mark.requirement("DE-02")
@pytest.mark.parametrize(("reason", "is_asked"), [("", True), ("Scales broken", False)])
def test_a_missing_code_is_asked_why_where_the_item_asks(
    site: Client, subject: Subject, day_1: Visit, reason: str, is_asked: bool
) -> None:
    entries = {"weight": "", "weight__missing": "ND", "weight__missing_reason": reason}
    found = places(ask_new(site, subject, "vital_signs", "day_1", **entries)).get("findings-weight", "")
    assert ("not done, without a reason. Say why." in found) == is_asked
    no_reason_asked = places(ask_new(site, subject, "vital_signs", "day_1", temp="", temp__missing="ND"))
    assert "findings-temp" not in no_reason_asked


# --- who may, and where ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["", "record=x", "record=0", "subject=S001&crf=nothing", "subject=S001&crf=vital_signs", "subject=S999&crf=consent",
     "subject=S001&crf=vital_signs&visit=fu_03", "subject=S001&crf=vital_signs&visit=nowhere"],
)  # fmt: skip
def test_what_is_no_form_is_404(site: Client, subject: Subject, query: str) -> None:
    assert site.post(f"/forms/live/?{query}", {"left": "temp"}).status_code == 404


def test_a_form_of_another_site_is_404(vital_signs: FormRecord, stranger: User, nl01: Site) -> None:
    assert browser(stranger).post(f"/forms/live/?record={vital_signs.pk}", TYPED).status_code == 404
    assert browser(stranger).post(f"/forms/live/?subject={vital_signs.subject.number}&crf=consent").status_code == 404
