"""Reads services of a state's Zuständigkeitsfinder: XZuFi 2.2 (and 2.1) XML, one `leistung` an entry.

What we rely on (the schema itself was not at hand; public readers of such files were): elements in the namespace
http://xoev.de/schemata/xzufi/2_2_0, within a `leistung` an `id`, `referenzLeiKa/code`, `modulText` with `inhalt` by
`languageCode` and `leikaTextmodul/code` (02 and 03 are names of the service) or `name`, `modulKosten`, `modulFrist` and
`modulBearbeitungsdauer` with `beschreibung`, `begriffImKontext/begriff`, `weiterfuehrenderLink`. Elements are found by
their names whatever their namespace, so that other versions read as far as they agree. Texts are HTML.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from faq.entry import NO_LINK, Content, Draft, Facts, Link, Text
from faq.sources.bounds import check_size, check_xml
from faq.sources.html import markdown, plain
from faq.sources.rows import Names, RowError, Unreadable, file_day, slug
from faq.sources.table import DEFAULT

SERVICE, GERMAN = "leistung", "de"
NAMES = ("03", "02")
"""Codes of text modules that name a service: the citizens' name before the officials'."""
_NAMES = ("leistungsbezeichnung ii", "leistungsbezeichnung")
_ANSWERS = ("kurztext", "teaser", "volltext", "beschreibung")
_DOCUMENTS = ("erforderliche unterlagen", "unterlagen")
_LONGEST_FACT = 200
"""Characters of a fee, a term or a duration: what is longer is a text of its own and belongs into the answer."""
_TOLD = frozenset({
    *("id", "lang", "question", "variants", "answer", "fee", "documents", "duration", "deadline"),
    *("link_title", "link_url", "service_key"),
})  # fmt: skip


def read(place: Path) -> Iterator[Draft | RowError]:
    """One draft per service, named after its LeiKa key and name. Raises Unreadable."""
    check_size(place)
    raw = place.read_bytes()
    check_xml(raw)
    services = [found for found in fromstring(raw).iter() if _name(found) == SERVICE and found.find("*") is not None]
    if not services:
        raise Unreadable("holds no service after XZuFi.", "xzufi.none")
    day = file_day(place)
    names = Names()
    for number, service in enumerate(services, 1):
        found = _draft(service, day, f"{place}:{number}")
        if isinstance(found, Unreadable):
            yield found.error(str(place), number)
            continue
        name = names.give(found.entry)
        yield Draft(name, found.content, found.place, dict.fromkeys(found.content.texts, found.place), told=_TOLD)


def _draft(service: Element, day: date, place: str) -> Draft | Unreadable:
    modules = [_Module(found) for found in service.iter() if _name(found) == "modulText"]
    names = _named(modules)
    if not names:
        return Unreadable("has no name.", "xzufi.name")
    key = next((_text(found) for found in _below(service, "referenzLeiKa", "code")), "")
    texts = {code: text for code in names if (text := _in(service, modules, code, names[code]))}
    if not texts:
        return Unreadable("has no text that is fit for an answer.", "xzufi.text")
    german = names.get(GERMAN) or next(iter(names.values()))
    own = next((_text(found) for found in service if _name(found) == "id"), "")
    content = Content(texts, DEFAULT, DEFAULT, NO_LINK, day, service_key=key)
    return Draft(slug(f"{german[:60]} {key or own}"), content, place)


class _Module:
    """One text module: what it is about, and its HTML by language."""

    def __init__(self, element: Element) -> None:
        self.code = next((_text(found) for found in _below(element, "leikaTextmodul", "code")), "")
        self.name = next((_text(found) for found in _below(element, "leikaTextmodul", "name")), "").casefold()
        self.texts = _by_language(found for found in element if _name(found) == "inhalt")
        self.links = [found for found in element.iter() if _name(found) == "weiterfuehrenderLink"]


def _named(modules: list[_Module]) -> Mapping[str, str]:
    """The service's name by language."""
    found: dict[str, str] = {}
    for code, name in zip(NAMES, _NAMES, strict=True):
        for module in modules:
            if module.code == code or module.name == name:
                for language, text in module.texts.items():
                    if told := plain(text):
                        found.setdefault(language, told)
    return found


def _in(service: Element, modules: list[_Module], code: str, name: str) -> Text | None:
    """One language of a service; None where nothing in it answers."""
    said = [
        module.texts[code]
        for wanted in _ANSWERS
        for module in modules
        if module.name == wanted and code in module.texts
    ]
    answer = next((told for text in said if (told := markdown(text))), "")
    fee, long_fee = _short(service, "modulKosten", code)
    deadline, long_deadline = _short(service, "modulFrist", code)
    duration, long_duration = _short(service, "modulBearbeitungsdauer", code)
    answer = "\n\n".join(part for part in (answer, long_fee, long_deadline, long_duration) if part)
    if not answer:
        return None
    papers = [module.texts[code] for module in modules if module.name in _DOCUMENTS and code in module.texts]
    documents = tuple(line.removeprefix("- ").strip() for text in papers for line in markdown(text).split("\n"))
    other = _by_language(_below(service, "begriffImKontext", "begriff"), all_of=code)
    facts = Facts(fee, tuple(filter(None, documents)), duration, "", deadline, _link(modules, code))
    variants = tuple(dict.fromkeys(told for text in other.values() if (told := plain(text)) and told != name))
    return Text(code, name, variants, answer, facts)


def _short(service: Element, module: str, code: str) -> tuple[str, str]:
    """What a module describes: as a fact where it is short, else as a part of the answer."""
    said = next((found for found in service.iter() if _name(found) == module), None)
    if said is None:
        return "", ""
    text = _by_language(found for found in said.iter() if _name(found) == "beschreibung").get(code, "")
    told = plain(text)
    return (told, "") if len(told) <= _LONGEST_FACT else ("", markdown(text))


def _link(modules: list[_Module], code: str) -> Link | None:
    for module in modules:
        for link in module.links:
            spoken = link.get("languageCode", "") or GERMAN
            url = next((_text(found) for found in link.iter() if _name(found) in ("uri", "url")), "")
            title = next((plain(_text(found)) for found in link.iter() if _name(found) == "titel"), "")
            if url.startswith(("https://", "http://")) and spoken[:2] == code:
                return Link(title or url, url)
    return None


def _by_language(found: Iterator[Element], all_of: str = "") -> dict[str, str]:
    """Texts by their language's two letters; German where none is told. With `all_of` all of that one, numbered."""
    texts: dict[str, str] = {}
    for number, element in enumerate(found):
        code = (element.get("languageCode") or GERMAN)[:2].casefold()
        if all_of and code == all_of:
            texts[f"{number}"] = _text(element)
        elif not all_of and _text(element):
            texts.setdefault(code, _text(element))
    return texts


def _below(element: Element, parent: str, child: str) -> Iterator[Element]:
    for found in element.iter():
        if _name(found) == parent:
            yield from (one for one in found.iter() if _name(one) == child)


def _name(element: Element) -> str:
    """Without the namespace."""
    return str(element.tag).rpartition("}")[2]


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()
