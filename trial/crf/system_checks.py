"""Django system checks: a CRF whose spec and table disagree stops the start, with a sentence."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from trial import protocol
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.models import item_fields


@register("cradle")
def crf_specs(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = [
        Error(text, obj=spec.model) for spec in registry.all_specs() for text in spec_problems(spec)
    ]
    return found + [Error(text) for text in schedule_problems()]


def spec_problems(spec: CrfSpec) -> Iterator[str]:
    """What does not fit between the questions and the table of one CRF."""
    columns = {field.name for field in item_fields(spec.model)}
    asked = {item.name for item in spec.items}
    if missing := columns - asked:
        yield f"CRF {spec.code}: no item asks for {', '.join(sorted(missing))}."
    if missing := asked - columns:
        yield f"CRF {spec.code}: no column holds {', '.join(sorted(missing))}."
    for check in spec.checks:
        if unknown := set(check.items) - columns:
            yield f"CRF {spec.code}: check {check.code} reads {', '.join(sorted(unknown))}, which it does not ask."
    for item in spec.items:
        if item.only_if and item.only_if[0] not in columns:
            yield f"CRF {spec.code}: {item.name} depends on {item.only_if[0]}, which it does not ask."
    if unknown := {here for pairs in spec.prefill.values() for here in pairs} - columns:
        yield f"CRF {spec.code}: {', '.join(sorted(unknown))} would be filled in beforehand, which it does not ask."
    if unknown := {*spec.derived, *spec.derived_across} - columns:
        yield f"CRF {spec.code}: something is derived beside {', '.join(sorted(unknown))}, which it does not ask."
    for lead in spec.leads_to:
        if unknown := {lead.item, *lead.prefill.values()} - columns:
            yield f"CRF {spec.code}: {lead.crf} is called for by {', '.join(sorted(unknown))}, which it does not ask."
        target = registry.find(lead.crf)
        if target is None or not all(target.has_item(name) for name in lead.prefill):
            yield f"CRF {spec.code}: it leads to {lead.crf}, which is not registered or lacks what would be filled in."
    codes = [check.code for check in spec.checks]
    if len(codes) != len(set(codes)):
        yield f"CRF {spec.code}: two checks have the same code."


def schedule_problems() -> Iterator[str]:
    """Forms of the schedule, and of cross-form checks, that are not registered."""
    for visit in protocol.get().schedule:
        for code in visit.forms:
            if registry.find(code) is None:
                yield f"Visit {visit.code} expects the CRF {code}, which is not registered."
    for check in registry.all_cross_checks():
        for code in {check.crf, *check.reads}:
            if registry.find(code) is None:
                yield f"Check {check.code} reads the CRF {code}, which is not registered."
