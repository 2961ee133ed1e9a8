"""What the checks say while a form is filled in: the same rules as on saving, and nothing is stored."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from trial import access, actions, partial_dates, protocol, subject_forms
from trial.checks import Finding
from trial.crf import derive, registry
from trial.lifecycle import LIVE_QUERY_STATES
from trial.models import FormRecord
from trial.permissions import Permission as P
from trial.views import beside, form_page
from trial.views.form_page import CONFIRM
from trial.views.request import SignedInRequest
from trial.worklists import next_of_subject


@require_POST
def live(request: SignedInRequest) -> HttpResponse:
    """Findings, days, ages and derived values for the entries of a form, each for its place on the page.

    left: names of the items that the person has left; what they have not come to yet is not asked about.
    kept: names of answers that are no longer asked for and that the person keeps; the others the page asks about.
    typing: set while one types; then only days, ages and derived values are answered.
    standing: ids of the places that show something now and may have to be emptied.
    """
    record = _record(request)
    access.role_for(request.user, P.ENTER_DATA, record.site_id, record.crf_code)
    row = record.answers() if record.pk else record.spec.model(record=record, site_id=record.site_id)
    form = _form(request, record, row)
    also = beside.reads(request.user, record)
    seen = actions.preview(record=record, row=row, values=form.answers(), missing_codes=form.codes(), also=also)
    changed = seen.changed if record.pk else ()
    stands = beside.of_answers(request.user, record, seen.values, seen.subject)
    context: dict[str, Any] = {"places": _places(request, form, stands, changed)}
    if not request.POST.get("typing"):
        findings = list(_findings(request, record, form, seen.findings))
        context |= _found(request, form, findings)
    context["said"] = json.dumps({"read": _read(form), "changed": [record.spec.item(name).label for name in changed]})
    # Without the request: the frame of the page, and what waits for the person, is not drawn here.
    return HttpResponse(render_to_string("trial/live.html", context))


@require_safe
def next_form(request: SignedInRequest, number: str) -> HttpResponse:
    """On to the subject's next form that is due, or to its casebook."""
    subject = access.get_subject(request.user, number)
    access.role_for(request.user, P.ENTER_DATA, subject.site_id)
    return redirect(next_of_subject(request.user, subject))


# --- the form ----------------------------------------------------------------------------------------------------


def _record(request: SignedInRequest) -> FormRecord:
    """The saved form, or a new one of this subject; 404 outside the user's sites."""
    pk = request.GET.get("record", "")
    if pk:
        if not re.fullmatch("[0-9]{1,18}", pk):
            raise Http404("There is no such form.")
        return access.get_form(request.user, int(pk))
    subject = access.get_subject(request.user, request.GET.get("subject", ""))
    spec, code = registry.find(request.GET.get("crf", "")), request.GET.get("visit", "")
    visit = subject.visits.filter(code=code).first() if code else None
    if spec is None or (visit is None and (code or not spec.log)):
        raise Http404("This form is not asked here.")
    if visit is not None and spec.code not in protocol.get().visit(visit.code).forms:
        raise Http404("This form is not asked at this visit.")
    return actions.new_record(subject=subject, crf_code=spec.code, visit=visit)


def _form(request: SignedInRequest, record: FormRecord, row: Any) -> derive.EntryForm:
    """The entries as the form reads them. A link is taken as sent: the preview says whether it can be."""
    links = {
        item.name: [(sent, sent)]
        for item in record.spec.items
        if item.links_to and re.fullmatch("[0-9]{1,18}", sent := request.POST.get(item.name, ""))
    }
    saved = derive.initial(record.spec, subject_forms.check_values(record, row), row.missing) if record.pk else {}
    form = derive.form_class(record.spec, links, zone=record.time_zone)(request.POST, initial=saved)
    form.full_clean()
    return form


def _read(form: derive.EntryForm) -> dict[str, list[str]]:
    """Name of a control -> what was sent and how it is shown back, for the dates and numbers that could be read."""
    found = {}
    for item in form.items:
        field, value = form.fields[item.name], form.cleaned_data.get(item.name)
        if isinstance(field, derive.DayField) and value:
            found[item.name] = partial_dates.show(value)
        elif isinstance(field, derive.MomentField) and value:
            wall = datetime.fromisoformat(value)
            found[f"{item.name}_day"], found[f"{item.name}_time"] = f"{wall:%d-%b-%Y}", f"{wall:%H:%M}"
        elif isinstance(field, derive.NumberField) and value:
            found[item.name] = field.shown_back(value)
    sent = {name: form.data.get(name, "") for name in found}
    return {name: [sent[name], shown] for name, shown in found.items() if sent[name] != shown}


# --- what is found -----------------------------------------------------------------------------------------------


def _findings(
    request: SignedInRequest, record: FormRecord, form: derive.EntryForm, findings: tuple[Finding, ...]
) -> Iterator[Finding]:
    """Those to show now: on items that were left, or that depend on one; not what is a query already.

    What a save has shown stays: the page could not be saved with it otherwise.
    """
    left, kept = (set(request.POST.get(name, "").split()) for name in ("left", "kept"))
    seen = request.POST.getlist("seen")
    unreadable = {name for name in form.errors if record.spec.has_item(name)}
    asked = _asked_already(record)
    for finding in findings:
        waits = _is_blank(finding) and finding.item not in left
        waits = waits or (finding.code.endswith(".unasked") and finding.item not in kept)
        waits = waits and finding.code not in seen
        if waits or not left or finding.item in unreadable or (finding.item, finding.fingerprint) in asked:
            continue
        yield finding


def _is_blank(finding: Finding) -> bool:
    """A blank is asked about once the person has been there; so are its reason and the checks on no value at all."""
    return not any(value not in (None, "") for value in finding.values.values()) and finding.code != "type"


def _asked_already(record: FormRecord) -> set[tuple[str, str]]:
    """Item and fingerprint of the findings that are queries now, or were confirmed."""
    if record.pk is None:
        return set()
    rows = record.queries.exclude(check_code="").values_list("item", "fingerprint", "state", "confirmed")
    return {(item, print_) for item, print_, state, confirmed in rows if confirmed or state in LIVE_QUERY_STATES}


def _found(request: SignedInRequest, form: derive.EntryForm, findings: list[Finding]) -> dict[str, Any]:
    """The findings by their places, and what saving would now do."""
    confirmations = _confirmations(request)
    by_item: dict[str, list[dict[str, Any]]] = {}
    for name, sentence in _unreadable(request, form):
        by_item.setdefault(name, []).append({"message": sentence, "severity": "hard"})
    for finding in findings:
        by_item.setdefault(finding.item, []).append(form_page.finding_shown(finding, confirmations))
    emptied: dict[str, list[dict[str, Any]]] = {
        name: [] for name in _standing(request, "findings-") if form.spec.has_item(name)
    }
    is_refused = any(shown["severity"] == "hard" for found in by_item.values() for shown in found)
    label = "Save" if is_refused else form_page.save_label(findings, confirmations)
    return {"found": (emptied | by_item).items(), "save_label": label}


def _unreadable(request: SignedInRequest, form: derive.EntryForm) -> Iterator[tuple[str, str]]:
    left = request.POST.get("left", "").split()
    for name, sentences in form.errors.items():
        if name in left and form.spec.has_item(name):
            yield from ((name, str(sentence)) for sentence in sentences)


def _confirmations(request: SignedInRequest) -> dict[str, str]:
    typed = {name: request.POST[name] for name in request.POST if name.startswith(CONFIRM)}
    return {name.removeprefix(CONFIRM): text for name, text in typed.items()}


# --- places ------------------------------------------------------------------------------------------------------


def _places(
    request: SignedInRequest, form: derive.EntryForm, stands: beside.Beside, changed: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """What stands beside the items now, and the places that have to be emptied."""
    for item in form.items:
        shown: Mapping[str, Any] = {
            "derived": stands.derived(item.name),
            "when": stands.when(item.name),
            "passing": form_page.passing_shown(form, item.name),
            "why": form_page.other_reason(form, item) if item.name in changed else None,
        }
        for kind, content in shown.items():
            if content or item.name in _standing(request, f"{kind}-"):
                yield {"id": f"{kind}-{item.name}", "kind": kind, "content": content}


def _standing(request: SignedInRequest, prefix: str) -> set[str]:
    ids = request.POST.get("standing", "").split()
    return {place.removeprefix(prefix) for place in ids if place.startswith(prefix)}
