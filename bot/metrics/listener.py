"""/metrics and /health of one process, on a listener of its own: never on the one that citizens reach."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from bot.metrics.metrics import Metrics

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 15.0  # a process that is told to end has ten
RETRY_SECONDS = 1.0
LOOK_SECONDS = 2.0  # a scrape waits ten seconds by default: the page must come even while the store hangs

Look = Callable[[], Awaitable[Mapping[str, bool]]]
"""Measures what is only known by looking, when somebody asks: sets gauges, and says which parts can be used."""


class Page:
    """The handlers. `name` is the process's own, e.g. worker2."""

    def __init__(self, metrics: Metrics, look: Look, name: str, version: str) -> None:
        self._metrics, self._look, self._name, self._version = metrics, look, name, version
        self._looking: asyncio.Future[Mapping[str, bool]] | None = None

    def app(self) -> web.Application:
        """Both routes."""
        app = web.Application()
        app.router.add_get("/metrics", self.metrics)
        app.router.add_get("/health", self.health)
        return app

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus' text format, or OpenMetrics for who asks for it."""
        await self._parts()
        encode, media = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._metrics.registry), headers={"Content-Type": media})

    async def health(self, request: web.Request) -> web.Response:
        """This process lives, and what it can use. 200 also while a part is away: a restart would not bring it back."""
        del request
        parts = await self._parts()
        body = {"status": "ok", "process": self._name, "version": self._version, "parts": parts}
        return web.json_response(body)

    async def _parts(self) -> Mapping[str, bool]:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look())
        # Not cancelled when it takes long: that would throw a connection away; who asks next waits for the same look.
        done, _ = await asyncio.wait({self._looking}, timeout=LOOK_SECONDS)
        parts = self._looking.result() if done else {"store": False}
        self._metrics.parts.forget()  # a look that found less must not leave the rest standing
        for part, up in parts.items():
            self._metrics.parts.set(up, part)
        return parts


class _Counted(logging.Handler):
    """Counts what somebody should read."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.WARNING)
        self._lines = metrics.log_lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.labels("error" if record.levelno >= logging.ERROR else "warning").inc()


class Listener:
    """Serves a Page from start() to close()."""

    def __init__(
        self, metrics: Metrics, look: Look, name: str, version: str, patience: float = PATIENCE_SECONDS
    ) -> None:
        """`patience`: for how many seconds a taken port is nothing to speak of."""
        self._counted, self._patience = _Counted(metrics), patience
        app = Page(metrics, look, name, version).app()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._trying: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int) -> None:
        """Serve as soon as the port is free; port 0: never. The process's own work waits for none of it."""
        logging.getLogger().addHandler(self._counted)
        if port:
            await self._runner.setup()
            if not await self._bound(host, port):
                self._trying = asyncio.create_task(self._try_again(host, port))

    async def close(self) -> None:
        """Stop."""
        if self._trying:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
        await self._runner.cleanup()
        logging.getLogger().removeHandler(self._counted)

    async def _bound(self, host: str, port: int) -> bool:
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            return False
        log.info("metrics", extra={"host": host, "port": port})
        return True

    async def _try_again(self, host: str, port: int) -> None:
        """In a rolling restart, the process that we replace has the port until it ends."""
        began, told = time.monotonic(), False
        while True:
            if not told and time.monotonic() - began >= self._patience:
                told = True
                log.error(
                    "no metrics: their port is taken; stop who has it, or set another STADTBOTE_METRICS_PORT",
                    extra={"host": host, "port": port},
                )
            await asyncio.sleep(min(self._patience, RETRY_SECONDS))
            if await self._bound(host, port):
                return
