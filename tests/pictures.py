"""Pictures of the main pages, of the synthetic demo trial, for the README: `make pictures`."""

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".pictures"
PORT = "8079"
ADDRESS = f"http://127.0.0.1:{PORT}"
PASSWORD = "rock-a-bye-cradle"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
COLOURS = 128  # of the palette; enough for type and hairlines, and a quarter of the bytes
PATIENCE_S = 240
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Show = Callable[[Page], None]


@contextmanager
def demo() -> Iterator[None]:
    """The demo trial in a place of its own, from nothing, stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="cradle-pictures-") as home:
        environment = os.environ | {"CRADLE_HOME": home, "PORT": PORT}
        command = [sys.executable, "manage.py", "demo"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            _wait_until_ready(process)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    """Raises RuntimeError with what the demo said if it ends before it is ready."""
    said: list[str] = []
    for line in process.stdout or ():
        said.append(line)
        if line.startswith("Ready:"):
            return
    raise RuntimeError("The demo did not start:\n" + "".join(said))


def chromium(playwright: Playwright) -> Browser:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError("No browser: install one (apt-get install chromium).")
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])


def sign_in(browser: Browser, user: str, *, phone: bool = False, night: bool = False) -> Page:
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        color_scheme="dark" if night else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{ADDRESS}/sign-in/")
    page.fill("[name=username]", user)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{ADDRESS}/")
    return page


def at(path: str) -> Show:
    def show(page: Page) -> None:
        page.goto(f"{ADDRESS}{path}")

    return show


def a_queried_form(page: Page) -> None:
    """The infusion of a subject whose weight was entered ten times too high."""
    page.goto(f"{ADDRESS}/queries/?subject=S022")
    page.click("a:has-text('Weight 68.3 kg is outside')")
    page.click("main a[href^='/forms/']")
    page.locator("h1").hover()


def a_report(page: Page) -> None:
    """Built here, as of a data cut; its figure of disease-free survival."""
    page.goto(f"{ADDRESS}/reports/")
    page.fill("[name=cut]", "2022-08-31")
    page.click("text=Build interim report")
    page.wait_for_selector("text=The report is built.", timeout=PATIENCE_S * 1000)
    page.goto(f"{ADDRESS}/reports/1/v1/preview/")
    page.locator("figure", has_text="Disease-free survival, trial").evaluate("figure => figure.scrollIntoView()")


def keep(page: Page, name: str) -> int:
    """Write the picture with a palette; its size in bytes."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = FOLDER / f"{name}.png"
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


# name -> who looks, at what, on what
PICTURES: dict[str, tuple[str, Show, dict[str, bool]]] = {
    "home": ("site-coordinator", at("/"), {}),
    "casebook": ("data-manager", at("/subjects/S011/"), {}),
    "form": ("site-coordinator", a_queried_form, {}),
    "study-matrix": ("data-manager", at("/subjects/matrix/"), {}),
    "queries": ("data-manager", at("/queries/"), {}),
    "report": ("statistician", a_report, {}),
    "casebook-by-night": ("data-manager", at("/subjects/S011/"), {"night": True}),
    "form-on-a-phone": ("site-coordinator", a_queried_form, {"phone": True}),
}


def main() -> None:
    started, total = time.monotonic(), 0
    FOLDER.mkdir(exist_ok=True)
    with demo(), sync_playwright() as playwright:
        browser = chromium(playwright)
        for name, (user, show, screen) in PICTURES.items():
            page = sign_in(browser, user, **screen)
            show(page)
            total += (size := keep(page, name))
            print(f"{name}.png {size // 1000} kB")
            page.context.close()
        browser.close()
    print(f"{len(PICTURES)} pictures, {total // 1000} kB, in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
