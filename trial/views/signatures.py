"""Sign a form, a visit, a casebook; show signatures wherever the signed record is shown; delegate signing."""

import re
from collections.abc import Iterable
from datetime import UTC, date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from trial import (
    access,
    actions,
    attestation,
    clock,
    listing,
    missing,
    moments,
    protocol,
    roles,
    signatures,
    signed_values,
)
from trial.actions import signatures as signing
from trial.actions.signatures import Target
from trial.attestation import APPROVAL
from trial.crf import registry
from trial.crf.derive import DayField
from trial.due_forms import missing_forms
from trial.lifecycle import LIVE_QUERY_STATES, RecordState, WrongState
from trial.models import (
    Delegation,
    FormRecord,
    Query,
    Signature,
    SignatureScope,
    SignatureVoid,
    SignedForm,
    Subject,
    User,
    Visit,
)
from trial.permissions import Permission as P
from trial.views import form_page, panels
from trial.views.request import SignedInRequest

ALL_OF_A_SUBJECT = 500  # more forms than the visits of one subject have


class SignForm(forms.Form):
    meaning = forms.ChoiceField(
        label="What your signature means", choices=list(attestation.MEANINGS.items()), widget=forms.RadioSelect
    )
    acknowledged = forms.BooleanField(label=attestation.ACKNOWLEDGEMENT, required=False)
    password = forms.CharField(
        label="Your password",
        strip=False,
        help_text="Again for each signature. A wrong one counts like one at sign-in.",
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_first:
            del self.fields["acknowledged"]


# --- signing -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def sign_form(request: SignedInRequest, pk: int) -> HttpResponse:
    """What one form says, and the signature under it."""
    return _sign(request, access.get_form(request.user, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def sign_visit(request: SignedInRequest, number: str, code: str) -> HttpResponse:
    """All entered forms of a visit under one signature."""
    return _sign(request, access.get_visit(request.user, number, code))


@require_http_methods(["GET", "HEAD", "POST"])
def sign_casebook(request: SignedInRequest, number: str) -> HttpResponse:
    """All entered forms of a subject under one signature."""
    return _sign(request, access.get_subject(request.user, number))


def _sign(request: SignedInRequest, target: Target) -> HttpResponse:
    if request.method != "POST":
        signatures.signing_role(request.user, target.site)
        return _ask(request, target)
    form = SignForm(request.POST, is_first=not signing.has_acknowledged(request.user))
    if not form.is_valid():
        signatures.signing_role(request.user, target.site)
        return _ask(request, target, form, status=422)
    try:
        signature = actions.sign(
            target=target,
            by=request.user,
            password=form.cleaned_data["password"],
            meaning=form.cleaned_data["meaning"],
            acknowledged=form.cleaned_data.get("acknowledged", False),
            expected=_shown(request),
            request=request,
        )
    except actions.WrongPassword as wrong:
        form.add_error("password", str(wrong))
        return _ask(request, target, form, status=403)
    except actions.AcknowledgementNeeded as needed:
        form.add_error("acknowledged", str(needed))
        return _ask(request, target, form, status=422)
    except WrongState as refusal:
        return _ask(request, target, sentence=str(refusal), status=409)
    messages.success(request, f"Signed: {_title(target)}. {_when(signature.at, signature.time_zone)}.")
    return redirect(_back(target))


def _shown(request: SignedInRequest) -> dict[int, int]:
    """record id -> version, of what the page has shown."""
    pairs = (re.fullmatch("([0-9]{1,18}):([0-9]{1,9})", text) for text in request.POST.getlist("shown"))
    return {int(pair[1]): int(pair[2]) for pair in pairs if pair}


def _ask(
    request: SignedInRequest, target: Target, form: SignForm | None = None, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    records, hindrance = signing.unsettled(target, signing.covered(target)), ""
    try:
        signing.check_can_be_signed(target, records, request.user)
    except WrongState as refusal:
        hindrance = str(refusal)
    form = form or SignForm(is_first=not signing.has_acknowledged(request.user), initial={"meaning": APPROVAL})
    context = {
        "title": _title(target),
        "lines": _lines(records, with_answers=not isinstance(target, Subject)),
        "not_entered": [] if hindrance else _not_entered(target, request.user),
        "hindrance": hindrance,
        "sentence": "" if sentence == hindrance else sentence,
        "form": form,
        "meanings": list(zip(form["meaning"], map(attestation.statement, attestation.MEANINGS), strict=True)),
        "statement_version": attestation.STATEMENT_VERSION,
        "zone": target.site.time_zone,
        "signer": request.user.full_name,
        "back": _back(target),
        "crumbs": _crumbs(target),
    }
    return render(request, "trial/sign.html", context, status=status)


def _not_entered(target: Target, user: User) -> list[str]:
    """Forms of this visit or casebook that are due and not entered: whoever signs that it is complete reads them."""
    if isinstance(target, FormRecord):
        return []
    subject = target.subject if isinstance(target, Visit) else target
    found, _ = missing_forms(user, clock.today(), limit=ALL_OF_A_SUBJECT, permission=P.VIEW_DATA, subject=subject)
    return [
        f"{registry.get(code).title} ({protocol.get().visit(visit.code).label})"
        for visit, code in found
        if visit.opens and target in (visit, subject)
    ]


def _lines(records: list[FormRecord], *, with_answers: bool) -> list[dict[str, Any]]:
    """What a signature would cover, form by form."""
    stand, live = signatures.standing(records), _live_queries(records)
    titles = listing.titles([record for record in records if record.spec.log])
    return [
        {
            "record": record,
            "name": signed_values.name(record),
            "title": titles.get(record.pk, ""),
            "url": reverse("form", args=[record.pk]),
            "is_complete": record.state == RecordState.COMPLETE,
            "signed": stand[record.pk],
            "queries": live.get(record.pk, 0),
            "answers": answers(record) if with_answers else [],
        }
        for record in records
    ]


def _live_queries(records: list[FormRecord]) -> dict[int, int]:
    rows = Query.objects.filter(record__in=[record.pk for record in records], state__in=LIVE_QUERY_STATES)
    return dict(rows.order_by().values_list("record").annotate(count=Count("pk")))


def answers(record: FormRecord) -> list[dict[str, str]]:
    """[{label, value}] of a saved form, as its page shows them."""
    row, shown = record.answers(), []
    for item in record.spec.items:
        field = record.spec.model._meta.get_field(item.name)
        given = row.missing.get(item.name)
        value = missing.show(given) if given else form_page.shown(field, getattr(row, field.attname), record)
        shown.append({"label": item.label, "value": f"{value} {item.unit}".strip() if value and not given else value})
    return shown


def _title(target: Target) -> str:
    match target:
        case FormRecord():
            return f"{signed_values.name(target)} of {target.subject.number}"
        case Visit():
            return f"{protocol.get().visit(target.code).label} of {target.subject.number}"
        case _:
            return f"Casebook of {target.number}"


def _back(target: Target) -> str:
    match target:
        case FormRecord():
            return reverse("form", args=[target.pk])
        case Visit():
            return reverse("casebook", args=[target.subject.number])
        case _:
            return reverse("casebook", args=[target.number])


def _crumbs(target: Target) -> list[dict[str, str]]:
    if isinstance(target, FormRecord):
        return [*form_page.crumbs(target), {"label": "Sign", "url": ""}]
    subject = target.subject if isinstance(target, Visit) else target
    crumbs = [
        {"label": subject.site.number, "url": reverse("subjects")},
        {"label": subject.number, "url": reverse("casebook", args=[subject.number])},
    ]
    if isinstance(target, Visit):
        crumbs.append({"label": protocol.get().visit(target.code).label, "url": ""})
    return [*crumbs, {"label": "Sign", "url": ""}]


# --- showing -----------------------------------------------------------------------------------------------------


@require_safe
def signature(request: SignedInRequest, pk: int) -> HttpResponse:
    """One signature: what it says, the forms under it, and whether it is of these values still."""
    found = signatures.get(request.user, pk)
    seen = access.forms(request.user).filter(signed__signature=found)
    forms_under = found.forms.filter(record__in=seen).select_related("record__visit")
    context = {
        "line": _signature(found, request.user, linked=False),
        "forms": [
            {
                "name": signed_values.name(form.record),
                "url": reverse("form", args=[form.record_id]),
                "version": form.version,
                "sha256": form.sha256,
            }
            for form in forms_under
        ],
        "problems": signed_values.verify(found),
        "subject": found.subject,
        "crumbs": [
            {"label": found.site.number, "url": reverse("subjects")},
            {"label": found.subject.number, "url": reverse("casebook", args=[found.subject.number])},
            {"label": "Signature", "url": ""},
        ],
    }
    return render(request, "trial/signature.html", context)


def form_panel(request: SignedInRequest, page: form_page.Page) -> tuple[str, dict[str, Any]] | None:
    """The signatures of a form, those that fell too, and the way to sign it. One statement."""
    record = page.record
    signed = SignedForm.objects.filter(record=record).select_related(
        "signature__visit", "signature__void__by", "signature__void__record"
    )
    found = [form.signature for form in signed.order_by("-signature_id")]
    can_sign = access.may(request.user, P.SIGN, record.site_id, record.crf_code) and record.deleted_at is None
    holds = any(not hasattr(each, "void") for each in found)
    if not found and not can_sign:
        return None
    return "trial/sign_panel.html", {
        "lines": [_signature(each, request.user) for each in found],
        "sign_url": reverse("form-sign", args=[record.pk]) if can_sign and not holds else "",
        "sign_label": "Sign this form again" if found else "Sign this form",
        "empty": "Not signed yet.",
    }


def casebook_panel(request: SignedInRequest, subject: Subject) -> tuple[str, dict[str, Any]] | None:
    """The signatures of a casebook and of its visits. One statement."""
    wide = (SignatureScope.VISIT, SignatureScope.CASEBOOK)
    rows = Signature.objects.filter(subject=subject, scope__in=wide).select_related("void__by", "void__record", "visit")
    lines = [_in_short(each) for each in rows.order_by("-id")]
    if not lines or access.visible_crfs(request.user, subject.site_id) is not None:
        return None
    return "trial/sign_list.html", {"lines": lines}


def casebook_links(request: SignedInRequest, subject: Subject) -> list[dict[str, str]]:
    if not access.may(request.user, P.SIGN, subject.site_id):
        return []
    return [{"label": "Sign casebook", "url": reverse("casebook-sign", args=[subject.number])}]


def visit_links(request: SignedInRequest, visit: Visit) -> list[dict[str, str]]:
    if not access.may(request.user, P.SIGN, visit.site_id):
        return []
    return [{"label": "Sign visit", "url": reverse("visit-sign", args=[visit.subject.number, visit.code])}]


def _in_short(signature: Signature) -> dict[str, str]:
    """One line of a list: still with printed name, date and time with zone, meaning."""
    is_void = hasattr(signature, "void")
    return {
        "url": reverse("signature", args=[signature.pk]),
        "status": "signature_void" if is_void else "signed",
        "word": "Signature void" if is_void else "Signed",
        "covers": _covers(signature),
        "by": f"{signature.printed_name}, {roles.get(signature.role).name.lower()}",
        "when": _when(signature.at, signature.time_zone),
        "meaning": signature.meaning,
        "voided_by": "; ".join(fact["value"] for fact in _void(signature)) if is_void else "",
    }


def _signature(signature: Signature, user: User, *, linked: bool = True) -> dict[str, Any]:
    """A signature as its component takes it: printed name, date and time with zone, meaning (21 CFR 11.50)."""
    is_void = hasattr(signature, "void")
    seen = access.visible_crfs(user, signature.site_id)
    return {
        "url": reverse("signature", args=[signature.pk]) if linked else "",
        "status": "signature_void" if is_void else "signed",
        "word": "Signature void" if is_void else "Signed",
        "facts": _facts(
            ("Signed by", f"{signature.printed_name}, {roles.get(signature.role).name.lower()}"),
            ("When", _when(signature.at, signature.time_zone)),
            ("Meaning", signature.meaning),
            ("Covers", _covers(signature)),
        ),
        "statement": signature.statement,
        "statement_version": signature.statement_version,
        "void": _void(signature, seen) if is_void else [],
    }


def _facts(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in pairs if value]


def _covers(signature: Signature) -> str:
    if signature.visit_id and signature.visit:
        return f"All forms of the visit {protocol.get().visit(signature.visit.code).label}"
    return "This form" if signature.scope == SignatureScope.FORM else "All forms of the casebook"


def _void(signature: Signature, seen: frozenset[str] | None = None) -> list[dict[str, str]]:
    """Who changed which items, when and why. seen: CRFs of the reader (None: all); of others only that it fell."""
    void, role = signature.void, ""
    if seen is not None and (void.record is None or void.record.crf_code not in seen):
        return _facts(("Void since", _when(void.at, signature.time_zone)))
    if void.role:
        role = f", {roles.get(void.role).name.lower()}"
    return _facts(
        ("Void since", _when(void.at, signature.time_zone)),
        ("Changed", _changed(void)),
        ("By", f"{void.by.full_name}{role}"),
        ("Reason", void.reason),
    )


def _changed(void: SignatureVoid) -> str:
    record = void.record
    if record is None:
        return ""
    labels = [record.spec.item(item).label for item in void.items if record.spec.has_item(item)]
    return f"{record.spec.title}: {', '.join(labels)}" if labels else f"{record.spec.title} was deleted"


def _when(moment: Any, zone: str) -> str:
    """`03-Jan-2024 14:02 (Europe/Amsterdam), 13:02 UTC`; the day again where it is another one in UTC."""
    utc, wall = moment.astimezone(UTC), moments.to_wall(moment, zone)
    same_day = utc.date() == wall.date()
    return f"{moments.show(moment, zone)}, {utc:%H:%M} UTC" + ("" if same_day else f" of {utc:%d-%b-%Y}")


# --- delegation --------------------------------------------------------------------------------------------------


class DelegationForm(forms.Form):
    user: forms.ModelChoiceField = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label=None)
    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day", required=False, help_text="Blank: until it is ended.")

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people_field: Any = self.fields["user"]
        people_field.queryset = User.objects.filter(pk__in=[person.pk for person in people]).order_by("full_name")

    def clean_starts_on(self) -> date:
        return date.fromisoformat(self.cleaned_data["starts_on"])

    def clean_ends_on(self) -> date | None:
        return date.fromisoformat(found) if (found := self.cleaned_data["ends_on"]) else None


class EndForm(forms.Form):
    """When and why a delegation ends; without a day, at once."""

    on = DayField(label="Last day")
    reason = forms.CharField(label="Reason", max_length=400)

    def __init__(self, *args: Any, needs_day: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].required = needs_day

    def clean_on(self) -> date | None:
        return date.fromisoformat(found) if (found := self.cleaned_data["on"]) else None


@require_safe
def own_delegations(request: SignedInRequest) -> HttpResponse:
    """To the delegations of the site where this user delegates; the first of several."""
    access.role_anywhere(request.user, P.DELEGATE)
    site = access.sites(request.user, P.DELEGATE).order_by("number").first()
    if site is None:
        raise Http404("You delegate at no site.")
    return redirect("delegations", site.number)


@require_http_methods(["GET", "HEAD", "POST"])
def delegations(request: SignedInRequest, number: str) -> HttpResponse:
    """Who may sign at a site by delegation, from when until when; and for the investigator, a new one."""
    site = access.get_site(request.user, number, P.VIEW_DATA)
    if request.method == "POST":
        access.role_for(request.user, P.DELEGATE, site.pk)
    people = signing.delegates(site)
    posted = request.POST if request.method == "POST" else None
    form = DelegationForm(posted, people=people, initial={"starts_on": signatures.today_at(site)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.delegate(site=site, by=request.user, **form.cleaned_data)
        except (actions.WrongDelegation, WrongState) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{form.cleaned_data['user'].full_name} may sign at {site.number} in these days.")
            return redirect("delegations", number)
    today = signatures.today_at(site)
    rows = Delegation.objects.filter(site=site).select_related("user", "site").order_by("-starts_on", "-id")
    context = {
        "site": site,
        "others": access.sites(request.user, P.DELEGATE).exclude(pk=site.pk).order_by("number"),
        "lines": [_delegation(row, today) for row in rows],
        "form": form,
        "has_people": bool(people),
        "can_delegate": access.may(request.user, P.DELEGATE, site.pk),
        "today": f"{today:%d-%b-%Y}",
    }
    return render(request, "trial/sign_delegations.html", context, status=422 if form.errors else 200)


def _delegation(row: Delegation, today: Any) -> dict[str, Any]:
    is_over = row.ended_at is not None or (row.ends_on is not None and row.ends_on < today)
    word = "Ended" if is_over else "In force" if row.starts_on <= today else "To come"
    return {
        "delegation": row,
        "ended": moments.show(row.ended_at, row.site.time_zone) if row.ended_at else "",
        "status": {"Ended": "not_due", "In force": "complete", "To come": "due"}[word],
        "word": word,
        "can_end": not is_over,
    }


@require_http_methods(["POST"])
def end_delegation(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let a delegation end on a day or at once, with the reason."""
    rows = Delegation.objects.filter(site__in=access.sites(request.user, P.VIEW_DATA)).select_related("site", "user")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such delegation at one of your sites.")
    access.role_for(request.user, P.DELEGATE, found.site_id)
    at_once = "now" in request.POST
    form = EndForm({**request.POST.dict(), "on": ""} if at_once else request.POST, needs_day=not at_once)
    if not form.is_valid():
        said = form.errors.get("on") if request.POST.get("on") else None
        raise WrongState(said[0] if said else "Say the last day and why the delegation ends.")
    try:
        actions.end_delegation(delegation=found, by=request.user, **form.cleaned_data)
    except actions.WrongDelegation as refusal:
        raise WrongState(str(refusal)) from refusal
    when = "has ended" if at_once else f"ends on {found.ends_on:%d-%b-%Y}"
    messages.success(request, f"The delegation of {found.user.full_name} {when}.")
    return redirect("delegations", found.site.number)


form_page.add_panel(form_panel)
panels.add_to_casebook(casebook_panel)
panels.add_casebook_links(casebook_links)
panels.add_visit_links(visit_links)
