"""An item for which a missing code stands has a history like any other, whatever its type."""

import pytest
from django.urls import reverse

from tests.trial.pages import browser, words
from trial import actions
from trial.models import Subject, User


@pytest.mark.parametrize(
    ("crf", "item"),
    [("serious_adverse_event", "ae"), ("serious_adverse_event", "awaredtc"), ("concomitant", "cmstdat")],
)
def test_the_history_of_an_item_says_why_it_has_no_value(
    subject: Subject, coordinator: User, crf: str, item: str
) -> None:
    record = actions.new_record(subject=subject, crf_code=crf)
    given = {item: {"code": "ND", "reason": "lost"}}
    saved = actions.save_form(record=record, values={}, missing_codes=given, by=coordinator).record
    page = browser(coordinator).get(reverse("item-history", args=[saved.pk, item]))
    assert (page.status_code, "Not done (lost)" in words(page)) == (200, True)
