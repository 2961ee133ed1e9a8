"""Forms of one subject that name each other: links from items, and forms begun from others with their answers."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import reverse

from trial import access, listing, subject_forms
from trial.crf import registry
from trial.crf.spec import CrfSpec, LeadsTo
from trial.models import FormRecord, User
from trial.permissions import Permission as P
from trial.subject_data import Row, SubjectData
from trial.views.request import SignedInRequest


def begun_from(request: SignedInRequest, record: FormRecord) -> dict[str, Any]:
    """Answers shown beforehand in a form begun from another one of this subject (`?from=`), and the link to it."""
    wanted = request.GET.get("from", "")
    if not re.fullmatch("[0-9]{1,18}", wanted):
        return {}
    source = access.get_form(request.user, int(wanted))
    values = subject_forms.check_values(source, source.answers())
    pairs = _pairs(source.spec, record.spec, values)
    if pairs is None or source.subject_id != record.subject_id:
        raise Http404("This form cannot be begun from that one.")
    link = {item.name: source.pk for item in record.spec.items if source.crf_code in item.links_to}
    return link | {here: values[there] for here, there in pairs.items()}


def _pairs(source: CrfSpec, target: CrfSpec, values: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Item of the new form -> item of the form it is begun from; None where it cannot be, or no answer calls for it."""
    called = (lead for lead in source.leads_to if lead.crf == target.code and lead.called_for(values))
    lead, pairs = next(called, None), target.prefill.get(source.code)
    return pairs if lead is None else {**(pairs or {}), **lead.prefill}


def to_begin(record: FormRecord, leads: list[dict[str, str]]) -> list[dict[str, str]]:
    """Forms that can be begun from this one, with its answers; those that an answer calls for are offered apart."""
    called = {lead["url"] for lead in leads}
    return [
        {"label": f"Add {spec.title.lower()}", "url": url}
        for spec in registry.all_specs()
        if record.crf_code in spec.prefill and (url := _begin_url(record, spec.code)) not in called
    ]


def leads(user: User, record: FormRecord, row: Any) -> list[dict[str, str]]:
    """Forms that the saved answers call for and that the subject does not have yet. A statement for each called for."""
    values = subject_forms.check_values(record, row)
    return [
        {"title": registry.get(lead.crf).title, "because": lead.because, "url": _begin_url(record, lead.crf)}
        for lead in record.spec.leads_to
        if lead.called_for(values)
        and access.may(user, P.ENTER_DATA, record.site_id, lead.crf)
        and not _is_there(record, lead)
    ]


def _is_there(record: FormRecord, lead: LeadsTo) -> bool:
    """A form that links this one, or links nothing; where there is no such link, any form of that kind."""
    spec = registry.get(lead.crf)
    rows = spec.model.objects.filter(record__subject=record.subject_id, record__deleted_at=None)
    for item in spec.items:
        if record.crf_code in item.links_to:
            rows = rows.filter(Q(**{item.name: record.pk}) | Q(**{item.name: None}))
    return bool(rows.exists())


def _begin_url(record: FormRecord, crf: str) -> str:
    return f"{reverse('form-new', args=[record.subject.number, crf])}?from={record.pk}"


def codes(spec: CrfSpec) -> frozenset[str]:
    """The CRFs to which items of this one link, and those by whose answers their rows are named."""
    return _linked(spec).union(*(_naming(registry.get(code)) for code in _linked(spec)))


def _linked(spec: CrfSpec) -> frozenset[str]:
    return frozenset(code for item in spec.items for code in item.links_to)


def _naming(spec: CrfSpec) -> frozenset[str]:
    return frozenset(code for name in spec.title_items for code in spec.item(name).links_to)


def choices(spec: CrfSpec, values: Mapping[str, Any], subject: SubjectData) -> dict[str, list[tuple[str, str]]]:
    """For each item that links to other forms: this subject's rows of those CRFs, which were read."""
    return {item.name: _offered(item.links_to, values.get(item.name), subject) for item in spec.items if item.links_to}


def _offered(crfs: tuple[str, ...], saved: int | None, subject: SubjectData) -> list[tuple[str, str]]:
    rows = [row for code in crfs for row in subject.rows(code)]
    offered = [(str(row.record_id), _label(row, subject)) for row in rows]
    if saved is None or any(row.record_id == saved for row in rows):
        return offered
    # A saved link stays on offer when its form was deleted, so that nobody takes it away unseen.
    return [*offered, (str(saved), listing.name_of(saved))]


def _label(row: Row, subject: SubjectData) -> str:
    return f"{registry.get(row.crf).title} {row.sequence}: {listing.title_of(row, subject)}"
