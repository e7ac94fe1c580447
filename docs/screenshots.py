"""Makes the README's pictures (`make screenshots`): starts the product with the simulator, plays a little, looks.

Everybody in the pictures is invented. The state directory is a temporary one; nothing of yours is touched.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.settings import PREFIX, Settings
from tests.browser.chromium import ADVICE, ARGUMENTS, find

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
LARGEST = 300_000  # bytes of a picture
PATIENCE = 90.0  # seconds until the product must be ready
PASSWORD = "nur-fuer-die-bilder"  # noqa: S105 - of a product that lives for a minute
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
STAFF = {"kim": ("clerk", "Kim Beispiel"), "eda": ("editor", "Eda Muster")}

QUESTION = "sperrmüll anmelden wie geht das"
BRIEF = "wann darf ich meine hecke schneiden"
UNSURE = "parkausweis"


class Simulator:
    """Its control API, as a citizen uses it."""

    def __init__(self, root: str) -> None:
        self.root = root

    def citizen(self, platform: str, name: str) -> str:
        """A new person's key."""
        return str(self._call("citizens", {"platform": platform, "name": name, "language": "de"})["citizen"])

    def say(self, platform: str, who: str, text: str, waits_for: str = "") -> None:
        """Write something and wait until the bot's last words hold `waits_for`."""
        before = len(self.lines(platform, who))
        self._call("say", {"platform": platform, "citizen": who, "text": text})
        # A person's words do not call for a reply, the bot's do.
        until(lambda: not waits_for or waits_for in self._heard(platform, who, before), f"a reply to {text!r}")

    def press(self, platform: str, who: str, data: str, waits_for: str) -> None:
        """Press the newest button that bears this data, and wait for the reply."""
        lines = self.lines(platform, who)
        message = next(
            line["id"] for line in reversed(lines) if any(b["data"] == data for b in line.get("buttons", ()))
        )
        self._call("press", {"platform": platform, "citizen": who, "message": message, "data": data})
        until(lambda: waits_for in self._heard(platform, who, len(lines)), f"a reply to the button {data!r}")

    def lines(self, platform: str, who: str) -> list[dict[str, Any]]:
        """The person's screen."""
        for person in self._call("state")["citizens"]:
            if (person["platform"], person["citizen"]) == (platform, who):
                return list(person["lines"])
        return []

    def _heard(self, platform: str, who: str, since: int) -> str:
        return " ".join(line.get("html", "") for line in self.lines(platform, who)[since:] if line["by"] == "bot")

    def _call(self, action: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.root}/control/{action}", data, headers)  # noqa: S310 - our own
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return dict(json.load(answer))


def until(true: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait for it; fail with words."""
    late = time.monotonic() + seconds
    while not true():
        if time.monotonic() > late:
            sys.exit(f"screenshots: waited in vain for {what}")
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ready", timeout=5) as answer:  # noqa: S310
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def product() -> Iterator[tuple[str, Simulator]]:
    """(address, simulator) of a running Stadtbote on keywords, with its staff."""
    port, phones = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="stadtbote-") as home:
        # Every setting is named, so that neither the environment nor a .env file comes into the pictures.
        chosen = {PREFIX + f.name.upper(): "" for f in fields(Settings)}
        chosen |= {PREFIX + "HOME": home, PREFIX + "PORT": str(port), PREFIX + "NLU_URL": "off"}
        environment = {**os.environ, **chosen}
        stadtbote = [sys.executable, "-m", "bot"]
        with (Path(home) / "log").open("wb") as log:
            running = subprocess.Popen(  # noqa: S603
                [*stadtbote, "up", "--simulator", "--simulator-port", str(phones)],
                env=environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
            try:
                until(lambda: is_ready(url) or running.poll() is not None, "the product", PATIENCE)
                if running.poll() is not None:
                    sys.exit((Path(home) / "log").read_text("utf-8"))
                for name, (role, shown) in STAFF.items():
                    command = [*stadtbote, "users", "add", name, "--role", role, "--display-name", shown]
                    command.append("--password-stdin")
                    subprocess.run(command, env=environment, cwd=ROOT, input=PASSWORD, text=True, check=True)  # noqa: S603
                yield url, Simulator(f"http://127.0.0.1:{phones}")
            finally:
                running.send_signal(signal.SIGINT)
                running.wait(30)


def page_of(browser: Browser, size: dict[str, int], dark: bool = False) -> Page:
    """A tab of a browser of its own."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale="de-DE",
        timezone_id="Europe/Berlin",
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    return context.new_page()


def keep(page: Page, name: str) -> None:
    """Write the picture."""
    page.wait_for_timeout(400)  # fonts, and what the page tells itself after a change
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    if size > LARGEST:
        sys.exit(f"screenshots: {path.name} has {size:,} bytes, more than {LARGEST:,}")
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")  # noqa: T201


def sign_in(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/console/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda address: "/login" not in address)


def ask(page: Page, text: str) -> None:
    """Write into the web chat and wait for the reply."""
    before = page.locator("#lines > .bot").count()
    page.fill("#text", text)
    page.press("#text", "Enter")
    expect(page.locator("#lines > .bot").nth(before + (before == 0))).to_be_visible(timeout=20_000)


def web_chat(browser: Browser, url: str) -> None:
    """A question and its answer; on a phone, a question back."""
    for size, text, name in ((DESK, BRIEF, "chat"), (PHONE, UNSURE, "chat-phone")):
        page = page_of(browser, size)
        page.goto(url)
        ask(page, text)
        keep(page, name)
        page.context.close()


def telephones(browser: Browser, simulator: Simulator) -> tuple[str, str]:
    """One conversation on each; returns both people."""
    erika, mehmet = simulator.citizen("telegram", "Erika Beispiel"), simulator.citizen("whatsapp", "Mehmet Muster")
    simulator.say("telegram", erika, "Wann hat das Bürgeramt auf?", "Rathausplatz")
    simulator.say("whatsapp", mehmet, UNSURE, "Meinen Sie")
    page = page_of(browser, DESK)
    page.goto(simulator.root)
    expect(page.get_by_role("region", name="WhatsApp").get_by_text("Meinen Sie")).to_be_visible()
    keep(page, "telephones")
    page.context.close()
    return erika, mehmet


def console(browser: Browser, url: str, simulator: Simulator, erika: str, mehmet: str) -> None:
    """One conversation waits, one is in a clerk's hands."""
    simulator.say("telegram", erika, "hab meinen Perso in der Bahn liegen lassen, was jetzt?", "Meinen Sie")
    simulator.press("telegram", erika, "n", "?")
    simulator.say("telegram", erika, "Ich möchte bitte mit einem Menschen schreiben", "übernimmt ein Mensch")
    late = "Mein Ausweis sollte letzte Woche fertig sein. Kann ich mit jemandem sprechen?"
    simulator.say("whatsapp", mehmet, late, "übernimmt ein Mensch")
    page = page_of(browser, DESK)
    sign_in(page, url, "kim")
    address = page.get_by_role("link", name=late[:20]).get_attribute("href")
    page.goto(f"{url}{address}")
    page.get_by_role("button", name="Übernehmen").click()
    expect(page.locator("#reply")).to_be_visible()
    page.fill(
        "#reply", "Guten Tag, ich sehe für Sie nach. Wissen Sie noch, an welchem Tag Sie den Antrag gestellt haben?"
    )
    page.press("#reply", "Control+Enter")
    expect(page.locator("#transcript .clerk")).to_be_visible()
    simulator.say("whatsapp", mehmet, "am 2. November, im Bürgeramt Nord")
    expect(page.locator("#transcript").get_by_text("am 2. November")).to_be_visible()
    keep(page, "inbox")
    page.emulate_media(color_scheme="dark")
    keep(page, "inbox-dark")
    page.context.close()


def editor(browser: Browser, url: str) -> None:
    """An entry, and the ask box."""
    page = page_of(browser, DESK)
    sign_in(page, url, "eda")
    page.goto(f"{url}/console/faq/entries/sperrmuell-anmelden")
    keep(page, "faq-entry")
    page.goto(f"{url}/console/ask")
    page.fill("#question", QUESTION)
    page.press("#question", "Enter")
    expect(page.locator("table.entries")).to_be_visible()
    keep(page, "ask")
    page.context.close()


def main() -> None:
    """Make all pictures."""
    chromium = find()
    if chromium is None:
        sys.exit(ADVICE)
    IMAGES.mkdir(exist_ok=True)
    with product() as (url, simulator), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        web_chat(browser, url)
        erika, mehmet = telephones(browser, simulator)
        console(browser, url, simulator, erika, mehmet)
        editor(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
