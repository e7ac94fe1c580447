"""/metrics and /health of one process, on a listener of its own: never on the one that citizens reach."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from bot.metrics.metrics import Metrics

log = logging.getLogger(__name__)
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


@asynccontextmanager
async def listening(metrics: Metrics, host: str, port: int, look: Look, name: str, version: str) -> AsyncIterator[int]:
    """Serve during the block; gives the port, 0 when metrics are off or the port is taken: the process goes on."""
    counted = _Counted(metrics)
    logging.getLogger().addHandler(counted)
    runner = web.AppRunner(Page(metrics, look, name, version).app(), access_log=None, shutdown_timeout=1.0)
    try:
        yield await _start(runner, host, port) if port else 0
    finally:
        await runner.cleanup()
        logging.getLogger().removeHandler(counted)


async def _start(runner: web.AppRunner, host: str, port: int) -> int:
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        log.error(
            "no metrics: their address cannot be used; set STADTBOTE_METRICS_PORT to a free port, or to 0",
            extra={"host": host, "port": port, "kind": error.strerror or type(error).__name__},
        )
        return 0
    log.info("metrics", extra={"host": host, "port": port})
    return port
