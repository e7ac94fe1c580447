"""What the contract suite must know of each channel: how to build it, how its platform speaks, what it answers."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.channels import telegram, webchat, whatsapp
from bot.channels.channel import Channel, ChannelThrottled, NotConnected, Refused, SendFailed
from bot.channels.telegram import Telegram
from bot.channels.terminal import Terminal
from bot.channels.webchat import WebChat
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp_api import Api
from bot.message import Arrival, DeliveryReport, Message

PAYLOADS = Path(__file__).with_name("payloads")
SECRET = "s3cret-of-sixteen-and-more"
Made = Message | DeliveryReport | None


@dataclass(frozen=True)
class Platform:
    """One channel's case. `root` in `make` is the address of a fake server; "" where none is needed."""

    make: Callable[[str], Channel]
    arrivals: Callable[[Channel, Any], list[Arrival]]
    chat: str
    answer: Mapping[str, Any] | None = None  # what the platform says to a sent message; None: nothing travels
    external: str = ""
    refusals: tuple[tuple[int, Any, type[SendFailed]], ...] = ()
    headers: Callable[[bytes], dict[str, str]] = field(default=lambda raw: {})

    @property
    def networked(self) -> bool:
        """Whether sending goes over the network."""
        return self.answer is not None


def telegram_headers(raw: bytes) -> dict[str, str]:
    return {telegram.HEADER: SECRET}


def whatsapp_headers(raw: bytes) -> dict[str, str]:
    return {whatsapp.HEADER: "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()}


def posted(headers: Callable[[bytes], dict[str, str]]) -> Callable[[Channel, Any], list[Arrival]]:
    def arrivals(channel: Channel, payload: Any) -> list[Arrival]:
        raw = json.dumps(payload).encode()  # platforms escape what is not ASCII
        return list(channel.accept(raw, headers(raw)))

    return arrivals


def from_form(channel: Channel, payload: Any) -> list[Arrival]:
    return [Arrival(channel.name, f"{channel.name}:{payload['id']}", "c0ffee", payload)]


def bad(code: int, description: str, **parameters: Any) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": description, "parameters": parameters}


def meta(code: int, message: str) -> dict[str, Any]:
    return {"error": {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A"}}


SENT = {"ok": True, "result": {"message_id": 77, "date": 1795339800, "chat": {"id": 5550001, "type": "private"}}}

PLATFORMS: Mapping[str, Platform] = {
    "telegram": Platform(
        lambda root: Telegram("123456:TEST-token", root, SECRET, timeout=0.5),
        posted(telegram_headers),
        "5550001",
        SENT,
        "77",
        (
            (429, bad(429, "Too Many Requests: retry after 7", retry_after=7), ChannelThrottled),
            (429, {"ok": False}, ChannelThrottled),
            (403, bad(403, "Forbidden: bot was blocked by the user"), Refused),
            (400, bad(400, "Bad Request: chat not found"), Refused),
            (400, bad(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100), Refused),
            (401, bad(401, "Unauthorized"), Refused),
            (404, bad(404, "Not Found"), Refused),
            (413, bad(413, "Request Entity Too Large"), Refused),
            (302, "", Refused),
        ),
        telegram_headers,
    ),
    "whatsapp": Platform(
        lambda root: WhatsApp(Api("token", "106540352242922", root, timeout=0.5), SECRET, "verify-me"),
        posted(whatsapp_headers),
        "4915112345678",
        {"messaging_product": "whatsapp", "messages": [{"id": "wamid.SENT"}]},
        "wamid.SENT",
        (
            (400, meta(131056, "Pair rate limit hit"), ChannelThrottled),
            (400, meta(130429, "Rate limit hit"), ChannelThrottled),
            (400, meta(80007, "Rate limit issues"), ChannelThrottled),
            (429, "slow down", ChannelThrottled),
            (400, meta(131047, "Re-engagement message"), Refused),
            (400, meta(131026, "Message undeliverable"), Refused),
            (401, meta(190, "Access token has expired"), Refused),
            (403, meta(10, "Permission denied"), Refused),
            (503, meta(131016, "Service unavailable"), NotConnected),
        ),
        whatsapp_headers,
    ),
    "web": Platform(lambda root: WebChat(), from_form, "c0ffee"),
    "terminal": Platform(lambda root: Terminal(write=lambda text: None), from_form, "c0ffee"),
}

assert webchat.WebChat.name in PLATFORMS


def payloads(name: str) -> dict[str, Any]:
    """The stored payloads of a channel by their names."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((PAYLOADS / name).glob("*.json"))}


def expected(name: str) -> dict[str, Any]:
    """What each stored payload means: its arrivals, and what parse() makes of them."""
    return json.loads((PAYLOADS / f"{name}.expected.json").read_text("utf-8"))  # type: ignore[no-any-return]


def told(made: Made) -> dict[str, Any] | None:
    """A parsed element as JSON, without what is empty."""
    if made is None:
        return None
    fields = {name: getattr(made, name) for name in type(made).__slots__}
    files = fields.pop("attachments", ())
    kept: dict[str, Any] = {name: str(value) for name, value in fields.items() if value and name != "channel"}
    if files:
        kept["attachments"] = [{n: str(v) for n, v in asdict(file).items() if v} for file in files]
    return {"type": type(made).__name__, **kept}
