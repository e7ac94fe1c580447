"""Telegram's side of getUpdates and webhooks: which updates wait, and how they reach the bot."""

import itertools
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .clock import Clock, Signal, wait_or_give_up
from .faults import reordered
from .postman import Parcel, Postman, nothing
from .telegram_wire import ApiError, Json

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that a bot gets only when it names them in allowed_updates."""
LIFE = 24 * 3600.0
"""Seconds after which an update that nobody took is forgotten."""
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass
class Update:
    """One update on its way to the bot."""

    kind: str
    chat: str
    body: Json
    at: float
    id: int = 0
    copies: int = 1
    taken: Callable[[], None] = nothing


@dataclass
class Webhook:
    """What the bot asked for with setWebhook; no url: it polls."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""
    last_error_at: float = 0.0
    allowed: list[str] = field(default_factory=list)


class Updates:
    """Updates that the bot has not confirmed, in the order of their ids.

    `repeats` (low, high): each update is delivered that many times, drawn by the seed; (2, 2) is always twice.
    """

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self.repeats = (1, 1)
        self.webhook = Webhook()
        self.signal = Signal()
        self.postman = Postman(clock, self._backoff, in_order=True, stalled_limit=80)
        self._clock = clock
        self._random = rng
        self._pending: dict[int, Update] = {}
        self._held: list[Update] | None = None
        self._ids = itertools.count(rng.randrange(10**8, 9 * 10**8))
        self._poller = 0

    def _backoff(self, attempts: int) -> float:
        """Seconds before the next try: 0, 2, 4, 8 … up to somewhere between 60 and 120."""
        if attempts <= 1:
            return 0.0
        return min(2.0 ** (attempts - 1), self._random.uniform(60, 120))

    def put(self, kind: str, chat: str, body: Json, taken: Callable[[], None] = nothing) -> None:
        """Something happened: tell the bot, unless it did not ask for such updates. `taken` is called once it did."""
        allowed = self.webhook.allowed
        if kind not in allowed if allowed else kind in NOT_BY_DEFAULT:
            return
        update = Update(kind, chat, body, self._clock.now(), taken=taken)
        if self._held is None:
            self._let_go(update)
        else:
            self._held.append(update)

    def _let_go(self, update: Update) -> None:
        self._number(update)
        if self.webhook.url:
            self.postman.put(self._parcel(update))
        self.signal.fire()

    def _number(self, update: Update) -> None:
        update.id = next(self._ids)
        update.copies = self._random.randint(*self.repeats)
        self._pending[update.id] = update

    def hold(self) -> None:
        """Keep updates back until release()."""
        self._held = [] if self._held is None else self._held

    def release(self, order: str = "kept", *, scatter: bool = False) -> None:
        """Deliver what was held: in "kept", "reversed" or "shuffled" order. Ids rise in the order of release.

        With `scatter` the webhook gets the copies of all of them in a drawn order, not one after the other.
        """
        held, self._held = self._held or [], None
        updates = reordered(held, order, self._random)
        if not (scatter and self.webhook.url):
            for update in updates:
                self._let_go(update)
            return
        for update in updates:
            self._number(update)
        parcels = [self._parcel(update) for update in updates]
        if self.postman.archive is not None:
            self.postman.archive += parcels
        self.postman.scatter(parcels, self._random)

    def renumber(self, next_id: int) -> None:
        """Go on with that id, as Telegram does with a random one after a week without updates."""
        self._ids = itertools.count(next_id)

    @property
    def open(self) -> int:
        """Updates not yet confirmed by the bot, those held back included."""
        return len(self._pending) + len(self._held or [])

    def _forget_old(self) -> None:
        oldest = self._clock.now() - LIFE
        for update in [u for u in self._pending.values() if u.at < oldest]:
            del self._pending[update.id]

    def _confirm(self, below: int) -> None:
        for update in [u for u in self._pending.values() if u.id < below]:
            update.copies -= 1
            if update.copies <= 0:
                del self._pending[update.id]
                update.taken()
        self.signal.fire()

    async def poll(self, offset: int, limit: int, seconds: float, allowed: list[str] | None) -> list[Json]:
        """getUpdates: confirm what lies below the offset, wait for something, hand out at most `limit`."""
        if self.webhook.url:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._poller += 1
        mine = self._poller
        self.signal.fire()
        if allowed is not None:
            self.webhook.allowed = allowed
        if offset < 0:
            last = sorted(self._pending)[offset:]
            self._confirm(last[0] if last else 0)
        elif offset:
            self._confirm(offset)
        until = self._clock.now() + seconds
        while not self._pending and self._clock.now() < until:
            await wait_or_give_up(self.signal, self._clock, until - self._clock.now())
            if mine != self._poller or self.webhook.url:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
        self._forget_old()
        return [{"update_id": u.id, **u.body} for u in list(self._pending.values())[:limit]]

    def set_webhook(self, url: str, secret: str, connections: int, allowed: list[str] | None, drop: bool) -> None:
        """Deliver by webhook from now on; the same rules on url and secret as at Telegram, but http on loopback."""
        if not url:
            return self.delete_webhook(drop)
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not WEBHOOK_SECRET.fullmatch(secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self.delete_webhook(drop)
        kept = self.webhook.allowed if allowed is None else allowed
        self.webhook = Webhook(url, secret, connections, allowed=kept)
        self.postman.aim(url, connections)
        for update in self._pending.values():
            self.postman.put(self._parcel(update))
        self.signal.fire()
        return None

    def delete_webhook(self, drop: bool) -> None:
        """Back to getUpdates; what was not taken waits there."""
        self.postman.withdraw()
        self.postman.aim("")
        self.webhook = Webhook(allowed=self.webhook.allowed)
        if drop:
            self._pending.clear()
        self.signal.fire()

    def info(self) -> Json:
        """getWebhookInfo."""
        hook = self.webhook
        body: Json = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
        }
        if hook.url:
            body["max_connections"] = hook.connections
        if hook.last_error:
            body |= {"last_error_date": int(hook.last_error_at), "last_error_message": hook.last_error}
        if hook.allowed:
            body["allowed_updates"] = hook.allowed
        return body

    def _parcel(self, update: Update) -> Parcel:
        hook = self.webhook

        def arrived() -> None:
            if self._pending.pop(update.id, None):
                update.taken()
            self.signal.fire()

        def failed(reason: str) -> None:
            hook.last_error, hook.last_error_at = reason, self._clock.now()
            if update.at < self._clock.now() - LIFE:
                parcel.copies = 0
            self.signal.fire()

        parcel = Parcel(
            key=update.chat,
            body=json.dumps({"update_id": update.id, **update.body}).encode(),
            headers={"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {},
            copies=update.copies,
            arrived=arrived,
            failed=failed,
        )
        return parcel
