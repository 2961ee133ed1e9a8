"""Blank forms on paper: for anybody with an account; they hold no data."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from trial import blank_forms, protocol
from trial.crf import registry
from trial.crf.spec import CrfSpec
from trial.views.request import SignedInRequest


@require_safe
def blank_form_list(request: SignedInRequest) -> HttpResponse:
    """Every CRF, with its blank form as PDF."""
    context = {
        "rows": [_row(spec) for spec in registry.all_specs()],
        "crumbs": [{"label": "Home", "url": reverse("home")}, {"label": "Blank forms"}],
    }
    return render(request, "trial/blank_forms.html", context)


def _row(spec: CrfSpec) -> dict[str, str]:
    visits = [visit.label for visit in protocol.get().schedule if spec.code in visit.forms]
    often = f"{visits[0]} and {len(visits) - 1} more" if len(visits) > 3 else ", ".join(visits)
    return {
        "title": spec.title,
        "asked": often or "Whenever it happens",
        "version": blank_forms.version(spec),
        "url": reverse("blank-form", args=[spec.code]),
    }


@require_safe
def blank_form(request: SignedInRequest, code: str) -> HttpResponse:
    """The blank form of one CRF as PDF."""
    spec = registry.find(code)
    if spec is None:
        raise Http404(f"There is no form {code}.")
    name = f"blank_{spec.code}.pdf"
    disposition = f'inline; filename="{name}"'
    return HttpResponse(
        blank_forms.pdf(spec), content_type="application/pdf", headers={"Content-Disposition": disposition}
    )
