"""Questions to the workers: the console's ask box needs the encoder, which only workers hold.

A list in Redis carries the question, another the answer. Both may be lost with a process: the page says so and
the editor asks again, so no more is promised.
"""

import asyncio
import json
import logging
import secrets
from typing import Any

from redis.exceptions import RedisError

from bot.answers import Answers
from bot.redis import Script
from bot.store.keys import PREFIX
from nlu.understand import Nlu

log = logging.getLogger(__name__)
REQUESTS = f"{PREFIX}:{{ask}}:requests"
LONGEST = 2000
WAITING = 10.0  # seconds: the time limit of a connection on which one waits for questions or answers
LIFETIME = 30  # seconds that a question or an answer waits to be fetched
_PUT = "redis.call('LPUSH', KEYS[1], ARGV[1]) return redis.call('EXPIRE', KEYS[1], ARGV[2])"


class AskUnavailable(Exception):
    """No worker answered in time."""


async def describe(question: str, language: str, answers: Answers, nlu: Nlu) -> dict[str, Any]:
    """What would be decided on a question and why: the decision, the ranking with each signal's share, the intent."""
    understood = await nlu.understand(question, language or None)
    language = language or understood.language
    findings = await answers.find(question, language)
    return {
        "question": question,
        "language": language,
        "decision": findings.decision,
        "words_only": findings.words_only,
        "thresholds": answers.thresholds,
        "ranking": [
            {
                "entry": m.entry,
                "revision": m.revision,
                "title": m.title,
                "topic": m.topic,
                "score": m.score,
                "why": {name: round(value, 4) for name, value in m.why.items()},
            }
            for m in findings.matches
        ],
        "options": [m.entry for m in findings.options],
        "understanding": {
            "intent": understood.intent,
            "confidence": round(understood.confidence, 4),
            "source": understood.source,
            "entities": [{"kind": e.kind, "value": e.value} for e in understood.entities],
            "ranking": [{"intent": i, "confidence": round(c, 4)} for i, c in understood.ranking[:5]],
        },
    }


class AskClient:
    """Asks whichever worker is free."""

    def __init__(self, redis: Any, seconds: float = 5.0) -> None:
        self._redis, self._seconds = redis, seconds

    async def ask(self, question: str, language: str = "") -> dict[str, Any]:
        """describe() by a worker. Raises AskUnavailable."""
        reply = f"{PREFIX}:{{ask}}:reply:{secrets.token_hex(8)}"
        request = json.dumps({"question": question[:LONGEST], "language": language, "reply": reply})
        try:
            await Script(self._redis, _PUT)(keys=[REQUESTS], args=[request, LIFETIME])
            answer = await self._redis.brpop([reply], timeout=self._seconds)
        except (RedisError, OSError) as error:
            raise AskUnavailable from error
        if answer is None:
            raise AskUnavailable
        found: dict[str, Any] = json.loads(answer[1])
        return found


async def serve(redis: Any, answers: Answers, nlu: Nlu, stop: asyncio.Event) -> None:
    """Answer questions until stopped."""
    while not stop.is_set():
        try:
            taken = await redis.brpop([REQUESTS], timeout=2)
            if taken is None:
                continue
            request = json.loads(taken[1])
            found = await describe(request["question"], request["language"], answers, nlu)
            await Script(redis, _PUT)(keys=[request["reply"]], args=[json.dumps(found), LIFETIME])
        except (RedisError, OSError):
            await asyncio.sleep(1)
        except Exception:
            log.exception("a question of the ask box failed")
