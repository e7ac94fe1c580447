"""Approved templates: read from the file, filled as Meta takes them, taken by the simulated platform when late."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.channel import Refused
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp_api import Api
from bot.composition import SAMPLE_TOWN
from bot.conversation import NotNow
from bot.document import from_text
from bot.handoff.templates import FILE, Template, load_templates
from bot.message import Spoken
from bot.simulator import ManualClock, Simulator
from bot.simulator.whatsapp_rules import check_message
from faq.marked import FileError

ANSWER = Template("antwort", "Antwort", {"de": "Guten Tag {name}, {nummer} ist da, {name}!", "en": "Hello {name}"})


def as_at_meta(body: str) -> str:
    """The words with Meta's numbers for our places."""
    places = list(dict.fromkeys(re.findall(r"\{(\w+)\}", body)))
    return re.sub(r"\{(\w+)\}", lambda m: f"{{{{{places.index(m[1]) + 1}}}}}", body)


@given(st.text(max_size=220), st.text(max_size=220))
def test_what_is_filled_in_is_taken_or_refused_here(name: str, number: str) -> None:
    channel = WhatsApp(Api("token", "1", "http://127.0.0.1:9"), "secret", "verify")
    try:
        template, words = ANSWER.filled("de", {"name": name, "nummer": number})
    except NotNow:
        return
    (part,) = channel.render(Spoken(from_text(words), template=template))
    approved = {("antwort", "de"): as_at_meta(ANSWER.bodies["de"])}
    assert check_message(dict(part), approved).text == words


def test_a_language_that_is_not_approved_goes_in_german() -> None:
    assert (ANSWER.spoken("ar"), ANSWER.places("ar")) == ("de", ("name", "nummer"))
    assert ANSWER.filled("en", {"name": "Kim"})[1] == "Hello Kim"


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "a     b", "x" * 201])
def test_what_meta_refuses_is_said_before(value: str) -> None:
    with pytest.raises(NotNow):
        ANSWER.filled("en", {"name": value})


async def test_after_the_window_free_text_is_refused_and_a_template_arrives() -> None:
    clock = ManualClock()
    async with Simulator(clock=clock) as sim:
        hooks = sim.whatsapp.hooks
        channel = WhatsApp(
            Api(sim.whatsapp.token, hooks.number.phone_number_id, sim.whatsapp.url),
            hooks.app_secret,
            hooks.verify_token,
        )
        try:
            erika = sim.citizen("whatsapp", "Erika")
            await erika.say("hallo")
            for template in load_templates(SAMPLE_TOWN):
                for language, body in template.bodies.items():
                    sim.whatsapp.approve(template.name, language, as_at_meta(body))
            clock.advance(25 * 3600)
            (free,) = channel.render(Spoken(from_text("Guten Tag")))
            with pytest.raises(Refused):
                await channel.send(erika.key, free)
            known = {"name": "Erika", "nummer": "4711", "stadt": "Stadt", "telefon": "115"}
            for template in load_templates(SAMPLE_TOWN):
                sent, words = template.filled("de", known)
                (part,) = channel.render(Spoken(from_text(words), template=sent))
                await channel.send(erika.key, part)
                assert erika.seen[-1].text == words
        finally:
            await channel.close()


def test_the_file_is_optional_and_its_faults_are_told(tmp_path: Path) -> None:
    assert load_templates(tmp_path) == ()
    (tmp_path / FILE).parent.mkdir()
    for text in (
        "templates: [{name: Gross, title: x, texts: {de: x}}]",
        "templates: [{name: x, title: x}]",
        "templates: [{name: x, title: x, texts: {en: x}}]",
        "templates: [{name: x, titel: x, texts: {de: x}}]",
        "vorlagen: []",
    ):
        (tmp_path / FILE).write_text(text, "utf-8")
        with pytest.raises(FileError, match=r"whatsapp\.yml"):
            load_templates(tmp_path)
