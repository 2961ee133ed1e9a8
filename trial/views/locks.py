"""Lock and unlock from the pages."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from trial import access, actions
from trial.models import FormRecord, Subject
from trial.views.request import SignedInRequest

LOCK_STEPS = {"lock": actions.lock, "unlock": actions.unlock}


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
