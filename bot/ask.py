"""Questions to the workers: the console's ask box needs the encoder, which only workers hold.

A list in Redis carries the question, another the answer. Both may be lost with a process: the page says so and
the editor asks again, so no more is promised.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError

from bot.answers import Answers
from bot.conversation import Candidate
from bot.drafts import Drafts
from bot.events import CitizenWrote
from bot.inforce import InForce, holding
from bot.redis import Script
from bot.rehearsal import Rehearsal, Rehearsed
from bot.render import plain
from bot.store.keys import PREFIX
from bot.turns import Turns
from bot.whynot import why_not
from nlu.understand import Nlus

log = logging.getLogger(__name__)
REQUESTS = f"{PREFIX}:{{ask}}:requests"
LONGEST = 2000
WAITING = 10.0  # seconds: the time limit of a connection on which one waits for questions or answers
SECONDS = 5.0  # that an answer may take
WITH_DRAFTS = 9.0  # and with drafts: bot.drafts.PATIENCE more
LIFETIME = 30  # seconds that a question or an answer waits to be fetched
AT_ONCE = 4  # questions of one worker that may wait for drafts; more would only wait for one another
_PUT = "redis.call('LPUSH', KEYS[1], ARGV[1]) return redis.call('EXPIRE', KEYS[1], ARGV[2])"


class AskUnavailable(Exception):
    """No worker answered in time."""


class Examiner:
    """Says what would be done with a question, and why; on the live corpus and on the one with drafts."""

    def __init__(self, turns: Turns, nlu: Nlus, answers: Answers, drafts: Drafts) -> None:
        self._answers, self._drafts, self._calendar = answers, drafts, turns.calendar
        self._rehearsal = Rehearsal(turns, nlu, answers)

    async def describe(
        self, question: str, language: str = "", draft: bool = False, expected: str = "", release: int = 0
    ) -> dict[str, Any]:
        """JSON: the live corpus' finding (see _finding), and what was understood. `question` is masked already.

        Its "release": the id and number of the one that answers. With `draft`, "drafts" holds {"state", "pending"}
        (bot.drafts.Drafted) and, when ready, a finding of the corpus with drafts; else it is None. With `release`, the
        number of one, it is of that one instead. With an `expected` entry each finding has "why_not": where it stands,
        and why (bot.whynot.why_not).
        """
        with self._answers.holding() as force:
            heard = await self._rehearsal.read(question, language)
            finding = await self._finding(heard, {}, expected)
            drafted = await self._with_drafts(heard, force, expected, release) if draft or release else None
        return {
            "question": question,
            "language": heard.language,
            "release": {"id": force.name, "number": force.number},
            **finding,
            "understanding": self._understanding(heard),
            "drafts": drafted,
        }

    async def _with_drafts(self, heard: CitizenWrote, force: InForce, expected: str, release: int) -> dict[str, Any]:
        drafted = await self._drafts.get(release)
        told: dict[str, Any] = {"state": drafted.state, "pending": len(drafted.pending)}
        if drafted.index is None:
            return told
        live = {revision.entry: revision for revision in drafted.index.revisions}
        with holding(replace(force, release=None, index=drafted.index, live=live)):
            return told | await self._finding(heard, drafted.pending, expected)

    async def _finding(self, heard: CitizenWrote, pending: Mapping[str, str], expected: str) -> dict[str, Any]:
        """The decision of the search, its ranking with each signal's share, and what the bot would do in the end."""
        look = self._answers.look
        findings = await look(heard.masked, heard.language)
        finding = {
            "decision": findings.decision,
            "words_only": findings.words_only,
            "thresholds": self._answers.thresholds,
            "fitted": self._answers.fitted,
            "ranking": [_ranked(m, pending) for m in findings.matches],
            "options": [m.entry for m in findings.options],
            "reply": _reply(await self._rehearsal.judged(heard, findings, look)),
        }
        return finding | ({"why_not": await self._why_not(heard, expected, finding)} if expected else {})

    async def _why_not(self, heard: CitizenWrote, expected: str, finding: Mapping[str, Any]) -> dict[str, Any]:
        state = await asyncio.to_thread(self._drafts.catalogue.get, expected)
        standing = await self._answers.standing(heard.masked, heard.language, expected) if state else None
        return why_not(expected, state, standing, finding, datetime.now(self._calendar.zone).date())

    def _understanding(self, heard: CitizenWrote) -> dict[str, Any]:
        understood = heard.understanding
        assert understood is not None
        return {
            "intent": understood.intent,
            "confidence": round(understood.confidence, 4),
            "source": understood.source,
            "entities": [{"kind": e.kind, "value": e.value} for e in understood.entities],
            "ranking": [{"intent": i, "confidence": round(c, 4)} for i, c in understood.ranking[:5]],
            "emergency": heard.emergency,
            "office": self._office(heard),
            "parts": [part.masked for part in heard.parts],
        }

    def _office(self, heard: CitizenWrote) -> dict[str, Any] | None:
        """What is asked of which offices or places, for when: names, not ids; days as ISO dates."""
        asked = heard.asked
        if asked is None:
            return None
        town, when = self._calendar.town, asked.when
        return {
            "aspect": asked.aspect,
            "offices": [town.offices[office].name for office in asked.offices],
            "place": town.kinds[asked.kind].name if asked.kind else "",
            "district": town.districts[asked.district].name if asked.district else "",
            "days": [day.isoformat() for day in when.days] if when else [],
            "part": when.part if when else "",
            "at": when.at.strftime("%H:%M") if when and when.at else "",
            "now": bool(when and when.now),
        }


def _ranked(m: Candidate, pending: Mapping[str, str]) -> dict[str, Any]:
    return {
        "entry": m.entry,
        "revision": m.revision,
        "title": m.title,
        "topic": m.topic,
        "score": m.score,
        "why": {name: round(value, 4) for name, value in m.why.items()},
        "draft": pending.get(m.entry) == m.revision,
    }


def _reply(rehearsed: Rehearsed) -> dict[str, Any]:
    spoken = rehearsed.spoken
    return {
        "deed": rehearsed.deed,
        "key": rehearsed.key,
        "reason": rehearsed.reason,
        "text": plain(spoken.document) if spoken else "",
        "buttons": [button.label for button in spoken.buttons] if spoken else [],
        "language": spoken.language if spoken else "",
    }


class AskClient:
    """Asks whichever worker is free."""

    def __init__(self, redis: Any, seconds: float = SECONDS, with_drafts: float = WITH_DRAFTS) -> None:
        self._redis, self._seconds, self._with_drafts = redis, seconds, with_drafts

    async def ask(
        self, question: str, language: str = "", draft: bool = False, expected: str = "", release: int = 0
    ) -> dict[str, Any]:
        """Examiner.describe() by a worker. Raises AskUnavailable."""
        reply = f"{PREFIX}:{{ask}}:reply:{secrets.token_hex(8)}"
        told = {
            "question": question[:LONGEST],
            "language": language,
            "draft": draft,
            "expected": expected,
            "release": release,
        }
        request = json.dumps(told | {"reply": reply})
        try:
            await Script(self._redis, _PUT)(keys=[REQUESTS], args=[request, LIFETIME])
            answer = await self._redis.brpop([reply], timeout=self._with_drafts if draft or release else self._seconds)
        except (RedisError, OSError) as error:
            raise AskUnavailable from error
        if answer is None:
            raise AskUnavailable
        found: dict[str, Any] = json.loads(answer[1])
        return found


async def serve(redis: Any, examiner: Examiner, stop: asyncio.Event) -> None:
    """Answer questions until stopped. One that waits for drafts does not keep the next one waiting."""
    free = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as at_work:
        while not stop.is_set():
            await free.acquire()
            try:
                taken = await redis.brpop([REQUESTS], timeout=2)
            except (RedisError, OSError):
                taken = None
                await asyncio.sleep(1)
            if taken is None:
                free.release()
                continue
            task = at_work.create_task(_served(redis, examiner, taken[1]))
            task.add_done_callback(lambda _: free.release())


async def _served(redis: Any, examiner: Examiner, raw: bytes) -> None:
    try:
        request = json.loads(raw)
        told: dict[str, Any] = {"expected": str(request["expected"])} if request.get("expected") else {}
        told |= {"release": int(request["release"])} if request.get("release") else {}
        found = await examiner.describe(request["question"], request["language"], bool(request.get("draft")), **told)
        await Script(redis, _PUT)(keys=[request["reply"]], args=[json.dumps(found), LIFETIME])
    except (RedisError, OSError):
        log.warning("an answer of the ask box was lost: the store is away")
    except Exception:
        log.exception("a question of the ask box failed")
