"""Makes docs/settings.md and docs/status.md from the code; `--check` compares instead of writing."""

import sys
from dataclasses import fields
from pathlib import Path

from bot.conversation import TRANSITIONS
from bot.settings import PREFIX, Settings

DOCS = Path(__file__).parent


def settings_page() -> str:
    """Every setting with its default."""
    rows = [
        "# Settings",
        "",
        "Read once at the start from the environment and from a file `.env` in the working directory; the environment",
        "wins. A wrong value stops the start with one sentence that says what to do. Made by `make docs` from",
        "`bot/settings.py`.",
        "",
        "| setting | default | what it does |",
        "|---|---|---|",
    ]
    for f in fields(Settings):
        default = {True: "on", False: "off", "": ""}.get(f.default, f.default)
        secret = " *Secret: never in a log.*" if f.metadata["secret"] else ""
        shown = f"`{default}`" if default != "" else ""
        rows.append(f"| `{PREFIX}{f.name.upper()}` | {shown} | {f.metadata['about']}{secret} |")
    rows += [
        "",
        f"`{PREFIX}PYTHON310` names a Python 3.10 for Rasa's environment; `make run` reads it before anything else.",
        "",
    ]
    return "\n".join(rows)


def status_page() -> str:
    """The status diagram."""
    rows = [
        "# Who is acting: the status of a conversation",
        "",
        "Drawn from `TRANSITIONS` in `bot/conversation.py` by `make docs`. What is not drawn is refused.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> bot",
    ]
    for status, changes in TRANSITIONS.items():
        rows += [f"    {status} --> {target}: {change}" for change, target in changes.items()]
    return "\n".join([*rows, "```", ""])


PAGES = {"settings.md": settings_page, "status.md": status_page}


def stale() -> list[str]:
    """The pages that differ from what the code says."""
    return [
        name
        for name, make in PAGES.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text("utf-8") != make()
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        if stale():
            sys.exit(f"docs are out of date ({', '.join(stale())}): run `make docs`")
    else:
        for page, make in PAGES.items():
            (DOCS / page).write_text(make(), "utf-8")
