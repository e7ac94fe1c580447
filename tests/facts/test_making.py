"""Every kind of conversation, played in a whole house, and the facts that it leaves: one line a message."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversation import Outcome
from bot.facts.draining import Draining
from bot.facts.fact import Fact
from bot.facts.kept import Facts
from bot.handoff.desk import Clerk
from bot.numbers.metric import METRICS
from bot.numbers.period import Period
from bot.numbers.read import Cut, Numbers
from bot.settings import Settings
from faq.retrieval.index import Index
from faq.schema import open_database
from tests.house import MONDAY, House, corpus_state, house, words_index


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return corpus_state(tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def index(settings: Settings) -> Index:
    return words_index(settings)


@pytest.fixture
async def town(settings: Settings, index: Index) -> AsyncIterator[House]:
    async with house(settings, index=index) as running:
        yield running


async def new(town: House) -> list[Fact]:
    """What happened since the last look."""
    left = await town.core.store.facts(100)
    await town.core.store.drop_facts([item.place for item in left])
    return [item.fact for item in left if item.fact]


def told(facts: list[Fact]) -> list[str]:
    """kind:by:reason, without the beginning of a conversation."""
    return [":".join(x for x in (f.kind, f.by, f.reason) if x) for f in facts if f.kind != "begun"]


async def says(town: House, text: str = "", **payload: str) -> list[str]:
    await town.citizen(text, **payload)
    return told(await new(town))


async def test_a_conversation_begins_once_a_day(town: House) -> None:
    await town.citizen("hallo")
    begun, said = await new(town)
    assert (begun.kind, said.kind, said.by) == ("begun", "said", "greeting")
    await town.citizen("danke")
    assert [f.kind for f in await new(town)] == ["said"]
    town.clock.move(hours=23.9)
    await town.citizen("danke")
    assert [f.kind for f in await new(town)] == ["said"]
    town.clock.move(hours=24)
    await town.citizen("danke")
    assert [f.kind for f in await new(town)] == ["begun", "said"]


async def test_an_answer_its_follow_up_and_what_was_thought_of_it(town: House) -> None:
    await town.citizen("Wie beantrage ich einen Personalausweis?")
    answered = (await new(town))[-1]
    assert (answered.kind, answered.by, answered.language, answered.topic) == ("answered", "search", "de", "ausweise")
    assert answered.entry
    assert answered.revision
    assert len(answered.release) == 16
    assert answered.office
    assert answered.text == "Wie beantrage ich einen Personalausweis?"
    assert answered.value is not None
    assert 0 < answered.value <= 1000
    assert await says(town, "und wie lange dauert das?") == ["answered:follow_up"]
    await town.citizen(choice="f:+")
    await town.citizen(choice="f:+")
    praised = await new(town)
    assert [f.kind for f in praised] == ["praised", "praised"]
    assert len({f.id for f in praised}) == 1  # pressed twice is one
    assert praised[0].entry == answered.entry
    town.clock.move(hours=14, minutes=30)  # the town's next day, and none of UTC
    await town.citizen(choice="f:+")
    assert [f.id for f in await new(town)] != [praised[0].id]
    await town.citizen(choice="f:-")
    rejected, again = await new(town)
    assert (rejected.kind, rejected.entry, rejected.text) == ("rejected", answered.entry, answered.text)
    assert (again.kind, again.by) == ("clarified", "again")
    assert await says(town, "nichts davon") == ["clarified_in_vain", "handed_off:rejected"]


async def test_what_is_pinned_answers_a_question_and_is_no_entry(town: House) -> None:
    pin = {
        "id": "wasser",
        "level": "answer",
        "open_ended": True,
        "wordings": ["wasser abkochen"],
        "texts": {"de": "Ja."},
    }
    town.town(pinned=[pin])
    assert await says(town, "muss ich das Wasser abkochen?") == ["answered:pinned"]


async def test_asked_back_and_chosen_or_in_vain(town: House) -> None:
    await town.citizen("auto")
    clarified = (await new(town))[-1]
    assert (clarified.kind, clarified.by, clarified.text) == ("clarified", "", "auto")
    await town.citizen("das erste")
    (chosen,) = await new(town)
    assert (chosen.kind, chosen.by, chosen.text) == ("answered", "choice", "auto")
    await town.citizen("auto")
    await new(town)
    await town.citizen("nichts davon")
    (vain,) = await new(town)
    assert (vain.kind, vain.text) == ("clarified_in_vain", "auto")


async def test_not_known_and_a_person_after_the_second_time(town: House) -> None:
    await town.citizen("xyzzy plugh quux?")
    withheld = (await new(town))[-1]
    assert (withheld.kind, withheld.by, withheld.text) == ("withheld", "miss", "xyzzy plugh quux?")
    assert await says(town, "frobnicate the quux") == ["withheld:handed_off", "handed_off:not_understood"]
    assert await says(town, "hallo?? ich warte") in ([], ["said:handoff.still"])


async def test_several_questions_are_a_fact_each(town: House) -> None:
    await town.citizen("Wie beantrage ich einen Personalausweis? Wie beantrage ich Wohngeld? Was ist mit xyzzy plugh?")
    facts = [f for f in await new(town) if f.kind != "begun"]
    assert [(f.kind, f.text) for f in facts] == [
        ("answered", "Wie beantrage ich einen Personalausweis?"),
        ("answered", "Wie beantrage ich Wohngeld?"),
        ("withheld", "Was ist mit xyzzy plugh?"),
    ]
    assert facts[0].topic != facts[1].topic


async def test_office_data_alarms_and_commands(town: House) -> None:
    await town.citizen("Wann hat das Bürgeramt auf?")
    hours = (await new(town))[-1]
    assert (hours.kind, hours.by, hours.office) == ("office", "question", "buergeramt")
    assert await says(town, "es brennt! feuer im haus") == ["alarm:danger"]
    assert await says(town, "/stop") == ["said:stopped"]
    assert await says(town, "/hilfe") == ["said:help"]
    assert await says(town, "ich will nicht mehr leben") == ["alarm:distress", "handed_off:distress"]


async def test_erased_and_the_handoff_with_it(town: House) -> None:
    await town.citizen("einen menschen bitte")
    handed = (await new(town))[-1]
    assert (handed.kind, handed.reason, handed.text) == ("handed_off", "asked", "")
    assert handed.team
    town.clock.move(minutes=3)
    assert await says(town, "/loeschen") == ["resolved:erased", "erased"]
    assert await says(town, "hallo") == ["said:greeting"]  # nothing begins anew


async def desk(town: House, verb: str, *args: Any) -> list[tuple[str, str, int | None, int]]:
    town.clock.move(minutes=1)
    await getattr(town.core.desk, verb)(Clerk("kim", "Kim B."), town.id, *args)
    return [(f.kind, f.reason, f.value, f.count) for f in await new(town)]


async def test_a_handoff_from_the_queue_to_the_rating_days_later(town: House) -> None:
    await town.citizen("einen menschen bitte")
    await new(town)
    assert await desk(town, "claim") == [("claimed", "", 60, 1)]
    assert await desk(town, "write", "Guten Tag") == [("first_reply", "", 120, 1)]
    assert await desk(town, "write", "Noch etwas") == []
    assert await desk(town, "note", "intern") == []
    assert await desk(town, "resolve", Outcome.FORWARDED) == [("resolved", "forwarded", 300, 1)]
    held = await town.core.store.load(town.id)
    assert held.conversation
    undone = await desk(town, "undo", "resolve")
    assert undone == [("resolved", "forwarded", 300, -1)]
    assert await desk(town, "resolve", Outcome.ANSWERED) == [("resolved", "answered", 420, 1)]
    town.clock.move(days=3)
    number = held.conversation.number
    await town.citizen(choice=f"r:{number}:-")
    (rated,) = await new(town)
    assert (rated.kind, rated.value, rated.team, rated.count) == ("rated", 0, held.conversation.team, 1)
    town.clock.move(days=2)
    await town.citizen(choice=f"r:{number}:+")
    back, again = await new(town)  # the day of the first is as if there had been none
    assert [(f.kind, f.value, f.count) for f in (back, again)] == [("rated", 0, -1), ("rated", 1, 1)]
    assert (back.at, again.at) == (rated.at, rated.at + timedelta(days=2))


async def test_withdrawn_taken_from_the_bot_and_handed_back(town: House) -> None:
    await town.citizen("einen menschen bitte")
    await new(town)
    assert await says(town, choice="h:cancel") == ["resolved:withdrawn"]
    assert await desk(town, "claim") == [("claimed", "", None, 1)]  # nobody had asked, nobody waited
    assert await desk(town, "hand_back") == [("resolved", "back", None, 1)]


async def test_what_leaves_nothing_to_count(town: House) -> None:
    await town.citizen("einen menschen bitte")
    await desk(town, "claim")
    await new(town)
    assert await says(town, "Meine IBAN ist DE02120300000000202051") == []  # said to the clerk
    assert await desk(town, "seen") == []


async def test_words_are_masked(town: House) -> None:
    await town.citizen("xyzzy plugh, meine IBAN ist DE02120300000000202051?")
    texts = [f.text for f in await new(town) if f.text]
    assert texts
    assert not [t for t in texts if "DE02" in t]


def test_the_pause_is_that_of_the_definition() -> None:
    from bot.facts.making import PAUSE

    assert timedelta(hours=24) == PAUSE


async def test_whole_conversations_become_figures(town: House, tmp_path: Path) -> None:
    """From what a citizen types to what an editor reads, by way of the clock."""
    await town.citizen("Wie beantrage ich einen Personalausweis?")  # a conversation, a question answered at once
    await town.citizen("und wie lange dauert das?")  # another, as a follow-up
    await town.citizen(choice="f:-")  # turned down, and asked back: no new question
    await town.citizen("nichts davon")  # in vain: handed off
    for verb, words in (("claim", ()), ("write", ("Guten Tag",)), ("resolve", (Outcome.ANSWERED,))):
        town.clock.move(minutes=2)
        await getattr(town.core.desk, verb)(Clerk("kim", "Kim B."), town.id, *words)
    await town.citizen("xyzzy plugh quux?")  # not known
    engine = open_database(f"sqlite:///{tmp_path}/town.sqlite")
    zone, keep = town.core.zone, (timedelta(days=90), timedelta(days=800))
    draining = Draining(town.core.store, lambda: Facts(engine, zone), lambda: True, keep)
    assert not await draining.once()
    read = Numbers(engine).read(Period(MONDAY.date(), MONDAY.date()), Cut())
    told = {key: n for key, metric in METRICS.items() if (n := metric.counted(read.sums))}
    assert told == {
        **{"conversations": 1, "questions": 3, "at_once": 2, "withheld": 1, "answers": 2, "rejected": 1},
        **{"clarified": 1, "in_vain": 1, "handed_off": 1, "ended": 1},
    }
    assert (read.spreads["wait"], read.spreads["first_reply"]) == ({120: 1}, {240: 1})
    engine.dispose()
