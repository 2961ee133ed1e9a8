"""A form on paper: what it is, printed when and by whom, its answers; nothing that only a screen needs."""

from collections.abc import Callable

from tests.browser.conftest import Visitor
from tests.people import VITAL_SIGNS, make_site, make_user
from trial import blank_forms
from trial.actions import forms, subjects


def test_a_printed_form_says_what_it_is_and_leaves_the_screen_behind(
    committed_db: None, visitor: Callable[[str], Visitor]
) -> None:
    nl01 = make_site("NL01")
    coordinator = make_user("site-coordinator", nl01)
    subject = subjects.screen_subject(site=nl01, by=coordinator)
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    saved = forms.save_form(record=record, values=VITAL_SIGNS, by=coordinator).record
    page = visitor("site-coordinator").open(f"/forms/{saved.pk}/").page
    assert not page.locator(".print-head").is_visible()

    page.emulate_media(media="print")
    head = " ".join(page.inner_text(".print-head").split())
    assert f"Site NL01 · Subject {subject.number} · Visit Day 1" in head
    assert f"Form version {blank_forms.version(saved.spec)} · Entry {saved.pk}, version 1 of its answers" in head
    assert "UTC by Site Coordinator Person (Site coordinator)" in head
    assert page.locator("[name=temp]").is_visible()
    for left_behind in (".places", ".top", ".save-bar", ".rail", "button", ".skip"):
        assert not any(found.is_visible() for found in page.locator(left_behind).all()), left_behind
