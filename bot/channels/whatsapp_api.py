"""The Cloud API's network side: messages and media, with refusals, throttling and doubt told apart.

Never logged: numbers, texts, the token. Codes: Meta's Cloud API error reference.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.attachments.carrier import Gone, TooLarge
from bot.channels.channel import Ambiguous, ChannelThrottled, NotConnected, Refused, SendFailed
from bot.channels.streaming import streamed, uploading
from bot.message import Part

VERSION = "v25.0"
THROTTLED = frozenset({4, 80007, 130429, 131048, 131056})
DOWN = frozenset({2, 131016, 133004})  # the service says itself that it did nothing
CONNECT_SECONDS = 3.0  # well under a send's time limit: what was not connected may be tried again
LARGEST_ANSWER = 64 * 1024
METAS = (".fbsbx.com", ".fbcdn.net", ".facebook.com", ".whatsapp.net", ".whatsapp.com")
"""Where received files lie: lookaside.fbsbx.com by Meta's examples; the others are Meta's own as well."""
MAX_STRIKES = 6  # 4^6 s is more than an hour
_BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]+")  # a number has no letters


class Api:
    """Calls for one phone number id. `timeout` is for connecting and for waiting, in seconds."""

    def __init__(
        self, token: str, number_id: str, root: str = "https://graph.facebook.com", timeout: float = 15.0
    ) -> None:
        self._root = root.rstrip("/")
        self._url = f"{self._root}/{VERSION}/{number_id}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = aiohttp.ClientTimeout(
            total=timeout * 2, sock_connect=min(timeout, CONNECT_SECONDS), sock_read=timeout
        )
        self._session: aiohttp.ClientSession | None = None
        self._strikes: dict[str, int] = {}

    async def send(self, chat: str, part: Part) -> str:
        """Post one message; return its id. Raises a SendFailed."""
        # in "to", a business-scoped user id is taken for a number and the message vanishes without an error
        addressee = {"recipient": chat} if _BSUID.fullmatch(chat) else {"to": chat}
        body = {"messaging_product": "whatsapp", "recipient_type": "individual", **addressee, **part}
        try:
            answer = await self._post("messages", json=body)
        except ChannelThrottled as throttled:
            raise ChannelThrottled(self._patience(chat, throttled.retry_after)) from None
        self._strikes.pop(chat, None)
        try:
            return str(answer["messages"][0]["id"])
        except (KeyError, IndexError, TypeError):
            raise Ambiguous("an answer without a message id") from None

    async def upload(self, name: str, content: bytes, media_type: str) -> str:
        """Upload a file; return its media id. Nothing has reached the citizen where this fails."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", media_type)
        form.add_field("file", content, filename=name, content_type=media_type)
        try:
            return str((await self._post("media", data=form, timeout=uploading(self._timeout)))["id"])
        except Ambiguous as error:
            raise NotConnected(f"upload: {error}") from None
        except KeyError:
            raise NotConnected("upload: an answer without a media id") from None

    async def media(self, ident: str, largest: int) -> AsyncGenerator[bytes, None]:
        """A received file's bytes, at most `largest`: its address is asked for, and lives five minutes. Raises a
        SendFailed (bot.channels.streaming)."""
        async with contextlib.aclosing(self._streamed(f"{self._root}/{VERSION}/{ident}", LARGEST_ANSWER)) as answer:
            found = _object(b"".join([chunk async for chunk in answer]))
        size = found.get("file_size")
        if str(size).isdecimal() and int(str(size)) > largest:
            raise TooLarge("by the platform's account")
        address = str(found.get("url", ""))
        if not (_is_metas(address) or address.startswith(f"{self._root}/")):
            raise Gone(
                "no address to fetch it from"
            )  # the token goes to nobody else, and we ask nothing of our own net
        async with contextlib.aclosing(self._streamed(address, largest)) as content:
            async for chunk in content:
                yield chunk

    def _streamed(self, url: str, largest: int) -> AsyncGenerator[bytes, None]:
        return streamed(self._opened(), url, {}, self._timeout, largest)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        return self._session

    def _patience(self, chat: str, asked: float) -> float:
        """Seconds to wait: what the platform asked for, else 4^n, n counted for each addressee."""
        if asked:
            return asked
        strikes = self._strikes.pop(chat, 0)
        if len(self._strikes) > 10_000:  # the oldest is forgotten: its count starts again
            self._strikes.pop(next(iter(self._strikes)))
        self._strikes[chat] = min(strikes + 1, MAX_STRIKES)
        return 4.0**strikes

    async def _post(self, path: str, **body: Any) -> Mapping[str, Any]:
        try:
            async with self._opened().post(f"{self._url}/{path}", allow_redirects=False, **body) as answer:
                raw = await answer.read()
                retry_after = answer.headers.get("Retry-After", "")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotConnected(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Ambiguous(type(error).__name__) from None
        parsed = _object(raw)
        if answer.status == 200:
            return parsed
        raise failure(answer.status, parsed, retry_after)

    async def close(self) -> None:
        """Close connections."""
        if self._session:
            await self._session.close()
            await asyncio.sleep(0)  # lets the transports go before a loop ends


def _is_metas(address: str) -> bool:
    """On a host of Meta's, encrypted, at the usual port?"""
    try:
        parts = urlsplit(address)
        usual = parts.scheme == "https" and parts.port in (None, 443) and parts.username is None
    except ValueError:
        return False
    return usual and f".{parts.hostname}".endswith(METAS)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def failure(status: int, answer: Mapping[str, Any], retry_after: str = "") -> SendFailed:
    """What a refusal means; a ChannelThrottled of 0 s is one that names no time."""
    error = answer.get("error")
    error = error if isinstance(error, dict) else {}
    code = error.get("code")
    if status == 429 or code in THROTTLED:
        return ChannelThrottled(float(retry_after) if re.fullmatch(r"\d{1,5}", retry_after) else 0.0)
    reason = f"{status} {code if isinstance(code, int) else ''}".strip()
    if code in DOWN:
        return NotConnected(reason)
    if status >= 500 or status < 300:
        return Ambiguous(reason)
    # the title is Meta's; error_data.details may repeat what was sent
    return Refused(f"{reason} {str(error.get('message', ''))[:120]}".strip())
