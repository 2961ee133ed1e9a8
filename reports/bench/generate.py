"""Fill a database with a large made-up trial, quickly: sites, people, subjects, forms, corrections, queries, locks.

Rows are written by the application's role with COPY, inside `history(...)`: every trigger runs, so each form has its
history as of a nurse who entered it, each correction its second row, each query its steps by system, site and data
manager. Only the moments in history are those of the run.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db import connection, models, transaction
from django.db.models.expressions import DatabaseDefault

from reports.bench import plan, story
from reports.bench.plan import LIVE, ODD, Asked, Fate, Made, Size
from trial import actions, protocol
from trial.checks import Finding
from trial.crf import registry
from trial.history import history
from trial.lifecycle import QueryState, RecordState
from trial.models import (
    FormRecord,
    Lock,
    LockScope,
    Query,
    QueryMessage,
    ReviewKind,
    ReviewMark,
    Site,
    Subject,
    User,
    Visit,
    item_fields,
)

ZONES = {
    "NL": "Europe/Amsterdam",
    "IT": "Europe/Rome",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "CZ": "Europe/Prague",
    "DK": "Europe/Copenhagen",
    "SE": "Europe/Stockholm",
    "AU": "Australia/Sydney",
}
SUBJECTS_PER_SITE = 40
SITES_PER_MONITOR = 10
VERIFIED = 0.6  # of the forms of a site that the monitor visits
CORRECTION = "Entry error: a made-up value was read wrongly"
ENTERS, MANAGES, VERIFIES = "site-coordinator", "data-manager", "monitor"


@dataclass
class People:
    """monitored: sites that the monitor visits."""

    system: User
    manager: User
    monitor: User
    monitored: frozenset[int]
    coordinators: dict[int, User] = field(default_factory=dict)


@dataclass
class _Place:
    """One site's part of the trial, while it is written."""

    site: Site
    stories: dict[str, story.Story]
    asked: list[Asked]
    subjects: dict[str, Subject] = field(default_factory=dict)
    records: dict[story.Form, FormRecord] = field(default_factory=dict)


def fill(size: Size, *, seed: int, until: date) -> Iterator[Made]:
    """Write the trial as it stands on the day `until`; yields what was made so far, after each site.

    The same seed and day give the same rows. The database must be migrated and have no subjects.
    Raises ValueError for a size that is not positive.
    """
    if min(size.subjects, size.items, size.queries) < 1:
        raise ValueError("A benchmark needs at least one subject, one item and one query.")
    random, made = Random(seed), Made()
    sites = _make_sites(max(1, size.subjects // SUBJECTS_PER_SITE))
    people = _make_people(sites)
    numbers = plan.spread(random, size.subjects, sites, until)
    for site, subjects in plan.by_site(numbers):
        planned = plan.of_site(Random(f"{seed} {site.number}"), site.time_zone, subjects, size, made, until)
        place = _Place(site, planned.stories, planned.asked)
        with transaction.atomic():
            _write(place, people)
        yield made


# --- sites and people --------------------------------------------------------------------------------------------


def _make_sites(count: int) -> list[Site]:
    system, countries = User.objects.system(), list(ZONES)
    return [
        actions.create_site(
            number=f"{countries[index % len(countries)]}{index + 1:03d}",
            name=f"Made-up hospital {index + 1}",
            country=countries[index % len(countries)],
            time_zone=ZONES[countries[index % len(countries)]],
            activated_on=date(2010, 1, 1),
            by=system,
        )
        for index in range(count)
    ]


def _make_people(sites: Sequence[Site]) -> People:
    """A coordinator for each site, a monitor for the first few, one data manager. None of them can sign in."""
    visited = sites[:SITES_PER_MONITOR]
    people = People(
        User.objects.system(),
        _person("bench-data-manager", MANAGES),
        _person("bench-monitor", VERIFIES, *visited),
        frozenset(site.pk for site in visited),
    )
    for site in sites:
        people.coordinators[site.pk] = _person(f"bench-{site.number.lower()}", ENTERS, site)
    return people


def _person(username: str, role: str, *sites: Site) -> User:
    system = User.objects.system()
    name = username.replace("-", " ").capitalize()
    user = actions.create_user(username=username, full_name=name, email=f"{username}@bench.invalid", by=system)
    for site in sites or (None,):
        actions.grant(user=user, role_code=role, site=site, by=system, starts_on=date(2010, 1, 1))
    actions.record_training(user=user, by=system, completed_on=date(2010, 1, 1))
    return user


# --- writing -----------------------------------------------------------------------------------------------------


def _write(place: _Place, people: People) -> None:
    coordinator = people.coordinators[place.site.pk]
    with _acting(coordinator, ENTERS, place):
        _write_subjects(place)
        _write_forms(place, coordinator)
    queries = _open_queries(place, people)
    _follow_queries(place, people, queries)
    _verify(place, people)
    _lock_the_finished(place, people.manager)


def _acting(by: User, role: str, place: _Place, reason: str = "") -> Any:
    return history(by=by, role=role, site_id=place.site.pk, reason=reason)


def _moment(day: date, days: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=days), time(14), UTC)


def _write_subjects(place: _Place) -> None:
    copy(
        Subject(
            number=number,
            site=place.site,
            state=told.state,
            entered_on=told.entered_on,
            synthetic=True,
            created_at=_moment(told.consent),
        )
        for number, told in place.stories.items()
    )
    place.subjects = {subject.number: subject for subject in Subject.objects.filter(site=place.site)}
    copy(
        Visit(
            subject=subject,
            site=place.site,
            code=visit.code,
            position=position,
            target=planned.target,
            opens=planned.opens,
            closes=planned.closes,
        )
        for number, subject in place.subjects.items()
        for position, visit in enumerate(protocol.get().schedule)
        for planned in [place.stories[number].visits[visit.code]]
    )


def _write_forms(place: _Place, by: User) -> None:
    visits = {(visit.subject_id, visit.code): visit.pk for visit in Visit.objects.filter(site=place.site)}
    place.records = {
        form: _record(place, place.subjects[number], visits, form, by)
        for number, told in place.stories.items()
        for form in told.forms
    }
    copy(place.records.values())
    written = FormRecord.objects.filter(site=place.site).values_list(
        "pk", "subject_id", "visit_id", "crf_code", "sequence"
    )
    keys = {tuple(key): pk for pk, *key in written}
    for record in place.records.values():
        record.pk = keys[record.subject_id, record.visit_id, record.crf_code, record.sequence]
    for spec in registry.all_specs():
        forms = (form for form in place.records if form.crf == spec.code)
        copy(spec.model(record_id=place.records[form].pk, site=place.site, **_answers(place, form)) for form in forms)


def _record(place: _Place, subject: Subject, visits: dict[Any, int], form: story.Form, by: User) -> FormRecord:
    entered = _moment(form.day, 1)
    return FormRecord(
        subject=subject,
        site=place.site,
        visit_id=visits[subject.pk, form.visit] if form.visit else None,
        crf_code=form.crf,
        sequence=form.sequence,
        state=RecordState.COMPLETE,
        version=1,
        time_zone=place.site.time_zone,
        created_at=entered,
        created_by=by,
        updated_at=entered,
        updated_by=by,
    )


def _answers(place: _Place, form: story.Form) -> dict[str, Any]:
    """Answers by the column's attribute; a link is the linked form's record."""
    fields = {field.name: field for field in item_fields(registry.get(form.crf).model)}
    return {
        fields[item].attname: place.records[value].pk if isinstance(value, story.Form) else value
        for item, value in form.values.items()
    }


def copy(rows: Iterable[models.Model]) -> None:
    """COPY new rows of one model into its table, as the application and with all triggers.

    Keys are the database's, and so are the columns with a default there that the first row leaves open.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    fields = [
        column
        for column in first._meta.concrete_fields
        if not isinstance(column, models.AutoField | models.GeneratedField)
        and not isinstance(getattr(first, column.attname), DatabaseDefault)
    ]
    names = ", ".join(f'"{column.column}"' for column in fields)
    attributes = [column.attname for column in fields]
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{first._meta.db_table}" ({names}) FROM STDIN') as stream,
    ):
        for row in (first, *rows):
            stream.write_row([_stored(getattr(row, attribute)) for attribute in attributes])


def _stored(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


# --- queries, corrections and locks ------------------------------------------------------------------------------


def _open_queries(place: _Place, people: People) -> dict[Fate, list[Query]]:
    """All queries of the site, as they were asked."""
    found: dict[Fate, list[Query]] = {fate: [] for fate in Fate}
    for by_check, by, role in ((True, people.system, "system"), (False, people.manager, MANAGES)):
        asked = [query for query in place.asked if query.by_check == by_check]
        opened = [(query.fate, _query(place, query, by, role)) for query in asked]
        with _acting(by, role, place, "Edit check" if by_check else ""):
            copy(query for _, query in opened)
            _take_keys(place, by, [query for _, query in opened])
            copy(_say(query, by, role, "open", query.text) for _, query in opened)
        for fate, query in opened:
            found[fate].append(query)
    return found


def _query(place: _Place, asked: Asked, by: User, role: str) -> Query:
    record = place.records[asked.form]
    finding = _finding(asked) if asked.by_check else None
    label = registry.get(asked.form.crf).item(asked.item).label
    opened = asked.form.day + timedelta(days=1 if asked.by_check else 20)
    return Query(
        subject_id=record.subject_id,
        site_id=record.site_id,
        record=record,
        item=asked.item,
        check_code=finding.code if finding else "",
        fingerprint=finding.fingerprint if finding else "",
        text=finding.message if finding else f"{label}: please compare it with the source document.",
        opened_at=_moment(opened),
        opened_by=by,
        opened_role=role,
    )


def _finding(asked: Asked) -> Finding:
    """What the form's own checks find in the planted value. Raises ValueError where they find nothing."""
    spec = registry.get(asked.form.crf)
    values = {**dict.fromkeys((item.name for item in spec.items), None), **asked.form.values, asked.item: asked.odd}
    for finding in spec.findings(values, {}):
        if finding.item == asked.item:
            return finding
    raise ValueError(f"No check of {spec.title} asks about {asked.item} = {asked.odd}.")


def _take_keys(place: _Place, by: User, queries: list[Query]) -> None:
    """The keys that the database gave: rows of one COPY are numbered in its order."""
    keys = Query.objects.filter(site=place.site, opened_by=by).order_by("pk").values_list("pk", flat=True)
    for query, pk in zip(queries, keys, strict=True):
        query.pk = pk


def _say(query: Query, by: User, role: str, step: str, text: str) -> QueryMessage:
    return QueryMessage(query=query, at=query.opened_at, by=by, role=role, step=step, text=text)


def _follow_queries(place: _Place, people: People, queries: dict[Fate, list[Query]]) -> None:
    """Correct, answer and close, each by the one who does that."""
    coordinator = people.coordinators[place.site.pk]
    with _acting(coordinator, ENTERS, place, CORRECTION):
        _correct(place, coordinator)
    answered = queries[Fate.ANSWERED] + queries[Fate.SETTLED] + queries[Fate.CONFIRMED]
    answer = "The value is as in the source document (made up)."
    with _acting(coordinator, ENTERS, place, answer):
        _move(answered, state=QueryState.ANSWERED, answered=True)
        copy(_say(query, coordinator, ENTERS, "answer", answer) for query in answered)
    with _acting(people.system, "system", place, "Edit check"):
        _move(queries[Fate.CORRECTED], state=QueryState.CLOSED, closed_by=people.system)
        copy(_say(query, people.system, "system", "close", "The finding is gone.") for query in queries[Fate.CORRECTED])
    settled = queries[Fate.SETTLED] + queries[Fate.CONFIRMED]
    with _acting(people.manager, MANAGES, place):
        _move(queries[Fate.SETTLED], state=QueryState.CLOSED, closed_by=people.manager)
        _move(queries[Fate.CONFIRMED], state=QueryState.CLOSED, closed_by=people.manager, confirmed=True)
        copy(_say(query, people.manager, MANAGES, "close", "Closed.") for query in settled)


def _correct(place: _Place, by: User) -> None:
    """Second versions of the forms whose planted values were wrong."""
    corrected = [query for query in place.asked if query.fate is Fate.CORRECTED and query.by_check]
    for crf, item in ODD:
        model = registry.get(crf).model
        rows = [
            model(pk=place.records[query.form].pk, **{item: query.right})
            for query in corrected
            if (query.form.crf, query.item) == (crf, item)
        ]
        model.objects.bulk_update(rows, [item])
    records = {record.pk: record for query in corrected for record in [place.records[query.form]]}
    for record in records.values():
        record.version += 1
    FormRecord.objects.filter(pk__in=records).update(
        version=models.F("version") + 1, updated_at=models.F("updated_at") + timedelta(days=3), updated_by=by
    )


def _move(
    queries: list[Query],
    *,
    state: QueryState,
    answered: bool = False,
    closed_by: User | None = None,
    confirmed: bool = False,
) -> None:
    changes: dict[str, Any] = {"state": state}
    if answered:
        changes["answered_at"] = models.F("opened_at") + timedelta(days=2)
    if closed_by:
        changes |= {"closed_at": models.F("opened_at") + timedelta(days=5), "closed_by": closed_by}
        changes["confirmed"] = confirmed
    Query.objects.filter(pk__in=[query.pk for query in queries]).update(**changes)


def _verify(place: _Place, people: People) -> None:
    """Source data verification of whole forms, where the monitor goes."""
    if place.site.pk not in people.monitored:
        return
    forms = list(place.records)
    verified = forms[: round(len(forms) * VERIFIED)]
    with _acting(people.monitor, VERIFIES, place):
        copy(_mark(form, place.records[form], people.monitor) for form in verified)


def _mark(form: story.Form, record: FormRecord, by: User) -> ReviewMark:
    items = [item for item, value in form.values.items() if value is not None]
    return ReviewMark(
        kind=ReviewKind.SDV,
        record=record,
        given=True,
        items=items,
        stands=items,
        whole=True,
        version=record.version,
        at=record.updated_at,
        by=by,
        role=VERIFIES,
    )


def _lock_the_finished(place: _Place, by: User) -> None:
    """Subjects whose last visit is over, and about whom nothing is asked any more."""
    live = {place.records[query.form].subject_id for query in place.asked if query.fate in LIVE}
    with _acting(by, MANAGES, place, "The subject is finished (made up)"):
        for number, told in place.stories.items():
            subject = place.subjects[number]
            if told.forms[-1].visit == protocol.get().schedule[-1].code and subject.pk not in live:
                Lock.objects.create(
                    scope=LockScope.SUBJECT,
                    subject=subject,
                    locked=True,
                    by=by,
                    role=MANAGES,
                    reason="The subject is finished (made up)",
                )
