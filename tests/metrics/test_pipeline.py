"""What is counted and logged on a message's way, through the real inbox, reception and outbox."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.channel import Ambiguous, ChannelThrottled, Refused, Unparseable
from bot.composition import Core, build_core
from bot.logs import OURS, Lines
from bot.message import Arrival, DeliveryReport, Message, Part
from bot.metrics.looks import clock_look, web_look
from bot.reception import Reception
from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.store.protocol import Ages, Store, StoreUnavailable
from bot.store.redis import RedisStore
from bot.worker import Worker
from nlu.keywords import KeywordNlu
from nlu.understand import Understanding
from tests.house import Notebook, corpus_state
from tests.nothing import Nothing

TOKEN = "123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


class Rough(Notebook):
    """A channel with accidents, each quoting what it had before it, as careless code would."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: dict[str, list[Exception]] = {}

    def report(self, arrival: Arrival) -> DeliveryReport | None:
        return None

    def parse(self, arrival: Arrival) -> Message | DeliveryReport | None:
        text = arrival.payload["text"]
        if "unreadable" in text:
            raise Unparseable("no words in it") from ValueError(f"{arrival}")
        if "poison" in text:
            raise RuntimeError(f"a fault of ours: {arrival} {TOKEN}")
        return super().parse(arrival)

    async def send(self, chat: str, part: Part) -> str:
        if self.faults.get(chat):
            raise self.faults[chat].pop(0)
        return await super().send(chat, part)


class Quoting(KeywordNlu):
    """Understands, or falls over one message with its words in the exception."""

    async def understand(self, text: str, language: str | None = None) -> Understanding:
        if "falls" in text:
            raise KeyError(text, TOKEN)
        return await super().understand(text, language)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("corpus"))


@asynccontextmanager
async def running(corpus: Settings, store: Store) -> AsyncIterator[tuple[Core, Rough, Worker]]:
    channel = Rough()
    core = build_core(replace(corpus, telegram_token=TOKEN), store=store, channels={channel.name: channel})
    reception = Reception(core.turns, Quoting(), Nothing(), core.deliver)
    worker = Worker("w1", store, reception, core.channels, 0.02, metrics=core.metrics)
    task = asyncio.create_task(worker.run())
    try:
        yield core, channel, worker
    finally:
        worker.stop()
        await task
        await core.close()


def arrival(ident: str, text: str, chat: str = "maria", sender: str = "") -> Arrival:
    at = datetime.now(UTC).isoformat()
    return Arrival("notebook", ident, chat, {"text": text, "at": at, "sender": sender})


def told(core: Core, name: str, **labels: str) -> float:
    value = core.metrics.registry.get_sample_value(f"stadtbote_{name}", labels)
    assert value is not None, (name, labels)
    return value


async def until(core: Core, name: str, count: float, **labels: str) -> None:
    async with asyncio.timeout(60):
        while told(core, name, **labels) < count:
            await asyncio.sleep(0.02)


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Store]:
    made = RedisStore(redis_url, lanes=2, retention_days=30)
    yield made
    await made.close()


# --- numbers ---


async def test_every_end_of_a_message_is_counted_once(corpus: Settings, store: Store) -> None:
    async with running(corpus, store) as (core, channel, worker):
        channel.faults = {
            "throttled": [ChannelThrottled(0.01), ChannelThrottled(0.01)],
            "cut": [Ambiguous("the answer never came")],
            "blocked": [Refused("blocked")],
        }
        for chat in ("maria", "throttled", "cut", "blocked"):
            for _ in range(2):  # the platform repeats itself
                await core.deliver(arrival(f"{chat}.1", "hallo", chat))
        await core.deliver(arrival("maria.2", "/mensch"))
        await core.deliver(arrival("eve.1", "unreadable", "eve"))
        await core.deliver(arrival("eve.2", "poison", "eve"))
        await until(core, "dead_letters_total", 1, channel="notebook", reason="failed")
        await until(core, "deliveries_total", 3, channel="notebook", state="sent")
        await until(core, "deliveries_total", 1, channel="notebook", state="failed")
        await until(core, "deliveries_total", 1, channel="notebook", state="unknown")
        worker.tell()
        assert told(core, "lanes_owned") == 2
        assert told(core, "work_items", queue="inbox") == 0
    assert told(core, "arrivals_total", channel="notebook", outcome="accepted") == 7
    assert told(core, "arrivals_total", channel="notebook", outcome="duplicate") == 4
    assert told(core, "dead_letters_total", channel="notebook", reason="unreadable") == 1
    assert told(core, "throttled_total", channel="notebook") == 2
    assert told(core, "handoffs_total", reason="asked") == 1
    assert told(core, "understandings_total", source="keywords") == 4
    assert told(core, "turn_seconds_count", channel="notebook") == 5
    assert told(core, "reply_seconds_count", channel="notebook") == 3  # neither the lost nor the refused one
    assert 0 < told(core, "reply_seconds_sum", channel="notebook") < 60
    assert told(core, "send_seconds_count", channel="notebook") == 7
    assert told(core, "deliveries_total", channel="notebook", state="dropped") == 0
    assert told(core, "fenced_writes_total") == 0


async def test_a_store_that_is_away_is_counted_and_believed_by_nobody(corpus: Settings, tmp_path: Path) -> None:
    nowhere = replace(corpus, redis_url=f"unix://{tmp_path}/nobody.sock")
    core = build_core(nowhere, channels={"notebook": Rough()}, process="web")
    with pytest.raises(StoreUnavailable):
        await core.deliver(arrival("1", "hallo"))
    assert told(core, "arrivals_total", channel="notebook", outcome="unavailable") == 1
    assert told(core, "store_errors_total", kind="connection") >= 1
    assert await web_look(core)() == {"store": False}
    await core.close()


# --- ages ---


class Aged(MemoryStore):
    """A store with ages set by the test; None: it is away."""

    now: Ages | None = Ages(unhandled=31.5, unsent=2.0, waiting=600.0, inbox=7, outbox=3, waiting_count=2, dead=1)

    async def ages(self) -> Ages:
        if self.now is None:
            raise StoreUnavailable("away")
        return self.now

    async def ping(self) -> None:
        await self.ages()


async def test_ages_are_told_by_the_clock_that_ticks_and_only_while_they_are_known(corpus: Settings) -> None:
    store, ticking = Aged(), [True]
    core = build_core(corpus, store=store, channels={}, process="clock")
    monday = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    look = clock_look(core, lambda: ticking[0], lambda: monday)
    registry = core.metrics.registry
    names = ("oldest_unhandled_seconds", "oldest_unsent_seconds", "oldest_waiting_seconds", "town_hall_open")
    assert await look() == {"store": True}
    assert [told(core, name) for name in names] == [31.5, 2.0, 600.0, 1.0]
    assert [told(core, "backlog", queue=queue) for queue in ("inbox", "outbox", "dead")] == [7, 3, 1]
    assert told(core, "conversations", status="waiting") == 2
    store.now = None
    assert await look() == {"store": False}
    assert [registry.get_sample_value(f"stadtbote_{name}") for name in names[:3]] == [None] * 3
    store.now, ticking[0] = Ages(), False
    assert await look() == {"store": True}
    assert [registry.get_sample_value(f"stadtbote_{name}") for name in names] == [None] * 4
    ticking[0] = True
    await look()
    assert told(core, "oldest_unhandled_seconds") == 0
    await core.close()


# --- logs ---


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger writes meanwhile, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines("worker", True))
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in OURS}
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=80)
NUMBERS = st.from_regex(r"\A49[1-9][0-9]{9}\Z")
FORMS = st.sampled_from(("{}", "hallo {}", "{} falls", "poison {}", "unreadable {}", "/mensch {}", "Was kostet {}?"))


@pytest.mark.slow
@given(words=WORDS, number=NUMBERS, form=FORMS, fault=st.sampled_from(("", "cut", "ours")))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_words_numbers_or_tokens_of_anybody_are_in_the_log(
    corpus: Settings, words: str, number: str, form: str, fault: str
) -> None:
    words = f"Zq{words}qZ"  # so that what is found was not there by chance

    async def play() -> None:
        async with running(corpus, MemoryStore(lanes=1)) as (core, channel, worker):
            faults: dict[str, list[Exception]] = {
                "cut": [Ambiguous("TimeoutError")],
                "ours": [RuntimeError(f"{words} {number} {TOKEN}")],
            }
            channel.faults[number] = faults.get(fault, [])
            await core.deliver(arrival(f"wamid.{number}", form.format(words), number, words))
            async with asyncio.timeout(60):
                while (await core.store.ages()).inbox:
                    await asyncio.sleep(0.01)
                await worker.idle()

    with logged() as stream:
        asyncio.run(play())
    written = stream.getvalue()
    assert '"message": "arrived"' in written
    for line in written.splitlines():
        shown = json.dumps(json.loads(line), ensure_ascii=False)
        for secret in (words, number, TOKEN):
            assert secret not in line
            assert secret not in shown
            assert json.dumps(secret)[1:-1] not in line


async def test_a_good_day_warns_of_nothing_and_one_id_leads_through_it(corpus: Settings, store: Store) -> None:
    with logged() as stream:
        async with running(corpus, store) as (core, _, _worker):
            for n in range(5):
                await core.deliver(arrival(f"m{n}", "hallo", f"chat{n}"))
                await core.deliver(arrival(f"m{n}", "hallo", f"chat{n}"))
            await until(core, "deliveries_total", 5, channel="notebook", state="sent")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {line["level"] for line in lines} <= {"debug", "info"}
    ways: dict[str, list[str]] = {}
    for line in lines:
        if "arrival" in line:
            assert line["conversation"]
            ways.setdefault(line["arrival"], []).append(line["message"])
    assert len(ways) == 5
    for way in ways.values():
        assert way[0] == "arrived"
        assert [step for step in way if step != "arrived"] == ["handled", "sent"]  # the repeat may come at any time
        assert len(way) == 4
