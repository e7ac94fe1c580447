"""The clerk's inbox, and what else is done at the desk."""

from tests.browser.stage import WORD
from tests.browser.states.doing import Step, choose, click, fill, press, put, sees
from tests.browser.states.state import BUTTON, State, room

VERB = ".verbs button.primary"
REPLY = "Guten Tag, ich sehe für Sie nach. Wissen Sie noch, wann Sie den Antrag gestellt haben?"
TOO_LARGE = bytes(1024 * 1024 + 1)


def refused(name: str, media_type: str, content: bytes) -> tuple[Step, ...]:
    """A file that is refused."""
    return (
        click("#attach-box > summary"),
        put("#file", name, media_type, content),
        click("#attach-box button"),
        sees("#file-why"),
    )


inbox = room("/console/inbox", scene="day", primary="a.item")
talk = room("/console/inbox/", scene="day", primary="#reply", apart="#list .pane-body")
search = room("/console/search", scene="day", primary=BUTTON)
team = room("/console/team", scene="day", user="lea")
INBOX = (
    inbox("inbox"),
    inbox("inbox-auditor", user="ron", primary="#q"),
    inbox("inbox-english", "/{waiting}", user="eve", primary=VERB),
    talk("inbox-waiting", "{waiting}", primary=VERB),
    talk("inbox-late", "{late}", primary=VERB),
    talk("inbox-claimed", "{claimed}", fill("#reply", REPLY)),
    talk("inbox-arabic", "{arabic}"),
    talk("inbox-ukrainian", "{ukrainian}", primary=VERB),
    talk("inbox-long", "{long}", fill("#reply", WORD * 3)),
    talk("inbox-bot", "{bot}", primary=VERB),
    talk("inbox-window", "{closing}"),
    talk(
        "inbox-window-closed",
        "{closed}",
        click(".approved summary"),
        sees(".approved button.primary"),
        primary=".approved summary",
    ),
    talk("inbox-files", "{files}"),
    talk("inbox-file-refused", "{files}", *refused("a.pdf", "application/pdf", b"<html>")),
    talk("inbox-file-too-large", "{files}", *refused("groß.jpg", "image/jpeg", TOO_LARGE)),
    talk(
        "inbox-notes", "{notes}", click("#note-box > summary"), fill("#note", "Vor dem 1. Januar noch einmal melden.")
    ),
    talk("inbox-two-clerks", "{two}", fill("#reply", "Ja, die ")),
    talk("inbox-others", "{theirs}", primary="#h-talk"),
    talk("inbox-lead", "{theirs}", click("#pass-on > summary"), user="ada", primary="#pass-on button.primary"),
    talk("inbox-intake", "{intake}"),
    talk("inbox-call", "{call}", primary=VERB),
    talk("inbox-resolved", "{resolved}", primary=VERB),
    talk("inbox-outcomes", "{claimed}", click("#outcomes > summary"), primary="#outcomes .menu-body button"),
    talk(
        "inbox-transfer",
        "{claimed}",
        click("#pass-on > summary"),
        choose("#to", "team:bauen-umwelt"),
        fill("#pass-note", "Es geht um einen Baum."),
        primary="#pass-on .menu-body button.primary",
    ),
    talk(
        "inbox-transfer-refused",
        "{claimed}",
        click("#pass-on > summary"),
        choose("#to", "team:familie-soziales"),
        click("#pass-on .menu-body button.primary"),
        sees("#pass-why"),
        primary="#anyway",
    ),
    talk("inbox-undo", "{undo}", primary="#undo button"),
    talk("inbox-canned", "{two}", fill("#reply", ""), click("#canned-menu"), sees("#canned-list")),
    talk("inbox-help", "{waiting}", click("#h-talk"), press("?"), sees("#help"), primary="#help button"),
    talk("inbox-away", "{two}", click("#presence > summary"), primary="#presence button"),
    inbox("inbox-filters", "?channel=whatsapp", primary="#narrow select"),
    inbox("inbox-nothing", "?q=gibtesnicht", primary=".clear"),
    inbox("inbox-long-clerk", "", click(".top .menu:last-of-type > summary"), user="lang"),
    inbox("inbox-200", scene="crowd"),
    inbox("inbox-200-open", "/{w1}", scene="crowd", primary=VERB),
    team("team-200", scene="crowd"),
)
DESK = (
    search("search-found", "?q=b%C3%BCrgeramt"),
    search("search-nothing", "?q=gibtesnicht"),
    search("search-short", "?q=a"),
    State("callbacks", "day", "/console/callbacks", primary=".calls button"),
    team("team"),
    team("team-open", "", click("#d-wait summary"), click("#table > summary")),
    team(
        "team-refused",
        "",
        choose(".open select", "team:familie-soziales"),
        click(".open form button"),
        sees(".open .alert"),
        primary=".open button",
    ),
    inbox("suggest", "/{claimed}/suggest/{reply}", primary=BUTTON),
    State("audit", "day", "/console/audit", "ada"),
)
