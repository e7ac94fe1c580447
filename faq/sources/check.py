"""What only the whole entry and its town tell of rows that can be read: unsafe links, offices that are not there."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from faq.entry import Draft, Problem, Text, validate
from faq.sources.decode import CONTROL, SAID, has_control
from faq.sources.known import Known, offices_of, topics_of
from faq.sources.rows import RowError
from faq.sources.table import row_of
from faq.tables import ENTRY
from faq.town import Town

NOBODY = "import"  # the office or topic of a row that names none
_WHOLE = "write the whole address, beginning with https:// or http://"
_TOLD = {
    "entry.slug": 'is "{value}"; use small letters, digits and single hyphens, at most 120 characters.',
    "field.missing": "is empty; fill it.",
    "field.too-long": "is longer than {limit} characters; shorten it.",
    "text.german-missing": "is never de for this entry; add its German text in a row with the same id.",
    "text.language": 'is "{value}"; write two small letters such as de or en, or leicht.',
    "link.unsafe": f'is "{{value}}", which citizens cannot open; {_WHOLE}.',
    "elsewhere.level": 'is "{value}"; use bund, land, kreis or other.',
    "dates.reversed": "is a day before the one from which the entry is valid; correct one of them.",
    "dates.review-before-as-of": "is a day before the date of the text; correct one of them.",
}
_KEPT = {"topic": "its handoffs go to the first team", "office": "its answers name no office"}
_HTML = re.compile(
    r"</?(?:a|b|i|u|p|br|hr|h[1-6]|ul|ol|li|dl|dt|dd|div|span|font|strong|em|small|big|center|table|tbody|thead|tr|td|th"
    r"|img|script|style|iframe|object|embed|form|input|button|svg|math|link|meta|base|html|body|head|video|audio)"
    r"(?:\s[^<>]*)?/?>|<!--|<!doctype",
    re.IGNORECASE,
)
_TAGS = "holds HTML ({tag}), which citizens would read as it stands; write Markdown instead, or remove it."
_IN_ANSWER = (
    'holds a link to "{value}", which is not safe to open; write it in full, beginning with https://, http://, '
    "mailto: or tel:, or remove it."
)


@dataclass(frozen=True)
class Checked:
    """`drafts` name offices and topics by their ids. `errors` stop an import, `blocks` only a release."""

    drafts: tuple[Draft, ...]
    errors: tuple[RowError, ...]
    blocks: tuple[RowError, ...]
    remarks: tuple[RowError, ...]


def checked(found: Iterable[Draft | RowError], town: Town, column: Callable[[str], str] = str) -> Checked:
    """All that is wrong with what a source found, in the rows' order; `column` is what a field is called there."""
    items = list(found)
    failed = [item for item in items if isinstance(item, RowError) and not item.remark]
    checker = _Checker(town, column, [replace(error, draft=None) for error in failed])
    checker.remarks += [item for item in items if isinstance(item, RowError) and item.remark]
    for error in failed:
        if error.draft:
            checker.take(error.draft)
    drafts = tuple(checker.take(item) for item in items if isinstance(item, Draft))
    return Checked(drafts, *map(_in_order, (checker.errors, checker.blocks, checker.remarks)))


class _Checker:
    def __init__(self, town: Town, column: Callable[[str], str], errors: list[RowError]) -> None:
        self._column = column
        self._said = {(error.place, error.row, error.column) for error in errors}
        self._known = {"topic": topics_of(town), "office": offices_of(town)}
        self._strange: set[tuple[str, str]] = set()
        self.errors = errors
        self.blocks: list[RowError] = []
        self.remarks: list[RowError] = []

    def take(self, draft: Draft) -> Draft:
        """The draft by the town's ids; what is wrong is written down."""
        told = {name: getattr(draft.content, name) for name in self._known}
        ids = {name: self._id(draft, name, told[name], known) for name, known in self._known.items()}
        for language, text in draft.content.texts.items():
            self._html(draft, language, text)
            self._controls(draft, language, text)
        for problem in validate(draft):
            error = self._error(draft, problem)
            # A field that could not be read is empty here: what is wrong with it has been said.
            if problem.blocks and (error.place, error.row, error.column) not in self._said:
                self.blocks.append(error)
        return replace(draft, content=replace(draft.content, topic=ids["topic"], office=ids["office"]))

    def _id(self, draft: Draft, name: str, told: str, known: Known) -> str:
        meant = known.meant(told)
        if len(meant) == 1:
            return meant[0]
        if told in (NOBODY, ""):
            return told

        def error(message: str, why: str, **values: str) -> RowError:
            line, column, place = _line(draft.place), self._column(name), _file(draft.place)
            named = (("value", told), ("what", name), *values.items())
            return RowError(line, column, f'is "{told}", {message}', place, None, f"town.{why}", named)

        if meant:
            several = ", ".join(meant)
            message = f"which several of town.yml are called; write one of {several}."
            self.errors.append(error(message, "several", ids=several))
        elif len(told) > ENTRY:
            message = _TOLD["field.too-long"].format(limit=ENTRY)
            self.errors.append(replace(error("", "long", limit=str(ENTRY)), message=message))
        elif near := known.near(told):
            self.errors.append(error(f'which town.yml does not know; did you mean "{near}"?', "near", near=near))
        elif (name, told) not in self._strange:  # a foreign catalogue has its own on every row: once is enough
            self._strange.add((name, told))
            ids = ", ".join(known.ids)
            message = f"which town.yml does not know. It is kept; {_KEPT[name]}. Known are {ids}."
            self.remarks.append(error(message, "strange", ids=ids))
        return told

    def _html(self, draft: Draft, language: str, text: Text) -> None:
        facts = text.facts
        told = {"question": text.question, "answer": text.answer, "variants": "\n".join(text.variants)}
        told |= {"fee": facts.fee, "documents": "\n".join(facts.documents), "duration": facts.duration}
        told |= {"appointment": facts.appointment, "deadline": facts.deadline}
        place = draft.places.get(language, draft.place)
        for field, words in told.items():
            if found := _HTML.search(words):
                tag = found[0][:40]
                values, message = (("tag", tag),), _TAGS.format(tag=tag)
                column, file = self._column(field), _file(place)
                self.errors.append(RowError(_line(place), column, message, file, None, "html", values))

    def _controls(self, draft: Draft, language: str, text: Text) -> None:
        """JSON and YAML can name what no file may hold, and no database takes."""
        place = draft.places.get(language, draft.place)
        for field, words in row_of(draft, text).items():
            if has_control(words):
                self.errors.append(
                    RowError(_line(place), self._column(field), SAID[CONTROL], _file(place), None, CONTROL)
                )

    def _error(self, draft: Draft, problem: Problem) -> RowError:
        language, field, number = _field(problem.field, draft.content.texts)
        place = draft.places.get(language, draft.place)
        message = _TOLD.get(problem.message_key, "cannot be published so; look at it in the console.")
        if problem.message_key == "link.unsafe" and field == "answer":
            message = _IN_ANSWER
        message = f"{number} {message}" if number else message
        told = message.format_map(problem.values)
        values = (*problem.values.items(), ("number", number.removeprefix("number ")))
        return RowError(_line(place), self._column(field), told, _file(place), None, problem.message_key, values)


def _field(told: str, languages: Iterable[str]) -> tuple[str, str, str]:
    """Of "texts.en.variants.2" the language, the field as JSON lines call it, and which of several it is. What a file
    calls a language may have points in it."""
    if told == "entry":
        return "", "id", ""
    if not told.startswith("texts."):
        return "", told, ""
    language = max((one for one in languages if f"{told}.".startswith(f"texts.{one}.")), key=len, default="")
    rest = told.removeprefix(f"texts.{language}").split(".")[1:]
    if rest[:1] == ["variants"]:
        return language, "variants", f"number {int(rest[1]) + 1}"
    return language, ".".join(rest) or "lang", ""


def _file(place: str) -> str:
    return place.rpartition(":")[0]


def _line(place: str) -> int:
    return int(place.rpartition(":")[2] or 0)


def _in_order(errors: Iterable[RowError]) -> tuple[RowError, ...]:
    """Each once, a file's by their lines."""
    files: dict[str, int] = {}
    unique: Iterator[RowError] = iter(dict.fromkeys(errors))
    return tuple(sorted(unique, key=lambda one: (files.setdefault(one.place, len(files)), one.row)))
