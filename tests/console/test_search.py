"""Search: what a clerk may read is found, and nothing of what they may not."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console import searching
from bot.console.searching import SHOWN, Query, excerpt
from bot.conversation import Status
from bot.store.protocol import Write
from tests.console.house import PASSWORD, House, Visitor, later
from tests.console.test_inbox import claimed


async def found(visitor: Visitor, query: str) -> list[str]:
    page = await visitor.text(f"/console/search?q={query}")
    return re.findall(r'class="hit" href="/console/inbox/(\w+)"', page)


@given(st.text(max_size=400), st.text(max_size=12))
def test_an_excerpt_is_the_text(text: str, typed: str) -> None:
    words = Query.of(typed).words
    pieces = excerpt(text, words) if words else ()
    shown = "".join(piece.text for piece in pieces).removeprefix("… ").removesuffix(" …")
    assert shown in " ".join(text.split())
    assert len(shown) <= SHOWN


@pytest.mark.parametrize(
    ("typed", "words", "number"),
    [
        ("Straße", ("strasse",), 0),
        ("Nr. 4711", ("nr", "4711"), 4711),
        ("#7", (), 7),
        ("a", (), 0),
        (" . ", (), 0),
        ("perso PERSO müll", ("perso", "muell"), 0),
    ],
)
def test_what_is_typed(typed: str, words: tuple[str, ...], number: int) -> None:
    assert Query.of(typed) == Query(words, number)


async def test_open_and_past_by_number_and_words(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    first = await at_work.citizen("1", "Die Mülltonne <b>steht</b> seit gestern auf der Straße")
    await at_work.citizen("1", "niemand leert sie")
    at_work.clock.at = later(60)
    past = await at_work.citizen("2", "wann kommt der Müll", status=Status.RESOLVED, number=77)
    assert await found(kim, "muell") == [past, first]  # newest first, however it is spelt
    assert await found(kim, "strasse+tonne") == []  # a word is found by its beginning
    assert await found(kim, "strasse+leert") == [first]  # in two messages
    assert await found(kim, "nr.+77") == await found(kim, "77") == [past]
    assert await found(kim, "hundesteuer") == []
    page = await kim.text("/console/search?q=strasse")
    assert "auf der <mark>Straße</mark>" in page
    assert "&lt;b&gt;steht&lt;/b&gt;" in page
    assert "mindestens zwei Buchstaben" in await kim.text("/console/search?q=x")
    assert 'value="&lt;script&gt;"' in await kim.text("/console/search?q=%3Cscript%3E")


async def test_what_is_hidden_is_not_found_out_by_searching(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    conversation = await claimed(at_work, kim, text="Ich bin Erika, DE02 1203", masked="Ich bin [NAME], [IBAN]")
    assert await found(kim, "erika") == await found(kim, "1203") == await found(kim, "alex") == [conversation]
    assert await found(ada, "erika") == await found(ada, "1203") == await found(ada, "alex") == []
    assert await found(ada, "iban") == [conversation]


async def test_other_teams_are_not_even_read(at_work: House, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work.accounts.add("amt", PASSWORD, "clerk", teams=["buergeramt"])
    amt = await at_work.signed_in("amt")
    ours = await at_work.citizen("1", "der baum ist krank")
    theirs = await at_work.citizen("2", "der baum ist gefällt", team="bauen-umwelt", number=4711)
    store, read = at_work.core.store, []
    real = store.transcript

    async def watched(conversation: str) -> list[searching.Line]:
        read.append(conversation)
        return await real(conversation)

    monkeypatch.setattr(store, "transcript", watched)
    assert await found(amt, "baum") == [ours]
    assert await found(amt, "4711") == []
    assert set(read) == {ours}
    assert theirs not in await amt.text("/console/search?q=baum")


async def test_what_is_erased_is_not_found(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "der baum ist krank", status=Status.BOT)
    assert await found(kim, "baum") == [conversation]
    held = await at_work.core.store.load(conversation)
    assert held.conversation
    await at_work.core.store.keep(conversation, held.version, Write(held.conversation, erase=True))
    assert await found(kim, "baum") == []


async def test_more_than_fit_say_so(at_work: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FOUND", 2)
    kim = await at_work.signed_in("kim")
    for chat in "1234":
        await at_work.citizen(chat, "der baum ist krank")
    page = html.unescape(await kim.text("/console/search?q=baum"))
    assert page.count('class="hit"') == 2
    assert "Schreiben Sie mehr Wörter" in page
