"""The editor's rooms: lint, ask box, entries, gaps."""

from tests.browser.stage import WORD
from tests.browser.states.doing import Step, choose, click, fill, overtaken, press, sees
from tests.browser.states.state import BUTTON, room


def asks(question: str, expected: str) -> tuple[Step, ...]:
    """Why is the answer not the expected entry?"""
    return fill("#question", question), fill("#expected", expected), click("form.askbox button.primary")


lint = room("/console/faq/lint", scene="day", user="eda")
LINT = (
    lint("lint-never", scene="empty", primary=BUTTON),
    lint("lint-ordered", "", click(BUTTON), sees("progress"), scene="empty"),
    lint("lint", "?dismissed=1", primary=BUTTON),
    lint("lint-dismissing", "?rule=fee", click("details.dismiss summary"), sees("details[open] input")),
    lint("lint-nothing", "?q=gibtesnicht"),
    lint("lint-beside", "/beside?one=gelber-sack&other=biotonne"),
)
ask = room("/console/ask", scene="day", user="eda", primary=BUTTON)
WHY_NOT = (
    ask("ask-why-not", "", *asks("tüte mit plastik rausstellen", "biotonne"), sees(".why-not")),
    ask("ask-which", "", *asks("tüte", "ausweis"), sees(".choices")),
)
entries = room("/console/faq", scene="day", user="eda", primary="a.primary")
entry = room("/console/faq/entries/gelber-sack", scene="day", user="eda")
FAQ = (
    entries("faq"),
    entries("faq-found", "?q=gelber"),
    entries("faq-nothing", "?q=gibtesnicht"),
    entry("faq-entry", primary=BUTTON),
    entry("faq-auditor", user="ron"),
    entry("faq-revision", "/{revision}"),
    entry("faq-compare", "/compare"),
    entry(
        "faq-language",
        "",
        choose("#language", "ar"),
        click("button[value=add]"),
        sees("#translation-ar .language-body"),
        primary=BUTTON,
    ),
    entry(
        "faq-conflict",
        "",
        overtaken,
        fill("[name='texts.de.answer']", "Nur Verpackungen."),
        click("#save"),
        sees(".conflict"),
        primary=BUTTON,
    ),
    entries("faq-typed", "/entries/personalausweis-beantragen", primary=".typed .primary"),
    entry("faq-keys", "", click("h1"), press("?"), sees("#help"), primary="#help button"),
    entries(
        "faq-bulk",
        "",
        click("td.choose label"),
        click(".bulk summary"),
        click("button[value=take_back]"),
        sees("h1", "Zurückziehen"),
        primary="h1",
    ),
    entries("faq-new", "/new", primary=BUTTON),
    entries(
        "faq-wrong",
        "/new",
        fill("#entry", "wer-leert"),
        fill("[name='texts.de.question']", WORD),
        click("#submit"),
        sees(".problems"),
        primary=BUTTON,
    ),
    ask("ask-answer", "", fill("#question", "was darf in den gelben sack"), press("Enter"), sees("table.entries")),
    ask(
        "ask-drafts",
        "",
        fill("#question", "was darf in den gelben sack"),
        click("[name=draft]"),
        click(".askbox button"),
        sees(".sides table.entries"),
    ),
)
gaps = room("/console/faq/gaps", scene="day", user="eda")
decide = room("/console/faq/gaps/{gap}/decide?as=", scene="day", user="eda", primary=BUTTON)
GAPS = (
    gaps("gaps-empty", scene="empty", primary="main button"),
    gaps("gaps", primary="main button"),
    gaps("gaps-answered", "?state=answered", user="ron"),
    gaps("gaps-nothing", "?language=fr", primary="main button"),
    gaps("gap", "/{gap}", click(".questions summary"), sees(".questions .verbs"), primary="a.primary"),
    gaps("gap-working", "/{gap_working}"),
    gaps("gap-answered", "/{gap_answered}"),
    gaps("gap-heap", "/unclear"),
    gaps("gap-auditor", "/{gap}", user="ron"),
    decide("gap-draft", "draft"),
    decide("gap-elsewhere", "elsewhere"),
    decide(
        "gap-extend-wrong",
        "extend&entry=gelber-sack",
        fill(".line-row input", WORD * 5),
        click("[name=checked]"),
        click(BUTTON),
        sees(".line-row .alert"),
    ),
    decide("gap-choose", "extend&q=sack"),
    decide("gap-foreign", "foreign"),
)
