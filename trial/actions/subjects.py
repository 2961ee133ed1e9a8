from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from trial import access, protocol
from trial.actions.visits import plan_visits
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import Site, Subject, User
from trial.permissions import Permission


class NumberTaken(Exception):
    """The subject number exists already; the message is a sentence."""


def screen_subject(
    *, site: Site, by: User, number: str | None = None, synthetic: bool = False, source: str = ""
) -> Subject:
    """A new subject in screening, with the trial's next number (or the given one, on import) and its planned visits.

    Raises PermissionDenied unless `by` enrols at the site, WrongState if a person screens at a site that is not active,
    NumberTaken if a given number exists.
    """
    role = access.role_for(by, Permission.ENROL, site.pk)
    _refuse_unless_open(site, role.code)
    with history(by=by, role=role.code, site_id=site.pk, source=source):
        subject = Subject(number=number or _next_number(), site=site, synthetic=synthetic, source=source)
        try:
            with transaction.atomic():
                subject.save(force_insert=True)
        except IntegrityError as error:
            raise NumberTaken(f"Subject {subject.number} exists already.") from error
        plan_visits(subject)
    return subject


def _refuse_unless_open(site: Site, role: str) -> None:
    """People screen at active sites; an import brings what happened before."""
    today = timezone.now().date()
    if role == "system":
        return
    if site.activated_on is None or site.activated_on > today:
        raise WrongState(f"Site {site.number} is not active yet: nobody can be screened there. Ask the trial manager.")
    if site.closed_on and site.closed_on <= today:
        raise WrongState(f"Site {site.number} was closed on {site.closed_on:%d-%b-%Y}: nobody is screened there.")


def _next_number() -> str:
    """The next running number of the trial. Two sites that screen at once take turns until the end of the save."""
    prefix = protocol.get().number_format.format(0).rstrip("0")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(4711, 2)")
        cursor.execute(
            "SELECT coalesce(max(substr(number, %s)::int), 0) FROM trial_subject WHERE number ~ %s",
            [len(prefix) + 1, f"^{prefix}[0-9]+$"],
        )
        (last,) = cursor.fetchone()
    return protocol.get().number_format.format(last + 1)
