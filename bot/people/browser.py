"""A browser without a screen: keeps cookies, reads pages, submits forms as they stand, says where a post comes from."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from .html import Element, Form, forms, parse

PATIENCE = aiohttp.ClientTimeout(total=30)


class NoSuchForm(LookupError):
    """The page has no such form or button; the text shows which there are."""


@dataclass(frozen=True)
class Page:
    """A loaded page."""

    url: str
    status: int
    root: Element

    @property
    def words(self) -> str:
        """All that can be read on it."""
        return self.root.words

    @property
    def forms(self) -> list[Form]:
        """Its forms."""
        return forms(self.root)

    def form(self, action: str, field: str = "") -> Form:
        """The form whose address ends so, and that has the field if one is named."""
        found = [f for f in self.forms if f.action.partition("?")[0].endswith(action)]
        found = [f for f in found if not field or field in f.fields]
        if not found:
            there = ", ".join(f"{f.action} {list(f.fields)}" for f in self.forms) or "none"
            raise NoSuchForm(f"{self.url} ({self.status}) has no form {action!r}; there are: {there}")
        return found[0]


class Browser:
    """One person's browser at one address. Use it as an async context manager."""

    def __init__(self, url: str, language: str = "de") -> None:
        self.url = url
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # an IP address may set cookies, as in browsers
            headers={"Accept-Language": language},
            timeout=PATIENCE,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Forget everything."""
        await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connection with its cookies, for what pages' scripts do."""
        return self._session

    @property
    def own(self) -> dict[str, str]:
        """What browsers add to a post that one of the site's own pages sends."""
        return {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}

    async def open(self, path: str) -> Page:
        """Type an address or follow a link."""
        async with self._session.get(self.url + path, headers={"Sec-Fetch-Site": "same-origin"}) as answer:
            return await _page(answer)

    async def submit(self, form: Form, button: str = "", **changed: str) -> Page:
        """Fill fields in and press the form's button, the one of that value or words where it has several."""
        if unknown := set(changed) - set(form.fields):
            raise NoSuchForm(f"{form.action} has no field {', '.join(sorted(unknown))}")
        data = form.fields | changed
        name, value = _button(form, button)
        if name:
            data[name] = value
        async with self._session.post(self.url + form.action, data=data, headers=self.own) as answer:
            return await _page(answer)

    async def submit_file(self, form: Form, name: str, media_type: str, content: bytes) -> Page:
        """Choose a file in the form's field "file", and press its button."""
        data = aiohttp.FormData({k: v for k, v in form.fields.items() if k != "file"}, quote_fields=False)
        data.add_field("file", content, filename=name, content_type=media_type)
        async with self._session.post(self.url + form.action, data=data, headers=self.own) as answer:
            return await _page(answer)


def _button(form: Form, wanted: str) -> tuple[str, str]:
    for name, value, words in form.buttons:
        if wanted in ("", value, words):
            return name, value
    raise NoSuchForm(f"{form.action} has no button {wanted!r}; there are: {form.buttons}")


async def _page(answer: aiohttp.ClientResponse) -> Page:
    return Page(str(answer.url), answer.status, parse(await answer.text()))
