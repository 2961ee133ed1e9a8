"""A form filled in by keyboard alone, while the server's checks answer: one coordinator, one window, no mouse."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visitor
from tests.browser.keyboard import go_to, keys, shows, write
from tests.people import make_site, make_user
from trial import actions
from trial.models import FormRecord, Query, Subject


@pytest.fixture
def subject(committed_db: None) -> Subject:
    site = make_site("NL01")
    coordinator = make_user("site-coordinator", site)
    subject = actions.screen_subject(site=site, by=coordinator)
    record = actions.new_record(subject=subject, crf_code="baseline", visit=subject.visits.get(code="screening"))
    actions.save_form(record=record, values={"brthdat": "2023-11-20"}, by=coordinator)
    return subject


def test_an_adverse_event_by_keyboard_alone(visitor: Callable[[str], Visitor], subject: Subject) -> None:
    """A searched list, dates as typed, items that come and go, a finding confirmed in place, Ctrl+S, the next form."""
    nurse = visitor("site-coordinator").open(f"/subjects/{subject.number}/forms/adverse_event/new/")
    page = nurse.page
    go_to(nurse, "#row-aeterm input")
    page.keyboard.type("feb neu")
    assert page.get_attribute("#row-aeterm input", "aria-expanded") == "true"
    chosen = page.get_attribute("#row-aeterm input", "aria-activedescendant")
    assert page.inner_text(f"#{chosen}") == "Febrile neutropenia"
    keys(nurse, "Enter", "Tab")
    assert page.input_value("[name=aeterm]") == "Febrile neutropenia"

    go_to(nurse, "[name=aetoxgr]")
    write(nurse, "2")
    shows(nurse, "#findings-aetoxgr .hard", "has no grade 2 in CTCAE")
    go_to(nurse, "[name=aetoxgr]", by="Shift+Tab")
    page.keyboard.press("Control+a")
    write(nurse, "3")
    page.locator("#findings-aetoxgr .finding").wait_for(state="detached")

    go_to(nurse, "[name=aestdat]")
    write(nurse, "3 jan 24")
    shows(nurse, "#when-aestdat", "44 days old (1.4 months)")
    assert page.input_value("[name=aestdat]") == "03-Jan-2024"

    assert not page.is_visible("#row-aeendat")
    go_to(nurse, "[name=aeongo]")
    keys(nurse, "Space", "ArrowRight")
    assert page.is_visible("#row-aeendat")
    go_to(nurse, "[name=aeendat]")
    write(nurse, "5/1/2024")
    go_to(nurse, "[name=aeout]")
    keys(nurse, "Space", "ArrowRight")  # recovering, although it has ended
    shows(nurse, "#findings-aeout .finding", "The event has ended, but its outcome says that it has not")
    keys(nurse, "Alt+c")
    write(nurse, "Rash goes on", then="Enter")
    assert page.url.endswith("/new/"), "Enter saved the form."
    page.locator("#save-label", has_text="Save").wait_for()

    keys(nurse, "Control+s")
    shows(nurse, ".save-state", "Not saved yet: look at what was found")
    keys(nurse, "Control+s")  # what is left blank was shown, and becomes queries
    page.wait_for_url("**/forms/*/")
    record = FormRecord.objects.get(crf_code="adverse_event")
    assert str(record.answers().aeendat) == "2024-01-05"
    assert Query.objects.get(record=record, check_code="AE-07").confirmed
    keys(nurse, "Alt+n")
    page.wait_for_url("**/new/?visit=*")


def test_a_correction_says_what_it_does(visitor: Callable[[str], Visitor], subject: Subject) -> None:
    """A missing code beside a value, taken back by key; the reason is asked for only once something differs."""
    record = actions.new_record(subject=subject, crf_code="treatment_block")
    answers = {"block": "MARMA", "ecstdat": "2024-05-02", "econgo": "N", "ecendat": "2024-05-20", "as_protocol": "Y"}
    by = subject.records.get(crf_code="baseline").created_by
    record = actions.save_form(record=record, values=answers, by=by).record
    nurse = visitor("site-coordinator").open(f"/forms/{record.pk}/")
    page = nurse.page
    assert not page.is_visible("#section-reason")

    go_to(nurse, "[name=ecstdat]")
    keys(nurse, "Alt+m")
    keys(nurse, "ArrowDown", "ArrowDown", "ArrowDown")
    shows(nurse, "#row-ecstdat .replaces", "The value 02-May-2024 will be replaced by: unknown.")
    shows(nurse, "#changed-items", "Changed: Start")
    go_to(nurse, "#row-ecstdat [data-take-back]")
    keys(nurse, "Enter")
    page.locator("#section-reason").wait_for(state="hidden")
    assert page.input_value("[name=ecstdat]") == "02-May-2024"

    go_to(nurse, "#row-block input")
    page.keyboard.press("Control+a")
    page.keyboard.type("stem")
    keys(nurse, "ArrowDown", "Enter")
    shows(nurse, "#changed-items", "Changed: Block")
    go_to(nurse, "[name=econgo]")
    keys(nurse, "ArrowLeft")  # ongoing: the end that was entered is no longer asked for, and stays
    shows(nurse, "#row-ecendat .unasked", "Answered 20-May-2024, but no longer asked: Ongoing is Yes.")
    go_to(nurse, "#row-ecendat [data-clear]")
    keys(nurse, "Enter")
    page.locator("#row-ecendat").wait_for(state="hidden")
    go_to(nurse, "[name=reason_code]")
    keys(nurse, "ArrowDown")
    keys(nurse, "Control+s")
    page.locator(".lead-on", has_text="Transplantation and cellular therapy, because cells are infused").wait_for()
    row = record.answers()
    assert (row.block, row.econgo, row.ecendat) == ("HSCT", "Y", None)


def test_nothing_moves_from_under_a_pressed_button(visitor: Callable[[str], Visitor], subject: Subject) -> None:
    page = visitor("site-coordinator").open(f"/subjects/{subject.number}/forms/consent/new/").page
    finding = page.locator("#findings-icdat .hard")
    page.fill("[name=icdat]", "someday")
    page.focus("[name=icver]")
    finding.wait_for()
    page.fill("[name=icdat]", "3 jan 24")
    page.locator("[name=ickind][value=FIRST]").hover()
    # The field is left as the button goes down, and the page is too short to be scrolled back.
    with page.expect_response("**/forms/live/**"):
        page.mouse.down()
    page.wait_for_timeout(300)
    page.mouse.up()
    finding.wait_for(state="detached")
    assert page.is_checked("[name=ickind][value=FIRST]")


def test_the_keys_are_told_by_a_question_mark(visitor: Callable[[str], Visitor], subject: Subject) -> None:
    nurse = visitor("site-coordinator").open(f"/subjects/{subject.number}/forms/follow_up/new/")
    keys(nurse, "?")
    assert nurse.page.is_visible("#keys-help")
    keys(nurse, "Escape")
    assert not nurse.page.is_visible("#keys-help")


def test_what_was_refused_stands_once_in_the_summary_and_once_at_its_row(
    visitor: Callable[[str], Visitor], subject: Subject
) -> None:
    nurse = visitor("site-coordinator").open(f"/subjects/{subject.number}/forms/treatment_block/new/")
    page = nurse.page
    page.fill("[name=ecstdat]", "45 jan 2024")
    keys(nurse, "Control+s")
    shows(nurse, ".errors", "45 jan 2024")
    shows(nurse, "#findings-ecstdat .hard", "45 jan 2024")
    assert page.locator(".errors li").count() == 1
    assert page.inner_text("#row-ecstdat").count("45 jan 2024") == 1
    page.fill("[name=ecstdat]", "46 jan 2024")
    keys(nurse, "Tab")
    shows(nurse, "#findings-ecstdat .hard", "46 jan 2024")
    assert "45 jan" not in page.inner_text("#row-ecstdat")
