"""Meta's webhooks: signed bytes, batches, repeats, statuses in any order."""

import hashlib
import hmac
import json
from typing import Any

import aiohttp
import pytest

from bot.simulator import Citizen, ManualClock, Receipts, Simulator, VerificationFailed

from .conftest import Webhook
from .test_whatsapp_api import Api, buttons, listed, row


@pytest.fixture
def api(sim: Simulator, http: aiohttp.ClientSession) -> Api:
    return Api(sim, http)


@pytest.fixture
async def erika(sim: Simulator, hook: Webhook) -> Citizen:
    await sim.whatsapp.subscribe(hook.url)
    return sim.citizen("whatsapp", "Erika")


def elements(bodies: list[Any], sort: str) -> list[Any]:
    """All messages or statuses inside some bodies."""
    values = [change["value"] for body in bodies for entry in body["entry"] for change in entry["changes"]]
    return [element for value in values for element in value.get(sort, [])]


async def test_the_challenge_must_be_answered(sim: Simulator, hook: Webhook) -> None:
    await sim.whatsapp.subscribe(hook.url)
    with pytest.raises(VerificationFailed, match="404"):
        await sim.whatsapp.subscribe(hook.url + "/elsewhere")
    assert sim.whatsapp.hooks.url == hook.url


async def test_the_signature_covers_the_bytes_as_they_are_sent(sim: Simulator, hook: Webhook, erika: Citizen) -> None:
    await erika.say("Wo ist das Bürgerbüro? https://stadt.example/ä")
    (body,) = await hook.got(1)
    raw, secret = hook.bodies[0], sim.whatsapp.hooks.app_secret.encode()
    assert hook.headers[0]["X-Hub-Signature-256"] == "sha256=" + hmac.new(secret, raw, hashlib.sha256).hexdigest()
    assert b"B\\u00fcrgerb\\u00fcro" in raw
    assert json.dumps(body, separators=(",", ":")).encode() != raw  # serialised again, the signature is lost
    value = body["entry"][0]["changes"][0]["value"]
    assert value["metadata"]["phone_number_id"] == sim.whatsapp.hooks.number.phone_number_id
    assert value["contacts"] == [{"profile": {"name": "Erika"}, "wa_id": erika.key, "user_id": erika.account.user_id}]
    (message,) = value["messages"]
    assert (message["from"], message["id"], message["type"]) == (erika.key, erika.said[0].id, "text")
    assert message["timestamp"] == str(int(sim.clock.now()))


async def test_who_hides_the_number_sends_none(sim: Simulator, hook: Webhook, erika: Citizen) -> None:
    kim = sim.citizen("whatsapp", "Kim", hidden=True)
    await kim.say("hallo")
    (message,) = elements(await hook.got(1), "messages")
    assert "from" not in message
    assert message["from_user_id"] == kim.key


async def test_answers_to_buttons_and_lists(sim: Simulator, hook: Webhook, api: Api, erika: Citizen) -> None:
    sim.whatsapp.receipts = Receipts(states=())
    await erika.say("hallo")
    await api.send(erika.key, "interactive", buttons("Ja", "Nein"))
    await api.send(erika.key, "interactive", listed(row(1, "Ausweis"), row(2, "Pass", "10 Jahre")))
    await erika.press("Nein")
    await erika.press("10 jahre")
    _, button, choice = elements(await hook.got(3), "messages")
    assert button["interactive"] == {"type": "button_reply", "button_reply": {"id": "b1", "title": "Nein"}}
    assert button["context"]["id"] == erika.seen[0].id
    reply = {"id": "r2", "title": "Pass", "description": "10 Jahre"}
    assert choice["interactive"] == {"type": "list_reply", "list_reply": reply}


@pytest.mark.parametrize(
    ("what", "kind"),
    [("voice", "audio"), ("photo", "image"), ("sticker", "sticker"), ("contact", "contacts"), ("location", "location")],
)
async def test_other_things_than_words(hook: Webhook, erika: Citizen, what: str, kind: str) -> None:
    await erika.send(what)
    (message,) = elements(await hook.got(1), "messages")
    assert message["type"] == kind
    assert message[kind]


async def test_an_edit_is_told_as_unsupported(hook: Webhook, erika: Citizen) -> None:
    await erika.say("perso verloren")
    await erika.edit("Perso verlegt")
    _, edit = elements(await hook.got(2), "messages")
    assert (edit["type"], edit["errors"][0]["code"]) == ("unsupported", 131051)
    assert erika.said[0].text == "Perso verlegt"


async def test_a_batch_spreads_over_entries_changes_and_sorts(
    sim: Simulator, hook: Webhook, api: Api, erika: Citizen
) -> None:
    sim.whatsapp.hooks.hold()
    kim = sim.citizen("whatsapp", "Kim")
    for word in ("eins", "zwei", "drei"):
        await erika.say(word)
        await kim.say(word)
    await api.text(erika.key, "Guten Tag")
    assert hook.bodies == []
    sim.whatsapp.hooks.release("shuffled", batch=True)
    bodies = await hook.got(1)
    await sim.whatsapp.taken()
    assert len(hook.bodies) == 1
    assert len(elements(bodies, "messages")) == 6
    assert {status["status"] for status in elements(bodies, "statuses")} == {"sent", "delivered", "read"}
    assert len(bodies[0]["entry"]) > 1
    assert any(len(entry["changes"]) > 1 for entry in bodies[0]["entry"])


async def test_statuses_follow_the_answer_in_order(sim: Simulator, hook: Webhook, api: Api, erika: Citizen) -> None:
    await erika.say("hallo")
    _, answer = await api.text(erika.key, "Guten Tag")
    statuses = elements(await hook.got(4), "statuses")
    assert [(s["id"], s["status"]) for s in statuses] == [
        (answer["messages"][0]["id"], state) for state in ("sent", "delivered", "read")
    ]
    assert statuses[0]["recipient_id"] == erika.key


async def test_statuses_may_come_early_twice_backwards_and_late(
    sim: Simulator, hook: Webhook, api: Api, erika: Citizen
) -> None:
    await erika.say("hallo")
    await hook.got(1)
    sim.whatsapp.receipts = Receipts(order="reversed", copies=2, early=True)
    await api.text(erika.key, "früh")
    told = [s["status"] for s in elements([json.loads(b) for b in hook.bodies], "statuses")]
    assert told == ["read", "read", "delivered", "delivered", "sent", "sent"]  # before the call returned
    sim.whatsapp.receipts = Receipts()
    sim.whatsapp.hooks.hold("statuses")
    await api.text(erika.key, "spät")
    await erika.say("danke")
    assert elements(await hook.got(8), "messages")[-1]["text"]["body"] == "danke"
    sim.whatsapp.hooks.release("reversed")
    assert [s["status"] for s in elements(await hook.got(11), "statuses")][-3:] == ["read", "delivered", "sent"]
    sim.whatsapp.tell_status(erika.account, erika.seen[0].id, "delivered")
    assert elements((await hook.got(12))[11:], "statuses")[0]["status"] == "delivered"


async def test_who_blocked_the_number_gets_nothing_and_it_is_only_sent(
    sim: Simulator, hook: Webhook, api: Api, erika: Citizen
) -> None:
    await erika.say("hallo")
    await erika.block()
    assert (await api.text(erika.key, "?"))[0] == 200
    await sim.whatsapp.taken()
    bodies = await hook.got(2)
    assert [s["status"] for s in elements(bodies, "statuses")] == ["sent"]
    assert (erika.seen, len(hook.bodies)) == ([], 2)


async def test_a_closed_window_may_be_told_late(sim: Simulator, hook: Webhook, api: Api, erika: Citizen) -> None:
    sim.whatsapp.refuse_late = True
    await erika.say("hallo")
    sim.whatsapp.expire(erika.account)
    assert (await api.text(erika.key, "?"))[0] == 200
    (status,) = elements(await hook.got(2), "statuses")
    assert (status["status"], status["errors"][0]["code"]) == ("failed", 131047)
    assert erika.seen == []


async def test_repeats_are_the_same_bytes(sim: Simulator, hook: Webhook, erika: Citizen) -> None:
    sim.whatsapp.hooks.repeats = (3, 3)
    await erika.say("dreifach")
    await sim.whatsapp.taken()
    assert len(hook.bodies) == 3
    assert len(set(hook.bodies)) == 1


async def test_a_refused_body_comes_again_and_is_overtaken(
    sim: Simulator, clock: ManualClock, hook: Webhook, erika: Citizen
) -> None:
    hook.answers = [(500, {})]
    await erika.say("erstens")
    await erika.say("zweitens")
    await hook.got(2)
    await clock.until_someone_sleeps()
    clock.advance(1)
    bodies = await hook.got(3)
    assert [m["text"]["body"] for m in elements(bodies, "messages")] == ["erstens", "zweitens", "erstens"]
    await sim.whatsapp.taken()


async def test_without_a_webhook_messages_wait_for_one(sim: Simulator, hook: Webhook) -> None:
    await sim.citizen("whatsapp").say("ist da jemand?")
    assert sim.whatsapp.hooks.open == 1
    await sim.whatsapp.subscribe(hook.url)
    await sim.whatsapp.taken()
    assert len(hook.bodies) == 1
