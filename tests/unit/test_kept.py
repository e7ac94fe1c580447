"""What is kept is read by the version before and the version after: while one replaces the other, both run."""

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.attachments.attachment import Attachment, Fate
from bot.conversation import Before, Conversation, Line, Option, Reason, Status
from bot.handoff.callback import Callback
from bot.handoff.fact import Handoff
from bot.handoff.intake import Intake
from bot.message import Arrival
from bot.store.redis.inbox import arrival_in, arrival_out

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FACT = Handoff(1001, "bau", "verkehr", "web", "asked", NOW, due=NOW + timedelta(hours=1), claimed=NOW)
FULL = Conversation(
    "ab" * 10,
    "web",
    "x",
    Status.ASSIGNED,
    owner="maria",
    reason=Reason.TOPIC,
    offered=(Option("pass", "Reisepass"),),
    shown=(("h:yes", "Mensch"),),
    intake=Intake("schaden", "topic", (("ort", "c1"), ("wann", ""))),
    last_citizen=NOW,
    handoff=FACT,
    callback=Callback("0221 1", NOW, tried=NOW),
    before=Before("claim", "maria", Status.WAITING, reason=Reason.TOPIC, waiting_since=NOW, fact=FACT),
    burst=(1.5,),
)
LINE = Line("c1", "citizen", NOW, "Hallo", "Hallo", buttons=(("a", "b"),), parts=("p",), attachments=("f",))
FILE = Attachment("ab", "a.pdf", "application/pdf", 3, Fate.READY)
KEPT = [
    (FULL, Conversation.from_json),
    (LINE, Line.from_json),
    (FILE, Attachment.from_json),
]


def newer(value: Any) -> Any:
    """As a version would write it that has one field more in everything."""
    if isinstance(value, dict):
        return {name: newer(one) for name, one in value.items()} | {"of_a_newer_version": {"since": "2031-01-01"}}
    return [newer(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("value", "read"), KEPT)
def test_what_a_newer_version_adds_is_left_out(value: Any, read: Callable[[str], object]) -> None:
    text = value.to_json()
    assert read(text) == value
    assert read(json.dumps(newer(json.loads(text)))) == value


@pytest.mark.parametrize(("value", "read"), KEPT)
def test_what_an_older_version_did_not_write_takes_its_default(value: Any, read: Callable[[str], object]) -> None:
    given = {f.name: f.default for f in fields(value) if f.default is not MISSING and f.name != "fate"}
    old = {name: one for name, one in json.loads(value.to_json()).items() if name not in given}
    found = read(json.dumps(old))
    assert {name: getattr(found, name) for name in given} == given


def test_an_arrival_of_a_newer_version_is_read() -> None:
    arrival = Arrival("web", "1", "x", {"text": "a"})
    assert (
        arrival_in(json.dumps(newer(json.loads(arrival_out(arrival))) | {"payload": arrival.payload}).encode())
        == arrival
    )
