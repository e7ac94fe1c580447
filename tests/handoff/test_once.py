"""What a page sends again because no answer came is said once."""

import asyncio
from dataclasses import replace

import pytest

from bot.attachments.attachment import Attachment
from bot.conversation import Line
from bot.events import ClerkWrote
from bot.handoff.once import SaidAlready, sent_once
from tests.console.conftest import at_work
from tests.console.house import House, later

__all__ = ["at_work"]

NAME = "0123456789ab"
WROTE = ClerkWrote("kim", "Kim B.", "Guten Tag,\n\nkommen Sie.", line=NAME)
SAID = Line(NAME, "clerk", later(0), "Guten Tag,\nkommen Sie.", name="Kim B.")
FILE = Attachment("f1", "a.pdf", digest="d1")


def test_the_first_time_bears_its_name() -> None:
    assert sent_once(WROTE, [replace(SAID, id="ffffffffffff")], {}) == WROTE


@pytest.mark.parametrize("name", ["", "0", "0123456789aB", "0123456789ab0", "../../etc/pw"])
def test_only_what_looks_like_a_name_is_one(name: str) -> None:
    assert sent_once(replace(WROTE, line=name), [], {}).line == ""


def test_the_same_words_of_the_same_clerk_are_said_already() -> None:
    with pytest.raises(SaidAlready):
        sent_once(WROTE, [SAID], {})


@pytest.mark.parametrize(
    "there",
    [
        replace(SAID, by="citizen"),
        replace(SAID, name="Ada B."),
        replace(SAID, text="Guten Tag"),
        replace(SAID, by="note"),
    ],
)
def test_whatever_else_bears_the_name_swallows_nothing(there: Line) -> None:
    assert sent_once(WROTE, [there], {}) == replace(WROTE, line="")


def test_answers_and_files_are_known_by_what_they_are() -> None:
    answer, file = replace(WROTE, text="", revision="r1"), replace(WROTE, text="", attachment=FILE)
    there = replace(SAID, revision="r1", attachments=("f1",))
    with pytest.raises(SaidAlready):
        sent_once(answer, [there], {})
    with pytest.raises(SaidAlready):
        sent_once(file, [there], {"f1": replace(FILE, name="b.pdf")})
    assert sent_once(replace(answer, revision="r2"), [there], {}).line == ""
    assert sent_once(file, [there], {"f1": replace(FILE, digest="d2")}).line == ""


async def test_a_form_that_is_posted_twice_at_once_is_one_line(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "hallo")
    path = f"/console/inbox/{conversation}"
    assert (await kim.post(f"{path}/claim")).status == 303
    assert 'name="once" value="' in await kim.text(path)
    form = {"epoch": str((await at_work.conversation(conversation)).epoch), "once": NAME, "text": "Guten Tag"}
    answers = await asyncio.gather(*(kim.post(f"{path}/reply", form) for _ in range(4)))
    assert {answer.status for answer in answers} == {303}
    lines = [line for line in await at_work.core.store.transcript(conversation) if line.by == "clerk"]
    assert [(line.id, line.text) for line in lines] == [(NAME, "Guten Tag")]
    assert (await kim.post(f"{path}/reply", form | {"text": "Noch etwas"})).status == 303
    lines = [line for line in await at_work.core.store.transcript(conversation) if line.by == "clerk"]
    assert [line.text for line in lines] == ["Guten Tag", "Noch etwas"]
    assert len({line.id for line in lines}) == 2
