"""Every page and state that people see, as one table: what is looked at for barriers, and photographed for people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page, expect

from bot.console.settings.kinds import ALL
from tests.browser.scenes import Scene
from tests.browser.stage import WORD, picture

Step = Callable[[Page, Scene], Awaitable[None]]


@dataclass(frozen=True)
class State:
    """`path` may name a conversation of the scene in braces. `steps` are what somebody does there. Without a `user`
    nobody is signed in: each state a new visitor. `primary` must be reachable however much the page is enlarged, ""
    where it lies in a frame. `apart` is what other states look at."""

    name: str
    scene: str
    path: str
    user: str = "kim"
    steps: tuple[Step, ...] = ()
    primary: str = "h1"
    apart: str = ""


def click(selector: str) -> Step:
    """Click the first of them that can be seen."""

    async def step(page: Page, _: Scene) -> None:
        await page.locator(selector).locator("visible=true").first.click()

    return step


def fill(selector: str, text: str) -> Step:
    """Type into a field."""

    async def step(page: Page, _: Scene) -> None:
        await page.locator(selector).first.fill(text)

    return step


def choose(selector: str, value: str) -> Step:
    """Choose an option by its value."""

    async def step(page: Page, _: Scene) -> None:
        await page.locator(selector).first.select_option(value)

    return step


def put(selector: str, name: str, media_type: str, content: bytes) -> Step:
    """Choose a file."""

    async def step(page: Page, _: Scene) -> None:
        await page.locator(selector).set_input_files({"name": name, "mimeType": media_type, "buffer": content})

    return step


def press(key: str) -> Step:
    """Press a key, where the focus is."""

    async def step(page: Page, _: Scene) -> None:
        await page.keyboard.press(key)

    return step


def sees(selector: str, words: str = "") -> Step:
    """Wait until one that holds the words can be seen."""

    async def step(page: Page, _: Scene) -> None:
        places = page.locator(selector).filter(has_text=words) if words else page.locator(selector)
        await expect(places.locator("visible=true").first).to_be_visible()

    return step


def behind(name: str) -> Step:
    """Something happens that this page's reader did not do."""

    async def step(_: Page, scene: Scene) -> None:
        await scene.does[name]()

    return step


def last(selector: str) -> Step:
    """Choose the last option."""

    async def step(page: Page, _: Scene) -> None:
        options = await page.locator(f"{selector} option").count()
        await page.locator(selector).select_option(index=options - 1)

    return step


async def reload(page: Page, _: Scene) -> None:
    """Load the page anew."""
    await page.reload()


async def overtaken(page: Page, scene: Scene) -> None:
    """The form stands on a version that somebody has written over meanwhile."""
    await page.locator("[name=based_on]").evaluate("(field, id) => (field.value = id)", scene.ids["revision"])


def says(text: str, reply: str) -> tuple[Step, ...]:
    """A citizen of the web chat writes, and is answered with words that hold `reply`."""
    return fill("#text", text), press("Enter"), sees(".line.bot .said", reply)


def talk(name: str, conversation: str, *steps: Step, primary: str = "#reply", user: str = "kim") -> State:
    """A conversation of the full day, opened."""
    return State(name, "day", f"/console/inbox/{{{conversation}}}", user, steps, primary, "#list .pane-body")


REPLY = "Guten Tag, ich sehe für Sie nach. Wissen Sie noch, wann Sie den Antrag gestellt haben?"
TOO_LARGE = bytes(1024 * 1024 + 1)
SIGN_IN = (
    State("sign-in", "empty", "/console/login", "", primary="button.primary"),
    State(
        "sign-in-wrong",
        "empty",
        "/console/login",
        "",
        (fill("#name", "kim"), fill("#password", "falsch"), press("Enter"), sees("#why")),
        "button.primary",
    ),
    State("trouble", "empty", "/console/nothing", primary="main a"),
    State("account", "empty", "/console/account", primary="button.primary"),
    State(
        "account-wrong",
        "empty",
        "/console/account",
        steps=(fill("#old", "falsch"), fill("#new", "a" * 12), fill("#again", "b" * 12), press("Enter"), sees("#why")),
        primary="button.primary",
    ),
)
FIRST_MORNING = (
    State("inbox-empty", "empty", "/console/inbox", primary="#q"),
    State("callbacks-empty", "empty", "/console/callbacks"),
    State("search", "empty", "/console/search", primary="button.primary"),
    State("canned-read", "empty", "/console/settings/canned"),
    State("team-empty", "empty", "/console/team", "lea"),
    State("faq-empty", "empty", "/console/faq", "eda", primary="a.primary"),
    State("ask", "empty", "/console/ask", "eda", primary="button.primary"),
    State(
        "ask-nobody",
        "empty",
        "/console/ask",
        "eda",
        (fill("#question", "perso weg"), press("Enter"), sees(".alert")),
        "button.primary",
    ),
    State("audit-empty", "empty", "/console/audit", "ron"),
)
INBOX = (
    State("inbox", "day", "/console/inbox", primary="a.item"),
    State("inbox-auditor", "day", "/console/inbox", "ron", primary="#q"),
    State("inbox-english", "day", "/console/inbox/{waiting}", "eve", primary=".verbs button.primary"),
    talk("inbox-waiting", "waiting", primary=".verbs button.primary"),
    talk("inbox-late", "late", primary=".verbs button.primary"),
    talk("inbox-claimed", "claimed", fill("#reply", REPLY)),
    talk("inbox-arabic", "arabic"),
    talk("inbox-ukrainian", "ukrainian", primary=".verbs button.primary"),
    talk("inbox-long", "long", fill("#reply", WORD * 3)),
    talk("inbox-bot", "bot", primary=".verbs button.primary"),
    talk("inbox-window", "closing"),
    talk(
        "inbox-window-closed",
        "closed",
        click(".approved summary"),
        sees(".approved button.primary"),
        primary=".approved summary",
    ),
    talk("inbox-files", "files"),
    talk(
        "inbox-file-refused",
        "files",
        click("#attach-box > summary"),
        put("#file", "a.pdf", "application/pdf", b"<html>"),
        click("#attach-box button"),
        sees("#file-why"),
    ),
    talk(
        "inbox-file-too-large",
        "files",
        click("#attach-box > summary"),
        put("#file", "groß.jpg", "image/jpeg", TOO_LARGE),
        click("#attach-box button"),
        sees("#file-why"),
    ),
    talk("inbox-notes", "notes", click("#note-box > summary"), fill("#note", "Vor dem 1. Januar noch einmal melden.")),
    talk("inbox-two-clerks", "two", fill("#reply", "Ja, die ")),
    talk("inbox-others", "theirs", primary="#h-talk"),
    talk("inbox-lead", "theirs", click("#pass-on > summary"), user="ada", primary="#pass-on button.primary"),
    talk("inbox-intake", "intake"),
    talk("inbox-call", "call", primary=".verbs button.primary"),
    talk("inbox-resolved", "resolved", primary=".verbs button.primary"),
    talk("inbox-outcomes", "claimed", click("#outcomes > summary"), primary="#outcomes .menu-body button"),
    talk(
        "inbox-transfer",
        "claimed",
        click("#pass-on > summary"),
        choose("#to", "team:bauen-umwelt"),
        fill("#pass-note", "Es geht um einen Baum."),
        primary="#pass-on .menu-body button.primary",
    ),
    talk(
        "inbox-transfer-refused",
        "claimed",
        click("#pass-on > summary"),
        choose("#to", "team:familie-soziales"),
        click("#pass-on .menu-body button.primary"),
        sees("#pass-why"),
        primary="#anyway",
    ),
    talk("inbox-undo", "undo", primary="#undo button"),
    talk("inbox-canned", "two", fill("#reply", ""), click("#canned-menu"), sees("#canned-list")),
    talk("inbox-help", "waiting", click("#h-talk"), press("?"), sees("#help"), primary="#help button"),
    talk("inbox-away", "two", click("#presence > summary"), primary="#presence button"),
    State("inbox-filters", "day", "/console/inbox?channel=whatsapp", primary="#narrow select"),
    State("inbox-nothing", "day", "/console/inbox?q=gibtesnicht", primary=".clear"),
    State("inbox-long-clerk", "day", "/console/inbox", "lang", (click(".top .menu:last-of-type > summary"),), "a.item"),
    State("inbox-200", "crowd", "/console/inbox", primary="a.item"),
    State("inbox-200-open", "crowd", "/console/inbox/{w1}", primary=".verbs button.primary"),
    State("team-200", "crowd", "/console/team", "lea"),
)
DESK = (
    State("search-found", "day", "/console/search?q=b%C3%BCrgeramt", primary="button.primary"),
    State("search-nothing", "day", "/console/search?q=gibtesnicht", primary="button.primary"),
    State("search-short", "day", "/console/search?q=a", primary="button.primary"),
    State("callbacks", "day", "/console/callbacks", primary=".calls button"),
    State("team", "day", "/console/team", "lea"),
    State(
        "team-open",
        "day",
        "/console/team",
        "lea",
        (click("#d-wait summary"), click("#table > summary")),
    ),
    State(
        "team-refused",
        "day",
        "/console/team",
        "lea",
        (choose(".open select", "team:familie-soziales"), click(".open form button"), sees(".open .alert")),
        ".open button",
    ),
    State("suggest", "day", "/console/inbox/{claimed}/suggest/{reply}", primary="button.primary"),
    State("audit", "day", "/console/audit", "ada"),
)
FAQ = (
    State("faq", "day", "/console/faq", "eda", primary="a.primary"),
    State("faq-found", "day", "/console/faq?q=gelber", "eda", primary="a.primary"),
    State("faq-nothing", "day", "/console/faq?q=gibtesnicht", "eda", primary="a.primary"),
    State("faq-entry", "day", "/console/faq/entries/gelber-sack", "eda", primary="button.primary"),
    State("faq-auditor", "day", "/console/faq/entries/gelber-sack", "ron"),
    State("faq-revision", "day", "/console/faq/entries/gelber-sack/{revision}", "eda"),
    State("faq-compare", "day", "/console/faq/entries/gelber-sack/compare", "eda"),
    State(
        "faq-language",
        "day",
        "/console/faq/entries/gelber-sack",
        "eda",
        (choose("#language", "ar"), click("button[value=add]"), sees("#translation-ar .language-body")),
        "button.primary",
    ),
    State(
        "faq-conflict",
        "day",
        "/console/faq/entries/gelber-sack",
        "eda",
        (overtaken, fill("[name='texts.de.answer']", "Nur Verpackungen."), click("#save"), sees(".conflict")),
        "button.primary",
    ),
    State("faq-typed", "day", "/console/faq/entries/personalausweis-beantragen", "eda", primary=".typed .primary"),
    State(
        "faq-keys",
        "day",
        "/console/faq/entries/gelber-sack",
        "eda",
        (click("h1"), press("?"), sees("#help")),
        "#help button",
    ),
    State(
        "faq-bulk",
        "day",
        "/console/faq",
        "eda",
        (click("td.choose label"), click("button[value=take_back]"), sees("h1", "Zurückziehen")),
    ),
    State("faq-new", "day", "/console/faq/new", "eda", primary="button.primary"),
    State(
        "faq-wrong",
        "day",
        "/console/faq/new",
        "eda",
        (
            fill("#entry", "wer-leert"),
            fill("[name='texts.de.question']", WORD),
            click("#submit"),
            sees(".problems"),
        ),
        "button.primary",
    ),
    State(
        "ask-answer",
        "day",
        "/console/ask",
        "eda",
        (fill("#question", "was darf in den gelben sack"), press("Enter"), sees("table.entries")),
        "button.primary",
    ),
    State(
        "ask-drafts",
        "day",
        "/console/ask",
        "eda",
        (
            fill("#question", "was darf in den gelben sack"),
            click("[name=draft]"),
            click(".askbox button"),
            sees(".sides table.entries"),
        ),
        "button.primary",
    ),
)
GAPS = (
    State("gaps-empty", "empty", "/console/faq/gaps", "eda", primary="main button"),
    State("gaps", "day", "/console/faq/gaps", "eda", primary="main button"),
    State("gaps-answered", "day", "/console/faq/gaps?state=answered", "ron"),
    State("gaps-nothing", "day", "/console/faq/gaps?language=fr", "eda", primary="main button"),
    State(
        "gap",
        "day",
        "/console/faq/gaps/{gap}",
        "eda",
        (click(".questions summary"), sees(".questions .verbs")),
        primary="a.primary",
    ),
    State("gap-working", "day", "/console/faq/gaps/{gap_working}", "eda"),
    State("gap-answered", "day", "/console/faq/gaps/{gap_answered}", "eda"),
    State("gap-heap", "day", "/console/faq/gaps/unclear", "eda"),
    State("gap-auditor", "day", "/console/faq/gaps/{gap}", "ron"),
    State("gap-draft", "day", "/console/faq/gaps/{gap}/decide?as=draft", "eda", primary="button.primary"),
    State("gap-elsewhere", "day", "/console/faq/gaps/{gap}/decide?as=elsewhere", "eda", primary="button.primary"),
    State(
        "gap-extend-wrong",
        "day",
        "/console/faq/gaps/{gap}/decide?as=extend&entry=gelber-sack",
        "eda",
        (fill(".line-row input", WORD * 5), click("[name=checked]"), click("button.primary"), sees(".line-row .alert")),
        "button.primary",
    ),
    State("gap-choose", "day", "/console/faq/gaps/{gap}/decide?as=extend&q=sack", "eda", primary="button.primary"),
    State("gap-foreign", "day", "/console/faq/gaps/{gap}/decide?as=foreign", "eda", primary="button.primary"),
)
LINT = (
    State("lint-never", "empty", "/console/faq/lint", "eda", primary="button.primary"),
    State("lint-ordered", "empty", "/console/faq/lint", "eda", (click("button.primary"), sees("progress"))),
    State("lint", "day", "/console/faq/lint?dismissed=1", "eda", primary="button.primary"),
    State(
        "lint-dismissing",
        "day",
        "/console/faq/lint?rule=fee",
        "eda",
        (click("details.dismiss summary"), sees("details[open] input")),
    ),
    State("lint-nothing", "day", "/console/faq/lint?q=gibtesnicht", "eda"),
    State("lint-beside", "day", "/console/faq/lint/beside?one=gelber-sack&other=biotonne", "eda"),
)
ASKED = (
    fill("#question", "tüte mit plastik rausstellen"),
    fill("#expected", "biotonne"),
    click("form.askbox button.primary"),
)
WHY_NOT = (
    State("ask-why-not", "day", "/console/ask", "eda", (*ASKED, sees(".why-not")), "button.primary"),
    State(
        "ask-which",
        "day",
        "/console/ask",
        "eda",
        (
            fill("#question", "tüte"),
            fill("#expected", "ausweis"),
            click("form.askbox button.primary"),
            sees(".choices"),
        ),
        "button.primary",
    ),
)
SAVE = "button.primary"
SETTINGS = (
    State("settings", "day", "/console/settings", "ada"),
    *(State(f"settings-{name.replace('_', '-')}", "day", f"/console/settings/{name}", "ada") for name in ALL),
    State("settings-week", "day", "/console/settings/hours?office=buergeramt", "ada", primary=SAVE),
    State(
        "settings-wrong",
        "day",
        "/console/settings/hours?office=wahlamt",
        "ada",
        (fill("#mon", "vormittags"), click(SAVE), sees(".problems")),
        SAVE,
    ),
    State(
        "settings-row",
        "day",
        "/console/settings/special_days",
        "ada",
        (click("button[value=add]"), sees("fieldset.entry")),
        SAVE,
    ),
    State("settings-earlier", "day", "/console/settings/hours/1", "ada", primary=SAVE),
)
GREETING, ARABIC = "Guten Tag", "أريد التحدث مع موظف"
CARD = "Wie beantrage ich einen Personalausweis?"
PERSON = (*says("/mensch", "Ihre Nummer ist"), behind("claim"), sees(".line.bot .said", "Kim"))
CHAT = (
    State("chat-empty", "chat", "/", "", primary="#text"),
    State("chat-answer", "chat", "/", "", says(CARD, "46,00"), "#text"),
    State("chat-buttons", "chat", "/", "", says("parkausweis", "Meinen Sie"), "#text"),
    State(
        "chat-easy", "chat", "/", "", (*says("in leichter sprache bitte", "Leichte"), *says(CARD, "Personal")), "#text"
    ),
    State(
        "chat-arabic",
        "chat",
        "/",
        "",
        (*says("/sprache ar", ""), sees("html[dir=rtl]"), *says(ARABIC, "رقمكم")),
        "#text",
    ),
    State("chat-long", "chat", "/", "", says(f"{WORD}{WORD} https://stadt.example/{'a' * 90}", ""), "#text"),
    State("chat-too-long", "chat", "/", "", (fill("#text", "ä" * 4001), press("Enter"), sees("#problem")), "#text"),
    State("chat-menu", "chat", "/", "", (click("#menu > summary"), click(".sheet summary")), ".danger"),
    State(
        "chat-person",
        "chat",
        "/",
        "",
        (
            *PERSON,
            behind("write"),
            put("#file", "Schlagloch.png", "image/png", picture()),
            click("#file-send"),
            sees(".line.citizen img"),
            behind("send"),
            sees(".line.clerk img"),
        ),
        "#text",
    ),
    State(
        "chat-file-refused",
        "chat",
        "/",
        "",
        (*PERSON, put("#file", "a.jpg", "image/jpeg", b"<svg/>"), click("#file-send"), sees("#problem")),
        "#text",
    ),
    State(
        "chat-rating",
        "chat",
        "/",
        "",
        (*PERSON, behind("write"), behind("resolve"), sees(".choices button", "👎")),
        "#text",
    ),
    State("chat-embedded", "chat", "/?embed=1", "", says(GREETING, "Stadtbote"), "#text"),
    State("chat-notice", "chat", "/", "", (behind("notice"), reload, sees("#notices")), "#text"),
    State("widget", "chat", "/widget-demo", "", primary="#tag"),
    State("widget-open", "chat", "/widget-demo", "", (click("stadtbote-chat button"),), ""),
)
SIMULATOR = (
    State("simulator-empty", "simulator", "/", "", (sees("#link", "verbunden"),), ".send"),
    State(
        "simulator",
        "simulator",
        "/",
        "",
        (
            behind("speak"),
            reload,
            sees("#link", "verbunden"),
            last(".telegram .who"),
            last(".whatsapp .who"),
            sees(".whatsapp .bubble"),
            sees(".telegram .buttons"),
        ),
        ".send",
    ),
    State("simulator-trouble", "simulator", "/", "", (click(".trouble > summary"),), ".trouble button"),
)
ROOM = "/console/faq/releases"
RELEASES = (
    State("releases", "releases", ROOM, "eda", primary="button.primary"),
    State("releases-nothing", "empty", ROOM, "eda"),
    State(
        "releases-wrong",
        "releases",
        ROOM,
        "eda",
        (click("details.more > summary"), fill("#removed", "katze"), click("button.primary"), sees(".alert")),
        "button.primary",
    ),
    State("releases-auditor", "releases", ROOM, "ron"),
    State("release-ready", "releases", ROOM + "/{better}", "ada", primary="#deciding button.primary"),
    State(
        "ask-release",
        "releases",
        "/console/ask?release={better}",
        "ada",
        (fill("#question", "hundesteuer"), press("Enter"), sees(".sides table.entries")),
        "button.primary",
    ),
    State("release-own", "releases", ROOM + "/{better}", "eda"),
    State(
        "release-worse",
        "releases",
        ROOM + "/{worse}",
        "ada",
        (click("#group-1 > summary"), click("#definition > summary")),
        "#deciding button.primary",
    ),
    State(
        "release-refused",
        "releases",
        ROOM + "/{worse}",
        "ada",
        (fill("#why-publish", " "), click("#deciding button.primary"), sees(".alert")),
        "#deciding button.primary",
    ),
    State("release-running", "releases", ROOM + "/{running}", "eda"),
    State("release-loading", "releases", ROOM + "/{loading}", "eda"),
    State("release-overtaken", "releases", ROOM + "/{overtaken}", "ada", primary="#deciding button.primary"),
    State("release-live", "releases", ROOM + "/{live}", "eda"),
    State("release-back", "releases", ROOM + "/1", "eda"),
    State("release-diff", "releases", ROOM + "/1/diff/{live}", "eda"),
    State("trials", "releases", "/console/faq/trials", "eda"),
    State("trials-nothing", "empty", "/console/faq/trials?q=gibtesnicht", "eda"),
    State(
        "trials-wrong",
        "releases",
        "/console/faq/trials",
        "eda",
        (
            click("#new > summary"),
            fill("#question", WORD),
            fill("#relevant", "katze"),
            click("#new button.primary"),
            sees(".problems"),
        ),
        "#new button.primary",
    ),
)
FILE = "/console/faq/import"
IMPORTS = (
    State("import", "imports", FILE, "eda", primary="button.primary"),
    State(
        "import-wrong-kind",
        "imports",
        FILE,
        "eda",
        (put("#file", "bild.png", "image/png", b"x"), click("button.primary"), sees("#file-wrong")),
        "button.primary",
    ),
    State("import-columns", "imports", FILE + "/{columns}", "eda", primary="button.primary"),
    State(
        "import-changes",
        "imports",
        FILE + "/{changes}",
        "eda",
        (click("details.more > summary"),),
        "button[value=take]",
    ),
    State("import-faults", "imports", FILE + "/{faults}", "eda", primary="button[value=check]"),
    State("import-running", "imports", FILE + "/{running}", "ada"),
    State("import-done", "imports", FILE + "/{done}", "ada"),
    State("import-unreadable", "imports", FILE + "/{unreadable}", "ada"),
    State("export-nothing", "imports", "/console/faq/export?format=csv&topic=parken", "eda"),
    State("pinned-waits", "imports", "/console/settings/pinned", "ada", primary="button[value=save].primary"),
)
NUMBERS = (
    State("numbers-empty", "empty", "/console/numbers", "eda"),
    State("numbers-first-day", "figures-first-day", "/console/numbers", "eda"),
    State("numbers", "figures", "/console/numbers", "eda"),
    State("numbers-year", "figures", "/console/numbers?days=365", "ron"),
    State("numbers-team", "figures", "/console/numbers?days=90&language=tr", "eve"),
    State(
        "numbers-opened",
        "figures",
        "/console/numbers",
        "eda",
        (click(".drift summary"), click(".figure summary"), click(".multiple details:last-of-type summary")),
    ),
    State("numbers-wrong", "figures", "/console/numbers?from=gestern&until=2026-11-24", "eda"),
)
TAUGHT = (
    State("examples", "releases", "/console/faq/examples?intent=greet", "eda", primary=".place button.primary"),
    State("examples-nothing", "empty", "/console/faq/examples", "eda", primary=".place button.primary"),
    State("examples-auditor", "releases", "/console/faq/examples", "ron"),
    State(
        "examples-wrong",
        "releases",
        "/console/faq/examples",
        "eda",
        (fill("#lines", "hallo"), click(".place button.primary"), sees(".problems")),
        ".place button.primary",
    ),
)
STATES = (
    *SIGN_IN,
    *FIRST_MORNING,
    *INBOX,
    *DESK,
    *LINT,
    *WHY_NOT,
    *FAQ,
    *GAPS,
    *IMPORTS,
    *NUMBERS,
    *RELEASES,
    *TAUGHT,
    *SETTINGS,
    *CHAT,
    *SIMULATOR,
)
