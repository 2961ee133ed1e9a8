"""What has become of an item, a form, a subject: who, when, why."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from trial import access, moments
from trial.history import item_changes
from trial.views import form_page
from trial.views.request import SignedInRequest


@require_safe
def item_history(request: SignedInRequest, pk: int, item: str) -> HttpResponse:
    """Every value that an item has had: who, when, why."""
    record = access.get_form(request.user, pk)
    if not record.spec.has_item(item):
        raise Http404(f"This form has no item {item}.")
    column = record.spec.model._meta.get_field(item)
    changes = [
        {
            "change": change,
            "old": form_page.shown(column, change.old, record),
            "new": form_page.shown(column, change.new, record),
            "at": moments.show(change.at, record.time_zone),
        }
        for change in item_changes(record.spec.model, record.pk, [item])
    ]
    context = {"record": record, "item": record.spec.item(item), "changes": changes, "crumbs": form_page.crumbs(record)}
    return render(request, "trial/item_history.html", context)
