from django.http import HttpRequest

from trial.models import User


class SignedInRequest(HttpRequest):
    """A request behind SignInRequiredMiddleware: its user is a person with an account."""

    user: User
