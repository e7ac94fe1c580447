"""Who may reach which route. The table is written by hand: it does not trust the routes' own policies."""

import pytest
from aiohttp import web

from bot.console import app as console
from bot.conversation import Line
from bot.importing.shelf import Shelf
from bot.simulator.samples import sample
from faq.town.sections import SECTIONS
from faq.trials import Trials
from tests.console.house import NOW, STAFF, House, Visitor
from tests.gaps.made import ask_all, gaps, looked

CLERKS, EDITORS = {"clerk", "lead", "admin"}, {"editor", "admin"}
ALL = {"clerk", "lead", "editor", "admin", "auditor"}
ANYBODY = {"", *ALL}
GAP = "/console/faq/gaps/{cluster}"
INBOX, ENTRY = "/console/inbox/{conversation}", "/console/faq/entries/{entry}"

MAY = {
    ("GET", "/console"): ALL,
    ("GET", "/console/login"): ANYBODY,
    ("POST", "/console/login"): ANYBODY,
    ("GET", "/console/static/{hash}/{name}"): ANYBODY,
    ("POST", "/console/logout"): ALL,
    ("GET", "/console/account"): ALL,
    ("POST", "/console/account/password"): ALL,
    ("POST", "/console/account/language"): ALL,
    ("GET", "/console/audit"): {"admin", "auditor"},
    ("GET", "/console/inbox"): CLERKS | {"auditor"},
    ("GET", "/console/search"): CLERKS,
    ("GET", "/console/events"): CLERKS | {"auditor"},
    ("GET", INBOX): CLERKS,
    **{
        ("POST", f"{INBOX}/{verb}"): CLERKS
        for verb in (
            *("claim", "release", "transfer", "back", "resolve", "reopen", "note", "reply", "send", "seen"),
            *("undo", "withdraw", "here", "file", "fetch", "fill", "template"),
        )
    },
    ("GET", f"{INBOX}/people"): CLERKS,
    ("GET", f"{INBOX}/suggest/{{line}}"): CLERKS,
    ("POST", f"{INBOX}/suggest/{{line}}"): CLERKS,
    ("GET", f"{INBOX}/files/{{file}}"): CLERKS,
    ("GET", f"{INBOX}/files/{{file}}/image"): CLERKS,
    ("POST", "/console/presence"): CLERKS,
    ("POST", "/console/presence/active"): CLERKS,
    ("GET", "/console/callbacks"): CLERKS,
    ("POST", "/console/callbacks/{conversation}"): CLERKS,
    ("GET", "/console/team"): {"lead", "admin"},
    ("POST", "/console/team/{conversation}/transfer"): {"lead", "admin"},
    ("GET", "/console/faq"): EDITORS | {"auditor"},
    ("POST", "/console/faq/bulk"): EDITORS,
    ("GET", "/console/faq/new"): EDITORS,
    ("POST", "/console/faq/new"): EDITORS,
    ("POST", "/console/faq/preview"): EDITORS,
    ("GET", ENTRY): EDITORS | {"auditor"},
    ("GET", ENTRY + "/compare"): EDITORS | {"auditor"},
    ("GET", ENTRY + "/{revision}"): EDITORS | {"auditor"},
    ("POST", ENTRY): EDITORS,
    **{
        ("POST", f"{ENTRY}/{verb}"): EDITORS
        for verb in ("archive", "take-back", "restore", "autosave", "typed", "here")
    },
    ("POST", "/console/faq/new/autosave"): EDITORS,
    ("POST", "/console/faq/new/typed"): EDITORS,
    ("GET", "/console/faq/lint"): EDITORS | {"auditor"},
    ("POST", "/console/faq/lint"): EDITORS,
    ("GET", "/console/faq/lint/beside"): EDITORS | {"auditor"},
    ("POST", "/console/faq/lint/{finding}"): EDITORS,
    ("GET", "/console/faq/import"): EDITORS,
    ("POST", "/console/faq/import"): EDITORS,
    ("GET", "/console/faq/import/{upload}"): EDITORS,
    ("POST", "/console/faq/import/{upload}"): EDITORS,
    ("GET", "/console/faq/export"): EDITORS,
    ("GET", "/console/faq/examples"): EDITORS | {"auditor"},
    ("POST", "/console/faq/examples"): EDITORS,
    ("POST", "/console/faq/examples/try"): EDITORS,
    ("POST", "/console/faq/examples/release"): EDITORS,
    ("GET", "/console/faq/gaps"): EDITORS | {"auditor"},
    ("POST", "/console/faq/gaps/look"): EDITORS,
    ("GET", GAP): EDITORS | {"auditor"},
    ("GET", f"{GAP}/decide"): EDITORS,
    **{("POST", f"{GAP}/{verb}"): EDITORS for verb in ("name", "merge", "move", "wipe", "undo", "decide")},
    **{
        ("GET", f"/console/faq/{path}"): EDITORS | {"auditor"}
        for path in ("releases", "releases/{number}", "releases/{a}/diff/{b}", "trials")
    },
    **{
        ("POST", f"/console/faq/{path}"): EDITORS
        for path in (
            "releases",
            *(
                f"releases/{{number}}/{verb}"
                for verb in ("prove", "sign", "refuse", "withdraw", "anew", "publish", "rollback")
            ),
            *("trials", "trials/run", "trials/{trial}/retire", "trials/{trial}/revive"),
        )
    },
    ("GET", "/console/ask"): EDITORS,
    ("POST", "/console/ask"): EDITORS,
    ("POST", "/console/ask/wording"): EDITORS,
    **{
        ("GET", f"/console/numbers{path}"): {"lead", "editor", "admin", "auditor"}
        for path in ("", "/table.csv", "/open-data.csv", "/open-data.json")
    },
    ("GET", "/console/settings"): {"admin", "auditor"},
    **{
        (method, f"/console/settings/{section}{path}"): {"admin", *(["auditor"] if method == "GET" else [])}
        for section in [
            "hours",
            "special_days",
            "holidays",
            "teams",
            "routing",
            "promises",
            "canned",
            "notices",
            "pinned",
        ]
        for method, path in [("GET", ""), ("POST", ""), ("GET", "/{number}"), ("POST", "/{number}/restore")]
    },
    ("POST", "/console/settings/notices/confirm"): {"admin"},
    ("POST", "/console/settings/pinned/confirm"): {"admin"},
    ("GET", "/console/settings/canned"): CLERKS | {"auditor"},
}


async def test_every_route_for_everybody(at_work: House) -> None:
    assert {(r.method, r.path) for r in at_work.routes} == set(MAY)
    at_work.publish("hund", "Hund anmelden?")
    revision = at_work.publish("perso", "Perso verloren?")
    conversation = await at_work.citizen("1", "hallo")
    picture = await at_work.file(conversation, sample("photo", 1), "bild.jpg")
    await at_work.line(conversation, Line("reply", "clerk", NOW, "Guten Tag", what="clerk"))
    live = at_work.core.live_town
    document = {**live.document("hours"), "wahlamt": {}}
    live.save({"hours": document} | {name: live.document(name)[:0] for name in ("special_days", "holidays")}, "ada", "")
    notice = {"id": "x", "level": "crisis", "open_ended": True, "texts": {"de": "x"}}
    live.save(
        {
            "promises": [],
            "canned": [],
            "notices": [notice],
            "pinned": [{**notice, "level": "answer", "wordings": ["x"]}],
        },
        "ada",
        "",
    )
    live.save({"routing": {**live.document("routing"), "routes": []}, "teams": live.document("teams")[::-1]}, "ada", "")
    ask_all(at_work.core.catalogue.engine, ["Wann öffnet die Eisbahn?"], NOW)
    looked(at_work.core.catalogue.engine, NOW)
    (gap,) = gaps(at_work.core.catalogue.engine, NOW).list()
    names = {
        "number": "2",
        "cluster": gap.id,
        "a": "1",
        "b": "2",
        "conversation": conversation,
        "file": picture.id,
        "line": "reply",
        "entry": "perso",
        "finding": "0123456789abcdef",
        "revision": revision,
        "hash": "x",
        "name": "base.css",
    }
    shelf = Shelf(at_work.core.settings.home)  # a file is its owner's alone
    uploads = {role: shelf.put(name, "x.csv", NOW, [b"x"], 9).id for name, role in STAFF.items()}
    trials = Trials(at_work.core.catalogue.engine)
    tried = {role: trials.add(f"was tut {role}", "de", (), "editor", "eda").id for role in ("", *STAFF.values())}
    visitors = {"": at_work.client()} | {role: await at_work.signed_in(name) for name, role in STAFF.items()}
    wrong = []
    for (method, pattern), allowed in MAY.items():
        if pattern == "/console/logout":
            continue  # below: it would end the visit
        for role, visitor in visitors.items():
            path = pattern.format(**names, upload=uploads.get(role, uploads["editor"]), trial=tried[role])
            status = await _status(visitor, method, path, {"revision": revision, "file": picture.id})
            if not _fits(status, method, pattern, role, allowed):
                wrong.append((method, pattern, role or "anonymous", status))
    assert not wrong
    for role, visitor in visitors.items():
        assert await _status(visitor, "POST", "/console/logout") == (303 if role else 401)


async def _status(visitor: Visitor, method: str, path: str, data: dict[str, str] | None = None) -> int:
    if method == "POST":
        return (await visitor.post(path, data)).status
    async with await visitor.client.get(path, allow_redirects=False) as response:  # the stream never ends
        return response.status


def _fits(status: int, method: str, pattern: str, role: str, allowed: set[str]) -> bool:
    if role in allowed:
        # 400, 403 and the like are then about what was posted; here the forms are empty.
        return status not in (401, 404, 405, 500) and (status != 403 or pattern == "/console/login")
    if role:
        return status == 403
    return status == (401 if method == "POST" or pattern == "/console/events" else 303)


async def test_sign_in_leads_back_to_the_page(at_work: House) -> None:
    visitor = at_work.client()
    response = await visitor.get("/console/faq?q=müll")
    assert response.status == 303
    assert response.headers["Location"].startswith("/console/login?next=/console/faq")


async def test_home_by_role(at_work: House) -> None:
    homes = {
        "kim": "/console/inbox",
        "lea": "/console/inbox",
        "eda": "/console/faq",
        "ada": "/console/inbox",
        "ron": "/console/inbox",
    }
    for name, home in homes.items():
        response = await (await at_work.signed_in(name)).get("/console")
        assert response.headers["Location"] == home


async def test_auditor_sees_the_list_and_no_conversation(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    conversation = await at_work.citizen("1", "meine nummer ist 0171 2345678", "meine nummer ist [PHONE]")
    ron = await at_work.signed_in("ron")
    page = await ron.text("/console/inbox")
    assert "[PHONE]" in page
    assert "2345678" not in page
    assert f"/console/inbox/{conversation}" not in page
    entry = await ron.text("/console/faq/entries/perso")
    assert 'name="action"' not in entry
    assert "readonly" in entry
    assert "/archive" not in entry
    assert "?remove=" not in entry


async def test_auditor_reads_the_settings_and_changes_none(at_work: House) -> None:
    live = at_work.core.live_town
    live.save({"promises": [{"team": "buergeramt", "minutes": 45}]}, "ada", "mehr Zeit")
    ron = await at_work.signed_in("ron")
    assert 'href="/console/settings"' in await ron.text("/console/inbox")
    overview = await ron.text("/console/settings")
    for section in SECTIONS:
        assert f'href="/console/settings/{section}"' in overview
        page = await ron.text(f"/console/settings/{section}")
        assert "Verlauf" in page, section
        for changes in ('name="action"', "/restore", "<textarea", 'name="based_on"'):
            assert changes not in page, section
    page = await ron.text("/console/settings/promises")
    assert "Bürgeramt · jedes Thema · Minuten: 45" in page
    assert "mehr Zeit" in page
    former = await ron.text("/console/settings/promises/1")
    assert "Bürgeramt · jedes Thema · Minuten: 30" in former
    assert "/restore" not in former
    assert "Begrüßung" in await ron.text("/console/settings/canned")
    assert "Wahlamt" in await ron.text("/console/settings/hours")
    assert "Wer liest was?" in await ron.text("/console/settings/routing")
    assert (await ron.post("/console/settings/promises/1/restore", {"based_on": "2"})).status == 403
    assert live.town.promise("buergeramt") == 45
    kim = await at_work.signed_in("kim")
    assert 'href="/console/settings"' not in await kim.text("/console/settings/canned")


async def test_unknown_pages(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    for path in ("/console/nothing", "/console/inbox/zzz", "/console/inbox/0123456789abcdef0123"):
        response = await kim.get(path)
        assert response.status == 404
        assert response.headers["Cache-Control"] == "no-store"
    assert (await kim.client.put("/console/inbox")).status == 405


async def test_a_route_without_a_policy_refuses_the_start(at_work: House) -> None:
    app = web.Application()
    for route in at_work.routes:
        app.router.add_route(route.method, route.path, route.handler)
    app.router.add_get("/console/forgotten", at_work.routes[0].handler, allow_head=False)
    with pytest.raises(RuntimeError, match="forgotten"):
        console.guard(app, at_work.core, at_work.redis, at_work.routes)
