"""Starting: what is wrong is said in one sentence; what was kept is there again, however it ended."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.composition import SAMPLE_TOWN
from bot.conversation import Status, conversation_id
from bot.ports import free_port
from bot.settings import PREFIX
from bot.simulator import Simulator
from tests.integration.product import clean_environment, gone, product, stadtbote, tree

pytestmark = pytest.mark.slow

MISTAKES = {
    "a port that is none": ({"PORT": "http"}, "STADTBOTE_PORT"),
    "a setting that is none": ({"TELEGRAM_TOKN": "1:x"}, "STADTBOTE_TELEGRAM_TOKN"),
    "webhook mode without a token": ({"TELEGRAM_MODE": "webhook"}, "STADTBOTE_TELEGRAM_TOKEN"),
    "webhook mode with a short secret": (
        {"TELEGRAM_MODE": "webhook", "TELEGRAM_TOKEN": "4711:lindenfurt", "TELEGRAM_SECRET": "short"},
        "STADTBOTE_TELEGRAM_SECRET must have at least 16 characters",
    ),
    "WhatsApp without its secrets": (
        {"WHATSAPP_ENABLED": "on", "WHATSAPP_TOKEN": "x"},
        "STADTBOTE_WHATSAPP_PHONE_NUMBER_ID, STADTBOTE_WHATSAPP_APP_SECRET, STADTBOTE_WHATSAPP_VERIFY_TOKEN",
    ),
}


async def refused(folder: Path, *arguments: str, **settings: str) -> str:
    """`stadtbote up` ends with status 1 and one sentence, which is returned."""
    environment = clean_environment() | {PREFIX + name: value for name, value in settings.items()}
    environment = {PREFIX + "HOME": str(folder / "home"), PREFIX + "NLU_URL": "off"} | environment
    status, output = await stadtbote("up", *arguments, environment=environment, folder=folder)
    assert status == 1, output
    said = [line for line in output.splitlines() if line != "Stopped."]
    assert len(said) == 1, output
    assert said[0].startswith("stadtbote: ")
    assert said[0].endswith((".", ")")) or "openssl" in said[0]
    return said[0]


@pytest.mark.parametrize("what", MISTAKES)
async def test_a_wrong_setting(what: str, tmp_path: Path) -> None:
    settings, named = MISTAKES[what]
    said = await refused(tmp_path, **settings)
    assert named in said
    assert not any(value in said for name, value in settings.items() if name.endswith(("TOKEN", "SECRET")))


async def test_what_cannot_be_opened(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.touch()
    assert "STADTBOTE_HOME" in await refused(tmp_path, HOME=str(nowhere / "home"))
    database = "sqlite:////nowhere/secret-of-the-town.sqlite"
    said = await refused(tmp_path, DATABASE_URL=database, PORT=str(free_port()))
    assert "STADTBOTE_DATABASE_URL" in said
    assert database not in said
    assert "nowhere/town.yml" in await refused(tmp_path, CORPUS=str(tmp_path / "nowhere"), PORT=str(free_port()))


async def test_a_broken_line_of_env(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STADTBOTE_PORT=8080\ndas ist keine Zeile\n", "utf-8")
    assert ".env, line 2" in await refused(tmp_path)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody has."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


async def test_a_taken_port(tmp_path: Path, taken: int) -> None:
    assert f"127.0.0.1:{taken}" in await refused(tmp_path, PORT=str(taken))
    said = await refused(tmp_path, "--simulator", "--simulator-port", str(taken), PORT=str(free_port()))
    assert f"127.0.0.1:{taken}" in said
    assert "--simulator-port" in said


async def test_a_broken_line_of_the_corpus(tmp_path: Path) -> None:
    corpus = shutil.copytree(SAMPLE_TOWN, tmp_path / "corpus")
    steuern = corpus / "steuern.yml"
    lines = steuern.read_text("utf-8").splitlines()
    lines[10:10] = ["  das: [ist kein YAML"]
    steuern.write_text("\n".join(lines), "utf-8")
    said = await refused(tmp_path, CORPUS=str(corpus), PORT=str(free_port()))
    assert "steuern.yml" in said


async def test_killed_or_ended_what_was_kept_is_there_again(tmp_path: Path) -> None:
    home, platforms = tmp_path / "home", Simulator()
    async with platforms as sim:
        erika = sim.citizen("telegram", "Erika Mustermann")
        async with product(sim, home=home, interrupt=False) as running:
            await running.serves()
            await erika.say("/mensch")
            await erika.reads("Ihre Nummer ist", 180)
            family = tree(running.process.pid)
            assert len(family) > 4
            os.kill(running.process.pid, signal.SIGKILL)
            await gone(family)  # nobody goes on without the supervisor
        await erika.say("ich bin noch da")
        async with product(sim, home=home, port=(port := str(free_port()))) as running, running.core() as core:
            worker = await running.until(lambda: running.child("worker"))
            os.kill(worker, signal.SIGSTOP)  # the encoder loads, however long that takes
            try:
                await running.serves()
                assert (await running.state())[0] == 503  # what the dead said does not count
            finally:
                os.kill(worker, signal.SIGCONT)
            second = await refused(tmp_path, HOME=str(home), PORT=str(free_port()))
            assert "Another Stadtbote runs with the state directory" in second
            await sim.telegram.taken(180)
            name = conversation_id(core.secret, "telegram", erika.key)
            await erika.say("/mensch")
            await erika.reads("liegt schon bei einem Menschen", 180)
            held = (await core.store.load(name)).conversation
            assert held is not None
            assert held.status is Status.WAITING
            words = [line.text for line in await core.store.transcript(name) if line.by == "citizen"]
            assert words == ["/mensch", "ich bin noch da", "/mensch"]
        with socket.socket() as free:  # Ctrl-C freed the port
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", int(port)))
