"""What is WhatsApp's own: the handshake, escaped bytes, lists and buttons, patience, media."""

import hashlib
import hmac

import pytest

from bot.channels.channel import ChannelThrottled, NotConnected
from bot.channels.whatsapp import HEADER, WhatsApp
from bot.channels.whatsapp_api import VERSION, Api
from bot.document import from_markdown, from_text
from bot.message import Button, File, Spoken

from .fakes import HANG, serving
from .platforms import PLATFORMS, SECRET, meta

SENT = (200, PLATFORMS["whatsapp"].answer)


def channel(root: str = "http://127.0.0.1:9") -> WhatsApp:
    return WhatsApp(Api("token", "1065", root, timeout=0.5), SECRET, "verify-me")


@pytest.mark.parametrize(
    ("mode", "token", "challenge", "answer"),
    [
        ("subscribe", "verify-me", "1158201444", "1158201444"),
        ("subscribe", "verify-mE", "1158201444", None),
        ("subscribe", "", "1158201444", None),
        ("subscribe", "ä", "1158201444", None),
        ("unsubscribe", "verify-me", "1158201444", None),
        ("subscribe", "verify-me", "<b> x", None),
        ("subscribe", "verify-me", "", None),
    ],
)
def test_the_handshake(mode: str, token: str, challenge: str, answer: str | None) -> None:
    query = {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": challenge}
    assert channel().challenge(query) == answer
    assert channel().challenge({}) is None
    assert WhatsApp(Api("t", "1"), SECRET, "").challenge({**query, "hub.verify_token": ""}) is None


def test_the_signature_is_over_the_bytes_as_they_came() -> None:
    raw = (
        rb'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":'
        rb'[{"from":"49151","id":"wamid.1","timestamp":"1795339800","type":"text","text":{"body":"\u00e4\ud83d\ude00\/"}}]}}]}]}'
    )
    headers = {HEADER: "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()}
    (arrival,) = channel().accept(raw, headers)
    message = channel().parse(arrival)
    assert message is not None
    assert message.text == "ä😀/"  # type: ignore[union-attr]


def asked(spoken: Spoken) -> dict:  # type: ignore[type-arg]
    return dict(channel().render(spoken)[-1]["interactive"])


def test_short_labels_are_buttons_and_long_ones_a_list() -> None:
    yes, no = Button("yes", "Ja"), Button("no", "Nein")
    long = Button("choose:1", "Personalausweis nach Diebstahl melden")
    assert asked(Spoken(from_text("?"), (yes, no)))["type"] == "button"
    listed = asked(Spoken(from_text("?"), (long, no), language="en"))
    assert listed["type"] == "list"
    assert listed["action"]["button"] == "Choose"
    assert listed["action"]["sections"][0]["rows"] == [
        {"id": "choose:1", "title": "Personalausweis nach Di…", "description": "Personalausweis nach Diebstahl melden"},
        {"id": "no", "title": "Nein"},
    ]
    assert asked(Spoken(from_text("?"), (yes, Button("other", "Ja"))))["type"] == "list"  # titles must differ
    assert asked(Spoken(from_text("?"), (yes, yes)))["action"]["buttons"] == [
        {"type": "reply", "reply": {"id": "yes", "title": "Ja"}}
    ]
    assert asked(Spoken(from_text("?"), tuple(Button(str(n), str(n)) for n in range(10))))["type"] == "list"


def test_a_long_answer_goes_before_the_buttons() -> None:
    answer = from_markdown("\n\n".join(["Ein Absatz mit einigen Worten. " * 10] * 6))
    parts = channel().render(Spoken(answer, (Button("yes", "Ja"),), "Automatische Antwort"))
    assert [part["type"] for part in parts] == ["text", "interactive"]
    body = parts[1]["interactive"]["body"]["text"]
    assert body.endswith("\n\n_Automatische Antwort_")
    words = " ".join(parts[0]["text"]["body"].split() + body.split())
    assert words == " ".join(("Ein Absatz mit einigen Worten. " * 60 + "_Automatische Antwort_").split())


@pytest.mark.parametrize(("chat", "field"), [("4915112345678", "to"), ("DE.13491208655302741918", "recipient")])
async def test_numbers_and_user_ids_are_addressed_apart(chat: str, field: str) -> None:
    async with serving(SENT) as server:
        whatsapp = channel(server.root)
        await whatsapp.send(chat, whatsapp.render(Spoken(from_text("Guten Tag")))[0])
        await whatsapp.close()
    path, said = server.asked[0]
    assert path == f"/{VERSION}/1065/messages"
    assert said[field] == chat
    assert ("to" in said) != ("recipient" in said)
    assert said["messaging_product"] == "whatsapp"


async def test_patience_grows_with_each_refusal_and_ends_with_success() -> None:
    hit = (400, meta(131056, "Pair rate limit hit"))
    async with serving(hit, hit, hit, SENT, hit) as server:
        whatsapp = channel(server.root)
        part = whatsapp.render(Spoken(from_text("x")))[0]
        waits = []
        for _ in range(5):
            try:
                await whatsapp.send("49151", part)
            except ChannelThrottled as throttled:
                waits.append(throttled.retry_after)
        await whatsapp.close()
    assert waits == [1, 4, 16, 1]


async def test_a_file_is_uploaded_then_sent() -> None:
    spoken = Spoken(from_text("Ihre Daten"), (Button("ok", "Gut"),), file=File("daten.json", "application/json", "{}"))
    async with serving((200, {"id": "4490709327384033"}), SENT) as server:
        whatsapp = channel(server.root)
        parts = whatsapp.render(spoken)
        assert [part["type"] for part in parts] == ["file", "interactive"]
        assert await whatsapp.send("49151", parts[0]) == "wamid.SENT"
        await whatsapp.close()
    assert [path.rsplit("/", 1)[1] for path, _ in server.asked] == ["media", "messages"]
    assert server.asked[0][1]["file"] == "{}"
    assert server.asked[1][1]["document"] == {"id": "4490709327384033", "filename": "daten.json.txt"}


@pytest.mark.parametrize("answer", [HANG, (500, "oops"), (200, {})])
async def test_an_upload_that_breaks_has_delivered_nothing(answer: object) -> None:
    async with serving(answer) as server:
        whatsapp = channel(server.root)
        with pytest.raises(NotConnected):
            await whatsapp.send("49151", {"type": "file", "name": "a.txt", "content": "x"})
        await whatsapp.close()
