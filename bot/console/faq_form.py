"""An entry as a form: its fields by name, and back. A field is called what faq.entry.Problem calls it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.document import clean
from faq.entry import LEICHT, NO_LINK, Content, Elsewhere, Facts, Link, Problem, Text
from faq.typed_day import day_of

Form = Mapping[str, str]
ALWAYS = ("de", "en")
"""Languages that every entry is meant to have."""
LANGUAGES = (*ALWAYS, "tr", "uk", "ar", "ru", "fr")
"""Languages with all fields; Leichte Sprache has an answer of its own and borrows the rest."""
TRANSLATIONS = (*LANGUAGES[1:], LEICHT)
OPEN, GONE = "open", "gone"
"""Of a translation's field "texts.xx": it was asked for and may still be empty; it goes with the next saving."""

OF_ELSEWHERE = ("level", "office", "url", "phone")
PLAIN = (
    *("topic", "office", "source.title", "source.url", "service_key"),
    *(f"elsewhere.{name}" for name in OF_ELSEWHERE),
)
DATES = ("as_of", "review_by", "valid_from", "valid_until")
OF_TEXT = ("question", "variants", "answer")
OF_FACTS = ("fee", "documents", "duration", "appointment", "deadline", "link.title", "link.url")
LEICHT_ANSWER = f"texts.{LEICHT}.answer"


def names() -> tuple[str, ...]:
    """Every field of the form, in its order."""
    found = [*PLAIN, *DATES]
    for language in LANGUAGES:
        found += [f"texts.{language}.{name}" for name in OF_TEXT]
        found += [f"texts.{language}.facts.{name}" for name in OF_FACTS]
    return (*found, LEICHT_ANSWER)


def marks() -> tuple[str, ...]:
    """The fields that say of each translation what is to become of it."""
    return tuple(f"texts.{language}" for language in TRANSLATIONS)


def empty(today: date) -> dict[str, str]:
    """The form of an entry that is not there yet."""
    return dict.fromkeys((*names(), *marks()), "") | {"as_of": today.isoformat()}


def form_of(content: Content) -> dict[str, str]:
    """The fields of a content."""
    form = dict.fromkeys((*names(), *marks()), "")
    form |= {"topic": content.topic, "office": content.office, "service_key": content.service_key}
    form |= {"source.title": content.source.title, "source.url": content.source.url}
    if content.elsewhere:
        form |= {f"elsewhere.{name}": getattr(content.elsewhere, name) for name in OF_ELSEWHERE}
    for name in DATES:
        day = getattr(content, name)
        form[name] = day.isoformat() if day else ""
    for language in LANGUAGES:
        if text := content.texts.get(language):
            form |= _fields(f"texts.{language}", text)
    if LEICHT in content.texts:
        form[LEICHT_ANSWER] = content.texts[LEICHT].answer
    return form


def _fields(at: str, text: Text) -> dict[str, str]:
    facts, link = text.facts, text.facts.link or NO_LINK
    return {
        f"{at}.question": text.question,
        f"{at}.variants": "\n".join(text.variants),
        f"{at}.answer": text.answer,
        f"{at}.facts.fee": facts.fee,
        f"{at}.facts.documents": "\n".join(facts.documents),
        f"{at}.facts.duration": facts.duration,
        f"{at}.facts.appointment": facts.appointment,
        f"{at}.facts.deadline": facts.deadline,
        f"{at}.facts.link.title": link.title,
        f"{at}.facts.link.url": link.url,
    }


def tidied(posted: Mapping[str, object]) -> dict[str, str]:
    """The form's fields out of what was posted, one kind of line end, no control characters."""
    return {name: clean(str(posted.get(name, ""))).strip() for name in (*names(), *marks())}


def has(form: Form, language: str) -> bool:
    """Does the form say anything in that language?"""
    return any(value for name, value in form.items() if name.startswith(f"texts.{language}."))


def shown(form: Form) -> list[str]:
    """The translations that have their fields on the page, in their order."""
    return [x for x in TRANSLATIONS if x in ALWAYS or form[f"texts.{x}"] or has(form, x)]


def content_of(form: Form, before: Content | None, today: date) -> tuple[Content, list[Problem]]:
    """What the form says, and what of it cannot be read. Texts without a field here are kept from `before`."""
    problems: list[Problem] = []
    days: dict[str, date | None] = {}
    for name in DATES:
        try:
            days[name] = day_of(form[name]) if form[name] else None
        except ValueError:
            days[name] = None
            problems.append(Problem(name, "date.unreadable", {"value": form[name]}))
    if not form["as_of"]:
        problems.append(Problem("as_of", "field.missing"))
    kept = dict(before.texts) if before else {}
    texts = {language: text for language, text in kept.items() if language not in (*LANGUAGES, LEICHT)}
    for language in LANGUAGES:
        if language == "de" or (has(form, language) and form[f"texts.{language}"] != GONE):
            texts[language] = _text(form, language)
    if form[LEICHT_ANSWER] and form[f"texts.{LEICHT}"] != GONE:
        old = kept.get(LEICHT) or Text(LEICHT, "")
        texts[LEICHT] = replace(old, question=texts["de"].question, answer=form[LEICHT_ANSWER])
    order = [*(k for k in kept if k in texts), *(k for k in texts if k not in kept)]
    content = Content(
        {language: texts[language] for language in order},
        form["topic"],
        form["office"],
        Link(form["source.title"], form["source.url"]),
        days["as_of"] or today,
        days["review_by"],
        days["valid_from"],
        days["valid_until"],
        re.sub(r"\s", "", form["service_key"]),
        _elsewhere(form),
    )
    return content, problems


def _elsewhere(form: Form) -> Elsewhere | None:
    told = [form[f"elsewhere.{name}"] for name in OF_ELSEWHERE]
    return Elsewhere(*told) if any(told) else None


def _text(form: Form, language: str) -> Text:
    at = f"texts.{language}"
    title, url = form[f"{at}.facts.link.title"], form[f"{at}.facts.link.url"]
    facts = Facts(
        form[f"{at}.facts.fee"],
        lines(form[f"{at}.facts.documents"]),
        form[f"{at}.facts.duration"],
        form[f"{at}.facts.appointment"],
        form[f"{at}.facts.deadline"],
        Link(title or url, url) if title or url else None,
    )
    return Text(language, form[f"{at}.question"], lines(form[f"{at}.variants"]), form[f"{at}.answer"], facts)


def lines(text: str) -> tuple[str, ...]:
    """One thing a line; empty lines do not count."""
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def field_of(problem: Problem) -> str:
    """The form's field beside which a problem is shown."""
    at = re.sub(r"\.variants\.\d+$", ".variants", problem.field)
    at = re.sub(r"\.facts\.link$", ".facts.link.url", at)
    if at == "source":
        return "source.url"
    if re.fullmatch(r"texts\.[a-z]+", at):
        return f"{at}.question" if at != f"texts.{LEICHT}" else LEICHT_ANSWER
    return LEICHT_ANSWER if at.startswith(f"texts.{LEICHT}.") else at


def line_of(problem: Problem) -> int:
    """The line within its field, counted from 1; 0 where it is about the whole field."""
    found = re.search(r"\.variants\.(\d+)$", problem.field)
    return int(found[1]) + 1 if found else 0
