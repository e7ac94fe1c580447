"""Releases and trials."""

from tests.browser.stage import WORD
from tests.browser.states.doing import click, fill, press, sees
from tests.browser.states.state import BUTTON, State, room

DECISION = "#deciding button.primary"
release = room("/console/faq/releases", scene="releases", user="eda")
decide = room("/console/faq/releases", scene="releases", user="ada", primary=DECISION)
trials = room("/console/faq/trials", scene="releases", user="eda")
RELEASES = (
    release("releases", primary=BUTTON),
    release("releases-nothing", scene="empty"),
    release(
        "releases-wrong",
        "",
        click("details.more > summary"),
        fill("#removed", "katze"),
        click(BUTTON),
        sees(".alert"),
        primary=BUTTON,
    ),
    release("releases-auditor", user="ron"),
    decide("release-ready", "/{better}"),
    State(
        "ask-release",
        "releases",
        "/console/ask?release={better}",
        "ada",
        (fill("#question", "hundesteuer"), press("Enter"), sees(".sides table.entries")),
        BUTTON,
    ),
    release("release-own", "/{better}"),
    decide("release-worse", "/{worse}", click("#group-1 > summary"), click("#definition > summary")),
    decide("release-refused", "/{worse}", fill("#why-publish", " "), click(DECISION), sees(".alert")),
    release("release-running", "/{running}"),
    release("release-loading", "/{loading}"),
    decide("release-overtaken", "/{overtaken}"),
    release("release-live", "/{live}"),
    release("release-back", "/1"),
    release("release-diff", "/1/diff/{live}"),
    trials("trials"),
    trials("trials-nothing", "?q=gibtesnicht", scene="empty"),
    trials(
        "trials-wrong",
        "",
        click("#new > summary"),
        fill("#question", WORD),
        fill("#relevant", "katze"),
        click("#new button.primary"),
        sees(".problems"),
        primary="#new button.primary",
    ),
)
