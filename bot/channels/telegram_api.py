"""The Bot API's network side: telegram.Bot with its errors told apart, and long polling that loses nothing.

Never logged: the token (it is part of every address) and what people write.
"""

import asyncio
import contextlib
import json
import logging
import os
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.channel import Ambiguous, ChannelThrottled, NotConnected, Refused, SendFailed
from bot.channels.commands import load_words
from bot.channels.streaming import streamed, uploading

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member", "message_reaction"]
GARBAGE = (KeyError, TypeError, AttributeError, ValueError)  # what the library raises for an answer of another shape
MAX_PAUSE = 60.0
CONNECT_SECONDS = 3.0  # well under a send's time limit: what was not connected may be tried again


class Request(BaseRequest):
    """The library's calls over aiohttp, which takes half of httpx's processor time, and with every trouble told by
    type: not connected, throttled, or nobody knows. `timeout`: seconds for the answer."""

    def __init__(self, timeout: float) -> None:
        connecting = min(timeout, CONNECT_SECONDS)
        self._timeout = aiohttp.ClientTimeout(total=2 * timeout, sock_connect=connecting, sock_read=timeout)
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds."""
        return self._timeout.sock_read

    async def initialize(self) -> None:
        """The session is made at the first call."""

    async def shutdown(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        """Status and body. The library's own time limits a call are left aside: ours hold."""
        del args, kwargs
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        data = _form(request_data) if request_data else None
        timeout = uploading(self._timeout) if request_data and request_data.contains_files else self._timeout
        try:
            async with self._session.request(method, url, data=data, allow_redirects=False, timeout=timeout) as answer:
                code, body = answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotConnected(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Ambiguous(type(error).__name__) from None
        if code == 429:
            raise ChannelThrottled(retry_after(body))
        if code >= 500:
            raise Ambiguous(f"Telegram answered {code}")
        if code >= 300 and code not in {400, 401, 403, 404, 409}:
            raise Refused(f"Telegram answered {code}")
        return code, body

    async def stream(self, url: str, largest: int) -> AsyncGenerator[bytes, None]:
        """A file's bytes, at most `largest`. Raises a SendFailed (bot.channels.streaming)."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        async with contextlib.aclosing(streamed(self._session, url, {}, self._timeout, largest)) as content:
            async for chunk in content:
                yield chunk

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Like the library's, which would log an answer that is no JSON, citizens' words included."""
        try:
            answer = json.loads(payload)
        except ValueError:
            raise TelegramError("the answer is no JSON") from None
        return answer if isinstance(answer, dict) else {}


def _form(asked: RequestData) -> aiohttp.FormData | dict[str, str]:
    if not asked.contains_files:
        return asked.json_parameters
    form = aiohttp.FormData(asked.json_parameters)
    for name, (filename, content, media_type) in asked.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return form


def retry_after(body: bytes) -> float:
    """Seconds to wait, from the body of a 429; 1 where it does not say."""
    try:
        seconds = float(json.loads(body)["parameters"]["retry_after"])
    except GARBAGE:
        return 1.0
    return min(max(seconds, 0.0), 86400.0)


def make_bot(token: str, root: str, timeout: float) -> Bot:
    """A Bot for the API at `root`, ready without a call; `timeout` is for the answer, in seconds."""
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    logging.getLogger("telegram").setLevel(logging.WARNING)  # it logs whole payloads
    request = Request(timeout)
    return Bot(
        token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot", request=request, get_updates_request=request
    )


def failure(error: Exception, token: str) -> SendFailed:
    """What an exception of the library means for a message that was being sent."""
    cause = error.__cause__
    if isinstance(cause, SendFailed):
        return cause
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return ChannelThrottled(wait.total_seconds() if isinstance(wait, timedelta) else float(wait))
    reason = f"{type(error).__name__}: {error}".replace(token, "…")[:200]
    if isinstance(error, BadRequest | ChatMigrated | Conflict | Forbidden | InvalidToken):
        return Refused(reason)
    return Ambiguous(reason)


async def introduce(bot: Bot) -> str:
    """Hang out the menu of commands; return our user name. The bot works without either, then it is ""."""
    name = ""
    try:
        name = (await bot.get_me()).username or ""
        for language, words in load_words().items():
            menu = list(words["menu"].items())
            await bot.set_my_commands(menu, language_code=language)
            if language == "de":
                await bot.set_my_commands(menu)  # for every language without a menu of its own
    except (TelegramError, *GARBAGE) as error:
        log.warning("telegram: name and menu were not set (%s)", failure(error, bot.token))
    return name


def pause(tries: int) -> float:
    """Seconds before the next try: doubling up to a minute, never twice the same."""
    return min(MAX_PAUSE, 2.0 ** min(tries, 6)) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, no secret


class Poller:
    """getUpdates for ever. The offset moves past an update only when it was taken over."""

    def __init__(
        self,
        url: str,
        take: Callable[[Mapping[str, Any]], Awaitable[None]],
        prepare: Callable[[], Awaitable[None]],
        wait: int = 30,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url, self._take, self._prepare = url, take, prepare
        self._wait, self._sleep = wait, sleep
        self._offset = 0
        self._tries = 0

    async def run(self) -> None:
        """Poll until cancelled; every trouble is logged once per try and waited out."""
        timeout = aiohttp.ClientTimeout(total=self._wait + 15, connect=10)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await self._prepare()
            while True:
                updates = await self._fetch(session)
                if updates is None:
                    await self._sleep(pause(self._tries))
                    self._tries += 1
                    continue
                if self._tries:
                    await self._prepare()  # it may have failed while nothing could be reached
                self._tries = 0
                for update in updates:
                    await self._hand_over(update)
                    self._offset = max(self._offset, int(update["update_id"]) + 1)

    async def _hand_over(self, update: Mapping[str, Any]) -> None:
        """Again and again if need be: an update that was not stored must not be passed over."""
        tries = 0
        while True:
            try:
                await self._take(update)
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, giving up would lose the update
                log.warning("telegram: an update was not stored (%s), trying again", type(error).__name__)
            await self._sleep(pause(tries))
            tries += 1

    async def _fetch(self, session: aiohttp.ClientSession) -> list[dict[str, Any]] | None:
        """The next updates, or None after trouble (which is logged)."""
        form = {"offset": self._offset, "timeout": self._wait, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        try:
            async with session.post(self._url, data=form, allow_redirects=False) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("telegram: cannot be reached (%s)", type(error).__name__)
            return None
        if status == 200:
            return self._read(body)
        if status == 429:
            await self._sleep(retry_after(body))
        elif status == 409 and b"webhook" in body:
            log.warning("telegram: a webhook is set; removing it, because this program polls")
            await self._prepare()
        elif status == 409:
            log.error("telegram: another program polls with this token; stop it, or give this one a token of its own")
        elif status in {401, 404}:
            log.error("telegram: the token is refused; copy it again from @BotFather")
        else:
            log.warning("telegram: getUpdates answered %d", status)
        return None

    def _read(self, body: bytes) -> list[dict[str, Any]] | None:
        try:
            updates = json.loads(body)["result"]
            known = [one for one in updates if isinstance(one, dict) and type(one.get("update_id")) is int]
        except (*GARBAGE, RecursionError):
            log.warning("telegram: getUpdates answered something that is no list of updates")
            return None
        if len(known) < len(updates):
            log.error("telegram: %d updates without an id were left out", len(updates) - len(known))
        return known if known or not updates else None
