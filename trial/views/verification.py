"""Verify and review: on the form's page, for a subject with the values beside, and what waits at all sites."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trial import access, missing, protocol, verification, worklists
from trial.actions import verification as actions
from trial.crf import derive, registry
from trial.form_fields import row_field
from trial.models import FormRecord, ReviewKind, ReviewMark, Site, Subject, User, VerificationPlan
from trial.permissions import Permission as P
from trial.verification import PERMISSIONS, Dropped, Standing
from trial.views import form_page, panels
from trial.views.request import SignedInRequest

PAGE = 15
LINES = 50
VERBS = actions.VERBS
TITLES = {ReviewKind.SDV: "Source data", ReviewKind.DATA: "Data management", ReviewKind.MEDICAL: "Medical review"}


def kind_for(user: User, record: FormRecord) -> ReviewKind | None:
    """The kind of marks that this user gives here; the first of several."""
    for kind, permission in PERMISSIONS.items():
        if access.may(user, permission, record.site_id, record.crf_code):
            return kind
    return None


@require_POST
def verify_form(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark chosen items, or all that are asked, or take marks away."""
    record = access.get_form(request.user, pk)
    kind = _kind(request.POST.get("kind", ""))
    items, step = request.POST.getlist("items"), request.POST.get("step", "")
    if step == "unmark":
        reason = request.POST.get("reason", "")
        mark = actions.unmark(record=record, kind=kind, items=items, by=request.user, reason=reason)
    elif step in ("mark", "mark all"):
        mark = actions.mark(
            record=record,
            kind=kind,
            items=None if step == "mark all" else items,
            by=request.user,
            expected_version=form_page_version(request),
        )
    else:
        raise Http404("Items can be marked, or marks taken away.")
    messages.success(request, _done(mark))
    if "back" in request.POST:
        return redirect("subject-verification", record.subject.number)
    return redirect(f"{reverse('form', args=[pk])}#verification")


def form_page_version(request: SignedInRequest) -> int:
    """The version that the page showed; none sent: nothing was seen."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def _kind(text: str) -> ReviewKind:
    if text not in ReviewKind.values:
        raise Http404(f"There is no review of the kind “{text}”.")
    return ReviewKind(text)


def _done(mark: ReviewMark) -> str:
    verb = VERBS[ReviewKind(mark.kind)]
    count = len(mark.items)
    done = f"{count} item{'s are' if count != 1 else ' is'} {verb if mark.given else f'not {verb} any more'}"
    whole = f"; the whole form is {verb}" if mark.whole else ""
    return f"{mark.record.spec.title} of {mark.record.subject.number}: {done}{whole}."


# --- on the form's page ----------------------------------------------------------------------------------------------


def _standing(request: SignedInRequest, record: FormRecord) -> dict[str, Standing]:
    """Kind -> what stands on this form; read once per request, for the gutter and the panel."""
    kept: dict[int, dict[str, Standing]] = request.__dict__.setdefault("_review_standing", {})
    if record.pk not in kept:
        kept[record.pk] = {kind: found for (_, kind), found in verification.standing([record]).items()}
    return kept[record.pk]


def item_states(request: SignedInRequest, record: FormRecord) -> dict[str, list[dict[str, str]]]:
    """A tick beside every item that is verified or reviewed, with who and when."""
    states: dict[str, list[dict[str, str]]] = {}
    for kind, found in _standing(request, record).items():
        word = f"{VERBS[ReviewKind(kind)].capitalize()}, last by {found.by}, {found.at:%d-%b-%Y}"
        for item in found.items:
            states.setdefault(item, []).append({"status": "verified", "word": word})
    return states


def panel(request: SignedInRequest, page: form_page.Page) -> tuple[str, dict[str, Any]] | None:
    """What stands, for everybody who sees the form; boxes for those who verify or review it."""
    record = page.record
    if record.deleted_at is not None:
        return None
    stand = _standing(request, record)
    kind = None if page.is_locked else kind_for(request.user, record)
    lines = [_line(record, ReviewKind(each), found) for each, found in stand.items()]
    if kind is None:
        return ("trial/verify_panel.html", {"record": record, "lines": lines}) if lines else None
    marked = stand[kind].items if kind in stand else frozenset()
    asked = verification.asked_items(record, page.row)
    return "trial/verify_panel.html", {
        "record": record,
        "lines": lines or [{"status": "not_due", "word": f"Not {VERBS[kind]} yet"}],
        "kind": kind,
        "verb": VERBS[kind],
        "sections": _boxes(record, asked, marked),
        "left": len(set(asked) - marked),
        "marked": [item for item in record.spec.items if item.name in marked],
    }


def _boxes(record: FormRecord, asked: Iterable[str], marked: Iterable[str]) -> list[dict[str, Any]]:
    shown, done = set(asked), set(marked)
    sections = [
        {
            "heading": section.title,
            "items": [
                {"name": item.name, "label": item.label, "is_marked": item.name in done}
                for item in section.items
                if item.name in shown
            ],
        }
        for section in record.spec.sections
    ]
    return [section for section in sections if section["items"]]


def _line(record: FormRecord, kind: ReviewKind, found: Standing) -> dict[str, str]:
    verb, last = VERBS[kind], f"{found.by}, {found.at:%d-%b-%Y %H:%M} UTC"
    if found.whole:
        return {"status": "verified", "word": f"{TITLES[kind]}: the whole form is {verb}, last by {last}"}
    count = f"{len(found.items)} item{'' if len(found.items) == 1 else 's'} {verb}"
    ended = f"last by {last}" if found.given else f"some fell with a change by {last}: {found.reason}"
    return {"status": "verified" if found.items else "not_due", "word": f"{TITLES[kind]}: {count}, {ended}"}


form_page.add_item_states(item_states)
form_page.add_panel(panel)


# --- one subject -----------------------------------------------------------------------------------------------------


@require_safe
def subject_verification(request: SignedInRequest, number: str) -> HttpResponse:
    """A subject's forms with their values: what is verified, what fell, what the plan asks for; 15 forms a page."""
    subject = access.get_subject(request.user, number)
    kind = _kind_at(request.user, subject)
    forms_of = access.forms(request.user).filter(subject=subject, deleted_at=None)
    records = list(forms_of.select_related("visit", "site", "subject").order_by("visit__position", "crf_code", "id"))
    table = _Table(request.user, subject, kind, records)
    every = "all" in request.GET
    page = Paginator([one for one in table.forms() if every or one["waits"]], PAGE).get_page(request.GET.get("page"))
    for one in page:
        one["sections"] = table.values(one)
    context = {
        "subject": subject,
        "page": page,
        "kind": kind,
        "verb": VERBS[kind],
        "every": every,
        "plan": table.plan,
        "counts": table.counts(),
        "can_mark": access.may(request.user, PERMISSIONS[kind], subject.site_id),
    }
    return render(request, "trial/verify_subject.html", context)


def _kind_at(user: User, subject: Subject) -> ReviewKind:
    """The kind that this user gives at the subject's site; those who only read see source data verification."""
    given = [kind for kind, permission in PERMISSIONS.items() if access.may(user, permission, subject.site_id)]
    return given[0] if given else ReviewKind.SDV


class _Table:
    """A subject's forms, with what stands of one kind, what fell, and what is left to mark."""

    def __init__(self, user: User, subject: Subject, kind: ReviewKind, records: list[FormRecord]) -> None:
        self.kind, self.records = kind, records
        self.stand = verification.standing(records, [kind])
        self.asked = verification.asked_of(records)
        self.plan = verification.plan_at(subject.site_id, verification.plans()) if kind == ReviewKind.SDV else None
        self.fallen: dict[int, list[Dropped]] = {}
        for one in verification.dropped(user, subject=subject):
            if one.kind == kind:
                self.fallen.setdefault(one.record.pk, []).append(one)
        self._rows: dict[str, dict[int, Any]] = {}

    def forms(self) -> list[dict[str, Any]]:
        return [self._form(record) for record in self.records]

    def counts(self) -> dict[str, int]:
        found = self.forms()
        return {
            "forms": len(found),
            "whole": sum(one["whole"] for one in found),
            "to_do": sum(bool(one["to_do"]) for one in found),
            "fallen": sum(bool(one["fallen"]) for one in found),
        }

    def _form(self, record: FormRecord) -> dict[str, Any]:
        found, asked = self.stand.get((record.pk, self.kind)), self.asked[record.pk]
        marked = found.items if found else frozenset()
        planned = set(verification.planned_items(record.spec, self.plan)) & asked
        to_do = planned - marked if self.kind == ReviewKind.SDV else asked - marked
        fallen = self.fallen.get(record.pk, [])
        return {
            "record": record,
            "name": record.spec.title,
            "visit": protocol.get().visit(record.visit.code).label if record.visit else "",
            "marked": marked,
            "left": asked - marked,
            "whole": asked <= marked,
            "to_do": to_do,
            "fallen": [self._fall(record, one) for one in fallen],
            "waits": bool(to_do or fallen),
        }

    def _fall(self, record: FormRecord, one: Dropped) -> dict[str, Any]:
        labels = ", ".join(record.spec.item(item).label for item in one.items)
        return {"labels": labels, "by": one.by, "at": one.at, "reason": one.reason}

    def values(self, one: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The form's asked items with their values, by section. A statement for each CRF on the page."""
        record: FormRecord = one["record"]
        if record.crf_code not in self._rows:
            pks = [other.pk for other in self.records if other.crf_code == record.crf_code]
            self._rows[record.crf_code] = record.spec.model.objects.in_bulk(pks)
        row = self._rows[record.crf_code][record.pk]
        asked = self.asked[record.pk]
        sections = [
            (section.title, [self._item(one, row, item) for item in section.items if item.name in asked])
            for section in record.spec.sections
        ]
        return [{"heading": heading, "items": items} for heading, items in sections if items]

    def _item(self, one: Mapping[str, Any], row: Any, item: Any) -> dict[str, Any]:
        column = row._meta.get_field(item.name)
        given = row.missing.get(item.name)
        value = missing.show(given) if given else form_page.shown(column, getattr(row, column.attname), one["record"])
        return {
            "name": item.name,
            "label": item.label,
            "value": value or "—",
            "unit": item.unit if value and not given else "",
            "is_marked": item.name in one["marked"],
            "is_planned": item.name in one["to_do"],
        }


# --- all sites -------------------------------------------------------------------------------------------------------


class PlanForm(forms.Form):
    """A new plan: at one site or at all, from a day on."""

    site = forms.ModelChoiceField(Site.objects.none(), required=False, to_field_name="number", empty_label="All sites")
    extent = forms.ChoiceField(label="What is verified", choices=VerificationPlan.Extent.choices)
    starts_on = derive.DayField(label="From", help_text="Day first")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row_field(self, "site").queryset = access.sites(user)

    def clean_starts_on(self) -> date:
        return date.fromisoformat(self.cleaned_data["starts_on"])


@require_http_methods(["GET", "HEAD", "POST"])
def verification_list(request: SignedInRequest) -> HttpResponse:
    """What fell and what the plan asks for at the user's sites; the plan, for those who plan."""
    may_plan = access.may_anywhere(request.user, P.PLAN_VERIFICATION)
    readers = (*PERMISSIONS.values(), P.VIEW_AUDIT)
    if not may_plan and not any(access.may_anywhere(request.user, each) for each in readers):
        access.role_anywhere(request.user, P.VERIFY)
    if request.method == "POST":
        access.role_anywhere(request.user, P.PLAN_VERIFICATION)
    form = PlanForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        plan = actions.set_plan(**form.cleaned_data, by=request.user)
        messages.success(request, f"{plan.get_extent_display()} from {plan.starts_on:%d-%b-%Y}: the plan is set.")
        return redirect("verification")
    page = Paginator(verification.subjects_to_verify(request.user), LINES).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [{"one": one, "waited": worklists.days_waited(one.since)} for one in page],
        "fallen": [_fallen_line(one) for one in verification.dropped(request.user)],
        "plans": VerificationPlan.objects.select_related("site").order_by("-starts_on", "-id"),
        "form": form if may_plan else None,
    }
    return render(request, "trial/verification.html", context, status=422 if form.errors else 200)


def _fallen_line(one: Dropped) -> dict[str, Any]:
    spec = registry.get(one.record.crf_code)
    visit = f", {protocol.get().visit(one.record.visit.code).label}" if one.record.visit else ""
    return {
        "url": f"{reverse('form', args=[one.record.pk])}#verification",
        "name": f"{one.record.subject.number}: {spec.title}{visit}",
        "kind": TITLES[ReviewKind(one.kind)],
        "items": ", ".join(spec.item(item).label for item in one.items),
        "one": one,
        "waited": worklists.days_waited(one.at),
    }


def _casebook_links(request: SignedInRequest, subject: Subject) -> list[dict[str, str]]:
    if not any(access.may(request.user, each, subject.site_id) for each in PERMISSIONS.values()):
        return []
    return [{"label": "Verify", "url": reverse("subject-verification", args=[subject.number])}]


panels.add_casebook_links(_casebook_links)
