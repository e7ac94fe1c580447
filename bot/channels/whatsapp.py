"""WhatsApp Cloud API: signed batches in, interactive messages out. Facts from Meta's Cloud API reference, v25.

accept, parse and render are pure; the network's side is in whatsapp_api.
"""

import contextlib
import hashlib
import hmac
import json
import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.attachments.carrier import enclosed_content
from bot.attachments.vault import Vault
from bot.channels.channel import Deliver, Unparseable, Unverified
from bot.channels.commands import command, is_stop
from bot.channels.parts import short
from bot.channels.whatsapp_api import Api
from bot.channels.whatsapp_files import attachments, facts, message_of, takes
from bot.channels.whatsapp_render import BUTTONS, ROW_TITLE, TEXT, rendered
from bot.channels.wire import read_json
from bot.document import clean
from bot.message import (
    Arrival,
    DeliveryReport,
    DeliveryState,
    Kind,
    Limits,
    Message,
    Part,
    Rate,
    Spoken,
)
from bot.settings import Settings

HEADER = "x-hub-signature-256"
NOBODY = "0"  # the chat of an element that belongs to none
WINDOW = 24 * 3600.0
WHAT: Mapping[str, str] = {
    "audio": "voice",
    "contacts": "contact",
    "document": "document",
    "image": "photo",
    "location": "location",
    "sticker": "sticker",
    "video": "video",
}
STATES: Mapping[str, DeliveryState] = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}
SILENT = frozenset({"system", "revoke", "ephemeral"})  # nobody wrote these; there is nothing to answer
_IDENT = re.compile(r"[\x21-\x7e]{1,300}")
_CHAT = re.compile(r"[A-Za-z0-9.]{1,140}")
GARBAGE = (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError, OSError, RecursionError)


def from_settings(settings: Settings) -> "WhatsApp | None":
    """The channel, or None while it is switched off."""
    if not settings.whatsapp_enabled:
        return None
    api = Api(settings.whatsapp_token, settings.whatsapp_phone_number_id, settings.whatsapp_api_url)
    return WhatsApp(api, settings.whatsapp_app_secret, settings.whatsapp_verify_token)


class WhatsApp:
    """`app_secret` proves a webhook's origin, `verify_token` our own to Meta."""

    name = "whatsapp"
    limits = Limits(
        text=TEXT,
        buttons=BUTTONS,
        label=ROW_TITLE,
        files=True,
        attachments=True,
        window=WINDOW,
        # A little under what Meta lets pass (PLATFORMS: 80/s a number; one per 6 s to one person, a burst of 45).
        overall=Rate(78, 40),
        each=Rate(1 / 6.1, 40),
    )

    def __init__(self, api: Api, app_secret: str, verify_token: str) -> None:
        self._api, self._app_secret, self._verify_token = api, app_secret.encode(), verify_token.encode()
        self.vault: Vault | None = None

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """The answer to Meta's verify request (as text/plain), or None: answer 403."""
        given = query.get("hub.verify_token", "").encode("utf-8", "replace")
        right = bool(self._verify_token) and hmac.compare_digest(given, self._verify_token)
        answer = query.get("hub.challenge", "")
        return answer if right and query.get("hub.mode") == "subscribe" and _IDENT.fullmatch(answer) else None

    def accept(self, raw: bytes, headers: Mapping[str, str]) -> Iterable[Arrival]:
        """Every message, status and other change of a batch; a broken one is an arrival that parse() refuses."""
        signature = "sha256=" + hmac.new(self._app_secret, raw, hashlib.sha256).hexdigest()
        given = headers.get(HEADER, "").encode("utf-8", "replace")
        if not self._app_secret or not hmac.compare_digest(given, signature.encode()):
            raise Unverified("the signature is missing or wrong")
        return self.unpack(raw)

    def unpack(self, raw: bytes) -> Iterable[Arrival]:
        """Every element of a body."""
        body = read_json(raw)
        entries = body.get("entry") if isinstance(body, dict) else None
        if not isinstance(entries, list):
            raise Unparseable("no entries")
        return [arrival for entry in entries for arrival in self._entry(entry)]

    def _entry(self, entry: Any) -> Iterator[Arrival]:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list):
            yield self._broken("an entry without changes", entry)
            return
        for change in changes:
            value = change.get("value") if isinstance(change, dict) else None
            if not isinstance(value, dict):
                yield self._broken("a change without a value", change)
            elif change.get("field", "messages") != "messages":
                yield Arrival(self.name, f"change:{_digest(change)}", NOBODY, {"change": change})
            else:
                yield from self._value(value)

    def _value(self, value: Mapping[str, Any]) -> Iterator[Arrival]:
        contacts = value.get("contacts")
        contacts = [one for one in contacts if isinstance(one, dict)] if isinstance(contacts, list) else []
        for message in _listed(value, "messages"):
            contact = _contact(message, contacts)
            chat = _chat(message, ("from", "from_user_id")) or _chat(contact, ("wa_id", "user_id"))
            if not chat or not _is_ident(message.get("id")):
                yield self._broken("a message without sender or id", message)
            else:
                yield Arrival(self.name, message["id"], chat, {"message": message, "contact": contact})
        for status in _listed(value, "statuses"):
            chat = _chat(status, ("recipient_id", "recipient_user_id"))
            if not chat or not _is_ident(status.get("id")) or not _is_ident(status.get("status")):
                yield self._broken("a status without recipient, id or state", status)
            else:
                yield Arrival(self.name, f"{status['id']}:{status['status']}", chat, {"status": status})
        for error in _listed(value, "errors"):
            yield Arrival(self.name, f"change:{_digest(error)}", NOBODY, {"change": error})

    def _broken(self, reason: str, element: Any) -> Arrival:
        return Arrival(self.name, f"broken:{_digest(element)}", NOBODY, {"broken": reason, "element": element})

    def report(self, arrival: Arrival) -> DeliveryReport | None:
        """A status that can be read; parse() says what is wrong with any other."""
        status = arrival.payload.get("status")
        try:
            return self._report(arrival, status) if status else None
        except GARBAGE:
            return None

    def parse(self, arrival: Arrival) -> Message | DeliveryReport | None:
        """A message or a delivery report; None for what nobody wrote."""
        payload = arrival.payload
        if "broken" in payload:
            raise Unparseable(str(payload["broken"]))
        try:
            if "status" in payload:
                return self._report(arrival, payload["status"])
            return self._message(arrival, payload["message"]) if "message" in payload else None
        except GARBAGE as error:
            raise Unparseable(f"not as documented ({type(error).__name__})") from error

    def _message(self, arrival: Arrival, message: Mapping[str, Any]) -> Message | None:
        said = _said(message)
        if said is None:
            return None
        if said["kind"] in (Kind.TEXT, Kind.UNSUPPORTED):
            said["attachments"] = attachments(message)
        profile = (arrival.payload.get("contact") or {}).get("profile") or {}
        name = clean(profile.get("name") or profile.get("username") or "").strip()
        sender = short(name, 80) if name else ""
        at = _time(message)
        return Message(id=message["id"], channel=self.name, chat=arrival.chat, at=at, sender=sender, **said)

    def _report(self, arrival: Arrival, status: Mapping[str, Any]) -> DeliveryReport | None:
        state = STATES.get(status["status"])
        if state is None:
            return None
        errors = status.get("errors") or [{}]
        reason = " ".join(str(errors[0].get(key, "")) for key in ("code", "title")).strip()
        return DeliveryReport(self.name, arrival.chat, status["id"], state, _time(status), clean(reason)[:200])

    def render(self, spoken: Spoken) -> tuple[Part, ...]:
        """Bodies for /messages without their addressee, and a file part that send() uploads first."""
        return rendered(spoken)

    async def send(self, chat: str, part: Part) -> str:
        """Send a part; a file is uploaded first."""
        if part["type"] == "file":
            # WhatsApp takes no JSON
            name = part["name"] if part["name"].endswith(".txt") else f"{part['name']}.txt"
            ident = await self._api.upload(name, part["content"].encode(), "text/plain")
            part = {"type": "document", "document": {"id": ident, "filename": name}}
        elif part["type"] == "enclosed":
            content = await enclosed_content(self.vault, part)
            ident = await self._api.upload(part["name"], content, part["media_type"])
            part = message_of(ident, part["name"], part["media_type"])
        return await self._api.send(chat, part)

    async def download(self, source: str, largest: int) -> AsyncGenerator[bytes, None]:
        """By the media's id, and from where that says, with our token. Ids of received media live seven days."""
        async with contextlib.aclosing(self._api.media(source, largest)) as content:
            async for chunk in content:
                yield chunk

    def takes(self, media_type: str, size: int) -> bool:
        """Only types that Meta lists, each up to its size."""
        return takes(media_type, size)

    async def acknowledge(self, message: Message) -> None:
        """WhatsApp does not ask for it."""

    async def connect(self, webhook: str) -> None:
        """The webhook is typed into Meta's form by a person."""

    async def poll(self, deliver: Deliver) -> None:
        """WhatsApp only posts."""

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()


def _said(message: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a message says, as fields of Message; None where there is nothing to answer."""
    kind = message["type"]
    if kind == "edit":
        edit = message["edit"]
        text = _words(edit["message"])
        return {"kind": Kind.EDIT, "text": text, "edits": str(edit["original_message_id"])} if text else None
    if kind == "button":  # a template's quick reply
        return {"kind": Kind.CHOICE, "choice": clean(message["button"]["payload"])}
    if kind == "interactive" and message["interactive"]["type"] in {"button_reply", "list_reply"}:
        reply = message["interactive"][message["interactive"]["type"]]
        return {"kind": Kind.CHOICE, "choice": clean(reply["id"])}
    if kind == "reaction":
        emoji = clean(message["reaction"].get("emoji", ""))
        return {"kind": Kind.UNSUPPORTED, "what": "reaction", "text": emoji} if emoji else None
    if kind == "request_welcome":
        return {"kind": Kind.COMMAND, "text": "start"}
    text = _words(message)
    order = ("stop", "") if is_stop(text) else command(text)
    if kind == "text" and order:
        return {"kind": Kind.COMMAND, "text": order[0], "argument": order[1]}
    if text.strip():
        return {"kind": Kind.TEXT, "text": text}
    if kind in SILENT:
        return None
    return {"kind": Kind.UNSUPPORTED, "what": WHAT.get(kind, "other"), "text": facts(message)}


def _words(message: Mapping[str, Any]) -> str:
    """The text or caption of a message; raises where it is no text."""
    kind = message["type"]
    if kind == "text":
        return clean(message["text"]["body"])
    content = message.get(kind) if kind in {"image", "video", "document"} else None
    return clean((content or {}).get("caption") or "")


def _time(element: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(element["timestamp"]), UTC)


def _listed(value: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The elements under a key; one that is no object is wrapped, so that it is refused and not lost."""
    elements = value.get(key)
    if elements is None:
        return []
    elements = elements if isinstance(elements, list) else [elements]
    return [element if isinstance(element, dict) else {"not_an_object": element} for element in elements]


def _contact(message: Mapping[str, Any], contacts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The contact that sent a message."""
    for contact in contacts:
        for ours, theirs in (("from", "wa_id"), ("from_user_id", "user_id")):
            if message.get(ours) is not None and message.get(ours) == contact.get(theirs):
                return contact
    return contacts[0] if len(contacts) == 1 else {}


def _chat(element: Mapping[str, Any], keys: Iterable[str]) -> str:
    """The first usable id: the number where there is one, else the business-scoped user id."""
    for key in keys:
        value = element.get(key)
        if isinstance(value, str) and _CHAT.fullmatch(value):
            return value
    return ""


def _is_ident(value: Any) -> bool:
    return isinstance(value, str) and bool(_IDENT.fullmatch(value))


def _digest(element: Any) -> str:
    return hashlib.sha256(json.dumps(element, sort_keys=True).encode()).hexdigest()[:32]
