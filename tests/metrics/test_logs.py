"""Log lines: one line each, valid JSON, ids that follow a message, and no exception's own words."""

import asyncio
import io
import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import Lines, about

SECRET = "Maria Müller, 0176 1234567"
VALUES = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.text()), st.binary(), st.sets(st.integers())
)


class Written:
    """A logger of the product whose lines are kept."""

    def __init__(self, form: str, name: str = "bot.somewhere") -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(Lines("worker2", form == "json"))
        self.log = logging.Logger(name)
        self.log.addHandler(handler)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().split("\n")[:-1]

    @property
    def only(self) -> dict[str, Any]:
        (line,) = self.lines
        told: dict[str, Any] = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        return told


@pytest.fixture
def written() -> Written:
    return Written("json")


@given(message=st.text(), key=st.sampled_from(("level", "at", "seconds", "reason", "logger")), value=VALUES)
def test_every_line_is_one_line_of_json(message: str, key: str, value: object) -> None:
    written = Written("json")
    written.log.info("%s", message, extra={key: value})
    told = written.only
    assert told["process"] == "worker2"
    assert told["level"] == "info"
    assert told["logger"] == "bot.somewhere"
    assert told["message"] == message
    written.stream.getvalue().encode("utf-8")  # whatever came in, it can be written to a file


@given(message=st.text(), value=VALUES)
def test_text_is_one_line_too(message: str, value: object) -> None:
    written = Written("text")
    written.log.warning("%s", message, extra={"reason": value})
    assert len(written.stream.getvalue().splitlines()) == 1
    written.stream.getvalue().encode("utf-8")


def test_an_exception_is_its_kind_and_place_and_those_of_its_cause(written: Written) -> None:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"{SECRET}\nin two lines") from error
    except ValueError:
        written.log.exception("a message failed", extra={"conversation": "ab12"})
    told = written.only
    assert told["conversation"] == "ab12"
    first, _, cause = told["fault"].partition(" from ")
    assert first.startswith("ValueError < tests/metrics/test_logs.py:")
    assert cause.startswith("KeyError < tests/metrics/test_logs.py:")
    assert "Maria" not in written.stream.getvalue()


def test_what_other_libraries_fill_in_is_left_out() -> None:
    written = Written("json", "asyncio")
    failed: asyncio.Future[None] = asyncio.Future(loop=asyncio.new_event_loop())
    failed.set_exception(RuntimeError(SECRET))
    written.log.error(f"Task exception was never retrieved\nfuture: {failed!r}", extra={"text": SECRET})
    written.log.warning("cannot serve %s", SECRET)
    assert [json.loads(line)["message"] for line in written.lines] == [
        "Task exception was never retrieved",
        "cannot serve %s",
    ]
    assert "Maria" not in written.stream.getvalue()


async def test_ids_follow_a_message_into_everything_that_it_starts(written: Written) -> None:
    async def deep() -> None:
        written.log.info("deep", extra={"kind": "ours"})

    with about(conversation="ab12", arrival="77"):
        with about(part="p.0"):
            written.log.info("inside")
        task = asyncio.create_task(deep())
    await task
    written.log.info("outside")
    inside, after, outside = (json.loads(line) for line in written.lines)
    assert (inside["conversation"], inside["arrival"], inside["part"]) == ("ab12", "77", "p.0")
    assert (after["conversation"], after["arrival"], after["kind"]) == ("ab12", "77", "ours")
    assert "part" not in after
    assert "conversation" not in outside


def test_a_wrong_format_still_makes_its_line(written: Written) -> None:
    written.log.info("%d of %d", "x")
    assert written.only["message"] == "%d of %d"


def test_a_service_that_falls_says_so_in_its_own_form() -> None:
    code = f"from bot import logs; logs.start('worker2', 'info', 'json'); raise ValueError({SECRET!r})"
    fallen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert fallen.returncode == 1
    told = json.loads(fallen.stderr)
    assert (told["level"], told["process"], told["message"]) == ("critical", "worker2", "the process falls")
    assert told["fault"].startswith("ValueError < ")
    assert "Maria" not in fallen.stderr
