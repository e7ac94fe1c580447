"""Facts become questions, questions clusters that stay; words go with their facts. On both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from bot.facts.fact import FactKind
from bot.facts.kept import Facts
from bot.facts.tables import facts
from bot.gaps import clustering, intake
from bot.gaps.deeds import Deeds, Refused
from bot.gaps.gap import UNCLEAR, Found, State, Use
from bot.gaps.kept import Filter
from bot.gaps.tables import clusters, questions
from faq.database import reading, writing
from faq.schema import open_database
from tests.gaps.made import BEES, BERLIN, NOW, RINK, ask_all, asked, gaps, keep, looked, together


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    found = open_database(database_url)
    yield found
    found.dispose()


def texts(engine: Engine) -> set[str]:
    return {text for some in together(engine) for text in some}


def test_questions_about_the_same_come_together_and_are_named(engine: Engine) -> None:
    ask_all(engine, [*RINK, *BEES])
    found = looked(engine)
    assert (found.new, found.placed) == (7, 7)
    assert together(engine) == {frozenset(RINK), frozenset(BEES)}
    first, second = gaps(engine).list()
    assert (first.count, first.recent, first.trend, second.count) == (4, 4, "new", 3)
    assert first.text in RINK
    assert "Eisbahn" in first.words
    assert looked(engine).new == looked(engine).placed == 0


@pytest.mark.parametrize("encoder", [False, True])
def test_a_cluster_stays_when_more_comes(engine: Engine, encoder: bool) -> None:
    ask_all(engine, [*RINK[:3], *BEES[:2]])
    looked(engine, encoder=encoder)
    before = {one.text: one.id for one in gaps(engine).list()}
    ask_all(engine, [RINK[3], BEES[2], "Wo finde ich einen Schuster?"])
    looked(engine, encoder=encoder)
    after = {one.id: one.count for one in gaps(engine).list()}
    assert set(before.values()) <= set(after)
    assert sorted(after.values()) == [1, 3, 4]


def test_what_is_no_gap_is_not_taken(engine: Engine) -> None:
    late = NOW - timedelta(hours=2)
    keep(
        engine,
        asked("Was kostet ein Pass?", FactKind.ANSWERED, by="search"),
        asked("Welches Rathaus?", FactKind.CLARIFIED, late, by="office"),
        asked("und die zweite Frage?", by="later"),
        asked("Wohin mit dem Hund?", FactKind.CLARIFIED, late, "ann", by=""),
        asked("Wohin mit dem Hund?", FactKind.ANSWERED, late, "ann", by="choice"),
        asked("Wohin mit dem Huhn?", FactKind.CLARIFIED, late, "bob", by=""),
        asked("Wohin mit dem Pferd?", FactKind.CLARIFIED, NOW - timedelta(minutes=5), "eva", by=""),
    )
    looked(engine)
    assert texts(engine) == {"Wohin mit dem Huhn?"}
    looked(engine, NOW + timedelta(hours=1))  # no button was pressed until then
    assert texts(engine) == {"Wohin mit dem Huhn?", "Wohin mit dem Pferd?"}


def test_a_citizen_counts_once_and_a_handoff_weighs(engine: Engine) -> None:
    some = [asked(RINK[0], at=NOW - timedelta(minutes=n), citizen="ann") for n in (9, 8, 7)]
    keep(engine, *some, asked(RINK[0], FactKind.CLARIFIED_IN_VAIN, citizen="ann"), asked(RINK[1], citizen="bob"))
    keep(engine, asked("", FactKind.HANDED_OFF, NOW - timedelta(minutes=1), "ann", reason="asked"))
    looked(engine)
    (one,) = gaps(engine).list()
    assert (one.count, one.handed, one.kinds["withheld"]) == (2, 1, 2)
    assert one.weight == pytest.approx(2.5)
    assert len(gaps(engine).questions(one.id)) == 5  # all are there to read


def test_who_asked_before_and_asks_once_more_has_no_answer_yet(engine: Engine) -> None:
    before, after = NOW - timedelta(days=3), NOW - timedelta(days=1)
    keep(engine, asked(RINK[0], at=before, citizen="ann"), asked(RINK[1], at=before, citizen="ann"))
    keep(engine, asked(RINK[0], at=after, citizen="ann"), asked(RINK[2], at=after), asked(RINK[2], at=after))
    looked(engine)
    told = Found("answer", (("eisbahn", 0.9),)).to_json()
    with writing(engine) as db:
        db.execute(update(clusters).values(state=State.ANSWERED, entry="eisbahn", live_at=NOW - timedelta(days=2)))
        # Two wordings became trials: one of Ann's second question, one that two others asked.
        for text, trial in ((RINK[1], "t1"), (RINK[2], "t2")):
            mine = questions.c.fact.in_(select(facts.c.id).where(facts.c.text == text))
            db.execute(update(questions).where(mine).values(use=Use.TRIAL, trial=trial, found=told))
    (one,) = gaps(engine).list()
    assert (one.count, one.since) == (3, 3)
    assert (one.tried, one.right, one.offered) == (2, 2, 0)


def test_weeks_and_trends(engine: Engine) -> None:
    for week, count in enumerate([4, 1, 1, 0, 2, 0, 3]):
        keep(engine, *(asked(RINK[0], at=NOW - timedelta(days=7 * week)) for _ in range(count)))
    looked(engine)
    (one,) = gaps(engine).list()
    assert one.weekly == [4, 1, 1, 0, 2, 0, 3, 0, 0, 0, 0, 0]
    assert (one.usual, one.trend) == (1.0, "more")
    assert one.first == NOW - timedelta(days=42)
    (narrow,) = gaps(engine).list(Filter(days=7))
    assert narrow.count == 4
    assert gaps(engine).list(Filter(language="tr")) == []


def test_what_says_nothing_lies_on_a_heap(engine: Engine) -> None:
    ask_all(engine, ["???", "[NAME] [E-MAIL]", "ok", RINK[0]])
    looked(engine)
    heap = gaps(engine).get(UNCLEAR)
    assert heap is not None
    assert (heap.state, heap.count) == (State.UNCLEAR, 3)
    assert len(gaps(engine).list(Filter(state=State.OPEN))) == 1
    looked(engine)
    assert {one.count for one in gaps(engine).list()} == {1, 3}


def test_words_go_and_counts_stay(engine: Engine) -> None:
    ask_all(engine, RINK)
    keep(engine, asked(BEES[0], citizen="ann"))
    looked(engine, encoder=True)
    keep(engine, asked("", FactKind.ERASED, NOW + timedelta(minutes=1), "ann"))
    kept = Facts(engine, BERLIN)
    kept.forget(NOW, timedelta(hours=2, minutes=30), timedelta(days=800))  # the first question of four is older
    looked(engine, encoder=True)
    assert texts(engine) == set(RINK[1:])
    with reading(engine) as db:
        gone = select(questions.c.vector).join(facts, facts.c.id == questions.c.fact).where(facts.c.text == "")
        assert db.execute(gone).scalars().all() == [None, None]
        held = select(questions.c.vector).join(facts, facts.c.id == questions.c.fact).where(facts.c.text != "")
        assert None not in db.execute(held).scalars().all()
    assert sorted(one.count for one in gaps(engine).list()) == [1, 4]
    assert {one.name for one in gaps(engine).list() if one.count == 1} == {""}


def test_what_questions_shared_goes_with_them(engine: Engine) -> None:
    ask_all(engine, RINK)
    looked(engine)
    (one,) = gaps(engine).list()
    (typical,) = (q.id for q in gaps(engine).questions(one.id) if q.text == one.text)
    Deeds(engine).wipe(one.id, 0, "eda", [typical], "personal")
    (rest,) = gaps(engine).list()
    assert (rest.words, rest.name) == ("", RINK[-1])  # the latest of the others
    keep(engine, asked(RINK[0]))
    looked(engine)
    assert "Eisbahn" in gaps(engine).list()[0].words
    Facts(engine, BERLIN).forget(NOW + timedelta(days=1), timedelta(hours=1), timedelta(days=800))
    assert [intake.forget(engine), intake.forget(engine)] == [True, False]
    assert gaps(engine).list()[0].name == ""


def test_what_an_editor_does_while_a_look_is_under_way_wins(engine: Engine) -> None:
    """The look has read that a question is alone and wants it with the bees; meanwhile somebody put it to the rink."""
    ask_all(engine, [*RINK, *BEES])
    keep(engine, asked("Wo ist der Schuster?"))
    looked(engine)
    rink, bees, alone = (one.id for one in gaps(engine).list())
    with reading(engine) as db:
        rows = clustering._readable(db, None)
    Deeds(engine).merge(alone, 0, "eda", rink)
    wanted = [bees if row.cluster == alone else row.cluster for row in rows]
    with writing(engine) as db:
        assert clustering._place(db, rows, wanted, NOW) == 0
    assert "Wo ist der Schuster?" in {q.text for q in gaps(engine).questions(rink)}


def test_spam_of_one_citizen_is_one(engine: Engine) -> None:
    keep(engine, *(asked("kauf billige uhren uhren uhren", citizen="bot") for _ in range(50)), asked(RINK[0]))
    looked(engine)
    assert sorted(one.count for one in gaps(engine).list()) == [1, 1]
    keep(engine, *(asked(text) for text in (*RINK, *BEES)))  # and it does not tell what all questions share
    looked(engine)
    assert sorted(one.count for one in gaps(engine).list()) == [1, 3, 5]


def test_nothing_to_do(engine: Engine) -> None:
    assert (looked(engine).new, gaps(engine).list(), gaps(engine).get("x")) == (0, [], None)
    assert Use("") is Use.NONE


def test_nobody_makes_up_a_cluster(engine: Engine) -> None:
    ask_all(engine, RINK)
    looked(engine)
    (one,) = gaps(engine).list()
    with pytest.raises(Refused):
        Deeds(engine).move(one.id, 0, "eda", [gaps(engine).questions(one.id)[0].id], "made up")
