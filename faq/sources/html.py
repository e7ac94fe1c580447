"""HTML of other systems as the Markdown that answers are written in; what has no place there (scripts) goes."""

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "div", "section", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dd"})
_UNSEEN = frozenset({"script", "style", "iframe", "object", "svg", "math", "template", "noscript", "head"})
_BOLD, _SLANTED = ("b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "dt"), ("i", "em")
_SAFE = ("https://", "http://", "mailto:", "tel:")
_MARKS = re.compile(r"([\\`*_\[\]<>#])")


def markdown(html: str) -> str:
    """Paragraphs, lists, bold, slanted and links; everything else as its text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"[ \t\xa0]+", " ", "".join(reader.out))
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"\n\n(?=- )", "\n", "\n".join(lines))).strip()


def plain(html: str) -> str:
    """Its words in one line."""
    reader = _Reader(marks=False)
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.out).split())


class _Reader(HTMLParser):
    def __init__(self, marks: bool = True) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._marks, self._unseen, self._links = marks, 0, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "br":
            self.out.append("\n")
        elif tag == "li":
            self.out.append("\n- " if self._marks else "\n")
        elif tag in _BLOCKS:
            self.out.append("\n\n")
        if self._marks and tag in _BOLD:
            self.out.append("**")
        elif self._marks and tag in _SLANTED:
            self.out.append("*")
        elif self._marks and tag == "a":
            url = (dict(attrs).get("href") or "").strip()
            self._links.append(url if url.casefold().startswith(_SAFE) and not re.search(r"[\s()<>]", url) else "")
            self.out.append("[" if self._links[-1] else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif self._marks and tag in _BOLD:
            self.out.append("**")
        elif self._marks and tag in _SLANTED:
            self.out.append("*")
        elif self._marks and tag == "a" and self._links and (url := self._links.pop()):
            self.out.append(f"]({url})")
        if tag in _BLOCKS:
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            words = re.sub(r"\s+", " ", data)
            self.out.append(_MARKS.sub(r"\\\1", words) if self._marks else words)
