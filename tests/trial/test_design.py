"""The design page shows what there is: each status has its glyph, each component its place, each colour its night."""

import re
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from tests.trial.pages import browser, words
from trial.models import User
from trial.views import design
from trial.views.design_examples import STATUSES

COMPONENTS = sorted(path.stem for path in (settings.BASE_DIR / "templates" / "components").glob("*.html"))


def text_of(*parts: str) -> str:
    return Path(settings.BASE_DIR, "static", *parts).read_text()


def test_every_status_has_a_glyph_of_its_own() -> None:
    drawn = re.findall(r'<symbol id="(\w+)"[^>]*>(.*?)</symbol>', text_of("img", "status.svg"))
    glyphs = {drawing: name for name, drawing in drawn if name in {status for status, _, _ in STATUSES}}
    assert sorted(glyphs.values()) == sorted(status for status, _, _ in STATUSES)


def test_every_colour_has_its_night() -> None:
    night = text_of("css", "tokens.css").partition("(prefers-color-scheme: dark)")[2].partition("@media")[0]
    colours, measures = design.tokens()
    assert measures
    assert [colour["name"] for colour in colours if f"--{colour['name']}:" not in night] == []


def test_every_component_stands_on_the_page(monitor: User) -> None:
    said = words(browser(monitor).get(reverse("design")))
    assert [name for name in COMPONENTS if name not in said] == []
    assert [word for _, word, meaning in STATUSES if word not in said or meaning not in said] == []
