"""Another team's conversation is not there: a matrix over every route that exists, every role, and every way to ask.

Whatever somebody of another team asks for is answered as for an id that nobody has, to the letter; and whatever happens
in one team changes no page and no stream of another. The routes are those of the product: a new one is in here by
itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import FormData

from bot.console import pages
from bot.conversation import Line, Status
from bot.document import from_text, to_json
from bot.handoff.callback import Callback
from bot.simulator.samples import sample
from bot.store.presence import Doing
from tests.console.house import PASSWORD, House, Visitor, later
from tests.console.test_inbox import match
from tests.console.test_live import named, stream

OURS, THEIRS = "bauen-umwelt", "buergeramt"
NOBODYS = "0123456789abcdef0123"
ROLES = ("clerk", "lead", "admin")
SECRET = "Xanthippe"
"""Stands in every word of the other team's conversation."""


@dataclass(frozen=True)
class Case:
    """The other team's conversation, with all that hangs on it."""

    id: str
    file: str
    version: int


async def staffed(work: House) -> dict[str, Visitor]:
    """Somebody of each role in our team, and `amt` of the other one, all signed in."""
    for role in ROLES:
        work.accounts.add(f"bau-{role}", PASSWORD, role, teams=[OURS])
    work.accounts.add("amt", PASSWORD, "clerk", teams=[THEIRS])
    work.publish("perso", "Perso verloren?")
    names = {role: f"bau-{role}" for role in ROLES} | {"amt": "amt", "editor": "eda", "auditor": "ron"}
    return {role: await work.signed_in(name) for role, name in names.items()} | {"": work.client()}


async def opened(work: House, amt: Visitor, chat: str = "1") -> Case:
    """A conversation of the other team, in the hands of `amt`."""
    said = f"Hier schreibt {SECRET}, 0171 2345678"
    call = Callback("0171 2345678", later(-60), f"{SECRET} um vier")
    ident = await work.citizen(chat, said, sender=SECRET, matches=(match("perso"),), topic="ausweise", callback=call)
    picture = await work.file(ident, sample("photo", 1), f"{SECRET}.jpg")
    assert (await amt.post(f"/console/inbox/{ident}/claim")).status == 303
    for line in (
        Line("reply", "clerk", later(1), SECRET, SECRET, "Amt", to_json(from_text(SECRET)), what="clerk", user="amt"),
        Line("note", "note", later(2), SECRET, SECRET, "Amt", user="amt"),
    ):
        await work.line(ident, line)
    held = await work.core.store.load(ident)
    return Case(ident, picture.id, held.version)


def filled(case: Case, epoch: int) -> dict[str, str]:
    """Every field that any form of a conversation has, with something that would be taken."""
    return {
        "text": "Guten Tag",
        "epoch": str(epoch),
        "entry": "perso",
        "outcome": "answered",
        "line": "note",
        "verb": "claim",
        "to": f"team:{OURS}",
        "anyway": "1",
        "doing": "typing",
        "canned": "willkommen",
        "template": "rueckruf",
        "call": "reached",
        "question": "Wo?",
        "answer": "Hier.",
        "checked": "1",
        "file": case.file,
    }


async def asked(visitor: Visitor, method: str, path: str, form: Mapping[str, str], **headers: str) -> tuple[Any, ...]:
    """Status, headers and body of the answer, with nothing in them that differs by itself."""
    fields: Any = {**form, "csrf": visitor.token}
    if path.endswith("/file"):
        fields = FormData(fields)
        fields.add_field("file", sample("photo", 3), filename="bild.jpg", content_type="image/jpeg")
    data = {"data": fields} if method == "POST" else {}
    async with visitor.client.request(method, path, allow_redirects=False, headers=headers, **data) as answer:
        known = {name: value for name, value in answer.headers.items() if name != "Date"}
        body = re.sub(r"[0-9a-f]{20}", "ID", await answer.text(errors="replace"))
        return answer.status, {k: re.sub(r"[0-9a-f]{20}", "ID", v) for k, v in known.items()}, body


async def test_it_is_as_if_it_were_not_there(at_work: House) -> None:
    """Every route that names a conversation, with filled and with empty forms, as a page and for our script."""
    people = await staffed(at_work)
    case = await opened(at_work, people["amt"])
    epoch = (await at_work.conversation(case.id)).epoch
    ways = [({}, {}), (filled(case, epoch), {}), (filled(case, epoch), {pages.LIVE: "act"}), ({}, {pages.LIVE: "look"})]
    names = {"file": case.file, "line": "reply"}
    routes = [r for r in at_work.routes if "{conversation}" in r.path]
    assert len(routes) >= 25
    for route in routes:
        for role, visitor in people.items():
            if role == "amt":
                continue
            for form, headers in ways:
                answers = [
                    await asked(visitor, route.method, route.path.format(conversation=ident, **names), form, **headers)
                    for ident in (case.id, NOBODYS)
                ]
                told = (route.method, route.path, role, answers[0][0], answers[1][0])
                assert answers[0] == answers[1], told
                refused = {404} if role in ROLES else {403} if role else {303, 401}
                if route.path.startswith("/console/team/") and role == "clerk":
                    refused = {403}
                # What is wrong with a form by itself is said whatever the id is.
                assert answers[0][0] in (refused if form else refused | {200, 400, 409}), told
                assert SECRET not in answers[0][2], told
    assert (await at_work.core.store.load(case.id)).version == case.version
    # And the forms are such as do something: for the team itself no route is missing.
    for route in routes:
        if route.path.startswith("/console/team/"):
            continue
        again = await opened(at_work, people["amt"], chat=route.path + route.method)
        form = filled(again, (await at_work.conversation(again.id)).epoch)
        path = route.path.format(conversation=again.id, file=again.file, line="reply")
        status, _, _ = await asked(people["amt"], route.method, path, form)
        assert status in (200, 303, 409), (route.method, route.path, status)


LISTS = (
    ("/console/inbox", ""),
    ("/console/inbox", "?team=buergeramt"),
    ("/console/inbox", "?team=buergeramt&who=waiting&q=Xanthippe"),
    ("/console/inbox", "?who=mine&did={id}&insert=perso"),
    ("/console/inbox", "?channel=telegram&language=de&reason=asked"),
    ("/console/search", "?q=Xanthippe"),
    ("/console/search", "?q=Xanthippe&team=buergeramt"),
    ("/console/search", "?q={number}"),
    ("/console/search", "?q=Nr.+{number}"),
    ("/console/search", "?q=hier+schreibt"),
    ("/console/callbacks", ""),
    ("/console/callbacks", "?did={id}"),
    ("/console/team", ""),
    ("/console/account", ""),
    ("/console/settings/canned", ""),
)


async def test_no_page_of_ours_changes_by_what_they_do(at_work: House) -> None:
    """Nor a count in it: pages before and after are the same letters."""
    people = await staffed(at_work)
    await at_work.citizen("mine", "unser eigenes, hier schreibt Kai", team=OURS)
    for role in ROLES:  # whoever looked at a page is here
        await people[role].get("/console/inbox")

    async def seen(ident: str, number: int) -> dict[tuple[str, str, str], str]:
        found = {}
        for role in ROLES:
            for path, query in LISTS:
                for headers in ({}, {pages.LIVE: "look"}):
                    url = path + query.format(id=ident, number=number)
                    answer = await people[role].get(url, headers=headers)
                    found[role, path + query, str(headers)] = await answer.text()
        return found

    number = await at_work.core.store.next_number() + 1
    before = await seen(NOBODYS, number)
    case = await opened(at_work, people["amt"])
    assert (await at_work.conversation(case.id)).number == number
    states = (Status.ASSIGNED, Status.WAITING, Status.RESOLVED)
    for state in states:
        if state is Status.WAITING:
            await people["amt"].post(f"/console/inbox/{case.id}/release")
        if state is Status.RESOLVED:
            await people["amt"].post(f"/console/inbox/{case.id}/resolve")
        assert (await at_work.conversation(case.id)).status is state
        after = await seen(case.id, number)
        told = {ask: text.replace(case.id, NOBODYS) for ask, text in after.items()}
        assert [ask for ask in told if told[ask] != before[ask]] == []
    listed = {path for path, _ in LISTS}
    other = {r.path for r in at_work.routes if r.method == "GET" and "{" not in r.path} - listed
    other = {path for path in other if not path.startswith(("/console/settings/", "/console/faq/"))}
    # Not about conversations, by name: whoever adds a page says here which kind it is.
    assert other == {
        *("/console", "/console/login", "/console/audit", "/console/events", "/console/faq"),
        *("/console/ask", "/console/settings"),
        # Counts out of SQL; whose handoffs a lead's hold, tests/console/test_numbers.py says.
        *(f"/console/numbers{more}" for more in ("", "/table.csv", "/open-data.csv", "/open-data.json")),
    }
    # And the search finds it where it may be found.
    assert case.id in await people["amt"].text("/console/search?q=hier+schreibt")


async def test_no_stream_of_ours_says_what_they_do(at_work: House) -> None:
    people = await staffed(at_work)
    amt, store = people["amt"], at_work.core.store
    async with stream(people["lead"]) as events:
        case = await opened(at_work, amt)
        for doing in (Doing.TYPING, Doing.LOOKING, None):
            await store.attend(case.id, "amt", doing, later(60), later(0))
        for verb, form in (
            ("note", {"text": SECRET}),
            ("reply", {"text": SECRET, "epoch": "1"}),
            ("transfer", {"to": "team:familie-soziales", "text": SECRET, "anyway": "1"}),
            ("undo", {"verb": "transfer"}),
            ("resolve", {}),
            ("reopen", {}),
        ):
            await amt.post(f"/console/inbox/{case.id}/{verb}", form)
        seen = [event for _ in range(2) for event in await named(at_work, events, "mine", team=OURS)]
        ours = seen[-1][1]
        assert {data for _, data in seen} <= {"", ours}
        assert not [event for event in seen if event[0] == "people"]


async def test_who_is_moved_to_another_team_hears_no_more_of_the_old_one(at_work: House) -> None:
    people = await staffed(at_work)
    at_work.accounts.add("wechselt", PASSWORD, "clerk", teams=[THEIRS])
    case = await opened(at_work, people["amt"])
    async with stream(await at_work.signed_in("wechselt")) as events:
        await named(at_work, events, "theirs")
        at_work.accounts.set_teams("wechselt", [OURS])
        await at_work.core.store.attend(case.id, "amt", Doing.LOOKING, later(60), later(0))
        seen = await events.until(("look", ""), ("people", case.id))
        assert seen[-1] == ("look", "")  # the list must drop what it shows; no more is said
        seen = []
        for doing in (Doing.TYPING, None):
            await at_work.core.store.attend(case.id, "amt", doing, later(60), later(0))
            seen += await named(at_work, events, "mine", team=OURS)
        await at_work.line(case.id, Line("more", "citizen", later(5), SECRET, SECRET))
        seen += await named(at_work, events, "mine", team=OURS)
        assert {data for _, data in seen} <= {"", seen[-1][1]}


@pytest.mark.parametrize(
    "to",
    [
        *("team:nirgends", "team:", "team:buergeramt ", "TEAM:buergeramt", "clerk:", "clerk:niemand", "clerk:weg"),
        *("clerk:eda", "clerk:ron", "clerk:amt,kim", "x", "", "clerk:team:buergeramt", "team:../buergeramt"),
    ],
)
async def test_nothing_goes_to_whom_there_is_not(at_work: House, to: str) -> None:
    """Neither to a team that the town has not, nor to an account that is shut or answers nobody."""
    at_work.accounts.add("weg", PASSWORD, "clerk")
    at_work.accounts.disable("weg")
    kim, lea = await at_work.signed_in("kim"), await at_work.signed_in("lea")
    ident = await at_work.citizen("1", "hallo")
    await kim.post(f"/console/inbox/{ident}/claim")
    before = await at_work.core.store.load(ident)
    for visitor, path in ((kim, f"/console/inbox/{ident}/transfer"), (lea, f"/console/team/{ident}/transfer")):
        assert (await visitor.post(path, {"to": to, "anyway": "1"})).status == 409
    assert (await at_work.core.store.load(ident)).version == before.version


async def test_every_post_needs_the_sessions_token_and_our_origin(at_work: House) -> None:
    """Also with a form that is filled in, on whatever route there is: nothing happens, and it is said alike."""
    people = await staffed(at_work)
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    case = await opened(at_work, people["amt"])
    names = {"conversation": case.id, "file": case.file, "line": "reply", "entry": "perso", "number": "1"}
    form = filled(case, (await at_work.conversation(case.id)).epoch)
    posts = [r for r in at_work.routes if r.method == "POST" and r.path != "/console/login"]
    assert len(posts) >= 40
    for route in posts:
        path = re.sub(r"{(\w+)}", lambda place: names.get(place[1], "1"), route.path)
        visitor = (
            ada if (await asked(kim, "POST", path, {"csrf": ""}, Origin="https://evil.example"))[0] == 403 else kim
        )
        right = visitor.token
        for token in ("", "x", right[:-1], people["amt"].token):
            for send in ({"data": {**form, "csrf": token}}, {"data": form, "headers": {"X-CSRF-Token": token}}):
                async with visitor.client.post(path, allow_redirects=False, **send) as answer:  # type: ignore[arg-type]
                    assert answer.status == 403, (path, token)
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            async with ada.client.post(path, data={**form, "csrf": ada.token}, headers=headers) as answer:
                assert answer.status == 403, (path, headers)
    assert (await at_work.core.store.load(case.id)).version == case.version
    assert (await ada.get("/console/account")).status == 200  # nobody was signed out by it
