"""Messages as the platforms post them: Telegram's updates with the secret token, Meta's signed bodies."""

import asyncio
import itertools
import json
import time
from collections.abc import Mapping

import aiohttp

from bot.simulator import defaults
from bot.simulator.whatsapp_hooks import Element, Number, body_of, encode, sign
from tests.bench.book import Asked, Chat

NUMBER = Number(defaults.WHATSAPP_BUSINESS_ID, defaults.WHATSAPP_PHONE_NUMBER_ID, defaults.WHATSAPP_DISPLAY_NUMBER)
PATIENCE = 60.0  # seconds that a platform waits for its 2xx (PLATFORMS)
TRIES, AGAIN = 60, 1.0  # posts of a message that is refused because the store is slow; seconds between them
CONNECTIONS = 100  # at once; Telegram uses 40 and Meta keeps its own number to itself


class Post:
    """Posts to the product's edge."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count(1)
        # One's own proxies and cookies have no part in this.
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            connector=aiohttp.TCPConnector(limit=CONNECTIONS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()

    async def send(self, asked: Asked) -> None:
        """Post it after the earlier ones of its chat, and again while it is told to come again; notes the last status
        and the time of the acknowledgement."""
        address = f"{self._url}/channels/{asked.chat.platform}"
        try:
            async with asked.chat.line:
                body, headers = self._body(asked.chat, asked.text)
                for _ in range(TRIES):
                    async with self._session.post(address, data=body, headers=headers) as answer:
                        await answer.read()
                        asked.status = answer.status
                    if asked.status != 503:
                        break
                    asked.refused += 1
                    await asyncio.sleep(AGAIN)
        except (aiohttp.ClientError, TimeoutError):
            asked.status = 0
        asked.acknowledged = time.time()

    def _body(self, chat: Chat, text: str) -> tuple[bytes, Mapping[str, str]]:
        number, now = next(self._numbers), int(time.time())
        kind = {"Content-Type": "application/json"}
        if chat.platform == "telegram":
            chat.number += 1
            who = {"id": int(chat.key), "first_name": "Erika"}
            command = [{"type": "bot_command", "offset": 0, "length": len(text)}] if text.startswith("/") else None
            message = {
                "message_id": 1_000_000 + chat.number,  # beyond the simulator's own
                "from": {**who, "is_bot": False, "language_code": "de"},
                "chat": {**who, "type": "private"},
                "date": now,
                "text": text,
                **({"entities": command} if command else {}),
            }
            update = json.dumps({"update_id": 500_000_000 + number, "message": message}).encode()
            return update, {**kind, "X-Telegram-Bot-Api-Secret-Token": defaults.TELEGRAM_SECRET}
        message = {
            "from": chat.key,
            "id": f"wamid.bench{number:010d}",
            "timestamp": str(now),
            "type": "text",
            "text": {"body": text},
        }
        contact = {"profile": {"name": "Erika"}, "wa_id": chat.key}
        raw = encode(body_of([Element("messages", chat.key, message, contact)], NUMBER))
        return raw, {**kind, "X-Hub-Signature-256": sign(defaults.WHATSAPP_APP_SECRET, raw)}
