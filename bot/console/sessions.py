"""Sessions on the server: the browser holds a random id, Redis holds what belongs to its hash.

Whoever reads Redis cannot sign in with what is found there.
"""

import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis.exceptions import RedisError

from bot.kept import known
from bot.store.keys import PREFIX
from bot.store.protocol import StoreUnavailable

ABSOLUTE, IDLE = 12 * 3600, 2 * 3600  # seconds that a session lives, at all and without being used
TOUCH = 60  # seconds between two writes of "was used"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. `generation` is the account's at that moment; `csrf` goes into every form of the session."""

    key: str
    user: str
    generation: int
    csrf: str
    started: float
    seen: float


class Sessions:
    """All calls raise StoreUnavailable. `now` gives unix seconds."""

    def __init__(self, redis: Any, now: Callable[[], float] = time.time) -> None:
        self._redis, self._now = redis, now

    async def start(self, user: str, generation: int) -> tuple[str, Session]:
        """A new session and the id that its browser is to hold."""
        ident, now = secrets.token_urlsafe(32), self._now()
        session = Session(_key(ident), user, generation, secrets.token_urlsafe(32), now, now)
        await self._keep(session)
        return ident, session

    async def find(self, ident: str) -> Session | None:
        """The session of this id, if it lives."""
        return (await self.find_all([ident]))[ident]

    async def find_all(self, idents: Sequence[str]) -> dict[str, Session | None]:
        """The same of many, by their ids."""
        asked = [ident for ident in idents if ident and len(ident) <= 100]
        found: dict[str, Session | None] = dict.fromkeys(idents)
        if asked:
            async with translated():
                texts = await self._redis.mget([_key(ident) for ident in asked])
            for ident, text in zip(asked, texts, strict=True):
                found[ident] = (
                    await self._alive(ident, Session(**known(Session, json.loads(text)))) if text is not None else None
                )
        return found

    async def _alive(self, ident: str, session: Session) -> Session | None:
        now = self._now()
        if now - session.started >= ABSOLUTE or now - session.seen >= IDLE:
            await self.end(ident)
            return None
        return session

    async def touch(self, session: Session) -> Session:
        """It was used just now."""
        if self._now() - session.seen < TOUCH:
            return session
        used = replace(session, seen=self._now())
        await self._keep(used, only_if_there=True)
        return used

    async def renew(self, session: Session, generation: int) -> None:
        """The account's generation changed by this session's own doing: it lives on, the others end."""
        await self._keep(replace(session, generation=generation), only_if_there=True)

    async def end(self, ident: str) -> None:
        """Signed out."""
        async with translated():
            await self._redis.delete(_key(ident))

    async def _keep(self, session: Session, only_if_there: bool = False) -> None:
        left = min(IDLE, ABSOLUTE - (self._now() - session.started))
        async with translated():
            # xx: a session that was ended a moment ago must not come back.
            await self._redis.set(session.key, json.dumps(asdict(session)), ex=max(1, int(left)), xx=only_if_there)


def _key(ident: str) -> str:
    return f"{PREFIX}:{{console}}:session:{hashlib.sha256(ident.encode()).hexdigest()}"


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Redis' errors as the store's."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreUnavailable(type(error).__name__) from error
