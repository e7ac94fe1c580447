"""The Cloud API's calls: limits, windows, rates, codes."""

from typing import Any

import aiohttp
import pytest

from bot.simulator import LOST_RESPONSE, Citizen, Fault, ManualClock, Simulator

Json = dict[str, Any]


class Api:
    """Calls as the product makes them: the status, and the body of the answer."""

    def __init__(self, sim: Simulator, http: aiohttp.ClientSession) -> None:
        self.root = f"{sim.whatsapp.url}/v25.0/{sim.whatsapp.hooks.number.phone_number_id}"
        self.bearer = {"Authorization": f"Bearer {sim.whatsapp.token}"}
        self.http = http

    async def post(self, body: Any, path: str = "/messages", **kwargs: Any) -> tuple[int, Json]:
        async with self.http.post(self.root + path, json=body, headers=self.bearer, **kwargs) as answer:
            return answer.status, await answer.json()

    async def send(self, to: str, kind: str, content: Json) -> tuple[int, Json]:
        """One message to a phone number."""
        body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to, "type": kind, kind: content}
        return await self.post(body)

    async def text(self, to: str, text: str) -> tuple[int, Json]:
        """Free text."""
        return await self.send(to, "text", {"body": text})


@pytest.fixture
def api(sim: Simulator, http: aiohttp.ClientSession) -> Api:
    return Api(sim, http)


@pytest.fixture
async def erika(sim: Simulator) -> Citizen:
    citizen = sim.citizen("whatsapp", "Erika")
    await citizen.say("Guten Tag")
    return citizen


def code(answer: tuple[int, Json]) -> tuple[int, int]:
    """HTTP status and error code."""
    return answer[0], answer[1]["error"]["code"]


async def test_text_arrives_and_is_named(api: Api, erika: Citizen) -> None:
    status, answer = await api.text("+" + erika.key, "*Bürgeramt* öffnet um 8")
    assert status == 200
    assert answer["contacts"] == [{"input": "+" + erika.key, "wa_id": erika.key}]
    seen = await erika.reads()
    assert answer["messages"] == [{"id": seen.id}]
    assert seen.id.startswith("wamid.")
    assert (seen.text, seen.html) == ("Bürgeramt öffnet um 8", "<b>Bürgeramt</b> öffnet um 8")


async def test_who_hides_the_number_is_reached_by_user_id(sim: Simulator, api: Api) -> None:
    kim = sim.citizen("whatsapp", "Kim", hidden=True)
    await kim.say("hallo")
    body = {"messaging_product": "whatsapp", "recipient": kim.key, "type": "text", "text": {"body": "Guten Tag"}}
    status, answer = await api.post(body)
    assert (status, answer["contacts"]) == (200, [{"input": kim.key, "user_id": kim.key}])
    assert (await kim.reads()).text == "Guten Tag"


async def test_envelope_of_an_error(api: Api, erika: Citizen) -> None:
    _, answer = await api.text(erika.key, "")
    error = answer["error"]
    assert set(error) == {"message", "type", "code", "error_data", "fbtrace_id"}
    assert error["message"].startswith("(#100)")
    assert error["error_data"]["messaging_product"] == "whatsapp"


async def test_token_number_and_product_are_checked(sim: Simulator, api: Api, erika: Citizen) -> None:
    api.bearer = {"Authorization": "Bearer other"}
    assert code(await api.text(erika.key, "x")) == (401, 190)
    api.bearer = {"Authorization": f"Bearer {sim.whatsapp.token}"}
    assert code(await api.post({"to": erika.key, "text": {"body": "x"}})) == (400, 100)
    api.root = f"{sim.whatsapp.url}/v25.0/999"
    assert code(await api.text(erika.key, "x")) == (400, 100)
    assert erika.seen == []


async def test_strangers_are_undeliverable(api: Api) -> None:
    assert code(await api.text("4917000000", "x")) == (400, 131026)
    assert code(await api.text("Erika", "x")) == (400, 131009)


def buttons(*titles: str, body: str = "Meinen Sie?") -> Json:
    replies = [{"type": "reply", "reply": {"id": f"b{i}", "title": title}} for i, title in enumerate(titles)]
    return {"type": "button", "body": {"text": body}, "action": {"buttons": replies}}


def listed(*rows: Json, menu: str = "Auswählen", body: str = "Meinen Sie?") -> Json:
    return {
        "type": "list",
        "body": {"text": body},
        "action": {"button": menu, "sections": [{"title": "Themen", "rows": list(rows)}]},
    }


def row(number: int, title: str = "", description: str = "") -> Json:
    return {"id": f"r{number}", "title": title or f"Zeile {number}", "description": description or "x"}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "x" * 4096}),
        ("interactive", buttons("x" * 20, "zwei", "drei", body="x" * 1024)),
        ("interactive", listed(*[row(n, "x" * 24, "y" * 72) for n in range(10)], menu="x" * 20)),
        ("interactive", {**buttons("ja"), "footer": {"text": "x" * 60}}),
        ("document", {"link": "https://stadt.example/a.pdf", "filename": "a.pdf", "caption": "x" * 1024}),
    ],
)
async def test_what_just_fits_is_taken(api: Api, erika: Citizen, kind: str, content: Json) -> None:
    assert (await api.send(erika.key, kind, content))[0] == 200
    assert len(erika.seen) == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"body": "x" * 4097}),
        ("text", {"body": "   "}),
        ("text", {}),
        ("interactive", buttons("x" * 21)),
        ("interactive", buttons("a", "b", "c", "d")),
        ("interactive", buttons()),
        ("interactive", buttons("a", "a")),
        ("interactive", buttons("a", body="x" * 1025)),
        ("interactive", buttons("a", body="")),
        ("interactive", {**buttons("ja"), "footer": {"text": "x" * 61}}),
        ("interactive", listed(*[row(n) for n in range(11)])),
        ("interactive", listed(row(1, "x" * 25))),
        ("interactive", listed(row(1, "x", "y" * 73))),
        ("interactive", listed(row(1), row(1))),
        ("interactive", listed(row(1), menu="x" * 21)),
        ("interactive", listed()),
        ("document", {"filename": "a.pdf"}),
        ("document", {"link": "https://stadt.example/a.pdf", "caption": "x" * 1025}),
        ("carrier_pigeon", {"name": "Rolf"}),
    ],
)
async def test_what_does_not_fit_is_refused(api: Api, erika: Citizen, kind: str, content: Json) -> None:
    assert code(await api.send(erika.key, kind, content)) == (400, 100)
    assert erika.seen == []


async def test_free_text_needs_an_open_window_and_templates_do_not(
    sim: Simulator, clock: ManualClock, api: Api, erika: Citizen
) -> None:
    sim.whatsapp.approve("antwort", "de", "Guten Tag {{1}}, Ihre Antwort ist da: {{2}}")
    clock.advance(24 * 3600 - 1)
    assert (await api.text(erika.key, "noch"))[0] == 200
    clock.advance(1)
    assert code(await api.text(erika.key, "zu spät")) == (400, 131047)
    values = [{"type": "text", "text": text} for text in ("Erika", "ja")]
    template = {"name": "antwort", "language": {"code": "de"}, "components": [{"type": "body", "parameters": values}]}
    assert (await api.send(erika.key, "template", template))[0] == 200
    assert (await erika.reads("Antwort")).text == "Guten Tag Erika, Ihre Antwort ist da: ja"
    await erika.say("danke")
    assert (await api.text(erika.key, "gern"))[0] == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": "unbekannt"}, (404, 132001)),
        ({"language": {"code": "en"}}, (404, 132001)),
        ({"components": []}, (400, 132000)),
        ({"components": [{"type": "body", "parameters": [{"type": "text", "text": "a\nb"}]}]}, (400, 132018)),
    ],
)
async def test_templates_are_checked(
    sim: Simulator, api: Api, erika: Citizen, change: Json, expected: tuple[int, int]
) -> None:
    sim.whatsapp.approve("antwort", "de", "Guten Tag {{1}}")
    assert (
        code(await api.send(erika.key, "template", {"name": "antwort", "language": {"code": "de"}, **change}))
        == expected
    )


async def test_one_person_gets_a_burst_of_45_then_one_in_six_seconds(
    clock: ManualClock, api: Api, erika: Citizen
) -> None:
    for number in range(45):
        assert (await api.text(erika.key, str(number)))[0] == 200
    assert code(await api.text(erika.key, "zu viel")) == (429, 131056)
    clock.advance(5)
    assert code(await api.text(erika.key, "zu früh")) == (429, 131056)
    clock.advance(1)
    assert (await api.text(erika.key, "jetzt"))[0] == 200
    assert len(erika.seen) == 46


async def test_eighty_a_second_over_all(sim: Simulator, clock: ManualClock, api: Api) -> None:
    citizens = [sim.citizen("whatsapp") for _ in range(3)]
    for citizen in citizens:
        await citizen.say("hallo")
    for number in range(80):
        assert (await api.text(citizens[number % 2].key, "x"))[0] == 200
    assert code(await api.text(citizens[2].key, "x")) == (429, 130429)
    clock.advance(1)
    assert (await api.text(citizens[2].key, "x"))[0] == 200


async def test_a_document_is_uploaded_and_sent(sim: Simulator, api: Api, erika: Citizen) -> None:
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": "text/plain"})
    form.add_field("file", b"meine Daten", filename="x", content_type="text/plain")
    async with api.http.post(api.root + "/media", data=form, headers=api.bearer) as answer:
        media = (await answer.json())["id"]
    await api.send(erika.key, "document", {"id": media, "filename": "daten.txt", "caption": "Bitte sehr"})
    seen = await erika.reads("Bitte")
    assert seen.file is not None
    assert (seen.file.name, seen.file.text) == ("daten.txt", "meine Daten")
    assert code(await api.send(erika.key, "document", {"id": "77", "filename": "x"})) == (400, 131009)


async def test_what_a_citizen_sent_can_be_fetched(sim: Simulator, api: Api, erika: Citizen) -> None:
    await erika.send_voice()
    media = next(iter(sim.whatsapp.media))
    async with api.http.get(f"{sim.whatsapp.url}/v25.0/{media}", headers=api.bearer) as answer:
        info = await answer.json()
    assert info["mime_type"].startswith("audio/ogg")
    async with api.http.get(info["url"]) as refused:
        assert refused.status == 404
    async with api.http.get(info["url"], headers=api.bearer) as fetched:
        assert (await fetched.read()).startswith(b"OggS")


async def test_read_marks_and_typing(sim: Simulator, api: Api, erika: Citizen) -> None:
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": erika.said[0].id}
    assert await api.post({**mark, "typing_indicator": {"type": "text"}}) == (200, {"success": True})
    assert erika.said[0].read
    assert erika.account.typing_until > sim.clock.now()
    assert code(await api.post({**mark, "message_id": "wamid.none"})) == (400, 100)


async def test_faults_strike_as_planned(sim: Simulator, api: Api, erika: Citizen) -> None:
    sim.whatsapp.faults.plan(Fault("throttle"), call="text")
    sim.whatsapp.faults.plan(Fault("error", status=503))
    sim.whatsapp.faults.plan(LOST_RESPONSE)
    assert code(await api.text(erika.key, "1")) == (429, 130429)
    assert code(await api.text(erika.key, "2")) == (503, 2)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api.text(erika.key, "3")
    assert [seen.text for seen in erika.seen] == ["3"]
