"""A Bot API server for one bot: `<root>/bot<token>/<method>` and `<root>/file/bot<token>/<path>`.

Rules from the Bot API's documentation, tdlib's source and what bots meet in practice; see each module.
"""

import asyncio
import random

from aiohttp import web

from . import defaults
from .citizen import PATIENCE
from .clock import Clock
from .faults import Fault, cut
from .ledger import Ledger
from .rates import Rates
from .telegram_chats import Chats
from .telegram_methods import BotApi
from .telegram_wire import ApiError, Json, Params, read_params, throttled

REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


class Telegram(Chats):
    """One bot, its citizens, and the API it is driven by. `url` is the root for STADTBOTE_TELEGRAM_API_URL."""

    def __init__(self, clock: Clock, ledger: Ledger, rng: random.Random, rates: Rates, token: str) -> None:
        super().__init__(clock, ledger, rng, rates)
        self.url = ""
        self.token = token
        self.api = BotApi(self)

    def bot(self) -> Json:
        """The bot as a user."""
        return {
            "id": int(self.token.partition(":")[0]),
            "is_bot": True,
            "first_name": defaults.TELEGRAM_BOT_NAME,
            "username": defaults.TELEGRAM_BOT_USERNAME,
        }

    def routes(self, root: str) -> list[web.RouteDef]:
        """Routes below `root`, e.g. "/telegram"."""
        return [
            web.route("*", root + "/bot{token}/{method}", self._handle),
            web.get(root + "/file/bot{token}/{path:.+}", self._file),
        ]

    async def taken(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 - reads better in tests
        """Return once the bot has taken every update (confirmed it, or answered the webhook with 2xx)."""
        async with asyncio.timeout(timeout):
            while self.updates.open:
                await self.updates.signal.wait()

    async def close(self) -> None:
        """End deliveries."""
        await self.updates.postman.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params = Params({})
        try:
            if request.match_info["token"] != self.token:
                raise ApiError(401, "Unauthorized")
            params = await read_params(request)
            fault = self.faults.take(method, params.text("chat_id"))
            if fault:
                await self._suffer(fault)
            result = await self.api.call(method, params)
            if fault and fault.after:
                raise _broken(fault)
        except ApiError as error:
            self.ledger.called(self.platform, method, params.text("chat_id"), error.status)
            if not error.status:
                return cut(request)
            return web.json_response(error.json(), status=error.status)
        self.ledger.called(self.platform, method, params.text("chat_id"), 200)
        return web.json_response({"ok": True, "result": result})

    async def _suffer(self, fault: Fault) -> None:
        """What goes wrong before a call is carried out."""
        if fault.kind == "slow":
            await self.clock.sleep(fault.seconds)
        elif fault.kind == "throttle":
            raise throttled(max(1, int(fault.seconds)))
        elif not fault.after:
            raise _broken(fault)

    async def _file(self, request: web.Request) -> web.Response:
        file = self.files.get(request.match_info["path"].removeprefix("files/"))
        if request.match_info["token"] != self.token or file is None:
            return web.json_response(ApiError(404, "Not Found").json(), status=404)
        return web.Response(body=file.content, content_type=file.media_type)


def _broken(fault: Fault) -> ApiError:
    """A cut connection is a status of 0."""
    if fault.kind == "cut":
        return ApiError(0, "cut")
    return ApiError(fault.status, REASONS.get(fault.status, "Internal Server Error"))
