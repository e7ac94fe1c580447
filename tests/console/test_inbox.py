"""The inbox as plain pages: everything works without a script."""

import html
import re
from typing import Any

import pytest

from bot.conversation import Line, Reason, Status
from bot.document import from_text, to_json
from bot.message import DeliveryState
from tests.console.house import PASSWORD, House, Visitor, later

IBAN, HIDDEN = "Meine IBAN ist DE02 1203 0000 0000 2020 51", "Meine IBAN ist [IBAN]"


def match(entry: str, score: float = 0.62) -> dict[str, Any]:
    return {"entry": entry, "revision": "old", "title": "alt", "score": score, "why": {"strength": 0.6, "title": 0.4}}


def groups(page: str) -> dict[str, list[str]]:
    """Conversation ids by group of the list."""
    found = re.findall(r'aria-labelledby="g-(\w+)">(.*?)</section>', page, re.S)
    return {name: re.findall(r'data-id="(\w+)"', body) for name, body in found}


def why(page: str, place: str = "why") -> str:
    found = re.search(rf'<p class="alert" role="alert" id="{place}">(.*?)</p>', page)
    return html.unescape(found[1]) if found else ""


async def claimed(work: House, visitor: Visitor, chat: str = "1", text: str = "hallo", **more: Any) -> str:
    conversation = await work.citizen(chat, text, **more)
    assert (await visitor.post(f"/console/inbox/{conversation}/claim")).status == 303
    return conversation


async def test_groups(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    assert "Niemand wartet" in await kim.text("/console/inbox") or "Noch kein Gespräch" in await kim.text(
        "/console/inbox"
    )
    waits = await at_work.citizen("1", "will einen menschen")
    mine = await claimed(at_work, kim, "2")
    theirs = await at_work.citizen("3", "hallo", status=Status.ASSIGNED, owner="ada", number=7)
    bots = await at_work.citizen("4", "wann kommt der müll", status=Status.BOT)
    done = await at_work.citizen("5", "danke", status=Status.RESOLVED, number=8)
    page = await kim.text("/console/inbox")
    assert groups(page) == {"waiting": [waits], "mine": [mine], "team": [theirs], "bot": [bots], "recent": [done]}
    assert "<title>● (1) Posteingang" in page  # ●: a citizen of theirs waits for a word
    assert "bei <bdi>Ada B.</bdi>" in page
    assert "will einen Menschen" in page
    assert groups(await kim.text("/console/inbox?q=müll")) == {"bot": [bots]}


async def test_late_ones_say_so(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    await at_work.citizen("1", "hallo", waiting_since=later(-5000), due=later(-1))
    page = await kim.text("/console/inbox")
    assert "überfällig" in page
    assert "1 h 23 min" in page
    assert 'title="Di., 24.11.2026, 8:36 Uhr"' in page


async def test_personal_data_is_shown_to_who_is_in_charge(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    conversation = await at_work.citizen("1", IBAN, HIDDEN)
    url = f"/console/inbox/{conversation}"
    before = await kim.text(url)
    assert HIDDEN in before
    assert "2020" not in before
    assert "Alex" not in before
    await kim.post(url + "/claim")
    after = await kim.text(url)
    assert IBAN in after
    assert HIDDEN in after  # what the machine saw
    assert "Alex" in after
    assert "2020" not in await ada.text(url)
    assert "2020" not in await kim.text("/console/inbox")  # lists are read over the shoulder


async def test_answer_and_resolve(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    url = f"/console/inbox/{conversation}"
    page = await kim.text(url)
    epoch = re.search(r'name="epoch" value="(\d+)"', page)
    assert epoch
    response = await kim.post(url + "/reply", {"text": "Guten Tag!\r\nGern.", "epoch": epoch[1]})
    assert response.headers["Location"] == url
    said = [line.text for line in await at_work.core.store.transcript(conversation) if line.by == "clerk"]
    assert said == ["Guten Tag!\nGern."]
    assert (await kim.post(url + "/note", {"text": "ruft an"})).status == 303
    assert "ruft an" in await kim.text(url)
    await kim.post(url + "/resolve")
    assert (await at_work.conversation(conversation)).status is Status.RESOLVED
    assert "Wieder öffnen" in await kim.text(url)
    await kim.post(url + "/reopen")
    assert (await at_work.conversation(conversation)).owner == "kim"
    await kim.post(url + "/back")
    assert (await at_work.conversation(conversation)).status is Status.BOT
    deeds = [d.what for d in await _deeds(at_work)]
    assert deeds[:6] == ["back", "reopen", "resolve", "note", "reply", "claim"]


async def _deeds(work: House) -> list[Any]:
    from bot.console.audit import Audit

    deeds = await Audit(work.core.settings.database).latest()
    assert all("hallo" not in d.object and "Gern" not in d.object for d in deeds)
    return deeds


async def test_a_page_that_is_old_may_not_speak(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    url = f"/console/inbox/{conversation}"
    for epoch in ("0", "", "x", "9" * 30):
        response = await kim.post(url + "/reply", {"text": "Mein langer <Entwurf>", "epoch": epoch})
        page = await response.text()
        assert response.status == 409
        assert "noch nicht gesehen" in why(page, "reply-why")
        assert "Mein langer &lt;Entwurf&gt;</textarea>" in page
    empty = await kim.post(url + "/reply", {"text": "  ", "epoch": "1"})
    assert "Schreiben Sie erst etwas" in why(await empty.text(), "reply-why")
    assert not [line for line in await at_work.core.store.transcript(conversation) if line.by == "clerk"]


async def test_only_one_clerk_has_it(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    conversation = await claimed(at_work, kim)
    url = f"/console/inbox/{conversation}"
    refused = await ada.post(url + "/claim")
    assert refused.status == 409
    assert "jemand anderes" in why(await refused.text())
    for verb in ("release", "back", "resolve", "seen"):
        assert (await ada.post(f"{url}/{verb}")).status == 409
    live = await ada.post(url + "/claim", headers={"X-Stadtbote-Live": "act"})
    assert "jemand anderes" in (await live.json())["why"]
    assert (await ada.post(url + "/note", {"text": "ich wüsste das"})).status == 303
    assert (await at_work.conversation(conversation)).owner == "kim"


async def test_another_teams_conversation_does_not_exist(at_work: House) -> None:
    at_work.accounts.add("bau", PASSWORD, "clerk", teams=["bauen-umwelt"])
    bau = await at_work.signed_in("bau")
    theirs = await at_work.citizen("1", "geheime sache")
    ours = await at_work.citizen("2", "der baum", team="bauen-umwelt")
    page = await bau.text("/console/inbox")
    assert groups(page)["waiting"] == [ours]
    assert "geheime" not in page
    answers = set()
    for conversation in (theirs, "0123456789abcdef0123"):
        for path in ("", "?insert=perso"):
            response = await bau.get(f"/console/inbox/{conversation}{path}")
            answers.add((response.status, await response.text()))
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    for verb in ["claim", "release", "back", "resolve", "reopen", "note", "reply", "send", "seen", "transfer", "undo"]:
        fields = {"text": "x", "epoch": "0", "to": "team:bauen-umwelt", "entry": "x", "verb": "transfer"}
        assert (await bau.post(f"/console/inbox/{theirs}/{verb}", fields)).status == 404
    assert (await at_work.conversation(theirs)).status is Status.WAITING
    assert len(await at_work.core.store.transcript(theirs)) == 1


async def test_passed_on_it_leaves_my_list(at_work: House) -> None:
    at_work.accounts.add("amt", PASSWORD, "clerk", teams=["buergeramt"])
    amt, kim = await at_work.signed_in("amt"), await at_work.signed_in("kim")
    conversation = await claimed(at_work, amt)
    url = f"/console/inbox/{conversation}"
    assert (await amt.post(url + "/transfer", {"to": "team:nowhere"})).status == 409
    response = await amt.post(url + "/transfer", {"to": "team:bauen-umwelt"})
    assert response.headers["Location"] == f"/console/inbox?did={conversation}"
    assert (await amt.get(url)).status == 404
    page = await kim.text(url)
    assert "an Bauen und Umwelt weitergeleitet" in page
    mine = await claimed(at_work, kim, "2")
    await kim.post(f"/console/inbox/{mine}/release")
    assert (await at_work.conversation(mine)).status is Status.WAITING


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DeliveryState.SENT, 'title="gesendet"'),
        (DeliveryState.READ, 'title="gelesen"'),
        (DeliveryState.UNKNOWN, "Ob das ankam, ist unklar"),
        (DeliveryState.FAILED, "Nicht zugestellt"),
        (DeliveryState.DROPPED, "Nicht gesendet"),
    ],
)
async def test_what_became_of_a_reply(at_work: House, state: DeliveryState, words: str) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "hallo")
    line = Line("l1", "clerk", later(1), "Ja.", document=to_json(from_text("Ja.")), name="Kim B.")
    await at_work.line(conversation, line, ("p1",))
    await at_work.settle(state)
    assert words in await kim.text(f"/console/inbox/{conversation}")


async def test_what_did_not_arrive_comes_back_into_the_reply_box(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "hallo", status=Status.ASSIGNED, owner="kim")
    url = f"/console/inbox/{conversation}"
    said = {"lost": "Bitte kommen Sie um <neun>.", "came": "Guten Tag."}
    for state, (line, text) in zip((DeliveryState.FAILED, DeliveryState.READ), said.items(), strict=True):
        await at_work.line(conversation, Line(line, "clerk", later(1), text, name="Kim B."), (line,))
        await at_work.settle(state)
    page = await kim.text(url)
    assert page.count("?again=") == 1
    assert f'href="{url}?again=lost#reply"' in page
    drafts = {
        line: re.search(r'<textarea id="reply".*?>(.*?)</textarea>', await kim.text(f"{url}?again={line}"))
        for line in ("lost", "came", "m0", "none")
    }
    assert {line: found and found[1] for line, found in drafts.items()} == {
        "lost": "Bitte kommen Sie um &lt;neun&gt;.",
        "came": "",
        "m0": "",
        "none": "",
    }
    lea = await at_work.signed_in("lea")  # a colleague reads it, and has no reply box to fill
    assert "?again=" not in await lea.text(url)
    assert 'id="reply"' not in await lea.text(f"{url}?again=lost")


async def test_ready_answers_are_todays(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    at_work.publish("perso", "Perso verloren?", "Alte Antwort.")
    gone = at_work.publish("weg", "Gibt es nicht mehr?")
    conversation = await claimed(at_work, kim, matches=(match("perso"), match("weg", 0.2)))
    state = at_work.core.catalogue.get("perso")
    assert state
    from tests.console.house import content

    newer = at_work.core.catalogue.save_draft("perso", content("Perso weg?", "**Neue** Antwort."), "eda", state.head.id)
    at_work.core.catalogue.publish("perso", newer.id, "eda")
    at_work.core.catalogue.archive("weg", "eda")
    url = f"/console/inbox/{conversation}"
    page = await kim.text(url)
    assert "Perso weg?" in page
    assert "62\u202f%" in page
    assert "seltene Wörter 60\u202f%" in page
    assert "Nicht mehr veröffentlicht" in page
    filled = await kim.text(url + "?insert=perso")
    assert re.search(r"<textarea id=\"reply\"[^>]*>Neue Antwort\.", filled)
    assert "Alte Antwort" not in filled
    assert re.search(r"<textarea id=\"reply\"[^>]*></textarea>", await kim.text(url + "?insert=other"))
    for entry in ("weg", "other", gone):
        assert (await kim.post(url + "/send", {"entry": entry, "epoch": "1"})).status == 409
    assert (await kim.post(url + "/send", {"entry": "perso", "epoch": "0"})).status == 409
    assert (await kim.post(url + "/send", {"entry": "perso", "epoch": "1"})).status == 303
    (said,) = [line for line in await at_work.core.store.transcript(conversation) if line.by == "clerk"]
    assert "Neue Antwort" in said.text
    assert said.revision == newer.id


async def test_what_citizens_send_besides_words(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "hallo")
    url = f"/console/inbox/{conversation}"
    offer = Line("b", "bot", later(1), "Meinen Sie?", buttons=(("a:perso", "Perso verloren"), ("n", "Nichts davon")))
    await at_work.line(conversation, offer)
    for line in (
        Line("c1", "citizen", later(2), "n", what="choice"),
        Line("c2", "citizen", later(3), "", what="voice"),
        Line("c3", "citizen", later(4), "/mensch", "mensch", what="command"),
        Line("c4", "citizen", later(5), "Nordstadt", "Nordstadt", what="edit", edits="m0"),
        Line("e1", "event", later(6), "something_new", what="something_new"),
    ):
        await at_work.line(conversation, line)
    page = await kim.text(url)
    for words in ("Knopf: Nichts davon", "Sprachnachricht", "/mensch", "(geändert)", "Vermerk"):
        assert words in page


async def test_looking_at_ones_own_renews_the_lease(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    conversation = await claimed(at_work, kim)
    url = f"/console/inbox/{conversation}"
    first = (await at_work.conversation(conversation)).lease_until
    assert first
    at_work.clock.at = later(60)
    await ada.get(url)
    await kim.get(url, headers={"X-Stadtbote-Live": "look"})
    assert (await at_work.conversation(conversation)).lease_until == first
    response = await kim.post(url + "/seen", headers={"X-Stadtbote-Live": "look"})
    assert response.status == 200
    assert (await at_work.conversation(conversation)).lease_until != first
    at_work.clock.at = later(90)
    await kim.get(url)
    at_work.clock.at = later(200)
    with pytest.raises(Exception, match=r"not\.overdue"):
        await at_work.core.desk.time_passed(conversation)
    at_work.clock.at = later(400)
    await at_work.core.desk.time_passed(conversation)
    assert "lange niemand da war" in await kim.text(url)


async def test_windows_of_messengers(at_work: House) -> None:
    from tests.console.house import Pigeon

    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    url = f"/console/inbox/{conversation}"
    at_work.core.channels["telegram"] = Pigeon(window=86400)
    at_work.clock.at = later(86400 - 3 * 3600 - 720)
    assert "Antworten noch 3 h 12 min möglich" in await kim.text(url)
    at_work.clock.at = later(90000)
    assert "Antwortfenster dieses Messengers ist zu" in await kim.text(url)
    del at_work.core.channels["telegram"]
    assert "abgeschaltet" in await kim.text(url)
    refused = await kim.post(url + "/reply", {"text": "Hallo?", "epoch": "1"})
    assert "abgeschaltet" in why(await refused.text(), "reply-why")


async def test_our_scripts_get_fragments(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "hallo", reason=Reason.COMPLAINT)
    response = await kim.get(f"/console/inbox/{conversation}", headers={"X-Stadtbote-Live": "look"})
    text = await response.text()
    assert "<html" not in text
    assert [f'id="{name}"' in text for name in ("list", "conversation", "side")] == [True] * 3
    assert text.count('id="undo"') == 1
    # The list is refreshed alone beside an open conversation, which has that line itself.
    assert 'id="undo"' not in await (await kim.get("/console/inbox", headers={"X-Stadtbote-Live": "look"})).text()
    answer = await kim.post(f"/console/inbox/{conversation}/claim", headers={"X-Stadtbote-Live": "act"})
    assert await answer.json() == {"next": f"/console/inbox/{conversation}"}
    gone = at_work.client()
    response = await gone.get(f"/console/inbox/{conversation}", headers={"X-Stadtbote-Live": "look"})
    assert response.status == 401


async def test_an_answer_says_by_which_release(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    at_work.publish("perso", "Perso verloren?")
    revision = at_work.publish("hund", "Hund anmelden?")
    live = at_work.core.catalogue.live_release()
    assert live is not None
    conversation = await at_work.citizen("1", "hund anmelden")
    told = Line("b1", "bot", later(1), "Kommen Sie vorbei.", entry="hund", revision=revision, release=live.id)
    await at_work.line(conversation, told)
    before = Line("b2", "bot", later(2), "Von früher.", entry="hund", revision=revision)
    await at_work.line(conversation, before)
    page = await kim.text(f"/console/inbox/{conversation}")
    assert re.findall(r"<bdi>Release (\d+)</bdi>", page) == ["2"]
