"""Who is not signed in sees the sign-in page; what an action refuses is said in a sentence, with the right status."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from trial.actions.queries import QueryTextNeeded
from trial.lifecycle import WrongState
from trial.locks import Locked
from trial.reasons import ReasonNeeded
from trial.views.filters import WrongFilter

Answer = Callable[[HttpRequest], HttpResponse]
OPEN_PATHS = ("/sign-in/", "/invitations/", "/healthz", f"/{settings.STATIC_URL.strip('/')}/")
REFUSALS = {Locked: 423, WrongState: 409, ReasonNeeded: 422, QueryTextNeeded: 422, WrongFilter: 422}


NUL = "What was sent holds a NUL character, which cannot be stored. Type it again."


def _holds_nul(request: HttpRequest) -> bool:
    """In the address, or in what a page sends; what a body holds is read, and refused, by the API itself."""
    is_page = not request.path.startswith("/api/")
    sent = (*request.GET.lists(), *(request.POST.lists() if is_page else ()))
    in_path = not is_page and "\x00" in request.path
    return in_path or any("\x00" in text for _, texts in sent for text in texts)


class SignInRequiredMiddleware:
    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The API has its own sign-in by token, and answers 401 itself.
        is_open = request.path.startswith(OPEN_PATHS) or request.path.startswith("/api/")
        if is_open or request.user.is_authenticated:
            return self.get_response(request)
        return redirect_to_login(request.get_full_path())


class RefusalMiddleware:
    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _holds_nul(request):
            if request.path.startswith("/api/"):
                return JsonResponse({"detail": NUL}, status=400)
            return render(request, "trial/refused.html", {"sentence": NUL}, status=400)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        status = next((code for kind, code in REFUSALS.items() if isinstance(error, kind)), None)
        if status is None or request.path.startswith("/api/"):
            return None
        return render(request, "trial/refused.html", {"sentence": str(error)}, status=status)
