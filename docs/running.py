"""A running product with its simulator, for the pictures: in a temporary state directory; yours is not touched."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bot.ports import free_port
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0  # seconds until the product must be ready
PASSWORD = "nur-fuer-die-bilder"  # noqa: S105 - of a product that lives for a minute
STAFF = {"kim": ("clerk", "Kim Beispiel"), "eda": ("editor", "Eda Muster"), "lea": ("editor", "Lea Probe")}


class Simulator:
    """Its control API, as a citizen uses it."""

    def __init__(self, root: str) -> None:
        self.root = root

    def citizen(self, platform: str, name: str) -> str:
        """A new person's key."""
        return str(self._call("citizens", {"platform": platform, "name": name, "language": "de"})["citizen"])

    def say(self, platform: str, who: str, text: str, waits_for: str = "") -> None:
        """Write something and wait until the bot's last words hold `waits_for`."""
        before = len(self.lines(platform, who))
        self._call("say", {"platform": platform, "citizen": who, "text": text})
        # A person's words do not call for a reply, the bot's do.
        until(lambda: not waits_for or waits_for in self._heard(platform, who, before), f"a reply to {text!r}")

    def press(self, platform: str, who: str, data: str, waits_for: str) -> None:
        """Press the newest button that bears this data, and wait for the reply."""
        lines = self.lines(platform, who)
        message = next(
            line["id"] for line in reversed(lines) if any(b["data"] == data for b in line.get("buttons", ()))
        )
        self._call("press", {"platform": platform, "citizen": who, "message": message, "data": data})
        until(lambda: waits_for in self._heard(platform, who, len(lines)), f"a reply to the button {data!r}")

    def lines(self, platform: str, who: str) -> list[dict[str, Any]]:
        """The person's screen."""
        for person in self._call("state")["citizens"]:
            if (person["platform"], person["citizen"]) == (platform, who):
                return list(person["lines"])
        return []

    def _heard(self, platform: str, who: str, since: int) -> str:
        return " ".join(line.get("html", "") for line in self.lines(platform, who)[since:] if line["by"] == "bot")

    def _call(self, action: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.root}/control/{action}", data, headers)  # noqa: S310 - our own
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return dict(json.load(answer))


def until(true: Callable[[], bool], what: str, seconds: float = 20.0) -> None:
    """Wait for it; fail with words."""
    late = time.monotonic() + seconds
    while not true():
        if time.monotonic() > late:
            sys.exit(f"screenshots: waited in vain for {what}")
        time.sleep(0.1)


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ready", timeout=5) as answer:  # noqa: S310
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


@dataclass(frozen=True)
class Product:
    """A running Stadtbote: its address, its telephones, its database."""

    url: str
    simulator: Simulator
    database: str


@contextmanager
def product() -> Iterator[Product]:
    """On keywords, with its staff."""
    port, phones = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="stadtbote-") as home:
        # Every setting is named, so that neither the environment nor a .env file comes into the pictures.
        chosen = {PREFIX + f.name.upper(): "" for f in fields(Settings)}
        chosen |= {PREFIX + "HOME": home, PREFIX + "PORT": str(port), PREFIX + "NLU_URL": "off"}
        environment = {**os.environ, **chosen}
        stadtbote = [sys.executable, "-m", "bot"]
        with (Path(home) / "log").open("wb") as log:
            running = subprocess.Popen(  # noqa: S603
                [*stadtbote, "up", "--simulator", "--simulator-port", str(phones)],
                env=environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
            try:
                until(lambda: is_ready(url) or running.poll() is not None, "the product", PATIENCE)
                if running.poll() is not None:
                    sys.exit((Path(home) / "log").read_text("utf-8"))
                for name, (role, shown) in STAFF.items():
                    command = [*stadtbote, "users", "add", name, "--role", role, "--display-name", shown]
                    command.append("--password-stdin")
                    subprocess.run(command, env=environment, cwd=ROOT, input=PASSWORD, text=True, check=True)  # noqa: S603
                database = Settings(home=Path(home)).database
                yield Product(url, Simulator(f"http://127.0.0.1:{phones}"), database)
            finally:
                running.send_signal(signal.SIGINT)
                running.wait(30)
