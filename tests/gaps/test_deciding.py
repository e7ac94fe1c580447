"""A decision about a cluster is one change: the draft, the trials and the note; on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from bot.gaps.deciding import Deciding, Draft
from bot.gaps.deeds import Deeds, Refused
from bot.gaps.gap import State, Use
from bot.gaps.splitting import Asked
from faq.catalogue import Catalogue
from faq.releases import Releases
from faq.schema import open_database
from faq.trials import Trials
from tests.console.house import content
from tests.gaps.made import NOW, RINK, ask_all, gaps, looked

DRAFT = Draft("eisbahn", content("Wann öffnet die Eisbahn?", "Um zehn."))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    found = open_database(database_url)
    ask_all(found, RINK)
    looked(found)
    yield found
    found.dispose()


def cluster(engine: Engine) -> str:
    (one,) = gaps(engine).list()
    return one.id


def lines(engine: Engine, id: str) -> list[Asked]:
    """One teaches, the rest tests."""
    asked = gaps(engine).questions(id)
    uses = [Use.WORDING, *(Use.TRIAL for _ in asked[1:])]
    return [Asked(q.text, "de", (q.id,), use) for q, use in zip(asked, uses, strict=True)]


def trials(engine: Engine) -> dict[str, tuple[str, ...]]:
    return {one.question: one.relevant for one in Trials(engine).all()}


def test_all_of_it_is_done_and_all_of_it_undone(engine: Engine) -> None:
    one, deciding = cluster(engine), Deciding(engine, lambda: NOW)
    Trials(engine).add(RINK[2], "de", ["kiosk"], "editor", "ron")
    for n in range(25):  # the same words in many others
        Trials(engine).add(f"{RINK[2]} und {n}", "de", ["kiosk"], "editor", "ron")
    before, seen = trials(engine), lines(engine, one)
    saved = deciding.decide(one, 0, "eda", "draft", seen, DRAFT)
    assert saved
    assert trials(engine) == before | {line.text: ("eisbahn",) for line in seen[1:]}
    found = gaps(engine).get(one)
    assert found
    assert (found.state, found.entry, found.number) == (State.WORKING, "eisbahn", 1)
    deciding.undo(one, Deeds(engine).of(one)[0].id, "eda")
    assert trials(engine) == before
    state = Catalogue(engine, lambda: NOW).get("eisbahn")
    assert state
    assert state.status == "archived"


@pytest.mark.parametrize("before", ["published", "review", "draft"])
def test_an_entry_that_got_wordings_is_unchanged_once_they_are_taken_back(engine: Engine, before: str) -> None:
    catalogue, one, deciding = Catalogue(engine, lambda: NOW), cluster(engine), Deciding(engine, lambda: NOW)
    first = catalogue.save_draft("eisbahn", content("Wann öffnet die Eisbahn?", "Um zehn."), "kim")
    catalogue.publish("eisbahn", first.id, "toni")
    if before != "published":
        second = catalogue.save_draft("eisbahn", content("Wann öffnet die Eisbahn?", "Um elf."), "kim", first.id)
        if before == "review":
            catalogue.submit("eisbahn", second.id, "kim")
    was, history = catalogue.get("eisbahn"), catalogue.history("eisbahn")
    assert was
    more = Draft("eisbahn", content("Wann öffnet die Eisbahn wieder?", "Um zehn."), was.head.id)
    assert deciding.decide(one, 0, "eda", "extend", lines(engine, one), more)
    deciding.undo(one, Deeds(engine).of(one)[0].id, "eda")
    assert (catalogue.get("eisbahn"), catalogue.history("eisbahn")) == (was, history)
    assert was.status == before
    assert not catalogue.list("wieder").total  # lists find it by its words of before
    again = deciding.decide(one, Deeds(engine).of(one)[0].id, "eda", "extend", lines(engine, one), more)
    assert again
    assert again.number == was.head.number + 1


def test_a_draft_that_a_release_holds_stays_in_its_story(engine: Engine) -> None:
    catalogue, one, deciding = Catalogue(engine, lambda: NOW), cluster(engine), Deciding(engine, lambda: NOW)
    first = catalogue.save_draft("eisbahn", content("Wann öffnet die Eisbahn?", "Um zehn."), "kim")
    catalogue.publish("eisbahn", first.id, "toni")
    more = Draft("eisbahn", content("Wann öffnet die Eisbahn wieder?", "Um zehn."), first.id)
    saved = deciding.decide(one, 0, "eda", "extend", lines(engine, one), more)
    assert saved
    releases = Releases(engine, lambda: NOW)
    releases.refuse(releases.propose({"eisbahn": saved.id}, "eda").id, "toni", "Zu kurz")
    deciding.undo(one, Deeds(engine).of(one)[0].id, "eda")
    state = catalogue.get("eisbahn")
    assert state
    assert catalogue.revision(saved.id) == saved
    assert (state.head.number, state.head.content) == (3, first.content)


def test_who_comes_second_leaves_nothing_behind(engine: Engine) -> None:
    one, deciding = cluster(engine), Deciding(engine, lambda: NOW)
    seen = lines(engine, one)
    Deeds(engine).name(one, 0, "ada", "Die Eisbahn")
    with pytest.raises(Refused):
        deciding.decide(one, 0, "eda", "draft", seen, DRAFT)
    assert (Catalogue(engine, lambda: NOW).get("eisbahn"), trials(engine)) == (None, {})


def test_what_breaks_off_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Exception):
        pass

    def breaks(*_: object, **__: object) -> None:
        raise Broken

    one, deciding = cluster(engine), Deciding(engine, lambda: NOW)
    seen = lines(engine, one)
    with monkeypatch.context() as broken:
        broken.setattr(Deeds, "_note", breaks)
        with pytest.raises(Broken):
            deciding.decide(one, 0, "eda", "draft", seen, DRAFT)
    assert (Catalogue(engine, lambda: NOW).get("eisbahn"), trials(engine)) == (None, {})
    deciding.decide(one, 0, "eda", "draft", seen, DRAFT)
    before, last = trials(engine), Deeds(engine).of(one)[0].id
    with monkeypatch.context() as broken:
        broken.setattr(Catalogue, "archive_in", breaks)
        with pytest.raises(Broken):
            deciding.undo(one, last, "eda")
    assert trials(engine) == before
    deciding.undo(one, last, "eda")
    assert trials(engine) == {}


def test_words_that_are_deleted_are_no_trial_either(engine: Engine) -> None:
    one = cluster(engine)
    seen = lines(engine, one)
    Deciding(engine, lambda: NOW).decide(one, 0, "eda", "foreign", seen, None)
    gone = seen[1]
    Deeds(engine).wipe(one, Deeds(engine).of(one)[0].id, "eda", gone.facts, "personal")
    assert gone.text not in trials(engine)
    assert Trials(engine).list(retired=True) == ((), 0), "its words are nowhere"
    Deciding(engine, lambda: NOW).undo(one, Deeds(engine).of(one)[1].id, "eda")
    assert trials(engine) == {}
