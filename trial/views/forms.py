"""Enter, correct, read one form; its history per item; delete; ask about it; lock it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trial import access, actions, casebook, listing, locks, missing, moments, protocol, reasons, subject_forms
from trial.checks import Finding
from trial.crf import derive, registry
from trial.history import item_changes
from trial.lifecycle import LIVE_QUERY_STATES, QueryState
from trial.models import FormRecord, Query, Subject, User
from trial.permissions import Permission as P
from trial.views import conflicts
from trial.views.request import SignedInRequest

CONFIRM = "confirm__"
LOCK_STEPS = {"lock": actions.lock, "unlock": actions.unlock}


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


@require_http_methods(["GET", "HEAD", "POST"])
def new_form(request: SignedInRequest, number: str, code: str) -> HttpResponse:
    """An empty form of a CRF, at a visit (`?visit=`) or as the next row of a log."""
    subject = access.get_subject(request.user, number)
    record = _unsaved(request, subject, code)
    existing = _existing(record)
    if existing and request.method != "POST":
        return redirect("form", existing.pk)
    access.role_for(request.user, P.ENTER_DATA, subject.site_id, code)
    if existing:  # entered meanwhile, perhaps in another tab: both versions are shown, nothing typed is lost
        return _enter(request, _page(request, existing, existing.answers()))
    page = _page(request, record, record.spec.model(record=record, site_id=record.site_id))
    return _enter(request, page) if request.method == "POST" else _render(request, page)


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: SignedInRequest, pk: int) -> HttpResponse:
    """A saved form: to read, and for those who may, to correct with a reason."""
    record = access.get_form(request.user, pk)
    page = _page(request, record, record.answers())
    if request.method == "POST":
        access.role_for(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
        return _enter(request, page)
    return _render(request, page)


@require_safe
def item_history(request: SignedInRequest, pk: int, item: str) -> HttpResponse:
    """Every value that an item has had: who, when, why."""
    record = access.get_form(request.user, pk)
    if not record.spec.has_item(item):
        raise Http404(f"This form has no item {item}.")
    column = record.spec.model._meta.get_field(item)
    changes = [
        {"change": change, "old": _shown(column, change.old, record), "new": _shown(column, change.new, record),
         "at": moments.show(change.at, record.time_zone)}
        for change in item_changes(record.spec.model, record.pk, [item])
    ]  # fmt: skip
    context = {"record": record, "item": record.spec.item(item), "changes": changes, "crumbs": _crumbs(record)}
    return render(request, "trial/item_history.html", context)


class DeleteForm(django_forms.Form):
    reason = django_forms.CharField(
        label="Why is this form deleted?", help_text="It stays in the history; nothing is lost.", max_length=400
    )


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a form deleted, with the reason."""
    record = access.get_form(request.user, pk)
    access.role_for(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
    asked = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and asked.is_valid():
        actions.delete_form(record=record, by=request.user, reason=asked.cleaned_data["reason"])
        messages.success(request, f"{record.spec.title} is deleted; its history stays.")
        return redirect("casebook", record.subject.number)
    context = {"record": record, "form": asked, "crumbs": _crumbs(record), "linking": listing.linking_to(record)}
    context["title"] = listing.titles([record]).get(record.pk, "")
    return render(request, "trial/delete_form.html", context, status=422 if asked.errors else 200)


@require_POST
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Raise a query on an item, or on the form."""
    record = access.get_form(request.user, pk)
    query = actions.open_query(
        record=record, item=request.POST.get("item", ""), text=request.POST.get("text", ""), by=request.user
    )
    messages.success(request, "The query is open; the site sees it in its work-list.")
    return redirect("query", query.pk)


@require_POST
def lock_form(request: SignedInRequest, pk: int) -> HttpResponse:
    """Lock or unlock one form, with the reason."""
    record = access.get_form(request.user, pk)
    lock_or_unlock(request, record)
    return redirect("form", pk)


def lock_or_unlock(request: SignedInRequest, target: FormRecord | Subject) -> bool:
    """What the lock form asks for; returns whether the target is locked now. Any other step is not there: 404."""
    step = LOCK_STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise Http404("A form can be locked or unlocked.")
    return step(target=target, by=request.user, reason=request.POST.get("reason", "")).locked


# --- entering ----------------------------------------------------------------------------------------------------


def _unsaved(request: SignedInRequest, subject: Subject, code: str) -> FormRecord:
    spec = registry.find(code)
    if spec is None:
        raise Http404(f"There is no form {code}.")
    wanted = request.GET.get("visit") or request.POST.get("visit")
    visits = subject.visits.all() if wanted else ()
    visit = next((planned for planned in visits if planned.code == wanted), None)
    expected = visit is not None and code in protocol.get().visit(visit.code).forms
    if not expected and (wanted or not spec.log):
        raise Http404(f"{spec.title} is not asked at this visit.")
    return actions.new_record(subject=subject, crf_code=code, visit=visit)


def _existing(record: FormRecord) -> FormRecord | None:
    if record.visit is None:
        return None
    return FormRecord.objects.filter(visit=record.visit, crf_code=record.crf_code, deleted_at=None).first()


def _page(request: SignedInRequest, record: FormRecord, row: Any) -> Page:
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


def _enter(request: SignedInRequest, page: Page) -> HttpResponse:
    if not page.form.is_valid():
        return _render(request, page, status=422)
    page.confirmations = _confirmations(request)
    try:
        saved = actions.save_form(
            record=page.record,
            values=page.form.answers(),
            missing_codes=page.form.codes(),
            by=request.user,
            reason=_reason(page),
            expected_version=_version(request),
            confirmations=page.confirmations,
            seen=request.POST.getlist("seen"),
        )
    except actions.Refused as refused:
        return _refused(request, page, refused.errors)
    except reasons.ReasonNeeded as needed:
        page.needs_reason, page.sentence = True, str(needed)
        return _render(request, page, status=422)
    except actions.Unconfirmed as unconfirmed:
        page.findings = unconfirmed.findings
        return _render(request, page)
    except locks.Locked as locked:  # what was typed stays on the page
        page.sentence = str(locked)
        return _render(request, page, status=423)
    except actions.VersionConflict as conflict:
        return _conflict(request, page, conflict)
    return _saved(request, saved)


def _confirmations(request: SignedInRequest) -> dict[str, str]:
    """Code of a finding -> why the value is right all the same, where something was typed."""
    typed = {name: request.POST.get(name, "").strip() for name in request.POST if name.startswith(CONFIRM)}
    return {name.removeprefix(CONFIRM): text for name, text in typed.items() if text}


def _reason(page: Page) -> str:
    code, text = page.form.cleaned_data.get("reason_code", ""), page.form.cleaned_data.get("reason_text", "")
    return reasons.compose(code, text) if code or text else ""


def _version(request: SignedInRequest) -> int:
    version = request.POST.get("version", "")
    return int(version) if re.fullmatch("[0-9]{1,9}", version) else 0  # none sent: nothing was seen


def _refused(request: SignedInRequest, page: Page, errors: dict[str, list[str]]) -> HttpResponse:
    for item, sentences in errors.items():
        for sentence in sentences:
            page.form.add_error(item if item in page.form.fields else None, sentence)
    return _render(request, page, status=422)


def _conflict(request: SignedInRequest, page: Page, conflict: actions.VersionConflict) -> HttpResponse:
    """Both versions, item by item, and a form that holds what each of the two changed."""
    merged = conflicts.merge(conflict=conflict, form=page.form, version=_version(request), by=request.user)
    reason = {name: request.POST.get(name, "") for name in ("reason_code", "reason_text")}
    page.form = type(page.form)(initial=merged.initial | reason)
    page.reason = reason
    page.conflict, page.sentence, page.record = merged.lines, merged.sentence, conflict.record
    return _render(request, page, status=409)


def _saved(request: SignedInRequest, saved: actions.Saved) -> HttpResponse:
    record = saved.record
    words = f"{record.spec.title} of {record.subject.number} is saved."
    if saved.opened:
        words += f" {saved.opened} quer{'ies are' if saved.opened > 1 else 'y is'} open."
    if saved.closed:
        words += f" {saved.closed} quer{'ies are' if saved.closed > 1 else 'y is'} closed."
    messages.success(request, words)
    if request.POST.get("save_and_next") and (url := next_due(request.user, record.subject)):
        return redirect(url)
    if request.POST.get("save_and_add"):
        return redirect("form-new", record.subject.number, record.crf_code)
    return redirect("form", record.pk)


def next_due(user: User, subject: Subject) -> str:
    """The address of the subject's next form that is due, or its casebook."""
    today = timezone.now().date()
    entered = set(FormRecord.objects.filter(subject=subject, deleted_at=None).values_list("visit__code", "crf_code"))
    for visit in subject.visits.all():
        for code in protocol.get().visit(visit.code).forms:
            is_open = visit.opens is None or visit.opens <= today
            if is_open and (visit.code, code) not in entered and access.may(user, P.ENTER_DATA, subject.site_id, code):
                return f"{reverse('form-new', args=[subject.number, code])}?visit={visit.code}"
    return reverse("casebook", args=[subject.number])


# --- showing -----------------------------------------------------------------------------------------------------


def _render(request: SignedInRequest, page: Page, status: int = 200) -> HttpResponse:
    record = page.record
    queries = list(record.queries.filter(state__in=LIVE_QUERY_STATES).order_by("id")) if page.saved else []
    sections = [_section(page, section, queries, number) for number, section in enumerate(record.spec.sections)]
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
        "crumbs": _crumbs(record),
        "saved_text": _saved_text(page),
        "save_label": _save_label(page),
        "next_label": "Save and open next due" if record.visit_id else "Save and add another",
        "next_name": "save_and_next" if record.visit_id else "save_and_add",
        "can_ask": page.saved and access.may(page.user, P.RAISE_QUERY, record.site_id, record.crf_code),
        "can_lock": page.saved and access.may(page.user, P.LOCK, record.site_id),
        "facts": _facts(record),
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


def _section(page: Page, section: Any, queries: list[Query], number: int) -> dict[str, Any]:
    bound = {item.name: (entry, code, why) for item, entry, code, why in page.form.rows()}
    rows = [_row(page, item, bound[item.name], queries) for item in section.items]
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
    return _shown(column, getattr(page.row, column.attname), page.record) or "—"


def _shown(column: Any, value: Any, record: FormRecord) -> str:
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


def _crumbs(record: FormRecord) -> list[dict[str, str]]:
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
