"""Reads and writes lines of JSON: {id, question, answer, variants?, lang?, topic?, office?, …}, one entry a line.

Lines with one id and several languages are one entry. What the short form leaves out (facts, source, dates)
stands in further keys of the same line, so that an export reads back as it was.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from faq.entry import NO_LINK, Content, Draft, Elsewhere, Facts, Link, Text
from faq.sources.rows import RowError, file_day, free_name, read_text, slug

DEFAULT = "import"  # topic and office of an entry that names none
_DAYS = ("as_of", "review_by", "valid_from", "valid_until")


class _Bad(ValueError):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


def read(place: Path, name_of: Callable[[str], str] = slug) -> Iterator[Draft | RowError]:
    """One draft per id, in the order of their first lines; an error per line that cannot be used.

    `name_of` makes an entry's name out of an id; measuring keeps ids as they are.
    """
    drafts: dict[str, Draft] = {}
    names: dict[str, str] = {}
    day = file_day(place)
    for number, line in enumerate(read_text(place).split("\n"), 1):
        if not line.strip():
            continue
        try:
            plain = json.loads(line)
            if not isinstance(plain, dict):
                raise _Bad("", "is not a JSON object in braces.")
            given = _string(plain, "id", "") or _string(plain, "question")
            name = names.get(given) or free_name(name_of(given), drafts)
            draft = _draft(plain, name, day, f"{place}:{number}")
            if name not in drafts:
                names[given], drafts[name] = name, draft
                continue
            (language,) = draft.content.texts
            if language in drafts[name].content.texts:
                raise _Bad("id", f'"{given}" stands in an earlier line already; give it another id or language.')
            texts = {**drafts[name].content.texts, **draft.content.texts}
            drafts[name] = replace(drafts[name], content=replace(drafts[name].content, texts=texts))
        except json.JSONDecodeError as error:
            yield RowError(number, "", f"is not JSON ({error.msg}); write one object in braces a line.", str(place))
        except _Bad as error:
            yield RowError(number, error.column, error.message, str(place))
    yield from drafts.values()


def export(place: Path, drafts: Iterable[Draft]) -> int:
    """One line per entry and language."""
    count = 0
    with place.open("w", encoding="utf-8") as file:
        for draft in drafts:
            count += 1
            for text in draft.content.texts.values():
                file.write(json.dumps(_line(draft, text), ensure_ascii=False) + "\n")
    return count


def _draft(plain: dict[str, Any], name: str, day: date, place: str) -> Draft:
    language = _string(plain, "lang", "de") or "de"
    question, answer = _string(plain, "question"), _string(plain, "answer")
    text = Text(language, question, _strings(plain, "variants"), answer, _facts(plain))
    days = {key: _day(plain, key) for key in _DAYS}
    content = Content(
        {language: text},
        _string(plain, "topic", DEFAULT) or DEFAULT,
        _string(plain, "office", DEFAULT) or DEFAULT,
        _link(plain, "source") or NO_LINK,
        days["as_of"] or day,
        days["review_by"],
        days["valid_from"],
        days["valid_until"],
        _string(plain, "service_key", ""),
        _elsewhere(plain),
    )
    return Draft(name, content, place)


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
        raise _Bad("elsewhere", 'must look like {"level": "bund", "office": "…"}.')
    url, phone = _string(told, "url", ""), _string(told, "phone", "")
    return Elsewhere(_string(told, "level"), _string(told, "office"), url, phone)


def _link_line(link: Link | None) -> dict[str, str] | None:
    return {"title": link.title, "url": link.url} if link else None


def _string(plain: dict[str, Any], key: str, default: str | None = None) -> str:
    value = default if plain.get(key) is None else plain[key]
    if isinstance(value, int) and not isinstance(value, bool) and key == "id":
        value = str(value)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise _Bad(key, "must be a text that is not empty." if default is None else "must be a text.")
    return value.strip()


def _strings(plain: dict[str, Any], key: str) -> tuple[str, ...]:
    value = plain.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _Bad(key, 'must be a list of texts, such as ["…", "…"].')
    return tuple(item.strip() for item in value if item.strip())


def _facts(plain: dict[str, Any]) -> Facts:
    facts = plain.get("facts") or {}
    if not isinstance(facts, dict):
        raise _Bad("facts", "must be an object in braces.")
    told = {key: _string(facts, key, "") for key in ("fee", "duration", "appointment", "deadline")}
    return Facts(**told, documents=_strings(facts, "documents"), link=_link(facts, "link"))


def _link(plain: dict[str, Any], key: str) -> Link | None:
    value = plain.get(key)
    if not value:
        return None
    if isinstance(value, str):  # data sets name a source in a word; it is a title without an address
        return Link(value, "") if not value.startswith(("http://", "https://")) else Link(value, value)
    if not isinstance(value, dict):
        raise _Bad(key, 'must look like {"title": "…", "url": "https://…"}.')
    return Link(_string(value, "title", ""), _string(value, "url", ""))


def _day(plain: dict[str, Any], key: str) -> date | None:
    value = plain.get(key)
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise _Bad(key, f"is {value!r}; write a day as 2026-11-02.") from None
