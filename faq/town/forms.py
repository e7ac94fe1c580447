"""What is asked before people take over: the section `intake` of a town.yml."""

from collections.abc import Collection
from pathlib import Path

from faq.marked import FileError, Marked, every
from faq.town.fields import among, is_id, items, known, missing, said, text, texts
from faq.town.model import Form, Question

MOST = 3  # questions of one form: who is asked more gives up
LONGEST_QUESTION = 300  # characters
LONGEST_BUTTON = 20  # characters of a WhatsApp reply button


def forms(path: Path, top: Marked, topics: Collection[str]) -> tuple[Form, ...]:
    """The forms; a topic or an entry has one at most."""
    found: dict[str, Form] = {}

    def read(item: Marked) -> None:
        known(path, item, ("id", "topic", "entry", "button", "questions"))
        key = text(path, item, "id")
        is_id(path, item.line_of("id"), key)
        named, entries = among(path, item, "topic", topics, "topics"), texts(path, item, "entry")
        if not (named or entries):
            raise missing(path, item, "topic")
        for other in found.values():
            if twice := {*other.topics, *other.entries} & {*named, *entries} or {other.id} & {key}:
                raise FileError(path, item.line, f'"{min(twice)}" has a form already; keep one.', "twice.form")
        asked = items(path, item, "questions", '{id: place, label: Ort, texts: {de: "Wo ist es?"}}')
        if not 1 <= len(asked) <= MOST:
            message = f'"questions" must hold 1 to {MOST} questions.'
            raise FileError(path, item.line_of("questions"), message, "questions", most=MOST)
        questions = tuple(_question(path, one) for one in asked)
        if len({q.id for q in questions}) < len(questions):
            raise FileError(path, item.line_of("questions"), "two questions have the same id.", "twice.id")
        found[key] = Form(key, named, entries, said(path, item, "button", LONGEST_BUTTON), questions)

    every(items(path, top, "intake", "{id: schaden, topic: verkehr, questions: […]}"), read)
    return tuple(found.values())


def _question(path: Path, item: Marked) -> Question:
    known(path, item, ("id", "label", "label_en", "texts"))
    key = text(path, item, "id")
    is_id(path, item.line_of("id"), key)
    label = text(path, item, "label")
    words = said(path, item, "texts", LONGEST_QUESTION)
    return Question(key, label, text(path, item, "label_en", label), words)
