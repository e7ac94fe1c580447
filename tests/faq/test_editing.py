"""What is typed is kept for its writer alone; lists say what the newest revisions say."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from faq.catalogue import Catalogue, WrongStatus
from faq.editing.listing import Listing, Wanted
from faq.editing.typed import KEPT, LARGEST, MOST, UNDO, TooMuch, Typed
from faq.editing.withdrawal import take_back
from faq.entry import Content, Link, Status, Text
from tests.faq.town import NOW

HOSTILE = "\0 \ud800 \u202e <script> 🙂"


class Clock:
    at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def catalogue(database_url: str, clock: Callable[[], datetime]) -> Iterator[Catalogue]:
    catalogue = Catalogue.open(database_url, clock)
    yield catalogue
    catalogue.close()


def content(question: str = "Frage?", **more: object) -> Content:
    text = Text("de", question, ("kurz",), "Antwort.")
    made = Content({"de": text}, "abfall", "amt", Link("", ""), date(2026, 11, 1))
    return replace(made, **more)  # type: ignore[arg-type]


def test_typed_forms(catalogue: Catalogue) -> None:
    clock = Clock()
    typed = Typed(catalogue.engine, clock)
    assert typed.of("eda", "perso") is None
    typed.keep("eda", "perso", "r1", {"a": "alt"})
    clock.at += timedelta(minutes=1)
    assert typed.keep("eda", "perso", "r2", {"a": HOSTILE}) == clock.at
    found = typed.of("eda", "perso")
    assert found
    assert (found.based_on, found.at, found.discarded) == ("r2", clock.at, False)
    assert found.form["a"] == HOSTILE.replace("\ud800", "?")
    assert typed.of("ada", "perso") is None  # nobody else's
    typed.keep("eda", "", "", {"a": "neu"})
    assert {one.entry for one in typed.mine("eda")} == {"", "perso"}
    typed.discard("eda", "perso")
    found = typed.of("eda", "perso")
    assert found
    assert found.discarded
    assert [one.entry for one in typed.mine("eda")] == [""]
    typed.restore("eda", "perso")
    assert len(typed.mine("eda")) == 2
    typed.discard("eda", "perso")
    clock.at += UNDO + timedelta(seconds=1)
    assert typed.of("eda", "perso") is None
    typed.forget("eda", "")
    assert typed.of("eda", "") is None


def test_typed_forms_are_bounded(catalogue: Catalogue) -> None:
    clock = Clock()
    typed = Typed(catalogue.engine, clock)
    with pytest.raises(TooMuch):
        typed.keep("eda", "e", "", {"a": "x" * LARGEST})
    typed.keep("ada", "alt", "", {})
    for number in range(MOST + 2):
        clock.at += timedelta(seconds=1)
        typed.keep("eda", f"e{number:02}", "", {})
    assert [one.entry for one in typed.mine("eda")] == [f"e{n:02}" for n in range(MOST + 1, 1, -1)]
    assert len(typed.mine("ada")) == 1
    clock.at += KEPT
    typed.keep("eda", "neu", "", {})
    assert typed.mine("ada") == ()


def test_two_pages_of_one_person_at_once(catalogue: Catalogue) -> None:
    typed = Typed(catalogue.engine, Clock())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: typed.keep("eda", "perso", "r", {"n": str(n)}), range(12)))
    assert len(typed.mine("eda")) == 1


def test_lists(catalogue: Catalogue) -> None:
    listing = Listing(catalogue.engine)
    english = {"de": content("Zebra?").texts["de"], "en": Text("en", "Question?", (), "Answer.")}
    a = catalogue.save_draft("a", content("Öl entsorgen?", review_by=date(2026, 11, 20)), "eda")
    catalogue.save_draft("b", content(texts=english, topic="steuern", office="kasse"), "ada")
    catalogue.save_draft("c", content("Müll 100 %?", as_of=date(2026, 11, 9)), "eda")
    catalogue.publish("a", a.id, "ada")

    def names(**wanted: object) -> list[str]:
        found, total = listing.page(Wanted(**wanted))  # type: ignore[arg-type]
        assert total == len(found)
        return [one.entry for one in found]

    assert names() == ["c", "a", "b"]  # as a German sorts: Müll, Öl, Zebra
    assert names(falling=True) == ["b", "a", "c"]
    assert names(query="öl ENTS") == ["a"]
    assert names(query="100 %") == ["c"]
    assert names(query="_") == []
    assert names(topic="steuern") == names(office="kasse") == names(author="ada") == ["b"]
    assert names(missing="en") == ["c", "a"]
    assert names(missing="de") == []
    assert names(due=date(2026, 11, 21)) == ["a"]
    assert names(due=date(2026, 11, 20)) == []
    assert names(among=("a", "b")) == ["a", "b"]
    assert names(among=()) == []
    assert names(status="published") == ["a"]
    assert names(status="draft") == ["c", "b"]
    assert names(status="changed") == []
    assert names(sort="as_of", falling=True)[0] == "c"
    assert names(sort="nonsense") == ["c", "a", "b"]
    for sort in ("topic", "status", "review_by", "at", "author"):
        assert sorted(names(sort=sort)) == ["a", "b", "c"]
    catalogue.save_draft("a", content("Altöl entsorgen?"), "kim", a.id)
    assert names() == ["a", "c", "b"]  # the row followed
    assert names(status="changed") == ["a"]
    found, total = listing.page(Wanted(), offset=1, limit=1)
    assert ([one.entry for one in found], total) == (["c"], 3)
    assert listing.authors() == ("ada", "eda", "kim")
    (one,), _ = listing.page(Wanted(query="zebra"))
    assert (one.languages, one.as_of, one.review_by, one.status) == (("de", "en"), date(2026, 11, 1), None, "draft")


def test_rows_are_made_once_and_by_many_at_once(catalogue: Catalogue) -> None:
    for number in range(30):
        catalogue.save_draft(f"e{number}", content(f"Frage {number}?"), "eda")
    listing = Listing(catalogue.engine)
    with ThreadPoolExecutor(4) as pool:
        totals = list(pool.map(lambda _: listing.page(Wanted())[1], range(4)))
    assert totals[-1] == Listing(catalogue.engine).page(Wanted())[1] == 30
    assert listing.refresh() == 0


def test_back_from_review(catalogue: Catalogue) -> None:
    saved = catalogue.save_draft("a", content(), "eda")
    with pytest.raises(WrongStatus):
        take_back(catalogue.engine, "a", saved.id)
    catalogue.submit("a", saved.id, "eda")
    with pytest.raises(WrongStatus):
        take_back(catalogue.engine, "a", "another")
    take_back(catalogue.engine, "a", saved.id)
    state = catalogue.get("a")
    assert state
    assert state.status is Status.DRAFT
