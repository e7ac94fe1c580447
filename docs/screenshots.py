"""Makes the README's pictures (`make screenshots`): starts the product with the simulator, plays a little, looks.

Everybody in the pictures is invented. The state directory is a temporary one; nothing of yours is touched.
"""

import sys
from contextlib import closing
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bot.facts.kept import Facts
from docs import weeks
from docs.running import PASSWORD, PATIENCE, ROOT, Product, Simulator, product, until
from faq.catalogue import Catalogue
from tests.browser.chromium import ADVICE, ARGUMENTS, find

IMAGES = ROOT / "docs" / "images"
LARGEST = 300_000  # bytes of a picture
ZONE = ZoneInfo("Europe/Berlin")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PROVED = 240_000  # ms until all trials were asked of both releases, on two busy cores

QUESTION = "kann ich mir bei euch eine bohrmaschine leihen"
TAUGHT = ("Kann ich mir bei der Stadt Werkzeug leihen?", "Can I borrow a drill from the city?")
BRIEF = "wann darf ich meine hecke schneiden"
UNSURE = "parkausweis"
TITLE = "Werkzeug leihen, mit englischer Fassung"
WORDS = """Ja. In der **Bibliothek der Dinge** leihen Sie Werkzeug, Spiele und Geräte. Sie ist in der Stadtbücherei.

So geht es:

- Suchen Sie online aus, was Sie brauchen.
- Holen Sie es innerhalb von drei Tagen ab.
- Bringen Sie es nach zwei Wochen zurück.
"""
# Too long on purpose: the page is to give its hint.
LONG = (
    "Ist etwas kaputt, sagen Sie es bitte bei der Rückgabe, damit die Werkstatt der Bücherei es reparieren kann, "
    "bevor die nächste Person es ausleiht und damit arbeitet."
)
ENTRY = {
    "topic": "kultur",
    "office": "stadtbuecherei",
    "texts.de.answer": f"{WORDS}\n{LONG}",
    "texts.de.facts.documents": "Ihren Büchereiausweis",
    "texts.de.facts.fee": "kostenlos mit Büchereiausweis",
    "texts.de.facts.duration": "zwei Wochen",
    "texts.de.facts.link.title": "Dinge suchen und vormerken",
    "texts.de.facts.link.url": "https://www.lindenfurt.example/bibliothek-der-dinge",
    "texts.de.variants": """Bohrmaschine leihen bei der Stadt
Kann ich mir bei der Stadt Werkzeug leihen?
bibliothek der dinge
spiele und geräte ausleihen""",
    "texts.en.question": "Can I borrow tools from the city?",
    "texts.en.answer": """Yes. The **library of things** lends tools, games and devices. It is in the city library.

- Choose online what you need.
- Collect it within three days.
- Bring it back after two weeks.""",
    "texts.en.variants": "Can I borrow a drill from the city?",
    "texts.en.facts.fee": "free with a library card",
    "source.title": "Bibliothek der Dinge",
    "source.url": "https://www.lindenfurt.example/bibliothek-der-dinge",
}


def page_of(browser: Browser, size: dict[str, int], dark: bool = False) -> Page:
    """A tab of a browser of its own."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        locale="de-DE",
        timezone_id=ZONE.key,
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


def scroll(page: Page, place: str) -> None:
    """To where the picture begins."""
    page.locator(place).evaluate("place => window.scrollTo(0, place.getBoundingClientRect().top + scrollY - 16)")


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


def remember(database: str) -> None:
    """Twelve weeks lie behind the town."""
    with closing(Catalogue.open(database)) as catalogue:
        Facts(catalogue.engine, ZONE).take(weeks.facts(datetime.now(UTC)))


def gaps(page: Page, url: str) -> None:
    """What was asked in vain, once a worker has looked; and the matter that is asked for most."""
    page.goto(f"{url}/console/faq/gaps")
    look = page.get_by_role("button", name="Jetzt nachsehen")
    if look.is_enabled():
        look.click()
    cluster = page.get_by_role("link", name=weeks.TOOLS)
    until(lambda: _after_reload(page, cluster) and look.is_enabled(), "the gaps", PATIENCE)
    cluster.click()
    expect(page.locator("#decide")).to_be_visible()
    keep(page, "gaps")


def _after_reload(page: Page, shown: Locator) -> bool:
    page.reload()
    return shown.is_visible()


def entry(page: Page) -> None:
    """Drafted out of the gap: its question and wordings are there, the answer is written, and seen as it will be."""
    page.get_by_role("link", name="Eintrag entwerfen").click()
    page.fill("#question", "Kann ich bei der Stadt Werkzeug leihen?")
    # Which wording is taught and which tests is dealt by a key that each town has of its own: here it is chosen.
    for row in page.locator(".line-row").all():
        text = row.locator("input").input_value()
        row.locator("select").select_option("wording" if text in TAUGHT else "trial")
    page.check("[name=checked]")
    page.locator(".actions .primary").click()
    expect(page.locator("#entry-form")).to_be_visible()
    for name, value in ENTRY.items():
        field = page.locator(f"[name='{name}']")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.click("#save")
    expect(page.locator(".good")).to_be_visible()
    page.goto(page.url.partition("?")[0])
    page.locator("label[for=show-whatsapp]").click()
    expect(page.locator("#preview .whatsapp").get_by_text("Dinge suchen und vormerken").first).to_be_visible()
    reading = page.locator("#reading-de details")
    expect(reading.locator(".hints")).to_have_count(1)
    reading.locator("summary").click()
    scroll(page, ".both")
    keep(page, "faq-entry")
    page.click("#submit")
    expect(page.locator("#h-entry")).to_be_visible()


def release(browser: Browser, page: Page, url: str) -> None:
    """What the first editor prepares, all trials are asked of; the second one sees what they say."""
    page.goto(f"{url}/console/faq/releases")
    page.fill("#title", TITLE)
    page.get_by_role("button", name="Release vorbereiten").click()
    expect(page.locator(".verdict")).to_be_visible(timeout=PROVED)
    second = page_of(browser, DESK)
    sign_in(second, url, "lea")
    second.goto(page.url.partition("?")[0])  # without the note that the trials are being asked
    expect(second.get_by_role("button", name="Veröffentlichen", exact=True)).to_be_enabled()
    keep(second, "release")
    second.context.close()


def _asked(page: Page) -> bool:
    """Is the prepared release there already? It is made ready by the first question that is asked of it."""
    page.fill("#question", QUESTION)
    page.press("#question", "Enter")
    expect(page.locator("table.entries").first).to_be_visible()
    return page.locator(".sides").is_visible()


def editor(browser: Browser, house: Product) -> None:
    """From what was asked in vain to the release that answers it; the figures, and the ask box."""
    remember(house.database)
    page = page_of(browser, DESK)
    sign_in(page, house.url, "eda")
    first, last = weeks.whole(datetime.now(ZONE).date())
    page.goto(f"{house.url}/console/numbers?from={first}&until={last}")
    expect(page.locator(".multiple").first).to_be_visible()
    scroll(page, "#h-figures")
    keep(page, "numbers")
    gaps(page, house.url)
    entry(page)
    release(browser, page, house.url)
    page.get_by_role("link", name="Fragen ausprobieren").click()
    until(lambda: _asked(page), "the prepared release beside what answers now", PATIENCE)
    keep(page, "ask")
    page.context.close()


def main() -> None:
    """Make all pictures."""
    chromium = find()
    if chromium is None:
        sys.exit(ADVICE)
    IMAGES.mkdir(exist_ok=True)
    with product() as house, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        web_chat(browser, house.url)
        erika, mehmet = telephones(browser, house.simulator)
        console(browser, house.url, house.simulator, erika, mehmet)
        editor(browser, house)
        browser.close()


if __name__ == "__main__":
    main()
