"""WhatsApp as citizens use it: what they send, and the webhooks that come of it."""

import base64
import hashlib
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

from .clock import Clock
from .faults import Faults, reordered
from .ledger import Account, Button, File, Ledger, Said, Seen
from .postman import nothing
from .rates import Rates
from .samples import sample
from .whatsapp_hooks import Element, Hooks, Number
from .whatsapp_rules import GraphError, Json

WINDOW = 24 * 3600.0
"""Seconds after the citizen's last message in which free text may be sent."""
SILENCE = "Message failed to send because more than 24 hours have passed since the customer last replied to this number"
_MEDIA: dict[str, tuple[str, str, Json]] = {
    "voice": ("audio", "audio/ogg; codecs=opus", {"voice": True}),
    "audio": ("audio", "audio/mpeg", {"voice": False}),
    "photo": ("image", "image/jpeg", {}),
    "video": ("video", "video/mp4", {}),
    "sticker": ("sticker", "image/webp", {"animated": False}),
    "document": ("document", "application/pdf", {"filename": "brief.pdf"}),
}
KINDS = (*_MEDIA, "location", "contact")
"""What a citizen can send besides words."""


def re_engagement() -> GraphError:
    """131047: the citizen has not written for 24 hours, only a template may go."""
    return GraphError(400, 131047, "Re-engagement message", SILENCE)


@dataclass
class Receipts:
    """How delivery states are told for what the bot sends.

    `states` are told in "kept", "reversed" or "shuffled" `order`, each `copies` times; `early`: before the call
    that sent the message is answered. To tell them late, hold("statuses") and release().
    """

    states: tuple[str, ...] = ("sent", "delivered", "read")
    order: str = "kept"
    copies: int = 1
    early: bool = False


class WhatsAppChats:
    """Every citizen's chat with the one number."""

    platform = "whatsapp"

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        rng: random.Random,
        rates: Rates,
        number: Number,
        app_secret: str,
        verify_token: str,
    ) -> None:
        self.clock = clock
        self.ledger = ledger
        self.rates = rates
        self.random = rng
        self.faults = Faults(rng)
        self.hooks = Hooks(clock, rng, number, app_secret, verify_token)
        self.receipts = Receipts()
        self.templates: dict[tuple[str, str], str] = {}
        self.accounts: dict[str, Account] = {}
        self.by_id: dict[str, Account] = {}  # by phone number and by business-scoped user id
        self.senders: dict[str, Account] = {}  # by the id of a message that they sent
        self.media: dict[str, File] = {}
        self._phones = itertools.count(4_915_112_340_001)
        self._numbers = itertools.count(1)

    def new_account(self, name: str, language: str = "de", key: str = "", *, hidden: bool = False) -> Account:
        """A citizen; `hidden` ones have a user name and show only their business-scoped user id."""
        number = next(self._numbers)
        phone = "" if hidden else key or str(next(self._phones))
        user_id = (hidden and key) or f"DE.{13_491_208_655_302_741_918 + number}"
        account = Account(
            phone or user_id,
            self.platform,
            name or phone or user_id,
            language,
            phone=phone,
            user_id=user_id,
        )
        self.accounts[account.key] = self.by_id[user_id] = account
        if phone:
            self.by_id[phone] = account
        self.ledger.add(account, "citizen", name=account.name)
        return account

    def say(self, account: Account, text: str) -> str:
        """Send words; returns the message's id."""
        return self._said(account, "text", {"type": "text", "text": {"body": text}}, text)

    def send(self, account: Account, what: str, text: str = "", file: File | None = None) -> str:
        """Send one of KINDS, with a caption where it takes one; returns the message's id. `file` is an own one."""
        if what in _MEDIA:
            kind, media_type, fields = _MEDIA[what]
            number = next(self._numbers)
            if file is not None:
                media_type = file.media_type
                fields = {**fields, "filename": file.name} if kind == "document" else fields
            file = file or File(f"{what}-{number}", media_type, sample(what, number))
            media_id = f"{1_000_000_000 + number}"
            self.media[media_id] = file
            digest = base64.b64encode(hashlib.sha256(file.content).digest()).decode()
            body: Json = {"mime_type": media_type, "sha256": digest, "id": media_id, **fields}
            if text and kind in ("image", "video", "document"):
                body["caption"] = text
        elif what == "location":
            kind, body = "location", {"latitude": 52.1, "longitude": 11.6}
        elif what == "contact":
            kind = "contacts"
            name = {"formatted_name": account.name, "first_name": account.name}
            card = {"name": name, "phones": [{"phone": "+493012345"}]}
            return self._said(account, what, {"type": kind, kind: [card]}, text)
        else:
            raise ValueError(f"{what!r} cannot be sent; one of {', '.join(KINDS)}")
        return self._said(account, what, {"type": kind, kind: body}, text)

    def press(self, account: Account, seen: Seen, button: Button) -> str:
        """Press a reply button or choose a list row; returns the message's id."""
        kind = "list_reply" if seen.menu else "button_reply"
        reply = {"id": button.data, "title": button.label}
        if button.description:
            reply["description"] = button.description
        content: Json = {
            "type": "interactive",
            "interactive": {"type": kind, kind: reply},
            "context": {"from": self.hooks.number.display_number, "id": seen.id},
        }
        return self._said(account, "choice", content, button.label)

    def edit(self, account: Account, text: str, message: str) -> str:
        """Change an own message. The Cloud API tells no new words: the bot gets an "unsupported" message."""
        said = next((s for s in account.said if s.id == message), None)
        if said is None:
            raise ValueError(f"{account.name} never sent {message}")
        said.text, said.edited = text, True
        self.ledger.add(account, "edited", message, text=text)
        error = {
            "code": 131051,
            "title": "Message type unknown",
            "message": "Message type unknown",
            "error_data": {"details": "Message type is currently not supported."},
        }
        content: Json = {"type": "unsupported", "errors": [error], "unsupported": {"type": "edit"}}
        return self._tell(account, content, self.new_message_id())

    def react(self, account: Account, seen: Seen, emoji: str) -> str:
        """React to a message of the bot."""
        content: Json = {"type": "reaction", "reaction": {"message_id": seen.id, "emoji": emoji}}
        return self._said(account, "reaction", content, emoji)

    def block(self, account: Account, blocked: bool = True) -> None:
        """Block the number: its messages are accepted and never delivered."""
        account.blocked = blocked
        self.ledger.add(account, "blocked", blocked=blocked)

    def expire(self, account: Account) -> None:
        """Let the citizen's 24 hours be over."""
        account.last_said = self.clock.now() - WINDOW - 1
        self.ledger.add(account, "expired")

    def window(self, account: Account) -> float:
        """Seconds that free text may still be sent to this citizen; 0 when only templates may."""
        if account.last_said is None:
            return 0.0
        return max(0.0, account.last_said + WINDOW - self.clock.now())

    def approve(self, name: str, language: str, body: str) -> None:
        """An approved template; {{1}}, {{2}} … stand for its parameters."""
        self.templates[name, language] = body

    def new_message_id(self) -> str:
        """A message id as opaque as Meta's."""
        raw = f"simulated message {next(self._numbers):08d}".encode()
        return "wamid." + base64.b64encode(raw).decode()

    def contact(self, account: Account) -> Json:
        """The citizen in `contacts`; without a number where they hide it."""
        profile = {"name": account.name}
        if account.phone:
            return {"profile": profile, "wa_id": account.phone, "user_id": account.user_id}
        return {"profile": {**profile, "username": "@" + account.key[-6:]}, "user_id": account.user_id}

    def statuses(self, account: Account, message_id: str, late: bool) -> list[Element]:
        """What Meta will tell of this message, in the order and as often as `receipts` says."""
        states: list[str] = list(self.receipts.states)
        if late:
            states = ["failed"]
        elif account.blocked:
            states = [state for state in states if state == "sent"]
        told = reordered(states, self.receipts.order, self.random)
        return [
            Element("statuses", account.key, self.status(account, message_id, state), self.contact(account))
            for state in told
            for _ in range(self.receipts.copies)
        ]

    def status(self, account: Account, message_id: str, state: str, error: GraphError | None = None) -> Json:
        """A status as webhooks carry it; "failed" names 131047 unless told otherwise."""
        body: Json = {
            "id": message_id,
            "status": state,
            "timestamp": str(int(self.clock.now())),
            "recipient_user_id": account.user_id,
        }
        if account.phone:
            body["recipient_id"] = account.phone
        if state == "failed":
            error = error or re_engagement()
            body["errors"] = [
                {
                    "code": error.code,
                    "title": error.title,
                    "message": error.title,
                    "error_data": {"details": error.details},
                }
            ]
        return body

    def tell_status(self, account: Account, message_id: str, state: str, error: GraphError | None = None) -> None:
        """Send one more status of a message, at any time and in any order."""
        body = self.status(account, message_id, state, error)
        self.hooks.put([Element("statuses", account.key, body, self.contact(account))])

    def _tell(self, account: Account, content: Json, message_id: str, taken: Callable[[], None] = nothing) -> str:
        self.senders[message_id] = account
        sender = {"from": account.phone} if account.phone else {}
        body: Json = {
            **sender,
            "from_user_id": account.user_id,
            "id": message_id,
            "timestamp": str(int(self.clock.now())),
            **content,
        }
        self.hooks.put([Element("messages", account.key, body, self.contact(account), taken)])
        return message_id

    def _said(self, account: Account, kind: str, content: Json, text: str) -> str:
        if account.blocked:
            self.block(account, False)
        message_id = self.new_message_id()
        record = self.ledger.add(account, "said", message_id, kind=kind, text=text)
        said = Said(message_id, record.at, record.seq, kind, text)
        account.said.append(said)
        account.last_said = record.at
        self._tell(account, content, message_id, lambda: account.taken(said))
        return message_id
