"""Whatever comes in whatever order, and whatever editors do between: each question is in one cluster, what is together
stays together, and no decision is lost."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, case, select

from bot.facts.tables import facts
from bot.gaps import clustering
from bot.gaps.deeds import UNDONE_BY_US, Decision, Deeds, Refused
from bot.gaps.gap import State, Use
from bot.gaps.tables import clusters, questions
from faq.database import reading
from faq.schema import open_database
from tests.gaps.made import BEES, NOW, RINK, asked, gaps, keep, looked

WORDS = ("Eisbahn", "Kajak", "Bienen", "Garten", "Laterne", "Brunnen")
ABOUT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(" ".join)
"""Questions that share a word or two: which of them belong together changes with each that comes."""
TEXTS = (*RINK, *BEES, "Kajaks leihen?", "wo kajaks leihen", "Wer mäht die Wiese?", "???", "Köpek vergisi ne kadar?")
DEEDS = ("look", "look", "look", "merge", "draft", "foreign", "merge", "move", "wipe", "name", "undo")


# Each example is a database of its own: one that fails is not made smaller, which would take minutes.
QUICKLY = settings(max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))


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
    """Each question is in a cluster that is there and was not merged away, or waits for a look ("") that is under way;
    each citizen is counted once in it."""
    who = select(questions.c.cluster, facts.c.conversation).join(facts, facts.c.id == questions.c.fact)
    with reading(engine) as db:
        there = set(db.execute(select(clusters.c.id).where(clusters.c.into == "")).scalars())
        held = db.execute(select(questions.c.cluster)).scalars().all()
        citizens = set(db.execute(who.where(questions.c.use != Use.GONE)).all())
    assert set(held) - {""} <= there
    for one in gaps(engine).list():
        assert one.count == sum(cluster == one.id for cluster, _ in citizens)


def held(engine: Engine) -> tuple[dict[str, Any], dict[str, Any]]:
    """All that editors decide: where each question is and what it is used for; what each cluster that is not empty is.
    Which of a citizen's questions counts is left out: `sound` looks at that."""
    with reading(engine) as db:
        # Where a wiped one was is nobody's any more.
        where = case((questions.c.use == Use.GONE, ""), else_=questions.c.cluster).label("where")
        rows = db.execute(select(questions, where)).all()
        asked_ = {row.fact: (row.where, row.placed, row.use, row.trial) for row in rows}
        every = db.execute(select(clusters)).all()
    used = {cluster for cluster, *_ in asked_.values()}
    said = {r.id: (r.state, r.title, r.entry, r.number, r.into) for r in every if r.id in used or r.into}
    return asked_, said


def do(engine: Engine, what: str, data: st.DataObject) -> None:
    """One deed, perhaps taken back at once; what is refused changes nothing."""
    deeds, every = Deeds(engine, lambda: NOW), [one.id for one in gaps(engine).list()]
    if not every:
        return
    one, other = data.draw(st.sampled_from(every)), data.draw(st.sampled_from(every))
    seen = next((deed.id for deed in deeds.of(one)), 0)
    there, before = gaps(engine).questions(one), held(engine)
    if what in ("move", "wipe") and not there:
        return
    uses = {q.id: (Use.TRIAL if n % 2 else Use.WORDING, f"trial-{n}") for n, q in enumerate(there)}
    decision = Decision(what, State.WORKING if what == "draft" else State.FOREIGN, "entry", 1, "", uses)
    to = data.draw(st.sampled_from(["", *every]))
    try:
        if what in ("draft", "foreign"):
            deeds.decide(one, seen, "eda", decision)
        elif what == "merge":
            deeds.merge(one, seen, "eda", other)
        elif what == "name":
            deeds.name(one, seen, "eda", "Ein Name")
        elif what == "move":
            to = deeds.move(one, seen, "eda", [there[0].id], to)
        elif what == "wipe":
            deeds.wipe(one, seen, "eda", [there[0].id], "spam")
        elif what == "undo":
            latest = next((d.id for d in deeds.of(one) if not d.undone and d.what in UNDONE_BY_US), -1)
            deeds.undo(one, latest, "eda")
    except Refused:
        assert held(engine) == before
        return
    sound(engine)
    asked_, said = held(engine)
    if what in ("draft", "foreign"):
        assert said[one][0] == decision.state
        assert {fact: (use, trial) for fact, (_, _, use, trial) in asked_.items() if fact in uses} == uses
    elif what == "merge":
        moved = {fact for fact, (cluster, *_) in before[0].items() if cluster == one}
        assert {asked_[fact][0] for fact in moved} == {other}
    elif what == "move":
        assert asked_[there[0].id][:2] == (to, True)
    elif what == "wipe":
        assert asked_[there[0].id][2] == Use.GONE
        assert there[0].text not in {q.text for q in gaps(engine).questions(one) if q.id == there[0].id}
    if what not in ("wipe", "undo") and data.draw(st.booleans()):
        deeds.undo(one, deeds.of(one)[0].id, "eda")
        assert held(engine) == before
        sound(engine)


@given(st.lists(ABOUT | st.sampled_from(["???", "ok"]), min_size=4, max_size=16), st.data())
@QUICKLY
def test_whatever_comes_and_whatever_editors_do(texts: list[str], data: st.DataObject) -> None:
    """Also while a look is under way: between what it read and what it writes."""
    with town() as engine:
        for number, text in enumerate(texts):
            citizen = f"citizen-{number % 5}"
            keep(engine, asked(text, at=NOW - timedelta(minutes=len(texts) - number), citizen=citizen))
            what = data.draw(st.sampled_from(DEEDS))
            if what != "look":
                do(engine, what, data)
                continue
            before, kept = places(engine), decided(engine)
            meanwhile = data.draw(st.sampled_from(("", "", "merge", "move", "draft", "wipe")))
            last = held(engine)[0]

            def named(*args: Any, told: Any = clustering._named, deed: str = meanwhile) -> Any:
                nonlocal before, kept, last
                if deed:
                    do(engine, deed, data)
                    before, kept, last = places(engine), decided(engine), held(engine)[0]
                return told(*args)

            with mock.patch.object(clustering, "_named", named):
                looked(engine, encoder=data.draw(st.booleans()))
            after, now = places(engine), held(engine)[0]
            sizes = list(before.values())
            # Only a cluster of one question may have come into another, and none that an editor put there.
            stays = {fact for fact, one in before.items() if one and (sizes.count(one) > 1 or one in kept)}
            stays |= {fact for fact, (_, placed, *_) in last.items() if placed and fact in before}
            assert {fact: after[fact] for fact in stays} == {fact: before[fact] for fact in stays}
            assert {fact: now[fact][1:] for fact in last} == {fact: told[1:] for fact, told in last.items()}
            assert {name: decided(engine)[name] for name in kept} == kept
            if not meanwhile:
                assert all(after.values())
                sound(engine)
        looked(engine)
        sound(engine)
        assert all(places(engine).values())
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
