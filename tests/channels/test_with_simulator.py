"""The channels against the simulated platforms, which were written from the documentation and know nothing of us."""

import asyncio
import json
from typing import Any

from hypothesis import given, settings

from bot.channels.channel import Deliver
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp_api import Api
from bot.document import Document, Paragraph, Span, from_markdown, from_text
from bot.message import Arrival, Button, File, Kind, Message, Spoken
from bot.render import telegram_html, telegram_words, utf16, whatsapp_text
from bot.simulator import ManualClock, Simulator
from bot.simulator.markup import parse_html, parse_marks
from bot.simulator.telegram_wire import check_keyboard
from bot.simulator.whatsapp_rules import check_message

from .documents import documents, quick, spoken
from .platforms import PLATFORMS


@settings(quick, max_examples=25)
@given(spoken)
def test_the_platforms_take_every_reply(reply: Spoken) -> None:
    for part in PLATFORMS["telegram"].make("http://127.0.0.1:9").render(reply):
        if part["type"] == "text":
            shown, _ = parse_html(part["html"])
            assert 1 <= utf16(shown.strip()) <= 4096 or not shown.strip()
        keyboard = [[{"text": label, "callback_data": data}] for data, label in part.get("buttons", ())]
        check_keyboard({"inline_keyboard": keyboard})
    for part in PLATFORMS["whatsapp"].make("http://127.0.0.1:9").render(reply):
        if part["type"] != "file":
            check_message(dict(part), {})


@quick
@given(documents)
def test_they_read_the_words_that_we_wrote(document: Document) -> None:
    shown, entities = parse_html(telegram_html(document))
    assert shown == telegram_words(document)
    assert {entity.type for entity in entities} <= {"bold", "italic", "text_link"}
    plainly = Document(
        tuple(Paragraph(tuple(Span(s.text) for s in b.spans)) for b in document.blocks if isinstance(b, Paragraph))
    )
    _, marks = parse_marks(whatsapp_text(plainly))
    assert {entity.type for entity in marks} <= {"text_link"}


def test_whatsapp_reads_our_marks() -> None:
    shown, entities = parse_marks(
        whatsapp_text(from_markdown("**Gebühr:** 37 € *(bar)*, [Termin](https://stadt.example/a_b_)"))
    )
    assert shown == "Gebühr: 37 € (bar), Termin: https://stadt.example/a_b%5F"
    assert [entity.type for entity in entities] == ["bold", "italic", "text_link"]


async def test_a_conversation_on_telegram() -> None:
    async with Simulator(clock=ManualClock()) as sim:
        channel = Telegram(sim.telegram.token, sim.telegram.url)
        heard: asyncio.Queue[Message] = asyncio.Queue()

        async def deliver(arrival: Arrival) -> None:
            message = channel.parse(
                Arrival(arrival.channel, arrival.id, arrival.chat, json.loads(json.dumps(arrival.payload)))
            )
            assert isinstance(message, Message)
            await heard.put(message)

        polling = asyncio.create_task(poll(channel, deliver))
        try:
            erika = sim.citizen("telegram", "Erika")
            await erika.say("/mensch bitte")
            first = await asyncio.wait_for(heard.get(), 60)
            assert (first.kind, first.text, first.argument, first.sender) == (Kind.COMMAND, "mensch", "bitte", "Erika")
            reply = Spoken(
                from_text("5 < 6 & *so*"),
                (Button("yes", "Ja, bitte"),),
                "Automatisch",
                file=File("a.txt", "text/plain", "ä"),
            )
            for part in channel.render(reply):
                await channel.send(first.chat, part)
            await erika.press("Ja, bitte")
            second = await asyncio.wait_for(heard.get(), 60)
            assert (second.kind, second.choice) == (Kind.CHOICE, "yes")
            await channel.acknowledge(second)
            assert erika.seen[0].text == "5 < 6 & *so*\n\nAutomatisch"
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
            await channel.close()


async def poll(channel: Telegram, deliver: Deliver) -> None:
    await channel.poll(deliver)


async def test_a_conversation_on_whatsapp() -> None:
    async with Simulator(clock=ManualClock()) as sim:
        hooks = sim.whatsapp.hooks
        api = Api(sim.whatsapp.token, hooks.number.phone_number_id, sim.whatsapp.url)
        channel = WhatsApp(api, hooks.app_secret, hooks.verify_token)
        try:
            kim: Any = sim.citizen("whatsapp", "Kim", hidden=True)
            await kim.say("hallo")
            reply = Spoken(
                from_text("Guten *Tag*"),
                (Button("a", "Personalausweis verloren"), Button("none", "Nichts davon")),
                "Automatisch",
            )
            for part in channel.render(reply):
                assert await channel.send(kim.key, part)
            for part in channel.render(Spoken(from_text("Ihre Daten"), file=File("d.json", "application/json", "{}"))):
                assert await channel.send(kim.key, part)
            assert "Guten ∗Tag∗" in kim.seen[0].text
        finally:
            await channel.close()
