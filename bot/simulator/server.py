"""One server for both platforms, the control API and the page with two phones.

async with Simulator() as sim:          # a free port
    start_the_product(sim.environment())
    erika = sim.citizen("telegram", "Erika")
"""

import asyncio
import random
from collections.abc import Callable
from typing import Self, TypeVar

from aiohttp import web

from . import defaults
from .citizen import PATIENCE, Citizen
from .clock import Clock, SystemClock
from .control import Control
from .ledger import Ledger
from .rates import Rates
from .telegram import Telegram
from .whatsapp import WhatsApp
from .whatsapp_hooks import Number

T = TypeVar("T")
MAX_BODY = 64 * 1024 * 1024


class Simulator:
    """The outside world: two platforms and their citizens. Use it as an async context manager, or start and stop it.

    `clock` and `seed` make limits, back-offs and chance repeatable. Citizens and the ledger outlive stop().
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        clock: Clock | None = None,
        rates: Rates | None = None,
        seed: int = 1,
        telegram_token: str = defaults.TELEGRAM_TOKEN,
        telegram_secret: str = defaults.TELEGRAM_SECRET,
        whatsapp_phone_number_id: str = defaults.WHATSAPP_PHONE_NUMBER_ID,
        whatsapp_token: str = defaults.WHATSAPP_TOKEN,
        whatsapp_app_secret: str = defaults.WHATSAPP_APP_SECRET,
        whatsapp_verify_token: str = defaults.WHATSAPP_VERIFY_TOKEN,
        whatsapp_webhook: str = "",
    ) -> None:
        self.host, self.port = host, port
        self.url = ""
        self.clock = clock or SystemClock()
        self.ledger = Ledger(self.clock)
        self.telegram_secret = telegram_secret
        rng = random.Random(seed)  # noqa: S311 - chance for tests, repeatable by its seed
        rates = rates or Rates()
        number = Number(defaults.WHATSAPP_BUSINESS_ID, whatsapp_phone_number_id, defaults.WHATSAPP_DISPLAY_NUMBER)
        self.telegram = Telegram(self.clock, self.ledger, rng, rates, telegram_token)
        self.whatsapp = WhatsApp(
            self.clock,
            self.ledger,
            rng,
            rates,
            number,
            whatsapp_token,
            whatsapp_app_secret,
            whatsapp_verify_token,
        )
        self.whatsapp.hooks.postman.aim(whatsapp_webhook)
        self._random = rng
        self._control = Control(self.ledger, self.telegram, self.whatsapp)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    def app(self) -> web.Application:
        """Both APIs under /telegram and /whatsapp, the control API under /control, the page at /."""
        app = web.Application(client_max_size=MAX_BODY)
        app.add_routes(self.telegram.routes("/telegram"))
        app.add_routes(self.whatsapp.routes("/whatsapp"))
        app.add_routes(self._control.routes())
        return app

    async def start(self) -> None:
        """Listen; raises OSError when the port is taken. With port 0 a free one is chosen and kept."""
        # No access log: the Telegram token is part of every address. No grace: long polls would use all of it.
        self._runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        shown = f"[{self.host}]" if ":" in self.host else self.host
        self.url = f"http://{shown}:{self.port}"
        self.telegram.url = self.url + "/telegram"
        self.whatsapp.url = self.url + "/whatsapp"

    async def stop(self) -> None:
        """Stop listening and delivering: an outage. start() opens again on the same port."""
        self._control.close()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None
        await self.telegram.close()
        await self.whatsapp.close()

    def citizen(
        self, platform: str, name: str = "", *, language: str = "de", key: str = "", hidden: bool = False
    ) -> Citizen:
        """A citizen on "telegram" or "whatsapp": the one of that key, else a new one.

        `hidden` (WhatsApp): shows only the business-scoped user id, no number.
        """
        if platform == "telegram":
            account = self.telegram.accounts.get(key) or self.telegram.new_account(name, language, key)
            return Citizen(self.telegram, account)
        if platform == "whatsapp":
            found = self.whatsapp.by_id.get(key)
            account = found or self.whatsapp.new_account(name, language, key, hidden=hidden)
            return Citizen(self.whatsapp, account)
        raise ValueError('platform is "telegram" or "whatsapp"')

    def environment(self, telegram_mode: str = "polling") -> dict[str, str]:
        """Settings that connect the product to this simulator on both platforms."""
        return {
            "STADTBOTE_TELEGRAM_TOKEN": self.telegram.token,
            "STADTBOTE_TELEGRAM_API_URL": self.telegram.url,
            "STADTBOTE_TELEGRAM_MODE": telegram_mode,
            "STADTBOTE_TELEGRAM_SECRET": self.telegram_secret,
            "STADTBOTE_WHATSAPP_ENABLED": "on",
            "STADTBOTE_WHATSAPP_TOKEN": self.whatsapp.token,
            "STADTBOTE_WHATSAPP_PHONE_NUMBER_ID": self.whatsapp.hooks.number.phone_number_id,
            "STADTBOTE_WHATSAPP_APP_SECRET": self.whatsapp.hooks.app_secret,
            "STADTBOTE_WHATSAPP_VERIFY_TOKEN": self.whatsapp.hooks.verify_token,
            "STADTBOTE_WHATSAPP_API_URL": self.whatsapp.url,
        }

    async def taken(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 - reads better in tests
        """Return once the product has taken every update of both platforms."""
        await self.telegram.taken(timeout)
        await self.whatsapp.taken(timeout)

    async def until(self, check: Callable[[], T], timeout: float = PATIENCE) -> T:  # noqa: ASYNC109 - as taken()
        """Wait until check() is true, looking again whenever anything happens; raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while not (found := check()):
                await self.ledger.signal.wait()
            return found

    def record(self) -> None:
        """Keep every webhook body from now on, for replay()."""
        for postman in (self.telegram.updates.postman, self.whatsapp.hooks.postman):
            postman.archive = postman.archive or []

    def replay(self, repeats: tuple[int, int] = (1, 1)) -> int:
        """Post all that was recorded again, each body so many times, in a drawn order: the same bytes and signatures.

        Platforms repeat for days, and so may whoever recorded them. Returns how many posts that makes.
        """
        postmen = (self.telegram.updates.postman, self.whatsapp.hooks.postman)
        return sum(postman.replay(self._random, repeats) for postman in postmen)

    async def posted(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 - as taken()
        """Return once every post has arrived, copies and replays included."""
        async with asyncio.timeout(timeout):
            for postman in (self.telegram.updates.postman, self.whatsapp.hooks.postman):
                while postman.waiting:
                    await postman.signal.wait()

    def calm(self) -> None:
        """End all misbehaviour: planned faults, repeats, held updates, odd receipts."""
        self._control.calm()


async def run(
    host: str = "127.0.0.1",
    port: int = 8090,
    whatsapp_webhook: str = "",
    started: Callable[[Simulator], object] = lambda sim: None,
) -> None:
    """Serve until cancelled; `started` is called once it listens.

    Telegram's webhook is set by the product itself, through the API; WhatsApp's is entered here, as in Meta's form.
    """
    async with Simulator(host, port, whatsapp_webhook=whatsapp_webhook) as sim:
        started(sim)
        await asyncio.Event().wait()
