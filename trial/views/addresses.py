"""From the address of a form's page to its record, for this user."""

from urllib.parse import urlencode, urlsplit

from django.http import Http404, QueryDict
from django.urls import Resolver404, resolve, reverse

from trial import access, actions, protocol
from trial.crf import registry
from trial.models import FormRecord, Subject, User


def new_record(subject: Subject, code: str, wanted: str) -> FormRecord:
    """An unsaved record of a CRF at the visit `wanted`, or ("") as the next row of a log. Http404 if it is none."""
    spec = registry.find(code)
    if spec is None:
        raise Http404(f"There is no form {code}.")
    visits = subject.visits.all() if wanted else ()
    visit = next((planned for planned in visits if planned.code == wanted), None)
    expected = visit is not None and code in protocol.get().visit(visit.code).forms
    if not expected and (wanted or not spec.log):
        raise Http404(f"{spec.title} is not asked at this visit.")
    return actions.new_record(subject=subject, crf_code=code, visit=visit)


def record_at(user: User, address: str) -> FormRecord:
    """The saved form, or the new one, whose page has this address. Http404 if there is none for this user."""
    try:
        parts = urlsplit(address)
        found = resolve(parts.path)
    except (Resolver404, ValueError) as error:
        raise Http404("This is no form's address.") from error
    if found.url_name == "form":
        return access.get_form(user, found.kwargs["pk"])
    if found.url_name != "form-new":
        raise Http404("This is no form's address.")
    subject = access.get_subject(user, found.kwargs["number"])
    return new_record(subject, found.kwargs["code"], QueryDict(parts.query).get("visit", ""))


def address_of(record: FormRecord, address: str) -> str:
    """The plain address of a form's page: with what a new form was begun from, without what else stood there."""
    if record.pk:
        return reverse("form", args=[record.pk])
    given = QueryDict(urlsplit(address).query)
    kept = urlencode({name: given[name] for name in ("visit", "from") if name in given})
    url = reverse("form-new", args=[record.subject.number, record.crf_code])
    return f"{url}?{kept}" if kept else url
