"""The second look for alarms: only with its own encoder's vectors, only above its threshold, and worth its place."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import yaml

from bot.composition import SAMPLE_TOWN
from bot.events import CitizenWrote
from bot.message import Kind, Message
from bot.metrics.metrics import Metrics
from bot.reception import Reception
from bot.turns import Turns
from faq.encoder import EMBEDDED, load_encoder
from faq.town import load_town
from nlu.alarm_net import AlarmNet, read_net, second_look
from nlu.alarms import KINDS
from nlu.keywords import KeywordNlu
from nlu.meaning import Meaning, no_meaning
from tests.faq.town import encoder_cache

ROUNDS = yaml.safe_load(Path(__file__).with_name("alarms.yml").read_text(encoding="utf-8"))["rounds"]
NET = read_net()
TOWN = load_town(SAMPLE_TOWN / "town.yml")


def pointing_to(kind: str, times: float = 1.0) -> Meaning:
    """A vector that speaks for this kind alone."""
    vector = np.linalg.pinv(NET.weights.astype(np.float64)) @ np.where(np.array(KINDS) == kind, 20.0, -20.0) * times
    return Meaning(NET.encoder, vector.astype(np.float32))


@pytest.mark.parametrize("kind", KINDS)
def test_a_vector_speaks_for_a_kind(kind: str) -> None:
    meaning = pointing_to(kind)
    assert NET.kind(meaning) == kind
    assert NET.kind(Meaning("another encoder", meaning.vector)) is None


def test_the_kinds_are_doubted_together() -> None:
    net = AlarmNet("e", np.eye(len(KINDS), dtype=np.float32), np.zeros(len(KINDS), np.float32), 3.0)
    one, all_of_them = np.zeros(len(KINDS), np.float32), np.full(len(KINDS), 1.5, np.float32)
    one[2] = 1.0
    assert net.kind(Meaning("e", one)) is None
    assert net.kind(Meaning("e", all_of_them)) == KINDS[0]


async def test_without_an_encoder_there_is_no_second_look() -> None:
    assert await second_look("hilfe", no_meaning) is None


@pytest.mark.parametrize(("kind", "expected"), [("violence", "violence"), ("danger", "danger"), ("", "")])
async def test_what_the_second_look_sees_is_an_alarm(kind: str, expected: str) -> None:
    async def meaning(text: str) -> Meaning:
        return pointing_to(kind) if kind else Meaning(NET.encoder, np.zeros(NET.weights.shape[1], np.float32))

    turns = cast(Turns, SimpleNamespace(store=None, metrics=Metrics(), calendar=SimpleNamespace(town=TOWN)))
    reception = Reception(turns, KeywordNlu(), None, None, meaning)  # type: ignore[arg-type]
    message = Message("1", "webchat", "c", Kind.TEXT, datetime.now(UTC), "etwas ganz anderes")
    assert (await reception._understood(CitizenWrote(message, message.text), KeywordNlu())).emergency == expected


@pytest.mark.encoder
def test_alarms_that_no_phrase_knew_are_found_and_their_false_friends_are_not() -> None:
    """The fourth round, which the net has not learned from. Fails for a new encoder: learn anew (fit_alarms)."""
    encoder = load_encoder(EMBEDDED, encoder_cache())
    assert encoder.name == NET.encoder

    def heard(wanted: bool) -> list[bool]:
        told = [t for d in ROUNDS["fourth"].values() for k, ts in d.items() if (k != "none") == wanted for t in ts]
        return [NET.kind(Meaning(encoder.name, vector)) is not None for vector in encoder.encode_queries(told)]

    assert np.mean(heard(True)) >= 0.33
    assert sum(heard(False)) <= 1
