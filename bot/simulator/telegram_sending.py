"""What sending and editing have in common: to whom, which text, whether it may go, what the citizen then sees."""

import math

from . import markup
from .ledger import Account, Button, File, Seen
from .rates import Bucket
from .telegram_chats import Chats
from .telegram_wire import ApiError, Json, Params, bad_request, throttled


class Sending:
    """The checks before a message and the change on the screen after it."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self._all = Bucket(chats.rates.telegram_all, chats.rates.telegram_all_burst)
        self._per_chat: dict[str, Bucket] = {}

    def _account(self, params: Params) -> Account:
        chat = params.text("chat_id")
        if not chat:
            raise bad_request("chat_id is empty")
        account = self._chats.accounts.get(chat)
        if account is None:
            raise bad_request("chat not found")
        return account

    def _text(self, params: Params, name: str, limit: int) -> tuple[str, list[markup.Entity]]:
        """Plain text and entities of a parameter, checked and trimmed."""
        source = params.text(name)
        mode = params.text("parse_mode").lower()
        if mode == "html":
            try:
                text, entities = markup.parse_html(source)
            except markup.CannotParse as error:
                raise bad_request(f"can't parse entities: {error}") from None
        elif mode:
            raise bad_request("unsupported parse_mode")
        else:
            given = params.json("entities" if name == "text" else "caption_entities") or []
            text = source
            try:
                entities = [
                    markup.Entity(str(e["type"]), int(e["offset"]), int(e["length"]), str(e.get("url", "")))
                    for e in given
                ]
            except (KeyError, TypeError, ValueError, AttributeError):
                raise bad_request("can't parse MessageEntity") from None
        text, entities = markup.trim(text, entities)
        if markup.utf16(text) > limit:
            raise bad_request("message is too long" if name == "text" else "message caption is too long")
        return text, entities

    def _not_blocked(self, account: Account) -> None:
        if account.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if account.last_said is None:
            raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")

    def _may_send(self, account: Account) -> None:
        self._not_blocked(account)
        rates, now = self._chats.rates, self._chats.clock.now()
        chat = self._per_chat.setdefault(account.key, Bucket(rates.telegram_chat, rates.telegram_chat_burst))
        wait = max(self._all.wait(now), chat.wait(now))
        if wait > 0:
            raise throttled(max(1, math.ceil(wait)))
        self._all.take()
        chat.take()

    def _show(
        self,
        account: Account,
        params: Params,
        content: Json,
        styled: str,
        entities: list[markup.Entity],
        text: str,
        buttons: tuple[Button, ...],
        file: File | None = None,
    ) -> Json:
        number = self._chats.next_message_id(account)
        body: Json = {
            "message_id": number,
            "from": self._chats.bot(),
            "chat": self._chats.chat(account),
            "date": int(self._chats.clock.now()),
            **content,
        }
        if entities:
            body[styled] = [entity.json() for entity in entities]
        if buttons:
            body["reply_markup"] = params.json("reply_markup")
        self._chats.messages[account.key, number] = body
        seen = Seen(
            id=str(number),
            at=self._chats.clock.now(),
            seq=self._chats.ledger.number(),
            text=text,
            html=markup.to_html(text, entities),
            raw=params.text("text") or params.text("caption"),
            buttons=buttons,
            file=file,
        )
        account.seen.append(seen)
        account.typing_until = 0.0
        self._chats.ledger.add(account, "seen", seen.id, seq=seen.seq, text=text)
        return body

    def _own_message(self, params: Params) -> tuple[Account, Seen, Json]:
        account = self._account(params)
        seen = account.find(params.text("message_id"))
        if seen is None:
            theirs = (account.key, params.number("message_id")) in self._chats.messages
            raise bad_request("message can't be edited" if theirs else "message to edit not found")
        return account, seen, self._chats.messages[account.key, int(seen.id)]

    def _changed(
        self,
        account: Account,
        seen: Seen,
        body: Json,
        params: Params,
        buttons: tuple[Button, ...],
        text: str,
        html: str,
        raw: str,
        fields: Json,
    ) -> Json:
        if buttons == seen.buttons and html == seen.html:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same as "
                "a current content and reply markup of the message"
            )
        seen.buttons, seen.text, seen.html, seen.raw = buttons, text, html, raw
        seen.edited = seen.edited or bool(fields)
        body.pop("reply_markup", None)
        body |= fields | {"edit_date": int(self._chats.clock.now())}
        if buttons:
            body["reply_markup"] = params.json("reply_markup")
        self._chats.ledger.add(account, "edited", seen.id, text=text)
        return body
