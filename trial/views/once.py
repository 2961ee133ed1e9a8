"""A page that makes something new at each submit makes it once, however often the same page is sent."""

from collections.abc import Callable

from django.contrib.sessions.models import Session
from django.db import transaction

from trial.views.request import SignedInRequest, submission_of

MADE = "made"  # key of the session: submission -> what it made
KEPT = 20  # submissions, the latest


def once(request: SignedInRequest, make: Callable[[], str]) -> tuple[str, bool]:
    """What `make` gave for this submit, and whether it was made just now.

    The row of the session is held meanwhile: the two requests of a double click take turns.
    """
    submission = submission_of(request)
    key = request.session.session_key
    if submission is None or key is None:
        return make(), True
    with transaction.atomic():
        Session.objects.select_for_update().filter(session_key=key).first()
        made = type(request.session)(key).get(MADE, {})  # as it stands now, not as this request had found it
        is_new = str(submission) not in made
        if is_new:
            made = dict([*made.items(), (str(submission), make())][-KEPT:])
        request.session[MADE] = made
        request.session.save()
    return made[str(submission)], is_new
