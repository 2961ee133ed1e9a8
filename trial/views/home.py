from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from kombu import Connection

from trial import access, worklists
from trial.models import OutboxMail
from trial.permissions import Permission as P
from trial.views.request import SignedInRequest

SUGGESTED = 8


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """What waits for this user, most urgent first."""
    every = worklists.sections(request.user)
    waiting = [section for section in every if section.lines]
    context = {
        "sections": waiting,
        "quiet": [section for section in every if not section.lines],
        "first_url": waiting[0].lines[0].url if waiting else "",
        "reminder": access.training_wanted(request.user),
    }
    return render(request, "trial/home.html", context)


@require_safe
def search(request: SignedInRequest) -> HttpResponse:
    """To the casebook of a subject number, or to the list of those that contain it."""
    access.role_anywhere(request.user, P.VIEW_DATA)
    wanted = request.GET.get("q", "").strip()
    exact = access.subjects(request.user).filter(number__iexact=wanted).first()
    if exact:
        return redirect("casebook", exact.number)
    if wanted:
        messages.warning(request, f"There is no subject {wanted} at your sites. These numbers contain it, if any do.")
    return redirect(f"{reverse('subjects')}?{urlencode({'q': wanted})}")


@require_safe
def suggestions(request: SignedInRequest) -> HttpResponse:
    """Subject numbers that contain what was typed so far, as options of the search field."""
    access.role_anywhere(request.user, P.VIEW_DATA)
    wanted = request.GET.get("q", "").strip()
    if not wanted:
        return HttpResponse()
    rows = access.subjects(request.user).filter(number__icontains=wanted).order_by("number")[:SUGGESTED]
    return render(request, "trial/suggestions.html", {"subjects": rows})


@require_safe
def outbox(request: SignedInRequest) -> HttpResponse:
    """Mail of the demo, newest first."""
    if not settings.DEMO:
        raise Http404
    return render(request, "trial/outbox.html", {"mails": OutboxMail.objects.all()[:100]})


@require_safe
def healthz(request: SignedInRequest) -> JsonResponse:
    """Each component by name; 503 if one does not answer."""
    components = {"database": _database(), "queue": _queue(), "version": settings.VERSION}
    healthy = all(components[name] == "ok" for name in ("database", "queue"))
    return JsonResponse(components, status=200 if healthy else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "ok"
    except Exception as error:
        return type(error).__name__


def _queue() -> str:
    try:
        with Connection(settings.REDIS_URL) as queue:
            queue.ensure_connection(max_retries=1, timeout=2)
        return "ok"
    except Exception as error:
        return type(error).__name__
