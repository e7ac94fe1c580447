"""What editors teach, on both databases: kept for ever under a name of its own, nothing overwritten unseen."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.examples.added import Added, difference
from faq.examples.revisions import Examples, Kept, Overtaken
from faq.schema import open_database

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DOCUMENTS = st.dictionaries(
    st.sampled_from(["de", "en"]),
    st.dictionaries(st.sampled_from(["greet", "thanks", "deny"]), st.lists(st.text(min_size=1), max_size=4)),
)


@pytest.fixture
def kept(database_url: str) -> Iterator[Examples]:
    engine = open_database(database_url)
    yield Examples(engine, lambda: NOW)
    engine.dispose()


def fits(_: Added, __: Added) -> None:
    """Nothing to say against it."""


def save(
    kept: Examples,
    intent: str,
    *lines: str,
    seen: int = 0,
    by: str = "eda",
    check: Callable[[Added, Added], None] = fits,
) -> Kept:
    return kept.save("de", intent, lines, by, "weil", seen, check)


def test_before_anybody_adds_something_there_is_what_ships(kept: Examples) -> None:
    head = kept.head()
    assert (head.number, head.name, len(head.added), kept.history()) == (0, "", 0, ())
    assert save(kept, "greet").number == 0, "nothing changed"
    assert kept.named("") == head


def test_a_change_is_kept_with_who_and_why_under_the_name_of_its_content(kept: Examples) -> None:
    made = save(kept, "greet", "moinsen", "hallöchen 💥")
    assert kept.head() == made == kept.number(1) == kept.named(made.name)
    assert (made.number, made.author, made.why, made.at) == (1, "eda", "weil", NOW)
    assert made.added.of("de", "greet") == ("hallöchen 💥", "moinsen")
    back = save(kept, "greet", seen=1)
    assert (back.number, back.name) == (2, "")
    again = save(kept, "greet", "hallöchen 💥", "moinsen", seen=2, by="kim")
    assert (again.number, again.name) == (3, made.name)
    assert kept.named(made.name) == made, "the first of that name"
    assert [one.number for one in kept.history()] == [3, 2, 1]
    assert [one.number for one in kept.history(1)] == [3]
    assert kept.named("0123456789abcdef") is kept.number(9) is None


def test_two_who_change_different_places_both_have_their_way(kept: Examples) -> None:
    save(kept, "greet", "moinsen")
    head = save(kept, "thanks", "merci", seen=0)
    assert (head.number, len(head.added)) == (2, 2)


def test_two_who_change_the_same_place_do_not_overwrite_each_other(kept: Examples) -> None:
    save(kept, "greet", "moinsen")
    with pytest.raises(Overtaken) as overtaken:
        save(kept, "greet", "tachchen auch", seen=0)
    assert overtaken.value.newest == kept.head()
    assert save(kept, "greet", "moinsen", seen=0).number == 1, "the same words are no quarrel"
    assert save(kept, "greet", "moinsen", "tachchen auch", seen=1).number == 2
    with pytest.raises(Overtaken):
        save(kept, "greet", "x", seen=7)


def test_what_the_check_refuses_leaves_everything_as_it_was(kept: Examples) -> None:
    def refuse(before: Added, after: Added) -> None:
        assert (len(before), len(after)) == (0, 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save(kept, "greet", "moinsen", check=refuse)
    assert kept.history() == ()


def test_of_many_at_once_each_keeps_its_own(kept: Examples) -> None:
    intents, start = ["greet", "thanks", "deny", "affirm"], threading.Barrier(4)

    def one(intent: str) -> Kept:
        start.wait()
        return save(kept, intent, "so", seen=0)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, intents))
    assert sorted(one.number for one in found) == [1, 2, 3, 4]
    assert {intent for _, intent, _ in kept.head().added.all()} == set(intents)


@given(DOCUMENTS)
def test_a_name_depends_on_the_examples_and_on_nothing_else(document: Mapping[str, Mapping[str, list[str]]]) -> None:
    added = Added.read(document)
    turned = {code: {i: lines[::-1] for i, lines in list(intents.items())[::-1]} for code, intents in document.items()}
    assert Added.read(turned) == added
    assert Added.read(turned).name == added.name
    more = added.having("de", "greet", (*added.of("de", "greet"), "noch einer"))
    assert (more.name == added.name) == ("noch einer" in added.of("de", "greet"))
    assert (added.name == "") == (len(added) == 0)


@given(DOCUMENTS, DOCUMENTS)
def test_a_difference_leads_from_one_to_the_other(
    before: Mapping[str, Mapping[str, list[str]]], after: Mapping[str, Mapping[str, list[str]]]
) -> None:
    old, new = Added.read(before), Added.read(after)
    for one in difference(old, new):
        lines = [x for x in old.of(one.language, one.intent) if x not in one.less]
        old = old.having(one.language, one.intent, [*lines, *one.more])
    assert old == new
