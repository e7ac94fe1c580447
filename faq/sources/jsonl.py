"""Reads and writes lines of JSON: {id, question, answer, variants?, lang?, topic?, office?, …}, one entry a line.

Lines with one id and several languages are one entry. What the short form leaves out (facts, source, dates)
stands in further keys of the same line, so that an export reads back as it was.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from faq.entry import NO_LINK, Content, Draft, Elsewhere, Facts, Link, Text
from faq.sources.decode import CONTROL, SAID, text_of
from faq.sources.gather import Gathered
from faq.sources.rows import Bad, Problems, RowError, file_day, name_for
from faq.sources.table import headers

DEFAULT = "import"  # topic and office of an entry that names none
_DAYS = ("as_of", "review_by", "valid_from", "valid_until")


def read(place: Path, name_of: Callable[[str], str] = name_for) -> Iterator[Draft | RowError]:
    """One draft per id, in the order of their first lines; an error per value that cannot be used.

    `name_of` makes an entry's name out of an id; measuring keeps ids as they are. Raises Unreadable.
    """
    gathered = Gathered(place, name_of)
    day = file_day(place)
    every, wrong = text_of(place.read_bytes())
    for number, line in enumerate(every.split("\n"), 1):
        if not line.strip():
            continue
        # Of control characters JSON itself tells more, and faq.sources.check where it allows them.
        if (why := wrong.get(number, CONTROL)) != CONTROL:
            gathered.fail(number, "", SAID[why], None, why)
            continue
        try:
            plain = json.loads(line)
        except (ValueError, RecursionError) as error:  # a number of thousands of digits; lists within lists
            told = f"is not JSON ({getattr(error, 'msg', error)}); write one object in braces a line."
            gathered.fail(number, "", told, None, "json.broken")
            continue
        if not isinstance(plain, dict):
            gathered.fail(number, "", "is not a JSON object in braces.", None, "json.object")
            continue
        problems = Problems()
        draft = _draft(plain, day, f"{place}:{number}", problems)
        (text,) = draft.content.texts.values()
        id = problems.tried("", _string, plain, "id", "")
        gathered.add(number, id or text.question, draft, problems, named=bool(id))
    yield from gathered.result()


def export(place: Path, drafts: Iterable[Draft]) -> int:
    """One line per entry and language."""
    count = 0
    with place.open("w", encoding="utf-8") as file:
        for draft in drafts:
            count += 1
            for text in draft.content.texts.values():
                file.write(json.dumps(_line(draft, text), ensure_ascii=False) + "\n")
    return count


def _draft(plain: dict[str, Any], day: date, place: str, problems: Problems) -> Draft:
    """A line's entry with its one text; what cannot be read is left empty and named in `problems`."""
    tried = problems.tried
    language = tried("de", _string, plain, "lang", "de") or "de"
    question, answer = (tried("", _string, plain, name) for name in ("question", "answer"))
    text = Text(language, question, tried((), _strings, plain, "variants"), answer, _facts(plain, problems))
    days = {key: tried(None, _day, plain, key) for key in _DAYS}
    content = Content(
        {language: text},
        tried("", _string, plain, "topic", DEFAULT) or DEFAULT,
        tried("", _string, plain, "office", DEFAULT) or DEFAULT,
        tried(None, _link, plain, "source") or NO_LINK,
        days["as_of"] or day,
        days["review_by"],
        days["valid_from"],
        days["valid_until"],
        tried("", _string, plain, "service_key", ""),
        tried(None, _elsewhere, plain),
    )
    told = frozenset(headers()) - (set() if plain.get("as_of") else {"as_of"})
    return Draft("", content, place, told=told)


def _line(draft: Draft, text: Text) -> dict[str, Any]:
    content, facts = draft.content, text.facts
    told: dict[str, Any] = {
        "id": draft.entry,
        "lang": text.language,
        "question": text.question,
        "variants": list(text.variants),
        "answer": text.answer,
        "topic": content.topic,
        "office": content.office,
        "facts": {
            "fee": facts.fee,
            "documents": list(facts.documents),
            "duration": facts.duration,
            "appointment": facts.appointment,
            "deadline": facts.deadline,
            "link": _link_line(facts.link),
        },
        "source": _link_line(content.source if content.source != NO_LINK else None),
        "service_key": content.service_key,
    }
    if content.elsewhere:
        told["elsewhere"] = asdict(content.elsewhere)
    return told | {key: day.isoformat() for key in _DAYS if (day := getattr(content, key))}


def _elsewhere(plain: dict[str, Any]) -> Elsewhere | None:
    told = plain.get("elsewhere")
    if not told:
        return None
    if not isinstance(told, dict):
        raise Bad("elsewhere", 'must look like {"level": "bund", "office": "…"}.', "json.elsewhere")
    url, phone = _string(told, "url", ""), _string(told, "phone", "")
    return Elsewhere(_string(told, "level"), _string(told, "office"), url, phone)


def _link_line(link: Link | None) -> dict[str, str] | None:
    return {"title": link.title, "url": link.url} if link else None


def _string(plain: dict[str, Any], key: str, default: str | None = None) -> str:
    value = default if plain.get(key) is None else plain[key]
    if isinstance(value, int) and not isinstance(value, bool) and key == "id":
        value = str(value)
    if not isinstance(value, str) or (default is None and not value.strip()):
        told = "must be a text that is not empty." if default is None else "must be a text."
        raise Bad(key, told, "json.text")
    return value.strip()


def _strings(plain: dict[str, Any], key: str) -> tuple[str, ...]:
    value = plain.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Bad(key, 'must be a list of texts, such as ["…", "…"].', "json.list")
    return tuple(item.strip() for item in value if item.strip())


def _facts(plain: dict[str, Any], problems: Problems) -> Facts:
    facts = plain.get("facts") or {}
    if not isinstance(facts, dict):
        problems.found.append(Bad("facts", "must be an object in braces.", "json.object"))
        return Facts()
    told = {key: problems.tried("", _string, facts, key, "") for key in ("fee", "duration", "appointment", "deadline")}
    documents: tuple[str, ...] = problems.tried((), _strings, facts, "documents")
    return Facts(**told, documents=documents, link=problems.tried(None, _link, facts, "link"))


def _link(plain: dict[str, Any], key: str) -> Link | None:
    value = plain.get(key)
    if not value:
        return None
    if isinstance(value, str):  # data sets name a source in a word; it is a title without an address
        return Link(value, "") if not value.startswith(("http://", "https://")) else Link(value, value)
    if not isinstance(value, dict):
        raise Bad(key, 'must look like {"title": "…", "url": "https://…"}.', "json.link")
    return Link(_string(value, "title", ""), _string(value, "url", ""))


def _day(plain: dict[str, Any], key: str) -> date | None:
    value = plain.get(key)
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Bad(key, f"is {value!r}; write a day as 2026-11-02.", "day", value=str(value)[:60]) from None
