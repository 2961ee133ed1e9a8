"""A person's day at one window: what was done, what the page then says, and what axe says of every page crossed."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import look_by_day
from tests.browser.conftest import Visitor
from tests.browser.keyboard import go_to, keys
from tests.people import PASSWORD

PATIENCE = 20_000  # ms: of a busy machine
# What a page is made of, without its words: a page of new parts is looked at anew.
PARTS = """() => [...new Set([...document.querySelectorAll("main *")].map(
    (part) => `${part.tagName}.${part.getAttribute("class") ?? ""}`))].sort().join()"""


class Day:
    """One person, one window."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.page.emulate_media(reduced_motion="reduce")  # colours are there at once
        self.page.set_default_timeout(PATIENCE)
        self._looked_at: set[str] = set()

    def sees(self, *words: str) -> "Day":
        """These words stand on the page."""
        self._awaits("main", words)
        return self._looks()

    def hears(self, *words: str) -> "Day":
        """What the page says of the step that was just taken."""
        self._awaits("#said", words)
        return self._looks()

    def _awaits(self, place: str, words: tuple[str, ...]) -> None:
        for said in words:
            expect(self.page.locator(place)).to_contain_text(said, use_inner_text=True, timeout=PATIENCE)

    def _looks(self) -> "Day":
        """Axe finds nothing on a page that is unlike those before it."""
        self.page.wait_for_load_state()
        parts = self.page.evaluate(PARTS)
        if parts not in self._looked_at:
            self._looked_at.add(parts)
            if said := look_by_day(self.page):
                pytest.fail("\n".join([f"axe at {self.page.url}:", *said]))
        return self

    def lacks(self, *words: str) -> "Day":
        for said in words:
            expect(self.page.locator("main")).not_to_contain_text(said, use_inner_text=True)
        return self

    # --- with a mouse --------------------------------------------------------------------------------------------

    def open(self, path: str) -> "Day":
        self.visitor.open(path)
        return self._looks()

    def goes_to_place(self, name: str, *, tab: str = "") -> "Day":
        """By the places on the left, and by a tab where several pages stand together."""
        self._click(self.page.locator(".places").get_by_role("link", name=name, exact=True))
        return self._click(self.page.locator(".tabs").get_by_role("link", name=tab, exact=True)) if tab else self

    def follows(self, name: str, *, exact: bool = False) -> "Day":
        """A link by its words, the first of several; exact: these and no more."""
        return self._click(self.page.locator("main").get_by_role("link", name=name, exact=exact).first)

    def presses(self, name: str) -> "Day":
        """A button by its words, the first of several."""
        return self._click(self.page.locator("main").get_by_role("button", name=name).first)

    def _click(self, target: Locator) -> "Day":
        with self.page.expect_navigation():  # or the next step would overtake a slow answer
            target.click()
        return self._looks()

    def fills(self, **answers: str) -> "Day":
        self.visitor.fill(**answers)
        return self

    def saves(self) -> "Day":
        self.visitor.save()
        return self._looks()

    def labelled(self, label: str) -> Locator:
        return self.page.locator("main").get_by_label(label)

    def writes(self, label: str, text: str) -> "Day":
        """Text into the field with this label, the first of several."""
        self.labelled(label).first.fill(text)
        return self

    def downloads(self, link: str) -> str:
        """The file that a link gives, as text."""
        with self.page.expect_download() as download:
            self.page.locator("main").get_by_role("link", name=link).first.click()
        return str(download.value.path().read_text("utf-8-sig"))

    # --- by keyboard ---------------------------------------------------------------------------------------------

    def keys(self, *pressed: str) -> "Day":
        keys(self.visitor, *pressed)
        return self

    def types(self, text: str, then: str = "Tab") -> "Day":
        self.page.keyboard.type(text)
        return self.keys(then)

    def tabs_to(self, selector: str, by: str = "Tab") -> "Day":
        go_to(self.visitor, selector, by)
        return self

    def tabs_to_link(self, words: str) -> "Day":
        """Tab until the link of these words, the first of several, has the focus."""
        found = self.page.locator("main").get_by_role("link", name=words).first.get_attribute("href")
        return self.tabs_to(f'main a[href="{found}"]')

    def goes_on_by(self, *pressed: str) -> "Day":
        """Keys that lead to another page."""
        with self.page.expect_navigation():
            self.keys(*pressed)
        return self._looks()

    # --- at the door ---------------------------------------------------------------------------------------------

    def signs_in_by_keyboard(self, username: str) -> "Day":
        self.open("/sign-in/").sees("Sign in")
        self.tabs_to("[name=username]").types(username)
        self.tabs_to("[name=password]").page.keyboard.type(PASSWORD)
        return self.goes_on_by("Enter")

    def signs_out_by_keyboard(self) -> "Day":
        self.tabs_to("details.me summary").keys("Enter")
        self.tabs_to(".me-menu button").goes_on_by("Enter")
        expect(self.page).to_have_url(re.compile("/sign-in/$"))
        return self
