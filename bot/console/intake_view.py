"""The answers to an intake form as fields, and what the citizen thought of it: what stands above the transcript."""

from dataclasses import dataclass

from bot.console.attachments import FileShown
from bot.console.inbox_view import Said
from bot.console.words import Words
from bot.conversation import Conversation, Line
from bot.handoff.desk import Opened
from faq.town import Town
from faq.town.model import worded


@dataclass(frozen=True, slots=True)
class Field:
    """One answer. `text` is what its reader may see of it; neither text nor files: it was skipped."""

    label: str
    line: str
    text: str = ""
    files: tuple[FileShown, ...] = ()


def fields(opened: Opened, said: list[Said], t: Words, town: Town) -> list[Field]:
    """The answers in the form's order, as they were last edited; `said`: the transcript for the same reader."""
    c = opened.conversation
    if c.intake is None:
        return []
    labels, shown = _labels(c, t, town), {line.id: line for line in said}
    found = []
    for question, line in c.intake.answers:
        now = shown.get(_edited(opened.lines, line)) if line else None
        label = labels.get(question, question)
        found.append(Field(label, now.id, now.text, now.files) if now else Field(label, ""))
    return found


def _labels(c: Conversation, t: Words, town: Town) -> dict[str, str]:
    form = next((form for form in town.forms if c.intake and form.id == c.intake.form), None)
    return {q.id: worded(t.language, q.label, q.label_en) for q in form.questions} if form else {}


def _edited(lines: tuple[Line, ...], line: str) -> str:
    """The last of the edits of that line, or itself."""
    return next((x.id for x in reversed(lines) if x.edits == line), line)
