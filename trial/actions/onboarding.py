"""Invitations, training, sites: how people come in, and what they need before they may change anything."""

import hashlib
import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from rest_framework.authtoken.models import Token

from trial import access, reasons, training
from trial.actions import users
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import AccessReview, Invitation, Site, Training, User
from trial.permissions import Permission

VALID = timedelta(days=7)
MAIL = """{name},

you are invited to {trial}. Open this address and set your password; it works once, until {until:%d-%b-%Y %H:%M} UTC:

{address}

If you did not expect this, do nothing.
"""


def invite(
    *, username: str, full_name: str, email: str, role_code: str, by: User, base_url: str, site: Site | None = None,
    starts_on: date | None = None, ends_on: date | None = None,
) -> Invitation:  # fmt: skip
    """A new account with one role, and a mail with which its owner sets the password.

    base_url: scheme and host of the addresses that people use. Raises like `create_user` and `grant`.
    """
    validate_email(email)
    with transaction.atomic():
        user = users.create_user(username=username, full_name=full_name, email=email, by=by)
        users.grant(user=user, role_code=role_code, by=by, site=site, starts_on=starts_on, ends_on=ends_on)
        return send_invitation(user=user, by=by, base_url=base_url)


def send_invitation(*, user: User, by: User, base_url: str) -> Invitation:
    """Mail a new address to set a password; earlier ones stop working.

    For an account that has a password this is its reset: the old one stops working, nobody but the owner can set the
    next, and nothing is signed until then (ES-05). Raises PermissionDenied unless `by` manages people, WrongState for a
    deactivated account.
    """
    role = users.manager_role(by)
    users.refuse_oneself(user, by)
    if not user.is_active:
        raise WrongState(f"{user.full_name} is deactivated. Re-activate the account first.")
    token, now = secrets.token_urlsafe(32), timezone.now()
    with history(by=by, role=role, reason="Invitation"):
        Invitation.objects.filter(user=user, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
        user.set_unusable_password()
        user.must_set_password = True
        user.save(update_fields=["password", "must_set_password"])
        Token.objects.filter(user=user).delete()
        invitation = Invitation.objects.create(
            user=user, token_sha256=_hash(token), sent_at=now, sent_by=by, expires_at=now + VALID
        )
        transaction.on_commit(lambda: _mail(user, f"{base_url}/invitations/{token}/", now + VALID))
    return invitation


def _mail(user: User, address: str, until: datetime) -> None:
    text = MAIL.format(name=user.full_name, trial=settings.TRIAL_NAME, until=until, address=address)
    send_mail(f"Invitation to {settings.TRIAL_NAME}", text, None, [user.email])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_invitation(token: str) -> Invitation:
    """The invitation of a mailed address. Raises WrongState with a sentence for one that does not work any more."""
    found = Invitation.objects.select_related("user").filter(token_sha256=_hash(token)).first()
    if found is None:
        raise WrongState("This address is not complete. Copy it from the mail as a whole.")
    if found.accepted_at:
        raise WrongState("This invitation was used already. Sign in with the password that you set.")
    if found.withdrawn_at or not found.user.is_active:
        raise WrongState("This invitation was withdrawn. Ask your trial manager for a new one.")
    if found.expires_at <= timezone.now():
        raise WrongState("This invitation has expired. Ask your trial manager for a new one.")
    return found


def accept_invitation(*, token: str, password: str) -> User:
    """The owner sets the password, once. Raises WrongState, and ValidationError for a password that is too weak."""
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(pk=open_invitation(token).pk)
        user = open_invitation(token).user
        validate_password(password, user)
        with history(by=user, role="", reason="Invitation accepted"):
            invitation.accepted_at = timezone.now()
            invitation.save(update_fields=["accepted_at"])
            user.set_password(password)
            user.must_set_password = False
            user.save(update_fields=["password", "must_set_password"])
    return user


def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    """The mailed address stops working. Raises PermissionDenied, WrongState."""
    with history(by=by, role=users.manager_role(by), reason="Invitation withdrawn"):
        locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if locked.accepted_at or locked.withdrawn_at:
            raise WrongState("This invitation was used or withdrawn already.")
        locked.withdrawn_at = timezone.now()
        locked.save(update_fields=["withdrawn_at"])


def record_training(*, user: User, by: User, completed_on: date, note: str = "") -> Training:
    """The person has completed the present version of the training. Raises PermissionDenied, WrongState."""
    role = users.manager_role(by)
    if completed_on > timezone.now().date():
        raise WrongState("The training was completed on a day that lies ahead. Check the date.")
    if Training.objects.filter(user=user, version=training.VERSION).exists():
        raise WrongState(f"Training {training.VERSION} of {user.full_name} is recorded already.")
    with history(by=by, role=role):
        return Training.objects.create(user=user, version=training.VERSION, completed_on=completed_on, note=note)


def reactivate(*, user: User, by: User, reason: str, base_url: str) -> None:
    """A deactivated account may be used again, with a new password that its owner sets. Raises ReasonNeeded."""
    reason = reasons.check(reason)
    users.refuse_oneself(user, by)
    if user.is_active:
        raise WrongState(f"{user.full_name} is active already.")
    with history(by=by, role=users.manager_role(by), reason=reason):
        user.is_active = True
        user.save(update_fields=["is_active"])
        send_invitation(user=user, by=by, base_url=base_url)


def change_site(
    *, site: Site, by: User, reason: str, name: str, country: str, time_zone: str, activated_on: date | None,
    closed_on: date | None,
) -> None:  # fmt: skip
    """Correct, activate or close a site; its number never changes. A closed site screens no new subject.

    Raises ReasonNeeded; ValidationError; WrongState where it would close before it was activated.
    """
    reason = reasons.check(reason)
    if closed_on and (activated_on is None or closed_on < activated_on):
        raise WrongState("A site closes on or after the day on which it was activated. Check both dates.")
    with history(by=by, role=users.manager_role(by), site_id=site.pk, reason=reason):
        site.name, site.country, site.time_zone = name, country, time_zone
        site.activated_on, site.closed_on = activated_on, closed_on
        site.full_clean()
        site.save()


def sign_off_access(*, by: User, day: date, sha256: str, note: str = "") -> AccessReview:
    """The list of rights of a day, with this hash, was looked through. Raises PermissionDenied."""
    role = access.role_for(by, Permission.MANAGE_PEOPLE)
    with history(by=by, role=role.code):
        return AccessReview.objects.create(day=day, sha256=sha256, note=note.strip(), by=by, role=role.code)
