"""One form as a page: the record, its entry form, what was found, what stands. Others add panels and item states."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from trial import access, casebook, listing, locks, missing, moments, protocol, reasons, subject_forms
from trial.checks import Finding
from trial.crf import derive, registry
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models import FormRecord, Query, User
from trial.permissions import Permission as P
from trial.views.request import SignedInRequest

CONFIRM = "confirm__"


@dataclass
class Page:
    """What one form page shows: the record, its entry form, what was found, what stands."""

    record: FormRecord
    row: Any
    user: User
    form: derive.EntryForm
    can_enter: bool
    locked: bool = False
    findings: list[Finding] = field(default_factory=list)
    confirmations: dict[str, str] = field(default_factory=dict)
    conflict: list[dict[str, str]] = field(default_factory=list)
    sentence: str = ""
    needs_reason: bool = False
    reason: dict[str, str] = field(default_factory=dict)

    @property
    def saved(self) -> bool:
        return self.record.pk is not None


# (template, context) shown under the form, or None where there is nothing to show.
FormPanel = Callable[[SignedInRequest, FormRecord], tuple[str, dict[str, Any]] | None]
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
    make = derive.form_class(record.spec, _links(record, values))
    initial = derive.initial(record.spec, values, row.missing)
    if record.pk is None:
        initial |= {item.name: item.initial for item in record.spec.items if item.initial}
        initial |= _begun_from(request, record)
    posted = request.POST if request.method == "POST" else None
    locked = locks.is_locked(record)
    may = access.may(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
    return Page(
        record=record,
        row=row,
        user=request.user,
        form=make(posted, initial=initial),
        reason={name: request.POST.get(name, "") for name in ("reason_code", "reason_text")},
        can_enter=may and not locked and record.deleted_at is None,
        locked=locked,
    )


def _begun_from(request: SignedInRequest, record: FormRecord) -> dict[str, Any]:
    """Answers shown beforehand in a form begun from another one of this subject (`?from=`), and the link to it."""
    wanted = request.GET.get("from", "")
    if not re.fullmatch("[0-9]{1,18}", wanted):
        return {}
    source = access.get_form(request.user, int(wanted))
    pairs = record.spec.prefill.get(source.crf_code)
    if pairs is None or source.subject_id != record.subject_id:
        raise Http404("This form cannot be begun from that one.")
    values = subject_forms.check_values(source, source.answers())
    link = {item.name: source.pk for item in record.spec.items if source.crf_code in item.links_to}
    return link | {here: values[there] for here, there in pairs.items()}


def _to_begin(page: Page) -> list[dict[str, str]]:
    """Forms that can be begun from this one, with its answers."""
    if not page.saved or not page.can_enter:
        return []
    return [
        {
            "label": f"Add {spec.title.lower()}",
            "url": f"{reverse('form-new', args=[page.record.subject.number, spec.code])}?from={page.record.pk}",
        }
        for spec in registry.all_specs()
        if page.record.crf_code in spec.prefill
    ]


def _links(record: FormRecord, values: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """For each item that links to other forms: this subject's rows of those CRFs."""
    linking = [item for item in record.spec.items if item.links_to]
    if not linking:
        return {}
    codes = {code for item in linking for code in item.links_to}
    rows = list(FormRecord.objects.filter(subject=record.subject, crf_code__in=codes))
    names = listing.titles(rows)
    return {
        item.name: [
            (str(row.pk), f"{row.spec.title} {row.sequence}: {names.get(row.pk, '')}{' (deleted)' * is_gone}")
            for row in rows
            for is_gone in [row.deleted_at is not None]
            # A saved link stays on offer when its form was deleted, so that nobody takes it away unseen.
            if row.crf_code in item.links_to and (not is_gone or row.pk == values.get(item.name))
        ]
        for item in linking
    }


# --- showing -----------------------------------------------------------------------------------------------------


def show(request: SignedInRequest, page: Page, status: int = 200) -> HttpResponse:
    record = page.record
    queries = list(record.queries.filter(state__in=LIVE_QUERY_STATES).order_by("id")) if page.saved else []
    states = item_states(request, record) if page.saved else {}
    sections = [_section(page, part, queries, states, number) for number, part in enumerate(record.spec.sections)]
    context = {
        "page": page,
        "record": record,
        "subject": record.subject,
        "form": page.form,
        "sections": sections,
        "errors": _errors(page),
        "found": _found(page),
        "actions": _to_begin(page),
        "action": reverse("form", args=[record.pk]) if page.saved else request.get_full_path(),
        "lock": casebook.lock_of(record) if page.locked else None,
        "queries_on_form": [query for query in queries if not query.item],
        "reasons": reasons.REASONS,
        "seen": [finding.code for finding in page.findings],
        "crumbs": crumbs(record),
        "saved_text": _saved_text(page),
        "save_label": _save_label(page),
        "next_label": "Save and open next due" if record.visit_id else "Save and add another",
        "next_name": "save_and_next" if record.visit_id else "save_and_add",
        "can_ask": page.saved and access.may(page.user, P.RAISE_QUERY, record.site_id, record.crf_code),
        "can_lock": page.saved and access.may(page.user, P.LOCK, record.site_id),
        "facts": _facts(record),
        "panels": panels(request, record) if page.saved else [],
    }
    return render(request, "trial/form.html", context, status=status)


def _save_label(page: Page) -> str:
    open_findings = len([finding for finding in page.findings if finding.code not in page.confirmations])
    if open_findings:
        return f"Save as it is, with {open_findings} quer{'ies' if open_findings > 1 else 'y'}"
    return "Save"


def _saved_text(page: Page) -> str:
    if page.findings:
        return "Not saved yet: look at what was found, correct it, confirm it, or save it with queries."
    if page.sentence or page.form.errors:
        return "Not saved yet"
    if not page.saved:
        return "New form, nothing saved yet"
    at = moments.show(page.record.updated_at, page.record.time_zone)
    return f"Saved {at} by {page.record.updated_by.full_name}, version {page.record.version}"


def _facts(record: FormRecord) -> list[dict[str, str]]:
    facts = [{"label": "Subject", "value": record.subject.number}, {"label": "Site", "value": str(record.site)}]
    if record.visit:
        facts.append({"label": "Visit", "value": protocol.get().visit(record.visit.code).label})
    facts.append({"label": "Clock", "value": record.time_zone})
    return facts


def panels(request: SignedInRequest, record: FormRecord) -> list[dict[str, Any]]:
    """What others show under the form."""
    made = (panel(request, record) for panel in _panels)
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


def _row(page: Page, item: Any, bound: tuple[Any, Any, Any], queries: list[Query]) -> dict[str, Any]:
    entry, code, why = bound
    row: dict[str, Any] = {
        "item": item,
        "required": item.required,
        "findings": [_finding(page, finding) for finding in page.findings if finding.item == item.name],
        "queries": [_query(query) for query in queries if query.item == item.name],
        "derived": _derived(page, item),
        "has_errors": bool(page.form.is_bound and entry.errors),
        "history_url": reverse("item-history", args=[page.record.pk, item.name]) if page.saved else "",
    }
    if page.can_enter:
        return row | {"field": entry, "missing_field": code, "missing_reason_field": why}
    return row | {"readonly_value": _readonly(page, item)}


def _derived(page: Page, item: Any) -> str:
    """What follows from the saved answers; nothing while the form is new."""
    derive_text = page.record.spec.derived.get(item.name)
    return derive_text(subject_forms.check_values(page.record, page.row)) if derive_text and page.saved else ""


def _readonly(page: Page, item: Any) -> str:
    column = page.record.spec.model._meta.get_field(item.name)
    if given := page.row.missing.get(item.name):
        return missing.show(given)
    return shown(column, getattr(page.row, column.attname), page.record) or "—"


def shown(column: Any, value: Any, record: FormRecord) -> str:
    if column.is_relation and value is not None:
        return listing.name_of(value)
    return listing.shown(column, value, record.time_zone)


def _finding(page: Page, finding: Finding) -> dict[str, Any]:
    name = f"{CONFIRM}{finding.code}"
    confirm = django_forms.Form({name: page.confirmations.get(finding.code, "")})
    confirm.fields[name] = django_forms.CharField(required=False, max_length=300)
    return {
        "message": finding.message,
        "code": finding.code,
        "severity": finding.severity,
        "confirm_field": confirm[name],
    }


def _query(query: Query) -> dict[str, str]:
    answered = query.state == QueryState.ANSWERED
    days = (timezone.now() - query.opened_at).days
    return {
        "url": reverse("query", args=[query.pk]),
        "status": "query_answered" if answered else "query_open",
        "word": "Answered" if answered else f"Query {days} d",
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
