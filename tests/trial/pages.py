"""Pages as a person fills them in: sign in, type, save; and what the page then says."""

import html
import re
from datetime import date
from typing import Any

from django.db import models
from django.test import Client
from django.urls import reverse

from trial.crf.spec import CrfSpec
from trial.models import FormRecord, Subject, User, Visit, item_fields


def browser(user: User | None = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(answer: Any) -> str:
    """The page as text: no tags, no runs of blanks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def new_url(subject: Subject, code: str, visit: Visit | None = None) -> str:
    url = reverse("form-new", args=[subject.number, code])
    return f"{url}?visit={visit.code}" if visit else url


def typed(spec: CrfSpec, answers: dict[str, Any]) -> dict[str, str]:
    """The fields that a person fills in for these answers: days as 03-Jan-2024, moments in two fields."""
    fields = {field.name: field for field in item_fields(spec.model)}
    data: dict[str, str] = {}
    for name, value in answers.items():
        if isinstance(fields[name], models.DateTimeField):
            day, clock = value.split("T")
            data |= {f"{name}_day": f"{date.fromisoformat(day):%d-%b-%Y}", f"{name}_time": clock}
        elif isinstance(fields[name], models.DateField):
            data[name] = f"{date.fromisoformat(str(value)):%d-%b-%Y}"
        else:
            data[name] = str(value)
    return data


def seen(answer: Any) -> list[str]:
    """Codes of the findings that a page has shown."""
    return re.findall(r'name="seen" value="([^"]+)"', answer.content.decode())


def save(client: Client, url: str, data: dict[str, Any], *, version: int = 0) -> Any:
    """Post, look at the findings, post again with queries: as a person who has read them does."""
    sent = {"version": str(version), **data}
    answer = client.post(url, sent)
    if answer.status_code == 200:
        answer = client.post(url, {**sent, "seen": seen(answer)})
    return answer


def record_of(answer: Any) -> FormRecord:
    """The form to which a save has led."""
    match = re.fullmatch(r"/forms/(\d+)/", answer.headers["Location"])
    if match is None:
        raise AssertionError(f"The save led to {answer.headers['Location']}.")
    return FormRecord.objects.get(pk=int(match[1]))
