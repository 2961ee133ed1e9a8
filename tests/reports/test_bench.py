"""The benchmark's made-up trial, very small: it has what was asked for, and the real pages and checks accept it."""

from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import models
from django.urls import reverse

from reports.bench import generate, pages, story
from tests.trial.pages import browser
from trial import actions
from trial.crf import registry
from trial.history import history_model
from trial.lifecycle import LIVE_QUERY_STATES
from trial.models import FormRecord, Query, Subject, User, item_fields

SIZE = generate.Size(subjects=8, items=4_000, queries=80)
UNTIL = date(2026, 6, 1)


@pytest.fixture
def made(db: None) -> generate.Made:
    return list(generate.fill(SIZE, seed=1, until=UNTIL))[-1]


def stored_items() -> int:
    """Answers in all CRF tables."""
    found = 0
    for spec in registry.all_specs():
        counts = {field.name: models.Count(field.name) for field in item_fields(spec.model)}
        found += sum(spec.model.objects.aggregate(**counts).values())
    return found


def test_there_is_as_much_as_was_asked_for(made: generate.Made) -> None:
    assert (Subject.objects.count(), Query.objects.count()) == (SIZE.subjects, SIZE.queries)
    assert SIZE.items <= stored_items() == made.items
    assert Query.objects.filter(state__in=LIVE_QUERY_STATES).count() == made.live_queries == SIZE.queries // 10


def test_the_nightly_checks_find_nothing_but_what_was_planted(made: generate.Made) -> None:
    system = User.objects.system()
    followed = {subject.number: actions.check_subject(subject=subject, by=system) for subject in Subject.objects.all()}
    assert followed == dict.fromkeys(followed, (0, 0))


def test_every_form_opens_and_history_knows_who_entered_it(made: generate.Made) -> None:
    manager = browser(User.objects.get(username="bench-data-manager"))
    for record in FormRecord.objects.order_by("crf_code", "pk").distinct("crf_code"):
        assert manager.get(reverse("form", args=[record.pk])).status_code == 200, record.crf_code
    rows: Any = history_model(FormRecord).objects
    assert rows.filter(version=1, pgh_role="site-coordinator").count() == made.forms
    assert rows.filter(version__gt=1).exclude(pgh_reason="").exists()


def test_the_same_seed_tells_the_same_story() -> None:
    first, second, other = (
        [
            (form.crf, form.visit, form.day)
            for form in story.tell(Random(seed), consent=date(2020, 1, 6), until=UNTIL, zone="Europe/Rome").forms
        ]
        for seed in (7, 7, 8)
    )
    assert first == second != other


def test_a_size_of_nothing_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="at least one subject"):
        list(generate.fill(generate.Size(subjects=0), seed=1, until=UNTIL))


def test_every_page_answers_and_is_measured(made: generate.Made) -> None:
    measured = list(pages.measure(requests=4))
    assert {line.page for line in measured} >= {"form open", "form save", "page of 50 subjects", "query inbox"}
    assert all(line.requests == 4 and 0 < line.median <= line.p95 for line in measured)
    counted = {line.page: line.statements for line in measured}
    assert counted["form save"] > counted["form open"] > 0
