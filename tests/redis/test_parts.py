"""Which parts are up, and the ask box, on both kinds of Redis."""

import asyncio
from typing import Any

import pytest

from bot import ask, parts
from bot.ask import AskClient, AskUnavailable
from bot.parts import Parts


async def test_a_part_is_up_while_somebody_says_so(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = Parts(client, ("worker", "clock", "nlu"))
    assert not any((await everyone.state()).values())
    await Parts(client, ()).say("worker:a", {"worker": True, "nlu": False})
    await Parts(client, ()).say("worker:b", {"worker": True, "nlu": True})
    await Parts(client, ()).say("clock:c", {"clock": True})
    assert await everyone.state() == {"worker": True, "clock": True, "nlu": True}
    await everyone.leave("worker:b")
    assert await everyone.state() == {"worker": True, "clock": True, "nlu": False}
    found = await Parts(client, ("worker", "nlu", "encoder")).look()  # somebody else, who never asked before
    assert {name: (part.state, part.processes) for name, part in found.items()} == {
        "worker": ("up", 1),
        "nlu": ("degraded", 0),
        "encoder": ("missing", 0),
    }
    assert found["encoder"].age is None
    assert all(part.age is not None and 0 <= part.age < 60 for name, part in found.items() if name != "encoder")
    monkeypatch.setattr(parts, "SECONDS", -1)  # from now on all of it was said too long ago
    assert not any((await everyone.state()).values())
    assert await client.hlen(parts.SAID) == 0


async def test_a_killed_process_is_forgotten_while_others_go_on(client: Any) -> None:
    told = Parts(client, ("worker", "clock"))
    await told.say("worker:killed", {"worker": True})
    now = int((await client.time())[0])
    await client.hset(parts.SAID, "worker:killed", f"{now - parts.SECONDS - 1} " + '{"worker": true}')
    await told.say("clock:well", {"clock": True})
    assert await told.state() == {"worker": False, "clock": True}
    await told.leave()
    assert {part.state for part in (await told.look()).values()} == {"missing"}


async def test_the_ask_box_reaches_a_worker_and_says_when_none_is_there(any_url: str, client: Any) -> None:
    release = asyncio.Event()

    class Examiner:
        async def describe(self, question: str, language: str, draft: bool) -> dict[str, Any]:
            if draft:
                await release.wait()
            return {"question": question, "language": language, "drafts": draft}

    with pytest.raises(AskUnavailable):
        await AskClient(client, seconds=0.2).ask("niemand da?")
    await client.delete(ask.REQUESTS)
    stop = asyncio.Event()
    workers = [asyncio.create_task(ask.serve(client, Examiner(), stop)) for _ in range(2)]  # type: ignore[arg-type]
    box = AskClient(client, seconds=60, with_drafts=60)
    questions = [f"frage {i}?" for i in range(20)]
    found = await asyncio.gather(*(box.ask(question, "de") for question in questions))
    assert [f["question"] for f in found] == questions
    # Who waits for drafts keeps nobody else waiting.
    waiting = [asyncio.create_task(box.ask(question, "de", draft=True)) for question in questions[:3]]
    assert not (await box.ask("und ich?"))["drafts"]
    release.set()
    assert [f["drafts"] for f in await asyncio.gather(*waiting)] == [True] * 3
    stop.set()
    await asyncio.gather(*workers)
