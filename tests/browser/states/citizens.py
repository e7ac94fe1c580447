"""What citizens see: the web chat, and the simulator that plays their telephones."""

from tests.browser.stage import WORD, picture
from tests.browser.states.doing import Step, behind, click, fill, last, press, put, reload, sees
from tests.browser.states.state import room


def says(text: str, reply: str) -> tuple[Step, ...]:
    """A citizen of the web chat writes, and is answered with words that hold `reply`."""
    return fill("#text", text), press("Enter"), sees(".line.bot .said", reply)


GREETING, ARABIC = "Guten Tag", "أريد التحدث مع موظف"
CARD = "Wie beantrage ich einen Personalausweis?"
PERSON = (*says("/mensch", "Ihre Nummer ist"), behind("claim"), sees(".line.bot .said", "Kim"))
chat = room("", scene="chat", user="", primary="#text")
CHAT = (
    chat("chat-empty", "/"),
    chat("chat-answer", "/", *says(CARD, "46,00")),
    chat("chat-buttons", "/", *says("parkausweis", "Meinen Sie")),
    chat("chat-easy", "/", *says("in leichter sprache bitte", "Leichte"), *says(CARD, "Personal")),
    chat("chat-arabic", "/", *says("/sprache ar", ""), sees("html[dir=rtl]"), *says(ARABIC, "رقمكم")),
    chat("chat-long", "/", *says(f"{WORD}{WORD} https://stadt.example/{'a' * 90}", "")),
    chat("chat-too-long", "/", fill("#text", "ä" * 4001), press("Enter"), sees("#problem")),
    chat("chat-menu", "/", click("#menu > summary"), click(".sheet summary"), primary=".danger"),
    chat(
        "chat-person",
        "/",
        *PERSON,
        behind("write"),
        put("#file", "Schlagloch.png", "image/png", picture()),
        click("#file-send"),
        sees(".line.citizen img"),
        behind("send"),
        sees(".line.clerk img"),
    ),
    chat(
        "chat-file-refused",
        "/",
        *PERSON,
        put("#file", "a.jpg", "image/jpeg", b"<svg/>"),
        click("#file-send"),
        sees("#problem"),
    ),
    chat("chat-rating", "/", *PERSON, behind("write"), behind("resolve"), sees(".choices button", "👎")),
    chat("chat-embedded", "/?embed=1", *says(GREETING, "Stadtbote")),
    chat("chat-notice", "/", behind("notice"), reload, sees("#notices")),
    chat("widget", "/widget-demo", primary="#tag"),
    chat("widget-open", "/widget-demo", click("stadtbote-chat button"), primary=""),
)
telephones = room("", scene="simulator", user="", primary=".send")
SIMULATOR = (
    telephones("simulator-empty", "/", sees("#link", "verbunden")),
    telephones(
        "simulator",
        "/",
        behind("speak"),
        reload,
        sees("#link", "verbunden"),
        last(".telegram .who"),
        last(".whatsapp .who"),
        sees(".whatsapp .bubble"),
        sees(".telegram .buttons"),
    ),
    telephones("simulator-trouble", "/", click(".trouble > summary"), primary=".trouble button"),
)
