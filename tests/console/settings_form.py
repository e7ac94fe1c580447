"""A settings page as a browser sees it: its form's fields, filled in and sent."""

from html.parser import HTMLParser
from typing import Any

from aiohttp import ClientResponse

from tests.console.house import Visitor

PLACE = "/console/settings/"


class Page(HTMLParser):
    """The fields of the form that saves, and what stands beside them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.invalid: list[str] = []
        self.text = text
        self._inside, self._select, self._area = False, "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = "settings" in a.get("class", "")
        if not self._inside:
            return
        if "aria-invalid" in a:
            self.invalid.append(a["name"])
        if tag == "input" and (a.get("type") not in ("checkbox", "radio") or "checked" in a):
            self.fields.append((a["name"], a.get("value", "")))
        elif tag == "select":
            self._select = a["name"]
        elif tag == "option" and "selected" in a:
            self.fields.append((self._select, a["value"]))
        elif tag == "textarea":
            self._area = a["name"]
            self.fields.append((self._area, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            name, value = self.fields.pop()
            self.fields.append((name, value + data))

    def value(self, name: str) -> str:
        """What stands in a field, "" where nothing does."""
        return next((value for field, value in self.fields if field == name), "")

    def rows(self) -> int:
        """How many rows there are."""
        numbers = [int(name.split(".")[0]) for name, _ in self.fields if name[:1].isdigit()]
        return max(numbers, default=-1) + 1


async def opened(visitor: Visitor, section: str) -> Page:
    """The page of a section."""
    return Page(await visitor.text(PLACE + section))


async def sent(visitor: Visitor, section: str, page: Page, action: str = "save", **changes: Any) -> ClientResponse:
    """The page's form with some fields changed; a list ticks several boxes, None empties a field."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    fields = [(name, value) for name, value in page.fields if name not in named and name != "csrf"]
    fields.append(("csrf", visitor.token))
    for name, value in named.items():
        fields += [(name, one) for one in (value if isinstance(value, list) else [value or ""])]
    path = PLACE + section.partition("?")[0]
    return await visitor.client.post(path, data=[*fields, ("action", action)], allow_redirects=False)
