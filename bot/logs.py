"""Log lines: facts and ids, as text or JSON, never citizens' words and never a secret."""

import json
import logging
import sys
from datetime import UTC, datetime

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Lines(logging.Formatter):
    def __init__(self, process: str, as_json: bool) -> None:
        super().__init__()
        self._process, self._json = process, as_json

    def format(self, record: logging.LogRecord) -> str:
        extra = {k: v for k, v in vars(record).items() if k not in _PLAIN and v not in (None, "")}
        fault = ""
        if record.exc_info:
            # The type and the place, not the message: it may quote what a citizen wrote.
            kind, _, trace = record.exc_info
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
            fault = f"{kind.__name__ if kind else ''} at {place}"
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        if self._json:
            line = {"at": at, "level": record.levelname.lower(), "process": self._process, "logger": record.name}
            line |= {"message": record.getMessage(), **extra}
            if fault:
                line["fault"] = fault
            return json.dumps(line, default=str, ensure_ascii=False)
        facts = " ".join(f"{k}={v}" for k, v in extra.items())
        parts = (at[11:23], self._process, record.levelname.lower(), record.getMessage(), facts, fault)
        return " ".join(part for part in parts if part)


def start(process: str, level: str, form: str) -> None:
    """Log to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(process, form == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Others' libraries write addresses with tokens, bodies or every request at INFO.
    root.setLevel(logging.WARNING)
    for ours in ("bot", "nlu", "faq"):
        logging.getLogger(ours).setLevel(level.upper())
