"""Log lines: facts and ids, as text or JSON, one line each, never citizens' words and never a secret.

Every line names its process. Inside `about(...)`, every line of ours also bears the ids given there, whoever writes
it: one message's way is found by its conversation, from web through worker to the platform.
"""

import hashlib
import json
import logging
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

OURS = ("bot", "nlu", "faq")
SERVICES = ("up", "web", "worker", "clock", "simulator")
LONGEST = 300  # characters of one value: a fact is short
FRAMES = 6
_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_ROOT = Path(__file__).resolve().parent.parent
_about: ContextVar[dict[str, str]] = ContextVar("about", default={})  # noqa: B039 - never changed in place


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Everything logged in this block, and in tasks that it starts, is about this: e.g. conversation, arrival."""
    token = _about.set({**_about.get(), **ids})
    try:
        yield
    finally:
        _about.reset(token)


def name_of(channel: str, ident: str) -> str:
    """A platform's id as logs may show it: WhatsApp's hold telephone numbers beside their random part, so a hash."""
    return hashlib.blake2b(f"{channel}\0{ident}".encode("utf-8", "replace"), digest_size=6).hexdigest()


class Lines(logging.Formatter):
    """A record as one line."""

    def __init__(self, process: str, as_json: bool) -> None:
        super().__init__()
        self._process, self._json = process, as_json

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.split(".")[0] in OURS
        facts: dict[str, Any] = dict(_about.get())
        if ours:
            facts |= {k: v for k, v in vars(record).items() if k not in _PLAIN and v is not None and v != ""}
        fault = _fault(record.exc_info)
        if fault:
            facts["fault"] = fault
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        level, message = record.levelname.lower(), _message(record, ours)
        if self._json:
            fixed = {"at": at, "level": level, "process": self._process, "logger": record.name, "message": message}
            return json.dumps(fixed | {k: _plain(v) for k, v in facts.items() if k not in fixed}, allow_nan=False)
        told = " ".join(f"{k}={_plain(v)}" for k, v in facts.items())
        return _one_line(" ".join(part for part in (at[11:23], self._process, level, message, told) if part))


def start(process: str, level: str, form: str) -> None:
    """Log to standard error from now on. `process` is the name that lines bear, e.g. web or worker2."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(process, form == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Others' libraries write addresses with tokens, bodies or every request at INFO.
    root.setLevel(logging.WARNING)
    for ours in OURS:
        logging.getLogger(ours).setLevel(level.upper())
    # A line that cannot be written would be printed with its arguments, and no line is worth that.
    logging.raiseExceptions = False
    if process.rstrip("0123456789-") in SERVICES:
        sys.excepthook = _uncaught


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The last word of a service: Python's own would quote the exception's text."""
    logging.getLogger("bot").critical("the process falls", exc_info=(kind, error, trace))


def _message(record: logging.LogRecord, ours: bool) -> str:
    if not ours:
        # Others fill in addresses, values and repr() of what failed: the first line of the sentence alone is safe.
        return str(record.msg).split("\n", 1)[0][:LONGEST]
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def _fault(info: Any) -> str:
    """Kinds and places of an exception and its causes, innermost call first; not its text, which may quote words."""
    told: list[str] = []
    error = info[1] if info else None
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        places = []
        trace = error.__traceback__
        while trace is not None:
            places.append(f"{_short(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}")
            trace = trace.tb_next
        told.append(" < ".join([type(error).__name__, *places[::-1][:FRAMES]]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return " from ".join(told)


def _short(filename: str) -> str:
    """Relative to the product, or what follows site-packages."""
    _, _, package = filename.rpartition("site-packages/")
    path = Path(package)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else package


def _plain(value: Any) -> Any:
    """As JSON takes it, and not longer than a fact."""
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value][:50]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    text = str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _one_line(text: str) -> str:
    """Control characters and line ends as escapes: what looks like a line is one."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
