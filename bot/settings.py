"""Every setting of Stadtbote: read once from the environment and a .env file, frozen, checked.

The environment wins over .env. A wrong value ends the start with one sentence that says what to do.
docs/settings.md is made from this file (`make docs`), and a test compares them.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from bot.attachments.kinds import kinds
from bot.attachments.scan import command
from bot.redis_address import read_address

OFF = "off"
"""Said of what may be done without: the encoder, the Rasa."""
PREFIX = "STADTBOTE_"


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what to do."""


def setting(default: Any, about: str, parse: Callable[[str], Any] = str, secret: bool = False) -> Any:
    """A field of Settings: its default, its one-line documentation, how its text is read."""
    return field(default=default, metadata={"about": about, "parse": parse, "secret": secret})


def flag(text: str) -> bool:
    """on/off, yes/no, true/false, 1/0."""
    value = text.strip().casefold()
    if value in {"1", "on", "yes", "true", "ja"}:
        return True
    if value in {"0", "off", "no", "false", "nein", ""}:
        return False
    raise ValueError("write on or off")


def number(low: int, high: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text.strip()) or not low <= int(text) <= high:
            raise ValueError(f"write a whole number from {low} to {high}")
        return int(text)

    return parse


def address(text: str) -> str:
    """An http or https address without a trailing slash."""
    parts = urlsplit(text.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("write an address such as https://stadt.example")
    return text.strip().rstrip("/")


def networks(text: str) -> str:
    """IP addresses or networks, separated by commas."""
    return ",".join(str(ip_network(one.strip(), strict=False)) for one in text.split(","))


def nlu_address(text: str) -> str:
    """Addresses of Rasa servers, separated by commas, or "off"."""
    if text.strip().casefold() == OFF:
        return OFF
    return ",".join(address(one) for one in text.split(","))


def encoder_name(text: str) -> str:
    """A model's name or path, or "off"."""
    return OFF if text.strip().casefold() == OFF else text.strip()


def one_of(*allowed: str) -> Callable[[str], str]:
    """One of a few words."""

    def parse(text: str) -> str:
        if text.strip().casefold() not in allowed:
            raise ValueError("write one of: " + ", ".join(allowed))
        return text.strip().casefold()

    return parse


@dataclass(frozen=True)
class Settings:
    """What an installation is told from outside. Paths are absolute once read."""

    home: Path = setting(Path("var"), "State directory: database, queue, keys. Back this up.", Path)
    cache: Path = setting(
        Path(".cache"), "What is built once and can be built again: encoder, trained model, vectors.", Path
    )
    host: str = setting("127.0.0.1", "Address that web chat, console and webhooks listen on.")
    port: int = setting(8080, "Port that they listen on.", number(1, 65535))
    public_url: str = setting(
        "", "The address citizens reach, with https://: for webhooks, links and the widget.", address
    )
    trusted_proxies: str = setting(
        "", "Addresses or networks, with commas, whose X-Forwarded-For is believed; unset: none.", networks
    )
    console_host: str = setting("127.0.0.1", "Address of the console's own listener, where there is one.")
    console_port: int = setting(0, "Port of the console's own listener; 0: it shares the chat's.", number(0, 65535))
    console_url: str = setting(
        "", "The address at which staff reach a console with its own listener; unset: that listener's.", address
    )
    metrics_host: str = setting("127.0.0.1", "Address that metrics listen on; never a public one.")
    metrics_port: int = setting(
        9464, "Port of the metrics; `up` counts on from it, one a process; 0: off.", number(0, 65000)
    )
    web_processes: int = setting(1, "How many web processes `up` runs.", number(1, 16))
    worker_processes: int = setting(1, "How many workers `up` runs; each holds an encoder.", number(1, 16))
    redis_url: str = setting(
        "",
        "redis://host, redis+sentinel://host,host,host/name or redis+cluster://host,host; rediss… for TLS, "
        "unix:///path for a socket; with user:password@ before the host; unset: an embedded Valkey is started.",
        secret=True,
    )
    database_url: str = setting("", "SQLAlchemy address; unset: SQLite in the state directory.", secret=True)
    nlu_url: str = setting("", "Rasa's address; unset: a local one is started; off: keywords only.", nlu_address)
    nlu_token: str = setting("", "Token of the Rasa server named by STADTBOTE_NLU_URL.", secret=True)
    rasa_python: str = setting("", "Python of the Rasa environment; unset: .venv-rasa of the project.")
    encoder: str = setting(
        "",
        "A sentence-transformers model by name or path; unset: the embedded one; off: words alone answer.",
        encoder_name,
    )
    corpus: str = setting("", "Folder of the town's corpus; unset: the sample town Lindenfurt.")
    secret: str = setting(
        "",
        "Key for ids and forms, 32 characters or more; unset: made and kept in the state directory.",
        secret=True,
    )
    telegram_token: str = setting("", "Token from @BotFather; unset: Telegram is off.", secret=True)
    telegram_api_url: str = setting("https://api.telegram.org", "Root of the Bot API.", address)
    telegram_mode: str = setting(
        "polling", "polling (needs no public address) or webhook.", one_of("polling", "webhook")
    )
    telegram_secret: str = setting("", "Secret token of the webhook, 16 characters or more.", secret=True)
    whatsapp_enabled: bool = setting(False, "Switches the WhatsApp channel on.", flag)
    whatsapp_token: str = setting("", "Access token of the Cloud API.", secret=True)
    whatsapp_phone_number_id: str = setting("", "Id of the sending number (digits, not the number itself).")
    whatsapp_app_secret: str = setting("", "App secret: proves that webhooks come from Meta.", secret=True)
    whatsapp_verify_token: str = setting("", "The word you typed into Meta's webhook form.", secret=True)
    whatsapp_api_url: str = setting("https://graph.facebook.com", "Root of the Cloud API.", address)
    attachments: str = setting(
        "image,pdf,office,text,audio,video",
        "Kinds of files that citizens and clerks may send each other, known by their content; off: none.",
        kinds,
    )
    attachment_megabytes: int = setting(
        10, "The largest file in megabytes; platforms hand out 20 at most.", number(1, 20)
    )
    attachment_folder: Path = setting(
        Path(), "Where files lie; unset: files in the state directory. All machines must see the same.", Path
    )
    scanner: str = setting(
        "",
        "Virus scanner: a command that gets a file's path as last argument and ends with 0 (clean) or 1 (infected).",
        command,
    )
    scanner_seconds: int = setting(60, "How long it may take for one file.", number(1, 600))
    lanes: int = setting(16, "Lanes of the queue; never change it while messages wait.", number(1, 256))
    lease_seconds: int = setting(120, "How long a clerk's claim lasts without a sign of life.", number(10, 86400))
    silence_minutes: int = setting(
        30, "After so long without a word to a citizen who waits for one, a claim is taken back.", number(1, 1440)
    )
    idle_minutes: int = setting(
        15, "Who has not touched their open page for so long counts as away until they do.", number(1, 1440)
    )
    reminder_hours: int = setting(4, "A citizen who does not answer a clerk is reminded after so long.", number(1, 168))
    closing_hours: int = setting(24, "… and the conversation is closed so long after the reminder.", number(1, 720))
    retention_days: int = setting(30, "Days after its last message that a conversation is kept.", number(1, 3650))
    questions_days: int = setting(
        90, "Days that citizens' masked questions are kept for the search for gaps.", number(1, 3650)
    )
    facts_days: int = setting(
        800, "Days that what figures are made of is kept: without words and without whose it was.", number(60, 3650)
    )
    four_eyes: bool = setting(True, "A second person must sign what an editor changed before it is published.", flag)
    links: bool = setting(
        True, "The clock looks whether web addresses in entries still lead somewhere; off: it asks nobody.", flag
    )
    log_level: str = setting("info", "debug, info, warning or error.", one_of("debug", "info", "warning", "error"))
    log_format: str = setting("text", "text or json, a line each.", one_of("text", "json"))

    @property
    def files(self) -> Path:
        """Where citizens' and clerks' files lie."""
        return self.home / "files" if self.attachment_folder == Path() else self.attachment_folder

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.home / 'stadtbote.sqlite'}"

    @property
    def base_url(self) -> str:
        """Where people reach us: the public address, else the local one."""
        return self.public_url or _local(self.host, self.port)

    @property
    def console_base_url(self) -> str:
        """Where staff reach us: the same address, unless the console has a listener of its own."""
        if not self.console_port:
            return self.base_url
        return self.console_url or _local(self.console_host, self.console_port)


def _local(host: str, port: int) -> str:
    """The address of a listener as seen from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def read_dotenv(path: Path) -> dict[str, str]:
    """NAME=value lines; # starts a comment line; quotes around a value are taken off."""
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    for row, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name.strip()):
            raise SettingsError(f"{path.name}, line {row}: write NAME=value.")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[name.strip()] = value
    return values


def read(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Settings from the environment and folder/.env; raises SettingsError with one clear sentence."""
    folder = folder or Path.cwd()
    merged = {**read_dotenv(folder / ".env"), **(os.environ if environ is None else environ)}
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    for name in merged:
        if name.startswith(PREFIX) and name not in known and name not in OTHERS:
            raise SettingsError(f"{name} is not a setting of Stadtbote. See docs/settings.md; remove or correct it.")
    values: dict[str, Any] = {}
    for name, f in known.items():
        text = merged.get(name, "").strip()
        if not text:
            continue
        try:
            values[f.name] = f.metadata["parse"](text)
        except ValueError as error:
            shown = "" if f.metadata["secret"] else f" (it is {text[:60]!r})"
            raise SettingsError(f"{name}{shown} cannot be read: {error}.") from None
    root = project_root()
    values["home"] = (folder / cast(Path, values.get("home", Path("var")))).resolve()
    values["cache"] = ((folder if "cache" in values else root) / values.get("cache", Path(".cache"))).resolve()
    if "attachment_folder" in values:
        values["attachment_folder"] = (folder / values["attachment_folder"]).resolve()
    settings = Settings(**values)
    check(settings)
    return settings


OTHERS = {
    "STADTBOTE_PYTHON310",  # read by nlu/rasa/environment.py, before Stadtbote is installed
    "STADTBOTE_PROCESS",  # given by the supervisor: the name of this process, new at every start
    "STADTBOTE_SOCKETS",  # given by the supervisor: the sockets that a web process inherits
}


def project_root() -> Path:
    """The checkout that runs, else the working directory: where .cache/ and .venv-rasa lie."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "pyproject.toml").is_file() else Path.cwd()


def check(s: Settings) -> None:
    """What only several settings together can get wrong."""
    if s.telegram_mode == "webhook":
        if not s.telegram_token:
            raise SettingsError(
                "STADTBOTE_TELEGRAM_MODE is webhook but STADTBOTE_TELEGRAM_TOKEN is empty. "
                "Set the token from @BotFather, or remove the mode."
            )
        if len(s.telegram_secret) < 16:
            raise SettingsError(
                "STADTBOTE_TELEGRAM_SECRET must have at least 16 characters in webhook mode: it is the only proof "
                "that an update comes from Telegram. Make one with: openssl rand -hex 24"
            )
        if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", s.telegram_secret):
            raise SettingsError("STADTBOTE_TELEGRAM_SECRET may hold only A-Z a-z 0-9 _ - (Telegram's rule).")
    if s.telegram_token and not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", s.telegram_token):
        raise SettingsError("STADTBOTE_TELEGRAM_TOKEN does not look like 123456:ABC… Copy it whole from @BotFather.")
    if s.whatsapp_enabled:
        needed = ("token", "phone_number_id", "app_secret", "verify_token")
        missing = [PREFIX + f"WHATSAPP_{n.upper()}" for n in needed if not getattr(s, f"whatsapp_{n}")]
        if missing:
            raise SettingsError(
                "STADTBOTE_WHATSAPP_ENABLED is on but "
                + ", ".join(missing)
                + " is empty. Set it from Meta's app dashboard, or switch WhatsApp off."
            )
    if s.console_url and not s.console_port:
        raise SettingsError(
            "STADTBOTE_CONSOLE_URL is set but the console has no listener of its own. Set STADTBOTE_CONSOLE_PORT, too."
        )
    if s.secret and len(s.secret) < 32:
        raise SettingsError("STADTBOTE_SECRET must have at least 32 characters. Make one with: openssl rand -hex 32")
    if s.redis_url:
        try:
            read_address(s.redis_url)
        except ValueError as error:
            raise SettingsError(f"STADTBOTE_REDIS_URL cannot be read: {error}.") from None
