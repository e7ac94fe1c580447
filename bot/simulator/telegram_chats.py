"""Telegram as citizens use it: private chats with the bot, and the updates that come of them."""

import itertools
import random
import re
from typing import Any

from .clock import Clock
from .faults import Faults
from .ledger import Account, Button, File, Ledger, Said, Seen
from .markup import utf16
from .rates import Rates
from .samples import sample
from .telegram_updates import Updates
from .telegram_wire import Json

MAX_TEXT = 4096
"""UTF-16 code units of one message; the app splits what a citizen writes beyond that."""
_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(@\w+)?")
_SENDABLE: dict[str, tuple[str, str, Json]] = {
    "voice": ("sprache.oga", "audio/ogg", {"duration": 4}),
    "audio": ("ton.mp3", "audio/mpeg", {"duration": 12}),
    "video": ("video.mp4", "video/mp4", {"duration": 7, "width": 640, "height": 360}),
    "document": ("brief.pdf", "application/pdf", {"file_name": "brief.pdf"}),
    "photo": ("bild.jpg", "image/jpeg", {"width": 1280, "height": 960}),
    "sticker": (
        "sticker.webp",
        "image/webp",
        {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular", "emoji": "👍"},
    ),
}
KINDS = (*_SENDABLE, "location", "contact")
"""What a citizen can send besides words."""


class Chats:
    """Every citizen's private chat with the one bot. Message ids count per chat, as Telegram promises no more."""

    platform = "telegram"

    def __init__(self, clock: Clock, ledger: Ledger, rng: random.Random, rates: Rates) -> None:
        self.clock = clock
        self.ledger = ledger
        self.rates = rates
        self.faults = Faults(rng)
        self.updates = Updates(clock, rng)
        self.accounts: dict[str, Account] = {}
        self.messages: dict[tuple[str, int], Json] = {}
        self.files: dict[str, File] = {}
        self.callbacks: dict[str, tuple[Account, float]] = {}  # not answered yet
        self._chat_ids = itertools.count(700_000_001)
        self._message_ids: dict[str, Any] = {}
        self._numbers = itertools.count(1)
        self._instance = rng.randrange(10**17, 10**18)

    def new_account(self, name: str, language: str = "de", key: str = "") -> Account:
        """A citizen who has not written yet: until then the bot may not write to them either."""
        key = key or str(next(self._chat_ids))
        account = Account(key, self.platform, name or f"Telegram {key}", language)
        self.accounts[key] = account
        self._message_ids[key] = itertools.count(1)
        self.ledger.add(account, "citizen", name=account.name)
        return account

    def say(self, account: Account, text: str) -> str:
        """Send words; returns the message's id. Over-long text becomes several messages, as in the app."""
        message_id = ""
        for piece in _pieces(text):
            commands = [
                {"type": "bot_command", "offset": utf16(piece[: m.start()]), "length": utf16(m.group())}
                for m in _COMMAND.finditer(piece)
            ]
            body: Json = {"text": piece, **({"entities": commands} if commands else {})}
            message_id = self._said(account, "text", body, piece)
        return message_id

    def send(self, account: Account, what: str, text: str = "", file: File | None = None) -> str:
        """Send one of KINDS, with a caption where it takes one; returns the message's id. `file` is an own one."""
        if what in _SENDABLE:
            name, media_type, fields = _SENDABLE[what]
            number = next(self._numbers)
            if file is not None:
                fields = {**fields, "mime_type": file.media_type}
                fields |= {"file_name": file.name} if what == "document" else {}
            file = file or File(name, media_type, sample(what, number))
            file_id = f"sim-{what}-{number}"
            self.files[file_id] = file
            one = {
                "file_id": file_id,
                "file_unique_id": f"u{number}",
                "file_size": len(file.content),
                **fields,
            }
            body: Json = {what: [one] if what == "photo" else one}
            if what != "sticker" and text:
                body["caption"] = text
        elif what == "location":
            body = {"location": {"latitude": 52.1, "longitude": 11.6}}
        elif what == "contact":
            body = {"contact": {"phone_number": "+493012345", "first_name": account.name}}
        else:
            raise ValueError(f"{what!r} cannot be sent; one of {', '.join(KINDS)}")
        return self._said(account, what, body, text)

    def press(self, account: Account, seen: Seen, button: Button) -> str:
        """Press an inline button; returns the id of the callback query, which the bot must answer."""
        if button.url:
            raise ValueError(f"{button.label!r} opens {button.url}; nothing is sent")
        query = str(self._instance + next(self._numbers))
        self.callbacks[query] = (account, self.clock.now())
        said = self._note(account, query, "choice", button.label)
        body = {
            "id": query,
            "from": self.user(account),
            "message": self.messages[account.key, int(seen.id)],
            "chat_instance": str(self._instance),
            "data": button.data,
        }
        self.updates.put("callback_query", account.key, {"callback_query": body}, lambda: account.taken(said))
        return query

    def edit(self, account: Account, text: str, message: str) -> str:
        """Change the words (or the caption) of an own message; returns its id."""
        said = next((s for s in account.said if s.id == message), None)
        if said is None:
            raise ValueError(f"{account.name} never sent {message}")
        body = self.messages[account.key, int(message)]
        body["caption" if said.kind != "text" else "text"] = text
        body.pop("entities", None)
        body["edit_date"] = int(self.clock.now())
        said.text, said.edited = text, True
        account.last_said = self.clock.now()
        self.ledger.add(account, "edited", message, text=text)
        self.updates.put("edited_message", account.key, {"edited_message": dict(body)})
        return message

    def react(self, account: Account, seen: Seen, emoji: str) -> str:
        """React to a message of the bot; the bot hears of it only if it asked to."""
        self._note(account, seen.id, "reaction", emoji)
        body = {
            "chat": self.chat(account),
            "message_id": int(seen.id),
            "user": self.user(account),
            "date": int(self.clock.now()),
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}],
        }
        self.updates.put("message_reaction", account.key, {"message_reaction": body})
        return seen.id

    def block(self, account: Account, blocked: bool = True) -> None:
        """Block the bot, or let it in again; it is told by my_chat_member."""
        account.blocked = blocked
        bot = self.bot()
        member, gone = {"user": bot, "status": "member"}, {"user": bot, "status": "kicked", "until_date": 0}
        body = {
            "chat": self.chat(account),
            "from": self.user(account),
            "date": int(self.clock.now()),
            "old_chat_member": member if blocked else gone,
            "new_chat_member": gone if blocked else member,
        }
        self.ledger.add(account, "blocked", blocked=blocked)
        self.updates.put("my_chat_member", account.key, {"my_chat_member": body})

    def bot(self) -> Json:
        """The bot as a user; the platform's server fills it in."""
        raise NotImplementedError

    def user(self, account: Account) -> Json:
        """A citizen as `from`."""
        return {
            "id": int(account.key),
            "is_bot": False,
            "first_name": account.name,
            "language_code": account.language,
        }

    def chat(self, account: Account) -> Json:
        """A citizen's private chat."""
        return {"id": int(account.key), "first_name": account.name, "type": "private"}

    def next_message_id(self, account: Account) -> int:
        """The next message's number in this chat."""
        return int(next(self._message_ids[account.key]))

    def _note(self, account: Account, id: str, kind: str, text: str) -> Said:
        record = self.ledger.add(account, "said", id, kind=kind, text=text)
        said = Said(id, record.at, record.seq, kind, text)
        account.said.append(said)
        account.last_said = record.at
        return said

    def _said(self, account: Account, kind: str, content: Json, text: str) -> str:
        number = self.next_message_id(account)
        body: Json = {
            "message_id": number,
            "from": self.user(account),
            "chat": self.chat(account),
            "date": int(self.clock.now()),
            **content,
        }
        self.messages[account.key, number] = body
        if account.blocked:
            self.block(account, False)  # writing to a bot lets it in again
        said = self._note(account, str(number), kind, text)
        self.updates.put("message", account.key, {"message": dict(body)}, lambda: account.taken(said))
        return str(number)


def _pieces(text: str) -> list[str]:
    pieces, size = [""], 0
    for character in text:
        size += utf16(character)
        if size > MAX_TEXT:
            pieces.append("")
            size = utf16(character)
        pieces[-1] += character
    return pieces
