"""Whatever comes in whatever order, and whatever editors do between: each question is in one cluster, what is together
stays together, and no decision is lost."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from bot.facts.tables import facts
from bot.gaps.deeds import Decision, Deeds, Refused
from bot.gaps.gap import State, Use
from bot.gaps.tables import clusters, questions
from faq.database import reading
from faq.schema import open_database
from tests.gaps.made import BEES, NOW, RINK, asked, gaps, keep, looked

WORDS = ("Eisbahn", "Kajak", "Bienen", "Garten", "Laterne", "Brunnen")
ABOUT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(" ".join)
"""Questions that share a word or two: which of them belong together changes with each that comes."""
TEXTS = (*RINK, *BEES, "Kajaks leihen?", "wo kajaks leihen", "Wer mäht die Wiese?", "???", "Köpek vergisi ne kadar?")
DEEDS = ("look", "look", "look", "merge", "decide", "foreign", "merge", "move", "wipe", "name", "undo")


# Each example is a database of its own: one that fails is not made smaller, which would take minutes.
QUICKLY = settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@contextmanager
def town() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{Path(folder)}/town.sqlite")
        yield engine
        engine.dispose()


def places(engine: Engine) -> dict[str, str]:
    """Cluster by question."""
    with reading(engine) as db:
        rows = db.execute(select(questions.c.fact, questions.c.cluster).where(questions.c.use != Use.GONE)).all()
    return {row.fact: row.cluster for row in rows}


def decided(engine: Engine) -> dict[str, tuple[str, str, str]]:
    """What editors decided, by cluster."""
    with reading(engine) as db:
        rows = db.execute(select(clusters)).all()
    return {r.id: (r.state, r.entry, r.title) for r in rows if r.title or r.state not in (State.OPEN, State.UNCLEAR)}


def sound(engine: Engine) -> None:
    """Each question is in a cluster that is there and was not merged away; each citizen is counted once in it."""
    who = select(questions.c.cluster, facts.c.conversation).join(facts, facts.c.id == questions.c.fact)
    with reading(engine) as db:
        there = set(db.execute(select(clusters.c.id).where(clusters.c.into == "")).scalars())
        held = db.execute(select(questions.c.cluster)).scalars().all()
        citizens = set(db.execute(who.where(questions.c.use != Use.GONE)).all())
    assert set(held) <= there
    for one in gaps(engine).list():
        assert one.count == sum(cluster == one.id for cluster, _ in citizens)


def do(engine: Engine, what: str, data: st.DataObject) -> None:
    deeds, every = Deeds(engine, lambda: NOW), [one.id for one in gaps(engine).list()]
    if not every:
        return
    one, other = data.draw(st.sampled_from(every)), data.draw(st.sampled_from(every))
    seen = next((deed.id for deed in deeds.of(one)), 0)
    asked_there = gaps(engine).questions(one)
    try:
        if what == "decide":
            deeds.decide(one, seen, "eda", Decision("draft", State.WORKING, "entry", 1))
        elif what == "foreign":
            deeds.decide(one, seen, "eda", Decision("foreign", State.FOREIGN))
        elif what == "merge":
            deeds.merge(one, seen, "eda", other)
        elif what == "name":
            deeds.name(one, seen, "eda", "Ein Name")
        elif what == "undo":
            latest = next((d.id for d in deeds.of(one) if not d.undone and d.what in ("draft", "move", "name")), -1)
            deeds.undo(one, latest, "eda")
        elif asked_there and what == "move":
            deeds.move(one, seen, "eda", [asked_there[0].id], data.draw(st.sampled_from(["", *every])))
        elif asked_there and what == "wipe":
            deeds.wipe(one, seen, "eda", [asked_there[0].id], "spam")
    except Refused:
        return


@given(st.lists(ABOUT | st.sampled_from(["???", "ok"]), min_size=4, max_size=16), st.data())
@QUICKLY
def test_whatever_comes_and_whatever_editors_do(texts: list[str], data: st.DataObject) -> None:
    with town() as engine:
        for number, text in enumerate(texts):
            citizen = f"citizen-{number % 5}"
            keep(engine, asked(text, at=NOW - timedelta(minutes=len(texts) - number), citizen=citizen))
            what = data.draw(st.sampled_from(DEEDS))
            if what != "look":
                do(engine, what, data)
                continue
            before, kept = places(engine), decided(engine)
            looked(engine, encoder=data.draw(st.booleans()))
            after = places(engine)
            sizes = list(before.values())
            # Only a cluster of one question may have come into another.
            assert all(after[fact] == one for fact, one in before.items() if sizes.count(one) > 1 or one in kept)
            assert {name: decided(engine)[name] for name in kept} == kept
            assert all(after.values())
        looked(engine)
        sound(engine)
        for one in decided(engine):
            assert gaps(engine).get(one)


@given(st.permutations(TEXTS), st.sets(st.integers(1, len(TEXTS) - 1), max_size=3))
@QUICKLY
def test_in_whatever_order_they_come(texts: list[str], cuts: set[int]) -> None:
    with town() as engine:
        for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(texts)], strict=True):
            keep(engine, *(asked(text) for text in texts[start:end]))
            looked(engine)
        sound(engine)
        groups: dict[str, set[str]] = {}
        for one in gaps(engine).list():
            groups[one.id] = {q.text for q in gaps(engine).questions(one.id)}
        assert sorted(len(some) for some in groups.values() if some & {*RINK, *BEES}) == [3, 4]
        assert sum(map(len, groups.values())) == len(TEXTS)
