"""Plays every conversation in these files, on keywords and words alone; the real models play them in tests/models."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.conversation import Line
from bot.processes.clock import tick
from bot.settings import Settings
from faq.retrieval.index import Index
from tests.house import House, corpus_state, house, words_index


def load(folder: Path) -> list[Any]:
    """Every conversation of a folder, as parameters of a test."""
    return [
        pytest.param(talk, id=f"{path.stem}: {talk['name']}")
        for path in sorted(folder.glob("*.yml"))
        for talk in yaml.safe_load(path.read_text("utf-8"))
    ]


CONVERSATIONS = load(Path(__file__).parent)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="session")
def index(town: Settings) -> Index:
    return words_index(town)


@pytest.mark.parametrize("talk", CONVERSATIONS)
async def test_conversation(talk: dict[str, Any], town: Settings, index: Index) -> None:
    async with house(town, index=index) as running:
        await play(talk["steps"], running)


async def test_a_rating_pressed_days_later_counts_for_its_own_handoff(town: Settings, index: Index) -> None:
    async with house(town, index=index) as running:
        start = running.clock.now
        await play([{"citizen": "/mensch"}, {"any": 1}, {"clerk": "claims"}, {"any": 1}], running)
        await play([{"clerk": "resolves"}, {"any": 1}], running)
        held = await running.core.store.load(running.id)
        assert held.conversation is not None
        (good, bad, _), first = held.conversation.shown, held.conversation.number
        assert (good[1], bad[1]) == ("👍", "👎")
        running.clock.move(days=3)
        await play([{"citizen": "/mensch"}, {"any": 1}], running)
        assert await running.citizen(choice=bad[0]) == []  # it waits for a person: nothing is said over that
        await play([{"clerk": "claims"}, {"any": 1}, {"clerk": "resolves"}, {"any": 1}], running)
        later = running.clock.now
        told = await running.citizen(choice=good[0])
        assert [line.what for line in told] == ["rating.thanks"]
        facts = await running.core.store.handoffs(start, later + timedelta(days=1))
        assert [(h.number == first, h.rating, h.outcome) for h in facts] == [
            (True, "good", "answered"),
            (False, "", "answered"),
        ]
        assert await running.status() == "resolved"
        await running.citizen("/loeschen")
        assert await running.core.store.handoffs(start, later + timedelta(days=1)) == []
        assert [line.what for line in await running.citizen(choice=good[0])] == ["button.gone"]


async def play(steps: list[dict[str, Any]], running: House) -> None:
    """Each step in turn; fails with the step that did not hold."""
    told: list[Line] = []
    for place, step in enumerate(steps, 1):
        ((what, value),) = step.items()
        where = f"step {place}, {step}"
        match what:
            case "citizen":
                assert not told, f"{where}: untold before: {[x.what for x in told]}"
                told = await running.citizen(value)
            case "often":
                told = [line for _ in range(value["times"]) for line in await running.citizen(value["citizen"])]
            case "send":
                told = await running.citizen(what=value)
            case "press":
                told = await running.press(value)
            case "clerk":
                verb, text = next(iter(value.items())) if isinstance(value, dict) else (value, "")
                told = await running.clerk(verb, text)
            case "clock":
                await tick(running.core, running.clock.now)
                told = await running.told()
            case "town":
                running.town(**value)
            case "later":
                running.clock.move(**value)
            case "status":
                assert await running.status() == value, where
            case "bot":
                expected = value if isinstance(value, list) else [value]
                assert len(told) == len(expected), f"{where}: was told {[(x.what, x.entry) for x in told]}"
                for line, wanted in zip(told, expected, strict=True):
                    said(line, wanted, where)
                told = []
            case "not":
                assert not {x.what for x in told} & set(value), where
                told = []
            case "any":
                assert told, where
                told = []
            case "transcript":
                lines = await running.core.store.transcript(running.id)
                assert [x.what for x in lines] == value, where
            case _:
                raise AssertionError(f"{where}: no such step")


def said(line: Line, wanted: dict[str, Any], where: str) -> None:
    """Does what was told fit?"""
    for what, value in wanted.items():
        if what == "says":
            keys = [value] if isinstance(value, str) else value
            assert line.what in keys, f"{where}: said {line.what}: {line.text[:80]}"
        elif what == "entry":
            assert (line.what, line.entry) == ("answer", value), f"{where}: said {line.what} {line.entry}"
        elif what == "about":
            assert line.entry == value, f"{where}: said {line.what} {line.entry}"
        elif what == "finds":
            options = [d.removeprefix("a:") for d, _ in line.buttons if d.startswith("a:")]
            assert value in (line.entry, *options[:1]), f"{where}: said {line.what} {line.entry} {options}"
        elif what == "contains":
            for piece in [value] if isinstance(value, str) else value:
                assert piece in line.text, f"{where}: {line.text}"
        elif what == "lacks":
            assert value not in line.text, f"{where}: {line.text}"
        elif what == "buttons":
            assert [label for _, label in line.buttons] == value, where
        elif what == "offers":
            options = {d.removeprefix("a:") for d, _ in line.buttons if d.startswith("a:")}
            assert set(value) <= options, f"{where}: {options}"
        elif what == "options":
            assert [d.removeprefix("a:") for d, _ in line.buttons if d.startswith("a:")] == value, where
        else:
            raise AssertionError(f"{where}: no such expectation as {what}")
