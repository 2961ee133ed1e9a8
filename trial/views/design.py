"""The design system on one page: tokens, the language of status, and every component in its states."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from trial.views.design_examples import EXAMPLES, STATUSES, Example
from trial.views.request import SignedInRequest

_TOKEN = re.compile(r"^\s*--(?P<name>[\w-]+):\s*(?P<value>[^;]+);(?:[ \t]*/\*\s*(?P<note>.*?)\s*\*/)?", re.MULTILINE)
_COLOUR = re.compile(r"#|rgb\(")


@require_safe
def design(request: SignedInRequest) -> HttpResponse:
    """Tokens, statuses and components, as every other page uses them."""
    colours, measures = tokens()
    context = {
        "colours": colours,
        "measures": measures,
        "statuses": STATUSES,
        "components": [_component(request, name, examples) for name, examples in EXAMPLES.items()],
        "others": [_described(path) for path in _component_files() if path.stem not in EXAMPLES],
        "crumbs": [{"label": "Home", "url": reverse("home")}, {"label": "Design"}],
    }
    return render(request, "trial/design.html", context)


def tokens() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(colours, measures) of the sheet by day, in its order: name, value, note."""
    sheet = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    found = [match.groupdict(default="") for match in _TOKEN.finditer(sheet.partition("@media")[0])]
    return [each for each in found if _COLOUR.match(each["value"])], [
        each for each in found if not _COLOUR.match(each["value"])
    ]


def _component(request: SignedInRequest, name: str, examples: list[Example]) -> dict[str, Any]:
    return {"name": name, "examples": [(example.caption, _drawn(request, name, example)) for example in examples]}


def _drawn(request: SignedInRequest, name: str, example: Example) -> SafeString:
    return render_to_string(f"components/{name}.html", example.context(), request)


def _component_files() -> list[Path]:
    return sorted((settings.BASE_DIR / "templates" / "components").glob("*.html"))


def _described(path: Path) -> dict[str, str]:
    """A component that has no example, by the comment with which its file opens."""
    opening = re.match(r"\{#\s*(.*?)\s*#\}", path.read_text())
    return {"name": path.stem, "says": opening[1] if opening else ""}
