"""A page elsewhere cannot make a clerk's browser do anything."""

import re

from bot.conversation import Status
from tests.console.house import House


async def test_without_the_sessions_token_nothing_happens(at_work: House) -> None:
    conversation = await at_work.citizen("1", "hallo")
    kim, ada = await at_work.signed_in("kim"), await at_work.signed_in("ada")
    claim = f"/console/inbox/{conversation}/claim"
    for token in ("", "x", ada.token, kim.token + "x"):
        assert (await kim.post(claim, {"csrf": token})).status == 403
        assert (await kim.client.post(claim, headers={"X-CSRF-Token": token})).status == 403
    for path in {r.path for r in at_work.routes if r.method == "POST" and r.path.startswith("/console/faq")}:
        response = await ada.post(re.sub(r"{\w+}", "1", path), {"csrf": ""})
        assert response.status == 403, path
    assert (await at_work.conversation(conversation)).status is Status.WAITING
    response = await kim.client.post(claim, headers={"X-CSRF-Token": kim.token}, allow_redirects=False)
    assert response.status == 303


async def test_foreign_origins_are_refused_even_with_the_token(at_work: House) -> None:
    conversation = await at_work.citizen("1", "hallo")
    kim = await at_work.signed_in("kim")
    claim = f"/console/inbox/{conversation}/claim"
    foreign = (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    )
    for headers in foreign:
        assert (await kim.post(claim, headers=headers)).status == 403
    assert (await at_work.conversation(conversation)).status is Status.WAITING
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": str(kim.client.make_url("/")).rstrip("/")}
    assert (await kim.post(claim, headers=ours)).status == 303


async def test_sign_in_form_is_bound_to_its_browser(at_work: House) -> None:
    visitor, other = at_work.client(), at_work.client()
    await visitor.get("/console/login")
    await other.get("/console/login")
    fields = {"name": "kim", "password": "eine-lange-losung"}
    assert (await visitor.post("/console/login", fields | {"csrf": other.token})).status == 403
    assert (await at_work.client().post("/console/login", fields | {"csrf": visitor.token})).status == 403
    assert (await visitor.post("/console/login", fields, headers={"Origin": "https://evil.example"})).status == 403
    assert (await visitor.post("/console/login", fields)).status == 303


async def test_every_form_carries_the_token(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    conversation = await at_work.citizen("1", "hallo")
    ada = await at_work.signed_in("ada")
    await ada.post(f"/console/inbox/{conversation}/claim")
    pages = ("/account", f"/inbox/{conversation}", "/faq/new", "/faq/entries/perso", "/ask")
    for path in pages:
        page = await ada.text("/console" + path)
        forms = re.findall(r'<form method="post".*?</form>', page, re.S)
        assert forms
        assert all(f'name="csrf" value="{ada.token}"' in form for form in forms)
