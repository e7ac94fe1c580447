"""Which entries an editor means who types their ids or their questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.console.settings.rows import NUMBER, Form, one
from bot.console.words import Words
from faq.catalogue import Catalogue, State
from faq.entry import Status
from faq.sources.known import folded

ENTRIES = "entries"
OFFERED = 3  # entries that may have been meant instead


def named(form: Form, catalogue: Catalogue, t: Words) -> tuple[Form, Mapping[str, Sequence[str]]]:
    """The form with ids for questions, and what is wrong, by field: what no published entry is called. Blocks (SQL)."""
    beside: dict[str, list[str]] = {}
    rows = []
    for row in form.rows:
        found = []
        for typed in one(row, ENTRIES).splitlines():
            entry, others = meant(catalogue, typed.strip())
            found.append(entry or typed.strip())
            if not entry and typed.strip():
                said = beside.setdefault(f"{one(row, NUMBER)}.{ENTRIES}", [])
                said.append(t("settings.problem.pinned.unknown", typed=typed.strip()[:80]) + offer(others, t))
        rows.append({**row, ENTRIES: ("\n".join(found),)} if found else row)
    return replace(form, rows=tuple(rows)), beside


def meant(catalogue: Catalogue, typed: str) -> tuple[str, Sequence[State]]:
    """The one published entry that is called so, else what is likely. Blocks (SQL)."""
    exact = catalogue.get(typed)
    if exact and exact.live:
        return exact.entry, ()
    likely = catalogue.list(typed, status=Status.PUBLISHED, limit=OFFERED + 1).states if typed else ()
    same = [state for state in likely if folded(state.head.text("de").question) == folded(typed)]
    return (same[0].entry if len(same) == 1 else ""), likely[:OFFERED]


def offer(others: Iterable[State], t: Words) -> str:
    """What may have been meant, as the end of a sentence; "" where nothing is likely."""
    told = "; ".join(f"{state.head.text('de').question} ({state.entry})" for state in others)
    return " " + t("settings.problem.pinned.instead", entries=told) if told else ""
