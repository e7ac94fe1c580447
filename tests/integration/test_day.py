"""A day in Lindenfurt, on the real processes: what citizens, a clerk and an editor do, over real HTTP."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from bot.message import DeliveryState
from bot.people.browser import Browser
from bot.people.staff import Refused, well
from bot.simulator import LOST_RESPONSE, Citizen, Fault, Seen
from bot.simulator.whatsapp_hooks import Element, body_of, encode, sign
from tests.integration.conftest import Town, tidy

pytestmark = [pytest.mark.slow, pytest.mark.encoder, pytest.mark.asyncio(loop_scope="package")]
PATIENT = 120.0
IBAN = "DE89 3704 0044 0532 0130 00"


def fits(town: Town, entry: str) -> Callable[[Seen], bool]:
    """Is a message that entry's answer?"""
    beginning = town.answer(entry)
    return lambda seen: beginning in tidy(seen.text)


async def handled(town: Town, citizen: Citizen, words: str) -> None:
    """Once the message is in the transcript, everything that follows from it is too: one atomic write."""
    async with asyncio.timeout(PATIENT):
        while not any(line.text == words for line in await town.transcript(citizen)):
            await asyncio.sleep(0.05)


# --- citizens ----------------------------------------------------------------------------------------------


async def test_the_right_answer_on_every_channel(town: Town) -> None:
    erika = town.sim.citizen("telegram", "Erika Mustermann")
    kemal = town.sim.citizen("whatsapp", "Kemal Yildiz")
    jonas = await town.visitor("Jonas")
    await asyncio.gather(
        erika.say("sperrmüll abholen lassen"), kemal.say("hund anmelden"), jonas.say("wo bekomme ich gelbe säcke")
    )
    assert "Maschine" in (await erika.reads(timeout=PATIENT)).text
    answer = await erika.reads(fits(town, "sperrmuell-anmelden"), PATIENT)
    assert "Automatische Antwort" in answer.text
    assert [b.label for b in answer.buttons] == ["👍", "👎"]
    answer = await kemal.reads(fits(town, "hundesteuer-anmelden"), PATIENT)
    assert "Automatische Antwort" in answer.text
    shown = await jonas.reads("Automatische Antwort", PATIENT)
    assert town.answer("gelber-sack") in tidy(shown.words)
    await jonas.close()


async def test_clarify_feedback_and_rejection(town: Town) -> None:
    erika = town.sim.citizen("telegram", "Erika Mustermann")
    await erika.say("ausweis")
    asked = await erika.reads(lambda seen: any(b.label == "Nichts davon" for b in seen.buttons), PATIENT)
    entry = asked.buttons[0].data.removeprefix("a:")
    await erika.press(asked.buttons[0].label, asked)
    await erika.reads(fits(town, entry), PATIENT)
    await erika.press("👍")
    await erika.reads("Danke für die Rückmeldung", PATIENT)
    await erika.say("1")  # the offer is over: this is no choice any more
    await erika.reads(timeout=PATIENT)
    await erika.say("ausweis")
    asked = await erika.reads(lambda seen: any(b.label == "Nichts davon" for b in seen.buttons), PATIENT)
    await erika.say("2")
    second = asked.buttons[1].data.removeprefix("a:")
    await erika.reads(fits(town, second), PATIENT)
    await erika.press("👎")
    other = await erika.reads(timeout=PATIENT)
    assert second not in [b.data.removeprefix("a:") for b in other.buttons]  # never the same answer twice
    await erika.say("nein, das meinte ich nicht")
    offer = await erika.reads(timeout=PATIENT)
    assert "Mit Mensch schreiben" in [b.label for b in offer.buttons]


async def test_emergencies_come_first(town: Town) -> None:
    jonas = await town.visitor("Jonas")
    await jonas.say("ich rieche gas im treppenhaus")
    first = await jonas.reads(seconds=PATIENT)
    assert "112" in first.words.splitlines()[0]
    await jonas.close()


async def test_the_web_chat_without_script(town: Town) -> None:
    async with Browser(town.running.url) as browser:
        page = await browser.open("/")
        page = await browser.submit(page.form("/chat/send", "text"), text="sperrmüll abholen lassen")
        assert town.answer("sperrmuell-anmelden") in tidy(page.words)


async def test_a_repeated_update_answers_once(town: Town) -> None:
    erika = town.sim.citizen("telegram", "Erika Mustermann")
    kemal = town.sim.citizen("whatsapp", "Kemal Yildiz")
    town.sim.telegram.updates.repeats = town.sim.whatsapp.hooks.repeats = (2, 3)
    questions = ["sperrmüll abholen lassen", "hund anmelden", "wo bekomme ich gelbe säcke"]
    for question in questions:
        await erika.say(question)
        await kemal.say(question)
        await handled(town, kemal, question)  # Meta lets one that was refused be overtaken by the next
    for citizen in (erika, kemal):
        await citizen.reads(fits(town, "gelber-sack"), PATIENT)
    await town.sim.taken(PATIENT)
    for citizen in (erika, kemal):
        await citizen.say("danke")
        await citizen.reads("Gern geschehen", PATIENT)
        lines = [line.text for line in await town.transcript(citizen) if line.by == "citizen"]
        assert lines == [*questions, "danke"]
        assert len(citizen.seen) == len(questions) + 2  # and the disclosure


async def test_own_data(town: Town) -> None:
    erika = town.sim.citizen("telegram", "Erika Mustermann")
    await erika.say("mein pudel heißt waldemar, hund anmelden")
    await erika.reads(timeout=PATIENT)
    await erika.say("/meinedaten")
    export = await erika.reads(lambda seen: seen.file, PATIENT)
    assert export.file is not None
    assert "mein pudel heißt waldemar" in export.file.text
    await erika.say("/loeschen")
    await erika.reads("Ihr Beleg", PATIENT)
    kept = [line.to_json() for line in await town.transcript(erika)]
    held = (await town.held(erika)).to_json()
    assert "waldemar" not in " ".join([*kept, held]).casefold()
    assert not any('"citizen"' in line for line in kept)
    await erika.say("/meinedaten")
    export = await erika.reads(lambda seen: seen.file, PATIENT)
    assert export.file is not None
    assert "waldemar" not in export.file.text


# --- platforms ---------------------------------------------------------------------------------------------


async def test_a_lost_response_is_not_repeated(town: Town) -> None:
    erika = town.sim.citizen("telegram", "Erika Mustermann")
    await erika.say("hallo")
    await erika.reads("Stadtbote", PATIENT)
    town.sim.telegram.faults.plan(LOST_RESPONSE, call="sendMessage", citizen=erika.key)
    await erika.say("sperrmüll abholen lassen")
    await erika.reads(fits(town, "sperrmuell-anmelden"), PATIENT)
    await erika.say("danke")
    await erika.reads("Gern geschehen", PATIENT)
    assert len(erika.seen) == 3
    expected = [DeliveryState.SENT, DeliveryState.SENT, DeliveryState.UNKNOWN]
    async with asyncio.timeout(PATIENT):  # the last response may still be on its way back
        while sorted((await town.core.store.deliveries(town.conversation(erika))).values()) != expected:
            await asyncio.sleep(0.05)


async def test_a_throttled_reply_comes_later(town: Town) -> None:
    erika = town.sim.citizen("telegram", "Erika Mustermann")
    town.sim.telegram.faults.plan(Fault("throttle", seconds=1), times=2, call="sendMessage", citizen=erika.key)
    await erika.say("/start")
    await erika.reads("Stadtbote", PATIENT)
    await erika.say("danke")
    await erika.reads("Gern geschehen", PATIENT)
    assert len(erika.seen) == 2


async def test_whatsapp_takes_only_what_is_signed_and_every_good_element(town: Town) -> None:
    kemal, lena = (town.sim.citizen("whatsapp", name) for name in ("Kemal Yildiz", "Lena Hofmann"))
    hooks, url = town.sim.whatsapp.hooks, f"{town.running.url}/channels/whatsapp"
    contacts = [town.sim.whatsapp.contact(c.account) for c in (kemal, lena)]

    def message(citizen: Citizen, number: int, **content: object) -> dict[str, object]:
        return {"from": citizen.key, "id": f"wamid.batch{number}", "timestamp": "1795500000", **content}

    good = [message(c, i, type="text", text={"body": "hund anmelden"}) for i, c in enumerate((kemal, lena))]
    broken = message(kemal, 9, type="text", text=["no", "body"])
    town.sim.whatsapp.senders |= {"wamid.batch0": kemal.account, "wamid.batch1": lena.account}
    for citizen in (kemal, lena):
        citizen.account.last_said = town.sim.clock.now()
    elements = [
        Element("messages", c.key, body, contact)
        for c, body, contact in ((kemal, good[0], contacts[0]), (kemal, broken, {}), (lena, good[1], contacts[1]))
    ]
    raw = encode(body_of(elements, hooks.number))
    post = town.running.session.post
    for signature in ("", "sha256=" + "0" * 64, sign("somebody else's secret", raw)):
        async with post(url, data=raw, headers={"X-Hub-Signature-256": signature}) as answer:
            assert answer.status == 401
    dead = len(await town.core.store.dead())
    for _ in range(2):  # Meta repeats
        async with post(url, data=raw, headers={"X-Hub-Signature-256": sign(hooks.app_secret, raw)}) as answer:
            assert answer.status == 200
    for citizen in (kemal, lena):
        await citizen.reads(fits(town, "hundesteuer-anmelden"), PATIENT)
    await kemal.say("danke")
    await kemal.reads("Gern geschehen", PATIENT)
    assert len(await town.core.store.dead()) == dead + 1
    assert len([s for s in kemal.seen if fits(town, "hundesteuer-anmelden")(s)]) == 1


# --- the desk ----------------------------------------------------------------------------------------------


async def test_a_clerk_takes_over_and_hands_back(town: Town) -> None:
    erika, kim = town.sim.citizen("telegram", "Erika Mustermann"), town.kim
    await erika.say("sperrmüll abholen lassen")
    await erika.reads(fits(town, "sperrmuell-anmelden"), PATIENT)
    trouble = f"bitte erstattung auf {IBAN}, meine frage ist noch offen"
    async with kim.live() as events:
        await erika.say("/mensch")
        told = await erika.reads("Ihre Nummer ist", PATIENT)
        conversation = town.conversation(erika)
        async with asyncio.timeout(PATIENT):
            async for event, _ in events:  # as the page's script: at each one it looks again
                if event != "beat" and any(r.id == conversation and r.group == "waiting" for r in await kim.rows()):
                    break
    number = str((await town.held(erika)).number)
    assert number in told.text
    waiting = await kim.row(number, "waiting")
    assert waiting.id == conversation
    assert "will einen Menschen" in waiting.words
    page = await kim.look(conversation)
    assert "/reply" not in [f.action[-6:] for f in page.forms]  # nobody answers what they did not take
    await kim.do("claim", conversation)
    await erika.reads("Kim Berger", PATIENT)

    await erika.say(trouble)
    line = await kim.reads(conversation, "meine frage ist noch offen")
    assert line.by == "citizen"
    assert IBAN in line.words  # the clerk in charge sees the original
    await handled(town, erika, trouble)
    kept = (await town.transcript(erika))[-1]  # and no bot said anything after it
    assert (kept.by, kept.masked) == ("citizen", trouble.replace(IBAN, "[IBAN]"))
    assert erika.unread == []

    await kim.do("reply", conversation, text="Guten Tag, <das> ist notiert & wird erstattet.")
    answer = await erika.reads("wird erstattet", PATIENT)
    assert answer.text.startswith("Guten Tag, <das> ist notiert & wird erstattet.")
    await kim.do("back", conversation)
    await erika.reads("Ab hier antwortet wieder der Stadtbote", PATIENT)
    await erika.say("hund anmelden")
    await erika.reads(fits(town, "hundesteuer-anmelden"), PATIENT)
    old = (await kim.look(conversation)).form("/claim")
    await kim.do("claim", conversation)
    await kim.do("resolve", conversation)
    with pytest.raises(Refused, match="409"):  # a page that is out of date
        well(await kim.browser.submit(old))


async def test_on_whatsapp_a_clerk_answers_resolves_and_the_bot_is_back(town: Town) -> None:
    kemal, kim = town.sim.citizen("whatsapp", "Kemal Yildiz"), town.kim
    await kemal.say("ich will mit einem menschen reden")
    await kemal.reads("Ihre Nummer ist", PATIENT)
    conversation = town.conversation(kemal)
    await kim.do("claim", conversation)
    await kim.do("note", conversation, text="ruft oft an, nur intern")
    await kim.do("reply", conversation, text="Das habe ich erledigt.")
    await kemal.reads("Das habe ich erledigt.", PATIENT)
    async with asyncio.timeout(PATIENT):
        while "✓✓" not in (await kim.reads(conversation, "Das habe ich erledigt.")).words:
            await asyncio.sleep(0.1)  # WhatsApp tells by webhook that it was read
    await kim.do("resolve", conversation)
    await kemal.reads("abgeschlossen", PATIENT)
    await kemal.say("hund anmelden")
    await kemal.reads(fits(town, "hundesteuer-anmelden"), PATIENT)
    assert not any("nur intern" in seen.text for seen in kemal.seen)


# --- the corpus --------------------------------------------------------------------------------------------


async def test_an_edited_answer_is_given_within_seconds(town: Town) -> None:
    erika, jonas = town.sim.citizen("telegram", "Erika Mustermann"), await town.visitor("Jonas")
    await erika.say("wo bekomme ich gelbe säcke")
    await erika.reads(fits(town, "gelber-sack"), PATIENT)
    fresh = "Gelbe Säcke gibt es ab heute auch in der **Stadtbücherei**."
    await town.eda.publish("gelber-sack", "Neue Ausgabestelle", **{"texts.de.answer": fresh})
    async with asyncio.timeout(PATIENT):  # "within seconds", and the citizen may have asked one moment too early
        while True:
            await jonas.say("wo bekomme ich gelbe säcke")
            if "ab heute auch in der Stadtbücherei" in (await jonas.reads("Automatische Antwort", PATIENT)).words:
                break
            await asyncio.sleep(1)  # who asks twenty times in ten seconds is told to wait
    await erika.say("wo bekomme ich gelbe säcke")
    await erika.reads("ab heute auch in der Stadtbücherei", PATIENT)
    await jonas.close()
    async with asyncio.timeout(PATIENT):
        while True:  # until a worker was quick enough
            with suppress(Refused):
                asked = await town.eda.ask("wo bekomme ich gelbe säcke")
                if row := asked.root.one("table", class_="entries"):
                    break
    assert next(row.all("a")).attributes["href"].endswith("/gelber-sack")
    await town.eda.roll_back("Doch nicht")


async def test_the_corpus_needs_a_person_who_may(town: Town) -> None:
    with pytest.raises(Refused, match="403"):
        await town.kim.entry("gelber-sack")
    with pytest.raises(Refused, match="403"):
        await town.eda.rows()
    async with town.running.session.get(f"{town.running.url}/console/inbox", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/console/login?next=/console/inbox")
