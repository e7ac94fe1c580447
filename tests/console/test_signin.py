"""Sign-in: sessions on the server, lockout, nothing that tells whether a name exists."""

import json
import re
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.console.attempts import Attempts, network_of
from bot.console.sessions import ABSOLUTE, IDLE, Sessions
from tests.console.house import PASSWORD, House, house
from tests.valkey import valkey


async def test_sign_in_and_out(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    held = kim.cookie()
    assert (await kim.get("/console/inbox")).status == 200
    assert (await kim.post("/console/logout")).headers["Location"] == "/console/login"
    assert (await kim.get("/console/inbox")).status == 303
    thief = at_work.client()
    assert (await thief.client.get("/console/inbox", cookies={"stadtbote": held}, allow_redirects=False)).status == 303


async def test_names_know_no_case_and_passwords_no_composition(at_work: House) -> None:
    at_work.accounts.add("Juergen", "Überlanges Wort", "clerk")
    assert (await at_work.client().sign_in(" JUERGEN ", "U\u0308berlanges Wort")).status == 303


async def test_wrong_user_and_wrong_password_look_the_same(at_work: House) -> None:
    answers = []
    for name in ("kim", "nobody"):
        visitor = at_work.client()
        response = await visitor.sign_in(name, "falsch-falsch")
        body = re.sub(r'value="[^"]*"', "", await response.text())
        answers.append((response.status, body.replace(name, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


async def test_five_failures_lock_the_account_from_this_address(at_work: House) -> None:
    visitor = at_work.client()
    for _ in range(5):
        assert (await visitor.sign_in("kim", "falsch-falsch")).status == 401
    locked = await visitor.sign_in("kim")  # the right password, too late
    assert locked.status == 429
    assert int(locked.headers["Retry-After"]) > 0
    assert (await visitor.sign_in("unknown", "falsch-falsch")).status == 401
    assert (await visitor.sign_in("ada")).status == 303


async def test_the_wait_grows_and_a_success_forgets(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    attempts, waits = Attempts(redis), []
    for _ in range(10):
        while await attempts.admit("kim", "10.0.0.1"):
            waits.append(await attempts.admit("kim", "10.0.0.1"))
            (lock,) = await redis.keys("*:lock:*")
            await redis.delete(lock)  # time passes
    assert waits == sorted(waits)
    assert waits[0] <= 30 < waits[-1] <= 900
    await attempts.succeeded("kim", "10.0.0.1")
    assert await attempts.admit("kim", "10.0.0.1") == 0
    await redis.aclose()


async def test_an_address_that_tries_many_names_has_to_wait(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    attempts = Attempts(redis)
    admitted = [await attempts.admit(f"user{n}", "10.0.0.1") == 0 for n in range(100)]
    assert sum(admitted) == 60
    assert await attempts.admit("kim", "10.0.0.2") == 0
    for n in range(100):  # but who knows the passwords may come in as often as they like
        assert await attempts.admit(f"user{n}", "10.0.0.3") == 0
        await attempts.succeeded(f"user{n}", "10.0.0.3")
    await redis.aclose()


def test_a_household_is_one_address() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::2:1") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:10.0.0.1") == "10.0.0.1"


async def test_a_session_id_from_elsewhere_is_never_taken_over(at_work: House) -> None:
    victim = at_work.client()
    victim.client.session.cookie_jar.update_cookies({"stadtbote": "chosen-by-somebody"}, victim.client.make_url("/"))
    await victim.sign_in("kim")
    first = victim.cookie()
    assert first not in ("", "chosen-by-somebody")
    await victim.sign_in("kim")
    assert victim.cookie() != first
    thief = at_work.client()
    for ident in ("chosen-by-somebody", first):
        response = await thief.client.get("/console/inbox", cookies={"stadtbote": ident}, allow_redirects=False)
        assert response.status == 303


async def test_redis_holds_no_id(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    for key in await at_work.redis.keys("*session*"):
        assert kim.cookie() not in key.decode() + (await at_work.redis.get(key)).decode()


async def test_a_disabled_account_is_out_at_once(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    at_work.accounts.disable("kim")
    assert (await kim.get("/console/inbox")).status == 303
    assert (await at_work.client().sign_in("kim")).status == 401
    at_work.accounts.disable("kim", False)
    assert (await kim.get("/console/inbox")).status == 303
    assert (await at_work.client().sign_in("kim")).status == 303


async def test_a_new_password_ends_the_other_sessions(at_work: House) -> None:
    here, there = await at_work.signed_in("kim"), await at_work.signed_in("kim")
    fields = {"old": PASSWORD, "new": "noch-eine-losung", "again": "noch-eine-losung"}
    assert (await here.post("/console/account/password", fields | {"old": "falsch-falsch"})).status == 400
    assert (await here.post("/console/account/password", fields | {"new": "kurz", "again": "kurz"})).status == 400
    assert (await here.post("/console/account/password", fields | {"again": "anders-anders"})).status == 400
    assert (await here.post("/console/account/password", fields)).status == 303
    assert (await here.get("/console/inbox")).status == 200
    assert (await there.get("/console/inbox")).status == 303
    assert (await at_work.client().sign_in("kim")).status == 401
    assert (await at_work.client().sign_in("kim", "noch-eine-losung")).status == 303


async def test_sessions_end_by_idleness_and_by_age(redis_url: str) -> None:
    redis, now = Redis.from_url(redis_url), [1_000_000.0]
    sessions = Sessions(redis, lambda: now[0])
    ident, session = await sessions.start("kim", 1)
    for _ in range(7):
        now[0] += IDLE - 1
        found = await sessions.find(ident)
        if now[0] - session.started >= ABSOLUTE:
            assert found is None
            break
        assert found is not None
        await sessions.touch(found)
    else:
        pytest.fail("the session never ended")
    ident, _ = await sessions.start("kim", 1)
    now[0] += IDLE
    assert await sessions.find(ident) is None
    ident, session = await sessions.start("kim", 1)
    await sessions.end(ident)
    await sessions.renew(session, 2)  # a late write must not bring it back
    assert await sessions.find(ident) is None
    await redis.aclose()


async def test_what_scripts_fetch_does_not_keep_a_session_alive(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    (key,) = await at_work.redis.keys("*session*")

    async def seen() -> float:
        return float(json.loads(await at_work.redis.get(key))["seen"])

    an_hour_ago = time.time() - 3600
    await at_work.redis.set(key, json.dumps(json.loads(await at_work.redis.get(key)) | {"seen": an_hour_ago}))
    assert (await kim.get("/console/inbox", headers={"X-Stadtbote-Live": "look"})).status == 200
    assert await seen() == an_hour_ago
    assert (await kim.get("/console/inbox", headers={"X-Stadtbote-Live": "act"})).status == 200
    assert await seen() > an_hour_ago


async def test_cookies(at_work: House, tmp_path: Path, redis_url: str) -> None:
    response = await at_work.client().sign_in("kim")
    cookie = next(c for c in response.headers.getall("Set-Cookie") if c.startswith("stadtbote="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    async with house(tmp_path / "https", redis_url, public_url="https://stadt.example") as other:
        visitor = other.client()
        form = await visitor.get("/console/login")
        assert all("Secure" in c and c.startswith("__Host-") for c in form.headers.getall("Set-Cookie"))


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/console/faq?q=x", "/console/faq?q=x"),
        ("/console", "/console"),
        ("https://evil.example", "/console"),
        ("//evil.example", "/console"),
        ("/console//evil.example", "/console"),
        ("/consolevil", "/console"),
        ("/console/\\evil", "/console"),
        ("/console\r\nX: y", "/console"),
        ("javascript:alert(1)", "/console"),
    ],
)
async def test_after_sign_in_nobody_lands_elsewhere(at_work: House, wanted: str, lands: str) -> None:
    response = await at_work.client().sign_in("kim", next=wanted)
    assert response.headers["Location"] == lands


async def test_language(at_work: House) -> None:
    visitor = at_work.client()
    assert "Sign in" in await (await visitor.get("/console/login", headers={"Accept-Language": "en-GB,de;q=.5"})).text()
    assert "Sign in" in await visitor.text("/console/login?lang=en")
    assert "Anmelden" in await visitor.text("/console/login?lang=xx")
    kim = await at_work.signed_in("kim")
    assert (await kim.post("/console/account/language", {"language": "en"})).status == 303
    assert "No conversation yet" in await kim.text("/console/inbox")
    assert (await kim.post("/console/account/language", {"language": "xx"})).status == 400


async def test_a_store_that_is_away_is_said_honestly(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        with valkey() as url:
            work = await stack.enter_async_context(house(tmp_path, url))
            kim = await work.signed_in("kim")
        response = await kim.get("/console/inbox")
        assert response.status == 503
        assert response.headers["Retry-After"]
        assert "nichts verloren" in await response.text()
