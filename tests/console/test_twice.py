"""Forms that are sent twice: the second one neither does more nor is refused, and what is too late says why."""

import pytest

from bot.conversation import Conversation
from bot.events import Event
from bot.status import Status
from tests.console.house import NOW, House, later
from tests.console.test_inbox import claimed, why
from tests.console.test_passing import TEAM, post
from tests.dialogue.builders import wrote

LIVE = {"X-Stadtbote-Live": "act"}
FORMS = [
    ("claim", {}),
    ("release", {}),
    ("back", {}),
    ("resolve", {"outcome": "forwarded"}),
    ("transfer", {"to": f"team:{TEAM}", "anyway": "1", "text": "bitte"}),
    ("transfer", {"to": "clerk:ada", "text": "bitte"}),
]


async def lines(work: House, conversation: str) -> int:
    return len(await work.core.store.transcript(conversation))


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize(("verb", "form"), FORMS)
async def test_a_verbs_form_sent_twice_is_done_once(
    at_work: House, verb: str, form: dict[str, str], script: bool
) -> None:
    await at_work.signed_in("ada")
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim) if verb != "claim" else await at_work.citizen("1", "hallo")
    url, headers = f"/console/inbox/{conversation}/{verb}", LIVE if script else {}
    first = await kim.post(url, form, headers=headers)
    done, told = await at_work.conversation(conversation), await lines(at_work, conversation)
    at_work.clock.at = later(1)
    second = await kim.post(url, form, headers=headers)
    assert first.status == second.status == (200 if script else 303)
    after = await at_work.conversation(conversation)
    assert (after.status, after.owner, after.team, after.epoch) == (done.status, done.owner, done.team, done.epoch)
    assert (after.waiting_since, after.due, after.before, after.handoff) == (
        done.waiting_since,
        done.due,
        done.before,
        done.handoff,
    )
    assert await lines(at_work, conversation) == told
    if verb != "claim":
        await kim.post(f"/console/inbox/{conversation}/undo", {"verb": verb})
        assert (await at_work.conversation(conversation)).owner == "kim"


async def test_another_clerks_press_is_refused_with_the_reason(at_work: House) -> None:
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    conversation = await claimed(at_work, kim)
    await post(kim, conversation, "resolve", outcome="answered")
    page = await post(ada, conversation, "release")
    assert "Sie haben dieses Gespräch nicht mehr" in why(page)


async def test_who_came_back_to_the_bot_is_not_reopened_but_claimed(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    await post(kim, conversation, "resolve", outcome="answered")
    page = await post(kim, conversation, "reopen")
    assert (await at_work.conversation(conversation)).owner == "kim"
    await post(kim, conversation, "resolve", outcome="answered")

    # The citizen writes again: the bot answers, while the clerk's page still shows "reopen".
    async def greets(c: Conversation) -> Event:
        return wrote("hallo", "greet")

    await at_work.core.turns.apply(conversation, greets)
    assert (await at_work.conversation(conversation)).status is Status.BOT
    page = await post(kim, conversation, "reopen")
    assert "Übernehmen Sie das Gespräch" in why(page)
    assert f'action="/console/inbox/{conversation}/claim"' in page
    await post(kim, conversation, "claim")
    claimed_anew = await at_work.conversation(conversation)
    assert (claimed_anew.owner, claimed_anew.waiting_since) == ("kim", NOW)
