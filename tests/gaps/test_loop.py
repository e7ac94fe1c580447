"""The whole loop: citizens ask in vain, an editor drafts from the cluster, a release goes live, and it is answered."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.composition import SAMPLE_TOWN
from bot.facts.draining import Draining
from bot.facts.kept import Facts
from bot.gaps.deeds import Decision, Deeds
from bot.gaps.following import follow
from bot.gaps.gap import State, Use
from bot.gaps.run import look
from bot.gaps.splitting import proposed
from bot.settings import Settings
from faq.catalogue import Catalogue
from faq.entry import Content, Draft, Link, Text
from faq.releases import Releases
from faq.sources import read
from faq.trials import Trials
from tests.gaps.made import asked, gaps, keep
from tests.house import House, house

ASKED = ("Wo kann ich Kajaks leihen?", "kajak leihen", "Kajaks leihen Preise", "wann kann man kajaks leihen")
DAY = timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A town with a handful of the sample town's entries."""
    found = Settings(home=tmp_path, cache=tmp_path / "cache", secret="x" * 32, nlu_url="off")
    town = Catalogue.open(found.database)
    town.load([draft for draft in read(SAMPLE_TOWN) if isinstance(draft, Draft)][:9], "corpus", publish=True)
    town.close()
    return found


async def asks(settings: Settings, chat: str, text: str, minutes: int = 0) -> str:
    """A citizen writes; what became of it is in the database. Returns the entry that they were told."""
    async with house(settings, chat) as town:
        town.clock.move(minutes=minutes)
        (*_, told) = await town.citizen(text)
        await drained(town)
        return told.entry


async def drained(town: House) -> None:
    facts = Facts(town.core.catalogue.engine, town.core.zone)
    await Draining(town.core.store, lambda: facts, lambda: True, (90 * DAY, 800 * DAY), town.clock).once()


async def test_from_a_question_in_vain_to_its_answer(settings: Settings) -> None:
    for number, text in enumerate(ASKED):
        assert await asks(settings, f"citizen-{number}", text, number) == ""
    async with house(settings, "later") as town:
        core, now = town.core, town.clock.now + timedelta(hours=1)
        engine, catalogue = core.catalogue.engine, Catalogue(core.catalogue.engine, town.clock)
        found = look(engine, now)
        assert (found.new, found.asked) == (4, 4)
        (one,) = gaps(engine, now).list()
        questions = gaps(engine, now).questions(one.id)
        assert {q.text for q in questions} == set(ASKED)
        assert all(q.found and q.found.decision != "answer" for q in questions)

        # An editor drafts an entry from some of them; the rest tests it.
        lines = proposed(questions, core.secret)
        taught = [line for line in lines if line.use is Use.WORDING]
        texts = {"de": Text("de", taught[0].text, tuple(x.text for x in taught[1:]), "An der Kasse, für 4 Euro.")}
        content = Content(texts, "freizeit", "buergeramt", Link("Stadt", "https://stadt.example"), now.date())
        draft = catalogue.save_draft("kajak-leihen", content, "eda")
        trials = Trials(engine, lambda: now)
        kept = {
            line.text: trials.add(line.text, "de", [draft.entry], "gap", "eda").id
            for line in lines
            if line.use is Use.TRIAL
        }
        uses = {fact: (line.use, kept.get(line.text, "")) for line in lines for fact in line.facts}
        deeds = Deeds(engine, lambda: now)
        deeds.decide(one.id, 0, "eda", Decision("draft", State.WORKING, draft.entry, draft.number, "", uses))
        waiting = gaps(engine, now).get(one.id)
        assert waiting
        assert (waiting.state, waiting.right, waiting.tried) == (State.WORKING, 0, 0)

        # It goes live, and its trials are asked again.
        town.clock.move(hours=2)
        now = town.clock.now
        look(engine, now)  # of what answers until then
        catalogue.publish(draft.entry, draft.id, "ada")
        follow(engine, Releases(engine))
        unasked = gaps(engine, now).get(one.id)
        assert unasked
        assert (unasked.state, unasked.tried) == (State.ANSWERED, 0)
        look(engine, now)
        live = Releases(engine).live()
        fixed = gaps(engine, now).get(one.id)
        assert live
        assert fixed
        assert (fixed.state, fixed.release, fixed.since) == (State.ANSWERED, live.number, 0)
        assert fixed.tried == len(kept) > 0
        assert fixed.right + fixed.offered == fixed.tried
    assert await asks(settings, "one-more", taught[0].text, 200) == "kajak-leihen"

    # Who is told nothing still is counted as "since"; without the release, the cluster is open work again.
    async with house(settings, "again") as town:
        engine, later = town.core.catalogue.engine, town.clock.now + timedelta(days=2)
        keep(engine, asked("kajak leihen abends", at=later))
        look(engine, later)
        still = gaps(engine, later).get(one.id)
        assert still
        assert (still.since, still.count) == (1, 5)
        town.core.catalogue.archive("kajak-leihen", "ada")
        follow(engine, Releases(engine))
        back = gaps(engine, later).get(one.id)
        assert back
        assert (back.state, back.release, back.live_at) == (State.WORKING, 0, None)
