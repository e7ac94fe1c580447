"""Telegram: webhook or long polling in, telegram.Bot out. Facts from core.telegram.org/bots/api.

accept, parse and render are pure; the network's side is in telegram_api.
"""

import hmac
import logging
from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    MessageReactionUpdated,
    ReactionTypeEmoji,
    Update,
    User,
)
from telegram import Message as TelegramMessage
from telegram.error import BadRequest, TelegramError
from telegram.helpers import effective_message_type

from bot.attachments.vault import Vault
from bot.channels.channel import Deliver, Refused, Unparseable, Unverified
from bot.channels.commands import command
from bot.channels.parts import short
from bot.channels.telegram_api import ALLOWED_UPDATES, GARBAGE, Poller, failure, introduce, make_bot
from bot.channels.telegram_carrying import download, send_enclosed
from bot.channels.telegram_files import LARGEST_DOCUMENT, attachments, facts
from bot.channels.telegram_render import BUTTONS, LABEL, TEXT, rendered
from bot.channels.wire import read_json
from bot.document import clean
from bot.message import Arrival, DeliveryReport, Kind, Limits, Message, Part, Rate, Spoken
from bot.settings import Settings

log = logging.getLogger(__name__)

HEADER = "x-telegram-bot-api-secret-token"
NOBODY = "0"  # the chat of an update that belongs to none, so that it is acknowledged like the others
# None: a service message that nobody wrote, e.g. "pinned a message". What is not here is service too.
WHAT: Mapping[str, str] = {
    "animation": "video",
    "audio": "voice",
    "checklist": "other",
    "contact": "contact",
    "dice": "sticker",
    "document": "document",
    "game": "other",
    "invoice": "other",
    "live_photo": "photo",
    "location": "location",
    "paid_media": "photo",
    "passport_data": "other",
    "photo": "photo",
    "poll": "other",
    "sticker": "sticker",
    "story": "other",
    "venue": "location",
    "video": "video",
    "video_note": "video",
    "voice": "voice",
    "web_app_data": "other",
}


def from_settings(settings: Settings) -> "Telegram | None":
    """The channel, or None without a token."""
    if not settings.telegram_token:
        return None
    return Telegram(
        settings.telegram_token, settings.telegram_api_url, settings.telegram_secret, settings.telegram_mode
    )


class Telegram:
    """`mode` is polling or webhook; `secret` proves a webhook's origin; `timeout` is for one request, in seconds."""

    name = "telegram"
    limits = Limits(
        text=TEXT,
        buttons=BUTTONS,
        label=LABEL,
        files=True,
        attachments=True,
        # A little under what Telegram lets pass (PLATFORMS: 30/s in all, 1/s a chat, short bursts): clocks differ.
        overall=Rate(29, 20),
        each=Rate(0.98, 4),
    )

    def __init__(
        self,
        token: str,
        api_url: str = "https://api.telegram.org",
        secret: str = "",
        mode: str = "polling",
        timeout: float = 10.0,
    ) -> None:
        self._token, self._root, self._secret, self._mode = token, api_url.rstrip("/"), secret, mode
        self._bot = make_bot(token, self._root, timeout)
        self.vault: Vault | None = None
        self.username = ""  # ours, once the platform told: tells commands for other bots of a group apart

    def accept(self, raw: bytes, headers: Mapping[str, str]) -> Iterable[Arrival]:
        """One update; only the secret proves where it comes from."""
        given = headers.get(HEADER, "")
        if not self._secret or not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise Unverified("the secret token is missing or wrong")
        return self.unpack(raw)

    def unpack(self, raw: bytes) -> Iterable[Arrival]:
        """The one update of a body."""
        return (self.arrival(read_json(raw)),)

    def arrival(self, update: Any) -> Arrival:
        """An update by its id and its conversation; raises Unparseable without an id."""
        if not isinstance(update, dict) or type(update.get("update_id")) is not int:
            raise Unparseable("no update_id")
        return Arrival(self.name, str(update["update_id"]), _chat_of(update), update)

    def report(self, arrival: Arrival) -> DeliveryReport | None:
        """There are none here."""
        return None

    def parse(self, arrival: Arrival) -> Message | DeliveryReport | None:
        """The update as a Message; None for service messages, other people's groups, bots."""
        try:
            message = self._read(arrival, Update.de_json(dict(arrival.payload)))
            if message and not (isinstance(message.at, datetime) and isinstance(message.id, str)):
                raise TypeError  # the library takes what it gets and checks no types
            return message
        except (*GARBAGE, TelegramError, OverflowError, RecursionError, OSError) as error:
            raise Unparseable(f"not as documented ({type(error).__name__})") from error

    def _read(self, arrival: Arrival, update: Update) -> Message | None:
        if update.callback_query:
            return self._choice(arrival, update.callback_query)
        if update.edited_message:
            return self._edit(arrival, update.edited_message)
        if update.message:
            return self._message(arrival, update.message)
        return self._reaction(arrival, update.message_reaction) if update.message_reaction else None

    def _message(self, arrival: Arrival, message: TelegramMessage) -> Message | None:
        if _is_bot(message.from_user) or message.chat.type == "channel":
            return None
        text = clean(message.text or message.caption or "")
        order = command(text, self.username) if message.text else None
        if order:
            return self._made(arrival, message, Kind.COMMAND, text=order[0], argument=order[1])
        if message.chat.type != "private":
            return None
        files = {"attachments": attachments(message)}
        if text:
            return self._made(arrival, message, Kind.TEXT, text=text, **files)
        kind = effective_message_type(message)
        what = WHAT.get(str(kind), "") if kind else "other"  # a kind newer than our library
        said = facts(message)
        return self._made(arrival, message, Kind.UNSUPPORTED, what=what, text=said, **files) if what else None

    def _edit(self, arrival: Arrival, message: TelegramMessage) -> Message | None:
        text = clean(message.text or message.caption or "")
        if not text or _is_bot(message.from_user) or message.chat.type != "private":
            return None
        at = message.edit_date or message.date
        ident = str(message.message_id)
        return self._made(
            arrival, message, Kind.EDIT, text=text, edits=ident, at=at, id=f"{ident}.{int(at.timestamp())}"
        )

    def _made(self, arrival: Arrival, message: TelegramMessage, kind: Kind, **more: Any) -> Message:
        common = {"id": str(message.message_id), "at": message.date}
        who = {"sender": _name(message.from_user), "language": _language(message.from_user)}
        return Message(channel=self.name, chat=arrival.chat, kind=kind, **{**common, **who, **more})

    def _choice(self, arrival: Arrival, query: CallbackQuery) -> Message | None:
        if not query.data or _is_bot(query.from_user):
            return None
        return Message(
            query.id,
            self.name,
            arrival.chat,
            Kind.CHOICE,
            # Telegram does not say when it was pressed: the time of the message that bears the button
            query.message.date if query.message else datetime.fromtimestamp(0, UTC),
            choice=clean(query.data),
            sender=_name(query.from_user),
            language=_language(query.from_user),
            callback=str(query.id),
        )

    def _reaction(self, arrival: Arrival, reaction: MessageReactionUpdated) -> Message | None:
        if not reaction.new_reaction or _is_bot(reaction.user) or reaction.chat.type != "private":
            return None
        emoji = next((one.emoji for one in reaction.new_reaction if isinstance(one, ReactionTypeEmoji)), "")
        return Message(
            f"{reaction.message_id}.{int(reaction.date.timestamp())}",
            self.name,
            arrival.chat,
            Kind.UNSUPPORTED,
            reaction.date,
            text=clean(emoji),
            what="reaction",
            sender=_name(reaction.user),
            language=_language(reaction.user),
        )

    def render(self, spoken: Spoken) -> tuple[Part, ...]:
        """Text parts in HTML (with the plain words, should Telegram refuse the HTML), then the file."""
        return rendered(spoken)

    async def send(self, chat: str, part: Part) -> str:
        """Send a part; HTML that Telegram cannot read goes again as plain words."""
        try:
            number = int(chat)
        except ValueError:
            raise Refused("no Telegram chat") from None
        rows = [[InlineKeyboardButton(label, callback_data=data)] for data, label in part.get("buttons", ())]
        keyboard = InlineKeyboardMarkup(rows) if rows else None
        try:
            if part["type"] == "file":
                file = InputFile(part["content"].encode(), filename=part["name"])
                sent = await self._bot.send_document(number, file, reply_markup=keyboard)
            elif part["type"] == "enclosed":
                sent = await send_enclosed(self._bot, self.vault, number, part, keyboard)
            else:
                sent = await self._send_text(number, part, keyboard)
            return str(sent.message_id)
        except (TelegramError, *GARBAGE) as error:
            raise failure(error, self._token) from error

    async def _send_text(self, chat: int, part: Part, keyboard: InlineKeyboardMarkup | None) -> TelegramMessage:
        still = LinkPreviewOptions(is_disabled=True)
        try:
            return await self._bot.send_message(
                chat, part["html"], parse_mode="HTML", link_preview_options=still, reply_markup=keyboard
            )
        except BadRequest as error:
            if "parse" not in str(error).casefold():
                raise
            log.error("telegram: HTML was refused and sent again as plain text (%s)", str(error)[:120])
        return await self._bot.send_message(chat, part["plain"], link_preview_options=still, reply_markup=keyboard)

    def download(self, source: str, largest: int) -> AsyncGenerator[bytes, None]:
        """A citizen's file by its id."""
        return download(self._bot, self._root, source, largest)

    def takes(self, media_type: str, size: int) -> bool:
        """Any type, up to 50 MB."""
        del media_type
        return size <= LARGEST_DOCUMENT

    async def acknowledge(self, message: Message) -> None:
        """Stop the waiting mark on a pressed button."""
        if not message.callback:
            return
        try:
            await self._bot.answer_callback_query(message.callback)
        except (TelegramError, *GARBAGE) as error:
            log.info("telegram: a button's press was not acknowledged (%s)", failure(error, self._token))

    async def poll(self, deliver: Deliver) -> None:
        """Long polling, in polling mode."""
        if self._mode != "polling":
            return

        async def take(update: Mapping[str, Any]) -> None:
            await deliver(self.arrival(update))

        await Poller(f"{self._root}/bot{self._token}/getUpdates", take, self._prepare).run()

    async def _prepare(self) -> None:
        """What polling needs: no webhook, our own name, the menu. What fails here shows again when polling."""
        try:
            await self._bot.delete_webhook()
        except (TelegramError, *GARBAGE) as error:
            log.warning("telegram: no webhook was removed (%s)", failure(error, self._token))
        self.username = await introduce(self._bot)

    async def connect(self, webhook: str) -> None:
        """In webhook mode: have updates posted there (https), with the secret. Raises SendFailed."""
        if self._mode != "webhook":
            return
        try:
            await self._bot.set_webhook(webhook, secret_token=self._secret, allowed_updates=ALLOWED_UPDATES)
        except (TelegramError, *GARBAGE) as error:
            raise failure(error, self._token) from error
        self.username = await introduce(self._bot)

    async def close(self) -> None:
        """Close connections."""
        await self._bot.request.shutdown()


def _chat_of(update: Mapping[str, Any]) -> str:
    """The conversation of an update, whatever kind it is."""
    for content in update.values():
        if not isinstance(content, dict):
            continue
        message = content.get("message")
        for holder in (content, message if isinstance(message, dict) else {}):
            chat = holder.get("chat")
            if isinstance(chat, dict) and type(chat.get("id")) is int:
                return str(chat["id"])
        for key in ("from", "user"):  # a private chat has its citizen's id
            person = content.get(key)
            if isinstance(person, dict) and type(person.get("id")) is int:
                return str(person["id"])
    return NOBODY


def _is_bot(user: User | None) -> bool:
    return user is not None and user.is_bot


def _name(user: User | None) -> str:
    return short(user.full_name, 80) if user and user.full_name.strip() else ""


def _language(user: User | None) -> str:
    code = ((user.language_code if user else "") or "").partition("-")[0].casefold()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""
