"""Imports, numbers, taught examples."""

from tests.browser.states.doing import click, fill, put, sees
from tests.browser.states.state import BUTTON, State, room

file = room("/console/faq/import", scene="imports", user="eda", primary=BUTTON)
seen = room("/console/faq/import", scene="imports", user="ada")
IMPORTS = (
    file("import"),
    file("import-wrong-kind", "", put("#file", "bild.png", "image/png", b"x"), click(BUTTON), sees("#file-wrong")),
    file("import-columns", "/{columns}"),
    file("import-changes", "/{changes}", click("details.more > summary"), primary="button[value=take]"),
    file("import-faults", "/{faults}", primary="button[value=check]"),
    seen("import-running", "/{running}"),
    seen("import-done", "/{done}"),
    seen("import-unreadable", "/{unreadable}"),
    State("export-nothing", "imports", "/console/faq/export?format=csv&topic=parken", "eda"),
    State("pinned-waits", "imports", "/console/settings/pinned", "ada", primary="button[value=save].primary"),
)
numbers = room("/console/numbers", scene="figures", user="eda")
NUMBERS = (
    numbers("numbers-empty", scene="empty"),
    numbers("numbers-first-day", scene="figures-first-day"),
    numbers("numbers"),
    numbers("numbers-year", "?days=365", user="ron"),
    numbers("numbers-team", "?days=90&language=tr", user="eve"),
    numbers(
        "numbers-opened",
        "",
        click(".drift summary"),
        click(".figure summary"),
        click(".multiple details:last-of-type summary"),
    ),
    numbers("numbers-wrong", "?from=gestern&until=2026-11-24"),
)
PLACE = ".place button.primary"
examples = room("/console/faq/examples", scene="releases", user="eda", primary=PLACE)
TAUGHT = (
    examples("examples", "?intent=greet"),
    examples("examples-nothing", scene="empty"),
    examples("examples-auditor", user="ron", primary="h1"),
    examples("examples-wrong", "", fill("#lines", "hallo"), click(PLACE), sees(".problems")),
)
