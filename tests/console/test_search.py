"""Search: what a clerk may read is found, and nothing of what they may not."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console import searching
from bot.console.searching import SHOWN, Query, excerpt
from bot.conversation import Conversation, Line, Status
from bot.handoff.fact import Handoff
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
        ("49 1234567890", ("49", "1234567890"), 0),
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

    async def watched(conversation: str) -> list[Line]:
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


async def crowd(work: House, count: int, word: str, every: int, **more: object) -> list[str]:
    """So many conversations, a minute apart, back from now; some say the word. Returns these, latest first."""
    held = []
    for n in range(count):
        ident, at = f"{n:08x}{'c' * 12}", later(-60 * n)
        c = Conversation(ident, "telegram", str(n), Status.BOT, last_citizen=at, **more)  # type: ignore[arg-type]
        text = f"es geht um den {word}" if n % every == 0 else "guten morgen"
        await work.core.store.keep(ident, 0, Write(c, (Line(f"m{n}", "citizen", at, text, text),)))
        held += [ident] if n % every == 0 else []
    return held


async def pages(visitor: Visitor, query: str) -> list[tuple[list[str], str]]:
    """What each page finds and says of how far it went, until there is no further one."""
    address, seen = f"/console/search?q={query}", []
    while address:
        page = html.unescape(await visitor.text(address))
        status = re.search(r'role="status">([^<]*)<', page)
        assert status
        seen.append((re.findall(r'class="hit" href="/console/inbox/(\w+)"', page), status[1]))
        further = re.search(r'class="button" href="(/console/search[^"]*)"', page)
        address = further[1] if further else ""
    return seen


async def test_thousands_are_searched_to_their_end_in_bounded_steps(
    at_work: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    kim = await at_work.signed_in("kim")
    ours = await crowd(at_work, 2500, "zaun", 100)
    store, reads = at_work.core.store, [0]
    real = store.transcript

    async def counted(conversation: str) -> list[Line]:
        reads[-1] += 1
        return await real(conversation)

    monkeypatch.setattr(store, "transcript", counted)
    found = await pages(kim, "zaun")
    assert [hit for hits, _ in found for hit in hits] == ours
    assert [len(hits) for hits, _ in found] == [10, 10, 5]
    assert reads[0] == 2500
    assert "durchsucht bis 23.11. 17:21" in found[0][1]  # a thousand minutes before ten o'clock of the 24th
    assert "was vor 23.11. 17:21 geschah" in found[1][1]
    assert "alles durchsucht" in found[2][1]


async def test_another_teams_thousands_are_passed_by_unread(at_work: House) -> None:
    at_work.accounts.add("amt", PASSWORD, "clerk", teams=["buergeramt"])
    amt = await at_work.signed_in("amt")
    await crowd(at_work, 4500, "zaun", 1, team="bauen-umwelt", number=5)
    at_work.clock.at = later(-60 * 4600)
    old = await at_work.citizen("1", "der Zaun ist kaputt")
    found = await pages(amt, "zaun")
    assert [hits for hits, _ in found] == [[], [old]]
    assert [hits for hits, _ in await pages(amt, "nr.+5")] == [[], []]


async def test_more_than_fit_are_on_the_next_page(at_work: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FOUND", 2)
    kim = await at_work.signed_in("kim")
    ours = await crowd(at_work, 5, "zaun", 1)
    assert [hits for hits, _ in await pages(kim, "zaun")] == [ours[:2], ours[2:4], ours[4:]]


async def test_a_number_is_found_at_once_however_old_and_also_an_earlier_one(
    at_work: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PASSED", 200)
    kim = await at_work.signed_in("kim")
    at_work.clock.at = later(-60 * 600)
    ident = await at_work.citizen("1", "hallo")
    held = await at_work.core.store.load(ident)
    assert held.conversation
    fact = Handoff(4711, "buergeramt", "", "telegram", "asked", later(0))
    await at_work.core.store.keep(ident, held.version, Write(replace(held.conversation, number=4800), handoff=fact))
    await crowd(at_work, 450, "zaun", 500)
    for number in ("4711", "nr.+4711", "%234711"):
        found = await pages(kim, number)
        assert [hits for hits, _ in found] == [[ident], [], []]
    assert [hits for hits, _ in await pages(kim, "4800")] == [[], [], [ident]]
    assert [hits for hits, _ in await pages(kim, "471")] == [[], [], []]


async def test_words_in_a_row_however_they_are_spelt(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    first = await at_work.citizen("1", "Die MÜLLABFUHR in der Großen Straße kommt nicht")
    at_work.clock.at = later(60)
    second = await at_work.citizen("2", "Straße der großen Müllabfuhr")
    assert await found(kim, "grosse+strasse") == [second, first]
    for typed in ("%22großen+Straße%22", "„GROSSEN+STRASSE“", "»großen+str«", "%22grossen+strasse%22+muell"):
        assert await found(kim, typed) == [first]
    assert await found(kim, "%22straße+großen%22") == []


async def test_a_telephone_number_is_not_searched_by_those_who_do_not_see_it(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    ident = await claimed(at_work, kim, text="ruft 0171 2345678 an", masked="ruft [PHONE] an")
    for typed in ("0171", "2345678", "0171+2345678", "%220171+2345678%22"):
        assert await found(ada, typed) == []
    assert await found(kim, "2345678") == [ident]


@pytest.mark.parametrize("before", ["", "nan", "inf", "-1", "1e999", "x" * 5000, "١٢", "1760000000.5'--"])
async def test_whatever_stands_in_the_address_searches_anew_or_nothing(at_work: House, before: str) -> None:
    kim = await at_work.signed_in("kim")
    ident = await at_work.citizen("1", "der Zaun ist kaputt")
    page = await kim.client.get("/console/search", params={"q": "zaun", "before": before})
    assert ident in await page.text()
