"""How much the platforms let a bot send: figures and the bucket that enforces them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a second and how many may come at once; a rate of 0 switches that limit off.

    Sources: Telegram's bot FAQ (30/s in all, about 1/s to one chat, short bursts pass); Meta's throughput and
    pair-rate pages (80/s a number, one per 6 s to one person with a burst of 45).
    """

    telegram_all: float = 30.0
    telegram_all_burst: int = 30
    telegram_chat: float = 1.0
    telegram_chat_burst: int = 5
    whatsapp_all: float = 80.0
    whatsapp_all_burst: int = 80
    whatsapp_pair: float = 1 / 6
    whatsapp_pair_burst: int = 45


UNLIMITED = Rates(telegram_all=0, telegram_chat=0, whatsapp_all=0, whatsapp_pair=0)
"""For load tests of the product that are not about the platforms' limits."""


class Bucket:
    """Tokens that come back at a rate, up to a burst."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next token; 0 when there is one. Takes nothing."""
        if not self._rate:
            return 0.0
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        # A hair of tolerance: 6 s times 1/6 is not quite 1 in binary.
        return 0.0 if self._tokens >= 1 - 1e-6 else (1 - self._tokens) / self._rate

    def take(self) -> None:
        """Spend one token; call after wait() said 0."""
        if self._rate:
            self._tokens -= 1
