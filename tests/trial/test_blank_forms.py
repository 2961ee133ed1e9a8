"""Blank forms: what the page asks stands on the paper, and it is a sound PDF."""

import io
from dataclasses import replace

import pikepdf
import pytest
from django.urls import reverse

from tests.reports.pdf_text import pages_of
from tests.trial.pages import browser, words
from trial import blank_forms
from trial.crf import registry
from trial.crf.spec import Section
from trial.models import User

CODES = sorted(spec.code for spec in registry.all_specs())


def on_paper(content: bytes) -> str:
    """All that is printed, without blanks: a reader of PDF cannot tell a gap from a space."""
    return "".join("".join(pages_of(content)).split())


@pytest.mark.requirement("VA-05")
@pytest.mark.parametrize("code", CODES)
def test_a_blank_form_asks_all_that_the_crf_asks(code: str) -> None:
    spec = registry.get(code)
    printed = on_paper(blank_forms.pdf(spec))
    answers = [(item, blank_forms.answer_of(spec, item)) for item in spec.items]
    asked = [spec.title, *(section.title for section in spec.sections)]
    asked += [text for item, answer in answers for text in (item.label, item.unit, *answer.labels)]
    asked += ["Subject number", "Signature", "EudraCT 2016-004674-17, protocol version", blank_forms.version(spec)]
    assert [text for text in asked if "".join(text.split()) not in printed] == []


@pytest.mark.requirement("VA-05")
def test_every_blank_form_can_be_downloaded_from_the_page_that_lists_them(monitor: User) -> None:
    client = browser(monitor)
    page = client.get(reverse("blank-forms"))
    assert "A serious adverse event goes to the sponsor within 24 hours all the same" in words(page)
    for code in CODES:
        assert reverse("blank-form", args=[code]) in page.content.decode()
    answer = client.get(reverse("blank-form", args=["serious_adverse_event"]))
    assert answer.headers["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        assert document.docinfo["/Title"] == "Serious adverse event, blank form"
        assert document.Root["/MarkInfo"]["/Marked"]
        assert f"Page{len(document.pages)}of{len(document.pages)}" in on_paper(answer.content)
    assert client.get(reverse("blank-form", args=["no_such_form"])).status_code == 404


def test_the_version_of_a_form_changes_with_what_it_asks() -> None:
    spec = registry.get("vital_signs")
    first, *rest = spec.sections[0].items
    reworded = replace(spec, sections=[Section("Measurements", replace(first, label="Day of measurement"), *rest)])
    assert blank_forms.pdf(spec) == blank_forms.pdf(spec)
    assert blank_forms.version(reworded) != blank_forms.version(spec)
