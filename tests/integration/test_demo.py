"""`stadtbote demo`, in a town of its own and in one that runs."""

import asyncio
import os
from pathlib import Path

import pytest

from bot.ports import free_port
from tests.integration.product import Pid, clean_environment, command, gone, product, tree

pytestmark = [pytest.mark.slow, pytest.mark.encoder]
SCENES = ("8:05", "8:40", "9:15", "9:30", "10:10", "11:20", "14:00", "15:30")
STAFF = ("10:10", "11:20", "14:00")


async def play(folder: Path, *arguments: str, environment: dict[str, str]) -> tuple[str, set[Pid]]:
    """What it tells, and the processes there were in the middle of it."""
    process = await asyncio.create_subprocess_exec(
        *command("demo", "--quick", *arguments),
        env=environment,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    told, family = "", set[Pid]()
    try:
        async with asyncio.timeout(900):
            async for line in process.stdout:
                told += line.decode()
                if line.startswith(b"\xe2\x94\x80\xe2\x94\x80 8:05"):
                    family = tree(process.pid)
            assert await process.wait() == 0, told
    finally:
        if process.returncode is None:
            process.kill()
    assert "\x1b[" not in told  # no colours where nobody sees them
    return told, family


def scenes(told: str) -> list[str]:
    """Which scenes were played."""
    return [line.split()[1] for line in told.splitlines() if line.startswith("── ") and line[3].isdigit()]


async def test_a_town_of_its_own(tmp_path: Path) -> None:
    environment = clean_environment() | {"STADTBOTE_PORT": str(free_port())}
    # Somebody's real account must not be used for a play.
    (tmp_path / ".env").write_text("STADTBOTE_TELEGRAM_TOKEN=4711:the-real-one\n", "utf-8")
    told, family = await play(tmp_path, "--simulator-port", str(free_port()), environment=environment)
    await gone(family)
    assert len(family) >= 6  # the play, its supervisor and five processes
    assert scenes(told) == list(SCENES)
    for words in ("[IBAN]", "Bei Gefahr sofort 112", "Stadtbücherei, an der Theke", "Ihr Beleg", "Median"):
        assert words in told
    assert not list(tmp_path.glob("var*"))


async def test_a_town_that_runs(tmp_path: Path) -> None:
    port, simulator = str(free_port()), str(free_port())
    async with product(None, port=port, arguments=("--simulator", "--simulator-port", simulator)) as running:
        await running.serves()
        environment = {name: v for name, v in os.environ.items() if not name.startswith(("STADTBOTE_", "DEMO_"))}
        told, family = await play(
            tmp_path, "--simulator-port", simulator, environment=environment | {"STADTBOTE_PORT": port}
        )
        assert len(family) == 1
        assert running.process.returncode is None
        assert "handled" in running.log
    assert scenes(told) == [scene for scene in SCENES if scene not in STAFF]
