"""What axe finds on a page (WCAG 2.2 AA)."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# By night only colours differ, on a narrow screen only places and sizes.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
PLACES = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable", "color-contrast"]}}
ALL = {"resultTypes": ["violations"]}
# Nothing is fetched once more for a look at it, and no frame waited for: there are none.
QUICK = {"preload": False, "iframes": False}


def found(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe, loaded beforehand, finds: a line per element."""
    answer = page.evaluate("options => axe.run(options)", options | QUICK)
    return [f"{rule['id']}: {node['html']}" for rule in answer["violations"] for node in rule["nodes"]]


def look_by_day(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    page.evaluate(AXE_SCRIPT)
    return found(page, ALL)


def look_at(page: Page) -> list[str]:
    """What axe finds by day, by night, and on a narrow screen, which the page itself must fit."""
    said = [f"day {line}" for line in look_by_day(page)]
    page.emulate_media(color_scheme="dark")
    said += [f"night {line}" for line in found(page, COLOURS)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    said += [f"narrow {line}" for line in found(page, PLACES)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        said.append("narrow: the page is wider than the screen")
    page.set_viewport_size(WIDE)
    return said
