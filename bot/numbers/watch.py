"""Looks every hour whether answers have become worse, and tells the metrics (bot.numbers.drift says what that is)."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from datetime import date

from sqlalchemy.exc import SQLAlchemyError

from bot.metrics.kinds import Known
from bot.numbers.drift import Drift, drifts, watched
from bot.numbers.read import Numbers

log = logging.getLogger(__name__)
EVERY = 3600.0  # seconds
AGAIN = 5.0  # until this is the clock that ticks, or the database is there
ALL = "all"
WHATS = ("share", "score")


def look(numbers: Numbers, today: date) -> list[Drift]:
    """The alarms of that day. Blocks."""
    period = watched(today)
    whole = [(day, "", s) for day, _, s in numbers.by_day(period)]
    return drifts([*whole, *numbers.by_day(period, "language")], today)


class Watch:
    """`gauge` has the labels language and what; `mine`: is this the clock that ticks? `today` is the town's."""

    def __init__(
        self,
        numbers: Numbers,
        gauge: Known,
        languages: Iterable[str],
        mine: Callable[[], bool],
        today: Callable[[], date],
    ) -> None:
        self._numbers, self._gauge, self._mine, self._today = numbers, gauge, mine, today
        self._languages = (ALL, *languages)

    async def run(self) -> None:
        """For ever."""
        looked: float | None = None
        while True:
            if not self._mine():
                self._gauge.forget()
                looked = None
            elif (looked is None or time.monotonic() - looked >= EVERY) and await self.once():
                looked = time.monotonic()
            await asyncio.sleep(AGAIN)

    async def once(self) -> bool:
        """One look; could it be taken? Else nothing is told: an old alarm is no news."""
        try:
            found = await asyncio.to_thread(look, self._numbers, self._today())
        except SQLAlchemyError as error:
            log.warning("whether answers became worse cannot be seen", extra={"reason": type(error).__name__})
            self._gauge.forget()
            return False
        alarms = {(drift.language or ALL, drift.what) for drift in found}
        for language in self._languages:
            for what in WHATS:
                self._gauge.set((language, what) in alarms, language, what)
        return True
