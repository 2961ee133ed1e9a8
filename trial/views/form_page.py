"""One form as a page: the record, its entry form, what was found, what stands. Others add panels and item states."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from trial import access, actions, late_entry, listing, locks, missing, moments, protocol, reasons, subject_forms
from trial.checks import Finding, Severity
from trial.crf import derive
from trial.crf.spec import Item
from trial.form_fields import choice_field
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models import FormRecord, Query, User
from trial.permissions import Permission as P
from trial.subject_data import SubjectData
from trial.views import beside, form_links
from trial.views.request import SignedInRequest, submission_of

CONFIRM = "confirm__"
REASON = "reason__"


@dataclass
class Page:
    """What one form page shows: the record, its entry form, what was found, what stands.

    changed: items whose answer differs from what is saved. stands: days, ages, derived values.
    others: the subject's forms that this one links to, or whose answers stand beside it.
    submission: names the submit that this page will send; it stays the same until something is saved.
    late: asks why the form is entered only now.
    draft: what this person typed here and did not save, to be offered.
    """

    record: FormRecord
    row: Any
    others: SubjectData
    user: User
    form: derive.EntryForm
    can_enter: bool
    held: locks.Held | None = None
    opened: locks.Opened | None = None
    findings: list[Finding] = field(default_factory=list)
    confirmations: dict[str, str] = field(default_factory=dict)
    conflict: list[Any] = field(default_factory=list)
    sentence: str = ""
    needs_reason: bool = False
    late: str = ""
    reason: dict[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    stands: beside.Beside | None = None
    submission: str = ""
    draft: dict[str, Any] | None = None

    @property
    def is_locked(self) -> bool:
        """Nothing changes, neither queries nor marks; a freeze lets both go on."""
        return self.held is not None and self.held.kind == locks.LOCK

    @property
    def saved(self) -> bool:
        return self.record.pk is not None


# (template, context) shown under the form, or None where there is nothing to show.
FormPanel = Callable[[SignedInRequest, Page], tuple[str, dict[str, Any]] | None]
# item -> its states beyond queries ({"status", "word"}), for the gutter.
ItemStates = Callable[[SignedInRequest, FormRecord], Mapping[str, list[dict[str, str]]]]
_panels: list[FormPanel] = []
_item_states: list[ItemStates] = []


def add_panel(panel: FormPanel) -> None:
    """Register what is shown under every saved form: signatures, verification, locks."""
    _panels.append(panel)


def add_item_states(states: ItemStates) -> None:
    """Register states shown in the gutter beside the items of every saved form."""
    _item_states.append(states)


def make_page(request: SignedInRequest, record: FormRecord, row: Any) -> Page:
    values = subject_forms.check_values(record, row)
    others = _others(request, record)
    links = form_links.choices(record.spec, values, others)
    make = derive.form_class(record.spec, links, zone=record.time_zone)
    initial = derive.initial(record.spec, values, row.missing)
    if record.pk is None:
        initial |= {item.name: item.initial for item in record.spec.items if item.initial}
        initial |= form_links.begun_from(request, record)
    posted = request.POST if request.method == "POST" else None
    held, opened = locks.state_of(record)
    may = access.may(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
    return Page(
        record=record,
        row=row,
        others=others,
        user=request.user,
        form=make(posted, initial=initial),
        reason={name: request.POST.get(name, "") for name in ("reason_code", "reason_text")},
        can_enter=may and held is None and record.deleted_at is None,
        held=held,
        opened=opened,
        late="" if record.pk else late_entry.question(record),
        submission=str(submission_of(request) or uuid4()),
    )


def _others(request: SignedInRequest, record: FormRecord) -> SubjectData:
    """A form that is sent is looked at by its save, which reads what it needs; here, only what its links offer."""
    if request.method == "POST":
        return subject_forms.load(record.subject, form_links.codes(record.spec))
    return beside.others(request.user, record)


# --- showing -----------------------------------------------------------------------------------------------------


def show(request: SignedInRequest, page: Page, status: int = 200) -> HttpResponse:
    record = page.record
    queries = list(record.queries.filter(state__in=LIVE_QUERY_STATES).order_by("id")) if page.saved else []
    _look(page)
    open_to_forms = page.saved and page.can_enter
    leads = form_links.leads(page.user, record, page.row) if open_to_forms else []
    states = item_states(request, record) if page.saved else {}
    sections = [_section(page, part, queries, states, number) for number, part in enumerate(record.spec.sections)]
    context = {
        "page": page,
        "submission": page.submission,
        "record": record,
        "subject": record.subject,
        "form": page.form,
        "sections": sections,
        "errors": _errors(page),
        "found": _found(page),
        "actions": form_links.to_begin(record, leads) if open_to_forms else [],
        "leads": leads,
        "live_url": live_url(record) if page.can_enter else "",
        "left": " ".join(item.name for item in record.spec.items) if page.form.is_bound else "",
        "carried": _carried(request, page),
        "asks_reason": page.needs_reason or bool(page.changed or page.late),
        "next_url": reverse("form-next", args=[record.subject.number]) if page.can_enter else "",
        "changed_labels": ", ".join(record.spec.item(name).label for name in page.changed),
        "action": reverse("form", args=[record.pk]) if page.saved else request.get_full_path(),
        "queries_on_form": [query for query in queries if not query.item],
        "reasons": reasons.REASONS,
        "crumbs": crumbs(record),
        "saved_text": _saved_text(page),
        "save_label": _save_label(page),
        **_second_button(record),
        "can_ask": page.saved
        and not page.is_locked
        and access.may(page.user, P.RAISE_QUERY, record.site_id, record.crf_code),
        "facts": _facts(record),
        "panels": panels(request, page) if page.saved else [],
    }
    return render(request, "trial/form.html", context, status=status)


def _second_button(record: FormRecord) -> dict[str, str]:
    """What else saving can lead to: the subject's next form, or the next row of a log that has several."""
    if record.spec.log and not record.spec.once and not record.visit_id:
        return {"next_label": "Save and add another", "next_name": "save_and_add"}
    return {"next_label": "Save and go on with this subject", "next_name": "save_and_next"}


def live_url(record: FormRecord) -> str:
    """Where the page asks what its checks say of answers not saved."""
    url = reverse("form-live")
    if record.pk:
        return f"{url}?record={record.pk}"
    visit = f"&visit={record.visit.code}" if record.visit_id and record.visit else ""
    return f"{url}?subject={record.subject.number}&crf={record.crf_code}{visit}"


def _look(page: Page) -> None:
    """Work out what stands beside the answers: those on the page if it was sent, else those saved or filled in."""
    if page.form.is_bound and page.can_enter:
        also = beside.reads(page.user, page.record)
        seen = actions.preview(
            record=page.record, values=page.form.answers(), missing_codes=page.form.codes(), also=also
        )
        page.stands = beside.of_answers(page.user, page.record, seen.values, seen.subject)
        page.changed = seen.changed if page.saved else ()
        return
    if not page.saved:
        _fill_in(page)
    others = beside.others(page.user, page.record) if page.form.is_bound else page.others
    page.stands = beside.of_row(page.user, page.record, page.row, others)


def _fill_in(page: Page) -> None:
    """Answers known beforehand, as the columns hold them; moments stay out, they are shown alone."""
    for item in page.record.spec.items:
        value = page.form.initial.get(item.name)
        if value not in (None, "") and not hasattr(value, "hour"):
            setattr(page.row, page.record.spec.model._meta.get_field(item.name).attname, value)


def _carried(request: SignedInRequest, page: Page) -> list[tuple[str, str]]:
    """Findings that were shown, and confirmed, before this round: they are not asked about again."""
    shown = {finding.code for finding in page.findings}
    seen = [("seen", code) for code in request.POST.getlist("seen") if code not in shown]
    said = [(name, request.POST[name]) for name in request.POST if name.startswith(CONFIRM) and request.POST[name]]
    return seen + [(name, text) for name, text in said if name.removeprefix(CONFIRM) not in shown]


def _save_label(page: Page) -> str:
    return save_label(page.findings, page.confirmations)


def save_label(findings: list[Finding], confirmations: Mapping[str, str]) -> str:
    """What saving will do: every finding that is left unconfirmed becomes a query."""
    count = len([finding for finding in findings if not confirmations.get(finding.code, "").strip()])
    return f"Save as it is, with {count} quer{'ies' if count > 1 else 'y'}" if count else "Save"


def _saved_text(page: Page) -> str:
    if page.findings:
        return "Not saved yet: look at what was found, correct it, confirm it, or save it with queries."
    if page.sentence or page.form.errors:
        return "Not saved yet"
    if not page.saved:
        return "New form, nothing saved yet"
    at = moments.to_wall(page.record.updated_at, page.record.time_zone)
    who = f"{page.record.updated_by.full_name}, version {page.record.version}"
    return f"Saved at {at:%H:%M} on {at:%d-%b-%Y} ({page.record.time_zone}) by {who}"


def _facts(record: FormRecord) -> list[dict[str, str]]:
    facts = [{"label": "Subject", "value": record.subject.number}, {"label": "Site", "value": str(record.site)}]
    if record.visit:
        facts.append({"label": "Visit", "value": protocol.get().visit(record.visit.code).label})
    facts.append({"label": "Clock", "value": record.time_zone})
    return facts


def panels(request: SignedInRequest, page: Page) -> list[dict[str, Any]]:
    """What others show under the form."""
    made = (panel(request, page) for panel in _panels)
    return [{"template": found[0], **found[1]} for found in made if found]


def item_states(request: SignedInRequest, record: FormRecord) -> dict[str, list[dict[str, str]]]:
    """item -> states that others show beside it."""
    states: dict[str, list[dict[str, str]]] = {}
    for maker in _item_states:
        for item, found in maker(request, record).items():
            states.setdefault(item, []).extend(found)
    return states


def _section(page: Page, section: Any, queries: list[Query], states: Mapping[str, Any], number: int) -> dict[str, Any]:
    bound = {item.name: (entry, code, why) for item, entry, code, why in page.form.rows()}
    rows = [
        _row(page, item, bound[item.name], queries) | {"states": states.get(item.name, [])} for item in section.items
    ]
    open_points = sum(bool(row["findings"] or row["queries"] or row["has_errors"]) for row in rows)
    return {
        "heading": section.title,
        "anchor": f"section-{number + 1}",
        "note": section.help,
        "rows": rows,
        "open_points": open_points,
    }


def _row(page: Page, item: Item, bound: tuple[Any, Any, Any], queries: list[Query]) -> dict[str, Any]:
    entry, code, _ = bound
    spec, stands = page.record.spec, page.stands
    row: dict[str, Any] = {
        "item": item,
        "required": item.required,
        "findings": [finding_shown(found, page.confirmations) for found in page.findings if found.item == item.name],
        "queries": [_query(query) for query in queries if query.item == item.name],
        "derived": stands.derived(item.name) if stands else "",
        "has_derived": item.name in spec.derived or item.name in spec.derived_across,
        "when": stands.when(item.name) if stands else "",
        "is_date": isinstance(entry.field, derive.DayField | derive.MomentField),
        "has_errors": bool(page.form.is_bound and (entry.errors or code.errors)),
        "history_url": reverse("item-history", args=[page.record.pk, item.name]) if page.saved else "",
        "unasked": unasked(page.form, item),
        "attributes": _attributes(page.form, item),
    }
    if page.can_enter:
        return row | _controls(page, item, bound)
    return row | {"readonly_value": _readonly(page, item)}


def _controls(page: Page, item: Item, bound: tuple[Any, Any, Any]) -> dict[str, Any]:
    entry, code, why = bound
    replaces = [error.message for error in page.form.errors.as_data().get(code.name, []) if error.code == "replaces"]
    return {
        "field": entry,
        "missing_field": code,
        "missing_reason_field": why,
        "replaces": replaces[0] if replaces else "",
        "is_moment": isinstance(entry.field, derive.MomentField),
        "passing": passing_shown(page.form, item.name),
        "can_correct": page.saved,
        "other_reason": other_reason(page.form, item) if item.name in page.changed else None,
    }


def _attributes(form: derive.EntryForm, item: Item) -> SafeString:
    """What the row tells the script: which answer it hangs on. One not asked for and without an answer steps back."""
    if item.only_if is None:
        return SafeString()
    steps_back = not form.asked(item) and form.is_blank(item.name)
    name, answers = item.only_if
    return format_html(
        ' data-only-if="{}" data-answers="{}"{}', name, json.dumps(answers), " data-stepped-back" if steps_back else ""
    )


def unasked(form: derive.EntryForm, item: Item) -> str:
    """The sentence beside an answer that is no longer asked for; "" where it is, or where there is none."""
    if item.only_if is None or form.asked(item) or form.is_blank(item.name):
        return ""
    name = item.only_if[0]
    said = form.in_words(name) if not form.is_blank(name) else "blank"
    return f"Answered {form.in_words(item.name)}, but no longer asked: {form.spec.item(name).label} is {said}."


def passing_shown(form: derive.EntryForm, name: str) -> dict[str, Any] | None:
    """The question which of the two a doubled time is; None for any other answer."""
    wall = form.doubled(name)
    if wall is None:
        return None
    words = moments.passings_in_words(wall, form.zone)
    chosen = form.passing(name)
    return {
        "name": f"{name}{derive.PASSING_SUFFIX}",
        "question": f"The clock showed {wall:%H:%M} twice on {wall:%d-%b-%Y}, when it was set back. Which of the two?",
        "choices": [(number, text, number == chosen) for number, text in enumerate(words, 1)],
    }


def other_reason(form: derive.EntryForm, item: Item) -> dict[str, Any]:
    """The fields for a reason of this item alone, where it differs from that of the whole save."""
    code, text = (f"{REASON}{item.name}__{part}" for part in ("code", "text"))
    return {
        "code_name": code,
        "text_name": text,
        "code": form.data.get(code, ""),
        "text": form.data.get(text, ""),
        "choices": reasons.REASONS.items(),
        "label": item.label,
    }


def _readonly(page: Page, item: Item) -> str:
    column = page.record.spec.model._meta.get_field(item.name)
    if given := page.row.missing.get(item.name):
        return missing.show(given)
    blank = "—" if page.form.asked(item) else "Not asked"
    value = getattr(page.row, column.attname)
    if column.is_relation and value is not None:
        offered: Any = choice_field(page.form, item.name).choices
        return str(dict(offered)[str(value)])  # what was read to offer it names it
    return shown(column, value, page.record) or blank


def shown(column: Any, value: Any, record: FormRecord) -> str:
    if column.is_relation and isinstance(value, int):  # history gives a text where an answer is missing
        return listing.name_of(value)
    return listing.shown(column, value, record.time_zone)


def finding_shown(finding: Finding, confirmations: Mapping[str, str]) -> dict[str, Any]:
    """A finding as its component takes it; only a soft one can be confirmed."""
    shown = {"message": finding.message, "code": finding.code, "severity": "soft", "confirm_field": None}
    if finding.severity is not Severity.SOFT:
        return shown | {"severity": "hard"}
    name = f"{CONFIRM}{finding.code}"
    confirm = django_forms.Form({name: confirmations.get(finding.code, "")})
    confirm.fields[name] = django_forms.CharField(required=False, max_length=300)
    return shown | {"confirm_field": confirm[name]}


def _query(query: Query) -> dict[str, str]:
    answered = query.state == QueryState.ANSWERED
    days = (timezone.now() - query.opened_at).days
    age = f"{days} d" if days else "today"
    return {
        "url": reverse("query", args=[query.pk]),
        "status": "query_answered" if answered else "query_open",
        "word": "Answered" if answered else f"Query {age}",
    }


def _found(page: Page) -> list[dict[str, str]]:
    """What was found and has not been saved yet, each line a link to its row."""
    return [{"message": finding.message, "anchor": f"row-{finding.item}"} for finding in page.findings]


def _errors(page: Page) -> list[dict[str, str]]:
    if not page.form.is_bound:
        return []
    found = []
    for name, sentences in page.form.errors.items():
        item = name.split("__")[0]
        is_item = page.record.spec.has_item(item)
        anchor = f"row-{item}" if is_item else "main"
        label = f"{page.record.spec.item(item).label}: " if is_item else ""
        found += [{"message": f"{label}{sentence}", "anchor": anchor} for sentence in sentences]
    return found


def crumbs(record: FormRecord) -> list[dict[str, str]]:
    subject = record.subject
    casebook = reverse("casebook", args=[subject.number])
    crumbs = [
        {"label": record.site.number, "url": reverse("subjects")},
        {"label": subject.number, "url": casebook},
    ]
    if record.visit:
        label = protocol.get().visit(record.visit.code).label
        crumbs.append({"label": label, "url": f"{casebook}#visit-{record.visit.code}"})
    form_url = reverse("form", args=[record.pk]) if record.pk else ""
    return [*crumbs, {"label": record.spec.title, "url": form_url}]
