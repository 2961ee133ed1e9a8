"""What the large made-up trial consists of: whose stories are told at which site, and what is asked about."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any

from reports.bench import story
from trial import protocol
from trial.models import Site

# A value that its check asks about, for items of forms that every subject has several times.
ODD = {
    ("vital_signs", "hr"): 240,
    ("vital_signs", "sysbp"): 170,
    ("laboratory", "hgb"): Decimal("235"),
    ("laboratory", "plat"): Decimal("1620"),
    ("laboratory", "alb"): Decimal("68"),
}


class Fate(StrEnum):
    """What became of a query."""

    OPEN = "open"
    ANSWERED = "answered"
    CORRECTED = "the value was corrected"
    CONFIRMED = "the value was confirmed"
    SETTLED = "a person's question was answered"


LIVE = frozenset({Fate.OPEN, Fate.ANSWERED})


@dataclass(frozen=True)
class Size:
    """What is asked for. items: answers; the last subject's forms may give some more. One query in ten is live."""

    subjects: int = 4_000
    items: int = 1_800_000
    queries: int = 40_000


@dataclass
class Made:
    """What was made, and who may look at it."""

    subjects: int = 0
    forms: int = 0
    items: int = 0
    queries: int = 0
    live_queries: int = 0


@dataclass
class Asked:
    """A query to come on one item of a form. `odd` stands in the form until it is corrected to `right`."""

    form: story.Form
    item: str
    fate: Fate
    by_check: bool
    odd: Any = None
    right: Any = None


@dataclass(frozen=True)
class Plan:
    """One site's part of the trial, to be written: the stories of its subjects, by number, and its queries."""

    stories: dict[str, story.Story]
    asked: list[Asked]


def spread(random: Random, subjects: int, sites: Sequence[Site], until: date) -> Iterator[tuple[str, Site, date]]:
    """Number, site and consent of each subject: numbers in the order of consent, few large sites and many small."""
    weights = [1 / (rank + 10) for rank in range(len(sites))]
    consents = sorted(until - timedelta(days=random.randrange(story.YEARS * 365)) for _ in range(subjects))
    places = random.choices(sites, weights, k=subjects)
    for index, (consent, site) in enumerate(zip(consents, places, strict=True)):
        yield protocol.get().number_format.format(index + 1), site, consent


def by_site(numbered: Iterable[tuple[str, Site, date]]) -> list[tuple[Site, list[tuple[str, date]]]]:
    found: dict[int, tuple[Site, list[tuple[str, date]]]] = {}
    for number, site, consent in numbered:
        found.setdefault(site.pk, (site, []))[1].append((number, consent))
    return list(found.values())


def of_site(random: Random, zone: str, subjects: list[tuple[str, date]], size: Size, made: Made, until: date) -> Plan:
    """The stories of a site, topped up with adverse events to the site's share of the items, and its queries."""
    stories = {}
    for number, consent in subjects:
        told = story.tell(random, consent=consent, until=until, zone=zone)
        more = story.events(told, random, until)
        made.subjects += 1
        while made.items + told.items < size.items * made.subjects / size.subjects and next(more, None):
            pass
        made.items += told.items
        made.forms += len(told.forms)
        stories[number] = told
    due = round(size.queries * made.subjects / size.subjects)
    asked = list(_ask(random, stories, range(made.queries, due)))
    made.queries += len(asked)
    made.live_queries += sum(query.fate in LIVE for query in asked)
    return Plan(stories, asked)


def _ask(random: Random, stories: dict[str, story.Story], numbers: range) -> Iterator[Asked]:
    """Choose the items that are asked about. What a check is to find is planted in the form."""
    forms = [form for told in stories.values() for form in told.forms]
    items = [(form, item) for form in forms for crf, item in ODD if form.crf == crf]
    random.shuffle(items)
    for number in numbers:
        fate, by_check = _fate(number)
        if not by_check or not items:
            yield _person_asks(random.choice(forms), fate)
            continue
        form, item = items.pop()
        odd, right = ODD[form.crf, item], form.values[item]
        form.values[item] = odd
        yield Asked(form, item, fate, True, odd, right)


def _fate(number: int) -> tuple[Fate, bool]:
    """What becomes of the n-th query, and whether a check asks it: one in ten is live, people ask a quarter."""
    tens, units = divmod(number, 10)
    if units == 0:
        return (Fate.ANSWERED if tens % 3 == 0 else Fate.OPEN), tens % 4 != 3
    if units in {3, 7}:
        return Fate.SETTLED, False
    return (Fate.CONFIRMED if units == 5 else Fate.CORRECTED), True


def _person_asks(form: story.Form, fate: Fate) -> Asked:
    item = next(name for name, value in form.values.items() if value is not None)
    return Asked(form, item, fate if fate in LIVE else Fate.SETTLED, False)
