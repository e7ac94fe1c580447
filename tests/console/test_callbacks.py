"""The list of those who want to be called."""

import json

from bot.handoff.callback import Callback
from tests.console.house import PASSWORD, House, later
from tests.console.test_team import words

PHONE = "0171 2345678"


async def wants(work: House, chat: str, since: float, **more: object) -> str:
    return await work.citizen(chat, "hallo", callback=Callback(PHONE, later(since), "ab 14 Uhr"), **more)


async def test_who_calls_reads_what_it_is_about(at_work: House) -> None:
    conversation = await wants(at_work, "1", -60)
    await at_work.citizen("1", f"meine Nummer ist {PHONE}", masked="meine Nummer ist [PHONE]")
    assert f"k-{conversation}" in (page := await (await at_work.signed_in("kim")).text("/console/callbacks"))
    assert "Worum es geht: hallo" in words(page)


async def test_who_waits_longest_is_first_and_each_call_is_noted(at_work: House) -> None:
    second, first = await wants(at_work, "1", -60), await wants(at_work, "2", -600)
    await at_work.citizen("3", "ohne Rückruf")
    kim = await at_work.signed_in("kim")
    page = await kim.text("/console/callbacks")
    assert page.index(f"k-{first}") < page.index(f"k-{second}")
    assert page.count('href="tel:01712345678"') == 2
    assert "Zum Anruf: ab 14 Uhr" in words(page)
    for n in (1, 2):
        at_work.clock.at = later(60 * n)
        for _ in range(2):  # a form that is sent twice counts once
            assert (await kim.post(f"/console/callbacks/{first}", {"call": "not_reached"})).status == 303
        assert f"{n} Mal nicht erreicht" in words(await kim.text("/console/callbacks"))
    await kim.post(f"/console/callbacks/{first}", {"call": "reached"})
    assert "Erreicht:" in words(await kim.text("/console/callbacks"))
    done = await kim.post(f"/console/callbacks/{first}", {"call": "done"})
    assert f'action="/console/inbox/{first}/undo"' in await kim.text(done.headers["Location"])
    await kim.post(f"/console/inbox/{first}/undo", {"verb": "resolve"})
    assert f"k-{first}" in await kim.text("/console/callbacks")
    await kim.post(f"/console/callbacks/{first}", {"call": "done"})
    page = await kim.text("/console/callbacks")
    assert f"k-{first}" not in page
    assert f"k-{second}" in page
    refused = await kim.post(f"/console/callbacks/{first}", {"call": "reached"})
    assert refused.status == 409
    assert "Hier wartet niemand mehr auf einen Anruf." in words(await refused.text())
    assert (await kim.post(f"/console/callbacks/{second}", {"call": "later"})).status == 400
    deeds = words(await (await at_work.signed_in("ada")).text("/console/audit"))
    assert "Rückruf, nicht erreicht" in deeds
    assert PHONE not in deeds
    assert "hat angerufen und niemanden erreicht" in words(await kim.text(f"/console/inbox/{first}"))


async def test_another_teams_numbers_are_not_there(at_work: House) -> None:
    theirs = await wants(at_work, "1", -60)
    at_work.accounts.add("uwe", PASSWORD, "clerk", teams=["bauen-umwelt"])
    uwe = await at_work.signed_in("uwe")
    page = await uwe.text("/console/callbacks")
    assert PHONE not in page
    assert "Niemand wartet auf einen Anruf." in page
    assert (await uwe.post(f"/console/callbacks/{theirs}", {"call": "reached"})).status == 404


async def test_the_citizen_reads_the_number_in_their_own_data(at_work: House) -> None:
    ident = await wants(at_work, "1", -60)
    held = await at_work.core.store.load(ident)
    assert held.conversation is not None
    assert json.loads(held.conversation.to_json())["callback"]["phone"] == PHONE
    assert f"call back: {PHONE}" in await at_work.core.turns.export(held.conversation)


async def test_what_is_due_is_counted_in_the_inbox_and_a_slip_is_undone(at_work: House) -> None:
    first, second = await wants(at_work, "1", -600), await wants(at_work, "2", -60)
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    assert "2 Rückrufe fällig" in words(await kim.text("/console/inbox"))
    await kim.post(f"/console/callbacks/{first}", {"call": "calling"})
    assert "1 Rückruf fällig" in words(await ada.text("/console/inbox"))
    assert "ruft gerade an: Kim B." in words(await ada.text("/console/callbacks"))
    refused = await ada.post(f"/console/callbacks/{first}", {"call": "calling"})
    assert refused.status == 409
    assert "Dort ruft gerade jemand anderes an." in words(await refused.text())
    done = await kim.post(f"/console/callbacks/{first}", {"call": "not_reached"})
    page = await kim.text(done.headers["Location"])
    assert "wieder ab 12:00" in words(page)
    assert page.index(f"k-{second}") < page.index(f"k-{first}")  # it waits for its next time
    assert f'action="/console/inbox/{first}/undo"' in page
    undone = await kim.post(f"/console/inbox/{first}/undo", {"verb": "call"})
    assert "hat rückgängig gemacht: Vermerk zum Anruf" in words(await kim.text(undone.headers["Location"]))
    assert (await kim.post(f"/console/inbox/{first}/undo", {"verb": "call"})).status == 409
    assert "nicht erreicht, zuletzt" not in words(await kim.text("/console/callbacks"))
    await kim.post(f"/console/callbacks/{first}", {"call": "reached"})
    await kim.post(f"/console/callbacks/{second}", {"call": "not_reached"})
    assert 'id="calls"' not in await kim.text("/console/inbox")
    at_work.clock.at = later(7200)
    assert "1 Rückruf fällig" in words(await kim.text("/console/inbox"))
