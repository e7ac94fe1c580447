"""`stadtbote demo`: a short day at the town hall, played by citizens, a clerk and an editor on a running product.

One that runs on the configured port with a simulator is joined; else a town of its own is started and ended.
"""

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from bot.people.browser import NoSuchForm
from bot.people.narrator import Narrator
from bot.people.phone import Phone
from bot.people.play import Play
from bot.people.screen import NoSuchButton, NotRead, Screen
from bot.people.staff import Refused, Staff
from bot.people.visitor import Visitor
from bot.ports import free_port
from bot.settings import PREFIX, Settings
from bot.supervisor.child import die_with_parent
from nlu.data import read_data

SCRIPT = Path(__file__).with_suffix(".yml")
STARTING = 420.0  # seconds: on a fresh machine the encoder is built first
UNDERSTANDING = 120.0  # seconds; without Rasa by then, keywords understand
UNDERSTANDING = 120.0  # seconds; who has no Rasa by then is understood by keywords
ENDING = 30.0
KEPT = ("CACHE", "NLU_URL", "NLU_TOKEN", "ENCODER", "CORPUS", "RASA_PYTHON")
"""Settings that a town of our own shares; its state, its ports and its accounts at platforms are its own."""


@dataclass(frozen=True)
class Town:
    """Where to play. `passwords` by user name; without one, no scene at the console."""

    url: str
    simulator: str
    passwords: Mapping[str, str]


class NotStarted(Exception):
    """The town of our own did not come up; the text is its log."""


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Play it to its end."""
    script = read_data(SCRIPT)
    return asyncio.run(_demo(settings, args, script, Narrator()))


async def _demo(settings: Settings, args: argparse.Namespace, script: dict[str, Any], narrator: Narrator) -> int:
    narrator.title(script["title"])
    words = script["words"]
    try:
        async with contextlib.AsyncExitStack() as stack:
            town = await _running(settings, args.simulator_port)
            if town:
                narrator.aside(words["joining"].format(url=town.url, simulator=town.simulator))
                if not town.passwords:
                    narrator.aside(words["no_staff"])
            else:
                town = await stack.enter_async_context(_own(settings, args.quick, script, narrator))
            citizens, staff = await _enter(stack, town, script["cast"])
            await Play(script, narrator, citizens, staff, args.quick).run()
    except NotStarted as error:
        narrator.aside(words["failed"])
        print(error, file=sys.stderr)
        return 1
    except (NotRead, NoSuchButton, NoSuchForm, Refused, TimeoutError, aiohttp.ClientError) as error:
        print(f"stadtbote: {words['stopped'].format(why=str(error) or type(error).__name__)}", file=sys.stderr)
        return 1
    return 0


async def _enter(
    stack: contextlib.AsyncExitStack, town: Town, cast: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, Screen], dict[str, Staff]]:
    """Everybody takes their place."""
    citizens: dict[str, Screen] = {}
    staff: dict[str, Staff] = {}
    for name, person in cast.items():
        if "role" not in person:
            web = person["channel"] == "web"
            citizen = Visitor(town.url, person["name"]) if web else Phone(town.simulator, **person)
            citizens[name] = await stack.enter_async_context(citizen)
        elif town.passwords:
            user, password = town.passwords[person["role"]].split(":", 1)
            staff[name] = Staff(town.url)
            stack.push_async_callback(staff[name].close)
            await staff[name].sign_in(user, password)
    return citizens, staff


# --- a town that runs --------------------------------------------------------------------------------------


async def _running(settings: Settings, simulator_port: int) -> Town | None:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104 - compared, not bound
    url, simulator = f"http://{host}:{settings.port}", f"http://127.0.0.1:{simulator_port}"
    if not await _answers(f"{url}/health") or not await _answers(f"{simulator}/control/state"):
        return None
    accounts = {role: os.environ.get(f"DEMO_{role.upper()}", "") for role in ("clerk", "editor")}
    return Town(url, simulator, accounts if all(":" in account for account in accounts.values()) else {})


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session, session.get(url) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


# --- a town of our own -------------------------------------------------------------------------------------


@asynccontextmanager
async def _own(settings: Settings, quick: bool, script: dict[str, Any], narrator: Narrator) -> AsyncIterator[Town]:
    """Started in a temporary state directory; ended as by Ctrl-C, and nothing of it is left."""
    port, simulator_port = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="stadtbote-") as folder:
        home = Path(folder) / "home"
        town = Town(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{simulator_port}", _accounts(settings, home, script))
        narrator.aside(script["words"]["starting"].format(url=town.url, simulator=town.simulator))
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "up", "--simulator", "--simulator-port", str(simulator_port)),
                env=_environment(settings, home, port, quick),
                cwd=folder,  # a .env with real accounts lies elsewhere
                stdout=output,
                stderr=output,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        try:
            await _up(town, process, log)
            yield town
        finally:
            await _end(process)


def _environment(settings: Settings, home: Path, port: int, quick: bool) -> dict[str, str]:
    shared = {name: str(getattr(settings, name.lower()) or "") for name in KEPT}
    if quick:
        shared["NLU_URL"] = "off"  # Rasa would be the longest wait
    shared["LINKS"] = "off"  # a play asks nobody outside
    shared["FOUR_EYES"] = "off"  # one editor plays
    own = {PREFIX + name: value for name, value in {**shared, "HOME": str(home), "PORT": str(port)}.items() if value}
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | own


def _accounts(settings: Settings, home: Path, script: dict[str, Any]) -> dict[str, str]:
    """An account for each member of the staff, good for this play."""
    from bot.console.accounts import Accounts

    home.mkdir(mode=0o700)
    accounts, passwords = Accounts(replace(settings, home=home, database_url="").database), dict[str, str]()
    try:
        for name, person in script["cast"].items():
            if "role" in person:
                password = secrets.token_urlsafe(16)
                accounts.add(name, password, person["role"], display_name=person["name"])
                passwords[person["role"]] = f"{name}:{password}"
    finally:
        accounts.close()
    return passwords


async def _up(town: Town, process: asyncio.subprocess.Process, log: Path) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        async with asyncio.timeout(STARTING):
            while missing := await _missing(town):
                if process.returncode is not None:
                    raise NotStarted
                if missing == ["nlu"] and clock() > began + UNDERSTANDING:
                    return
                await asyncio.sleep(0.2)
    except (NotStarted, TimeoutError):
        raise NotStarted(await asyncio.to_thread(log.read_text, "utf-8", "replace")) from None


async def _missing(town: Town) -> list[str]:
    """What is not up yet."""
    if not await _answers(f"{town.simulator}/control/state"):
        return ["simulator"]
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{town.url}/ready") as answer:
            return list((await answer.json()).get("missing", ()))
    except (aiohttp.ClientError, TimeoutError):
        return ["web"]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(ENDING):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
