"""A clerk's reply becomes an editor's draft, with nobody in it, and never an answer by itself."""

import html
import re

import pytest

from bot.console.suggest import entry_name, hidden
from bot.conversation import Line
from faq.catalogue import NotPublishable
from faq.entry import Status
from tests.console.house import House, Visitor, later
from tests.console.test_inbox import claimed

ASKED = "Ich bin Alex, 0171 2345678: wo bekomme ich einen Bauzaun her?"
REPLY = "Guten Tag Alex, den Bauzaun leihen Sie im Bauhof. Fragen: kim.b@stadt.example. Ihre Kim B."
FIELDS = {"question": "Wo leihe ich einen Bauzaun?", "answer": "Im Bauhof.", "checked": "1"}


async def replied(work: House, kim: Visitor, **line: str) -> str:
    ident = await claimed(work, kim, text=ASKED)
    told = {"name": "Kim B.", "what": "clerk"} | line
    await work.line(ident, Line("r1", "clerk", later(1), REPLY, **told))
    return f"/console/inbox/{ident}/suggest/r1"


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"|<textarea id="{name}"[^>]*>(.*?)</textarea>', page, re.S)
    assert found
    return html.unescape(found[1] or found[2] or "")


async def test_what_was_asked_is_proposed_not_what_was_said_last(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    url = await replied(at_work, kim)
    ident = url.split("/")[3]
    await at_work.line(ident, Line("c2", "citizen", later(2), "mein Bauzaun ist grün", "mein Bauzaun ist grün"))
    await at_work.line(ident, Line("r2", "clerk", later(3), "Im Bauhof.", name="Kim B.", what="clerk"))
    assert "wo bekomme ich einen Bauzaun her?" in value(await kim.text(url.replace("/r1", "/r2")), "question")


async def test_two_clicks_make_a_draft_that_editors_see(at_work: House) -> None:
    kim, eda = await at_work.signed_in("kim"), await at_work.signed_in("eda")
    url = await replied(at_work, kim)
    assert f'href="{url}"' in await kim.text(url.partition("/suggest")[0])
    page = await kim.text(url)
    asked, answer = value(page, "question"), value(page, "answer")
    for told in ("Alex", "2345678", "kim.b@", "Kim"):
        assert told not in asked + answer
    assert "wo bekomme ich einen Bauzaun her?" in asked
    assert "den Bauzaun leihen Sie im Bauhof" in answer
    before = at_work.core.catalogue.serial()
    assert (await kim.post(url, {"question": asked, "answer": answer, "checked": "1"})).status == 303
    assert at_work.core.catalogue.serial() == before  # nothing went live
    (entry,) = at_work.core.catalogue.pending()
    state = at_work.core.catalogue.get(entry)
    assert state is not None
    assert (state.status, state.live, state.head.author) == (Status.DRAFT, None, "kim")
    with pytest.raises(NotPublishable):
        at_work.core.catalogue.publish(entry, state.head.id, "eda")
    listed = await eda.text("/console/faq")
    assert 'id="proposals"' in listed
    assert f"/console/faq/entries/{entry}" in listed.partition('id="proposals"')[2].partition("</section>")[0]
    # Who saves it takes it over.
    at_work.core.catalogue.save_draft(entry, state.head.content, "eda", state.head.id)
    assert 'id="proposals"' not in await eda.text("/console/faq")
    assert (await kim.get("/console/faq")).status == 403


async def test_the_same_reply_is_proposed_once(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    url = await replied(at_work, kim)
    await kim.text(url)
    assert (await kim.post(url, FIELDS)).status == 303
    again = await kim.post(url, FIELDS)
    assert (again.status, "schon vorgeschlagen" in await again.text()) == (409, True)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"question": " "}, "Hier fehlt"),
        ({"answer": ""}, "Hier fehlt"),
        ({"question": "x" * 301}, "höchstens 300"),
        ({"checked": ""}, "Bestätigen Sie"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_lost(at_work: House, changed: dict[str, str], says: str) -> None:
    kim = await at_work.signed_in("kim")
    url = await replied(at_work, kim)
    await kim.text(url)
    typed = FIELDS | changed
    response = await kim.post(url, typed)
    page = await response.text()
    assert (response.status, says in page) == (400, True)
    assert (value(page, "question"), value(page, "answer")) == (typed["question"].strip(), typed["answer"])
    assert at_work.core.catalogue.pending() == {}


async def test_only_a_clerks_own_words_of_a_conversation_that_one_may_see(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    url = await replied(at_work, kim, what="answer.by_clerk")
    assert (await kim.get(url)).status == 404
    assert (await kim.get(url.replace("r1", "m0"))).status == 404
    other = await at_work.citizen("9", "hallo")
    await at_work.line(other, Line("r1", "clerk", later(1), REPLY, name="Kim B.", what="clerk"))
    at_work.accounts.add("uwe", "eine-lange-losung", "clerk", teams=["bauen-umwelt"])
    uwe = await at_work.signed_in("uwe")
    assert (await uwe.get(f"/console/inbox/{other}/suggest/r1")).status == 404
    assert (await uwe.post(f"/console/inbox/{other}/suggest/r1", FIELDS)).status == 404


def test_names_are_whole_words_and_an_entrys_name_is_one() -> None:
    assert hidden("Liebe Frau Öztürk, Öztürks Antrag", "Ayşe Öztürk") == "Liebe Frau [NAME], Öztürks Antrag"
    assert hidden("Der Antrag", "D. A.") == "Der Antrag"
    assert re.fullmatch(r"wo-leihe-ich-[a-z0-9-]+-[0-9a-f]{6}", entry_name("Wo leihe ich einen Bauzaun?", "x"))
    assert re.fullmatch(r"vorschlag-[0-9a-f]{6}", entry_name("أين؟", "x"))
    assert entry_name("Wo?", "x") == entry_name("Wo?", "x") != entry_name("Wo?", "y")
