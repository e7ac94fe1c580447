"""What a person sees of an HTML page: elements, words, and forms with what stands in them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
LINES = frozenset({"article", "dd", "div", "dl", "dt", "form", "h1", "h2", "h3", "h4", "header", "li"})
LINES |= {"ol", "p", "section", "table", "tr", "ul"}
UNSEEN = frozenset({"script", "style", "template", "head", "noscript"})


@dataclass
class Element:
    """One element with its children in order; text is a str among them."""

    tag: str
    attributes: Mapping[str, str]
    children: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str = "", **wanted: str) -> Iterator["Element"]:
        """Elements below that have the tag and the attributes: `class_` holds the word, `data_id` is data-id."""
        for child in self.children:
            if isinstance(child, Element):
                if tag in ("", child.tag) and all(child.has(name, value) for name, value in wanted.items()):
                    yield child
                yield from child.all(tag, **wanted)

    def one(self, tag: str = "", **wanted: str) -> "Element | None":
        """The first of all()."""
        return next(self.all(tag, **wanted), None)

    def has(self, name: str, value: str) -> bool:
        """Whether an attribute has that value, or, of a class, holds that word."""
        if name == "class_":
            return value in self.attributes.get("class", "").split()
        return self.attributes.get(name.replace("_", "-")) == value

    @property
    def words(self) -> str:
        """The visible text, a line for each block, white space as browsers show it."""
        lines = "".join(_words(self)).split("\n")
        tidy = (re.sub(r"[ \t\r]+", " ", line).strip() for line in lines)
        return "\n".join(line for line in tidy if line)


@dataclass
class Form:
    """A form as it stands on the page. `buttons` are (name, value, words) of what submits it."""

    action: str
    method: str
    fields: dict[str, str]
    buttons: list[tuple[str, str, str]]


def parse(html: str) -> Element:
    """The document's root; never fails on broken HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def forms(page: Element) -> list[Form]:
    """Every form that a browser would submit, in the page's order."""
    return [
        Form(f.attributes.get("action", ""), f.attributes.get("method", "get").lower(), _fields(f), _buttons(f))
        for f in page.all("form")
    ]


def _fields(form: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in form.all():
        name, kind = part.attributes.get("name", ""), part.attributes.get("type", "text")
        if not name or "disabled" in part.attributes:
            continue
        if part.tag == "input" and kind not in ("submit", "button", "image", "reset"):
            if kind not in ("checkbox", "radio") or "checked" in part.attributes:
                found[name] = part.attributes.get("value", "on" if kind in ("checkbox", "radio") else "")
        elif part.tag == "textarea":
            found[name] = "".join(c for c in part.children if isinstance(c, str)).removeprefix("\n")
        elif part.tag == "select":
            options = list(part.all("option"))
            chosen = [o for o in options if "selected" in o.attributes] or options[:1]
            if chosen:
                found[name] = chosen[-1].attributes.get("value", chosen[-1].words)
    return found


def _buttons(form: Element) -> list[tuple[str, str, str]]:
    return [
        (b.attributes.get("name", ""), b.attributes.get("value", ""), b.words)
        for b in form.all("button")
        if b.attributes.get("type", "submit") == "submit" and "disabled" not in b.attributes
    ]


def _words(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield "\n"
        elif child.tag not in UNSEEN:
            line = "\n" if child.tag in LINES else ""
            yield line
            yield from _words(child)
            yield line


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
