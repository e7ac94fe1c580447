"""The verdict sees each way in which a promise can be broken; a verdict that cannot fail would be worth nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.conversation import Line
from bot.message import DeliveryState
from tests.faults.ledger import STRANGE, Evidence
from tests.faults.verdict import judge

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KINDS = ("start", "help", "thanks", "help")
S = DeliveryState


def line(n: int, by: str) -> Line:
    return Line(f"m{n}" if by == "citizen" else f"r{n}", by, NOW, parts=(f"r{n}.0",) if by == "bot" else ())


WELL = Evidence(
    "c1",
    tuple((f"m{n}", kind) for n, kind in enumerate(KINDS)),
    KINDS,
    tuple(line(n, by) for n in range(4) for by in ("citizen", "bot")),
    {f"r{n}.0": S.DELIVERED for n in range(4)},
)


def states(**changed: DeliveryState) -> dict[str, DeliveryState]:
    return {**WELL.deliveries, **{f"{name}.0": state for name, state in changed.items()}}


def test_all_is_well() -> None:
    verdict = judge([WELL], in_flight=0)
    assert verdict.holds
    assert (verdict.messages, verdict.answered, verdict.unknown) == (4, 4, 0)


def test_unknown_is_allowed_up_to_what_was_in_flight() -> None:
    unseen = replace(WELL, screen=("start", "help", "help"), deliveries=states(r2=S.UNKNOWN))
    arrived = replace(WELL, deliveries=states(r2=S.UNKNOWN))
    for chat in (unseen, arrived):
        assert judge([chat], in_flight=1).holds
        assert not judge([chat], in_flight=0).holds
    shown = judge([unseen], in_flight=1)
    shown.hidden.append("c1")
    assert not shown.holds


@pytest.mark.parametrize(
    ("chat", "broken"),
    [
        (replace(WELL, lines=WELL.lines[2:]), "lost"),  # acknowledged, and not in the transcript
        (replace(WELL, lines=WELL.lines[:-1]), "lost"),  # no reply
        (replace(WELL, lines=(*WELL.lines[:1], *WELL.lines[2:])), "lost"),  # no reply in the middle
        (replace(WELL, screen=KINDS[:3]), "lost"),  # said to be delivered, and not on the screen
        (replace(WELL, screen=KINDS[:3], deliveries=states(r3=S.QUEUED)), "lost"),
        (replace(WELL, screen=KINDS[:3], deliveries=states(r3=S.SENDING)), "lost"),
        (replace(WELL, screen=KINDS[:3], deliveries=states(r3=S.FAILED)), "lost"),
        (replace(WELL, screen=KINDS[:3], deliveries=states(r3=S.DROPPED)), "lost"),
        (replace(WELL, lines=(*WELL.lines, line(2, "citizen"), line(4, "bot"))), "twice"),  # handled twice
        (replace(WELL, screen=(*KINDS, "help")), "twice"),
        (replace(WELL, screen=("start", "start", "thanks", "help"), deliveries=states(r0=S.UNKNOWN)), "twice"),
        (replace(WELL, screen=("help", "start", "thanks", "help")), "disordered"),
        (replace(WELL, lines=(*WELL.lines[2:4], *WELL.lines[:2], *WELL.lines[4:])), "disordered"),
        (replace(WELL, screen=("start", STRANGE, "thanks", "help")), "strange"),
    ],
)
def test_each_broken_promise_is_seen(chat: Evidence, broken: str) -> None:
    verdict = judge([WELL, chat], in_flight=9)
    assert not verdict.holds
    assert len(getattr(verdict, broken)) == 1
    assert "BROKEN" in str(verdict)
