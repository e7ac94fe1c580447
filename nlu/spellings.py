"""Forms of a word that a language's file need not list: endings, what is written in front, letters without marks.

A file says which: `endings` ("cuma", "cumaya"), `beginnings` ("الجمعة", "والجمعة"), `typed_bare` (letters that many
keyboards lack: "öü" of "günü", which is then also "gunu"; other marks are dropped from every text alike).
"""

from collections.abc import Iterator, Sequence
from unicodedata import normalize


def also_bare(phrase: str, letters: str) -> tuple[str, ...]:
    """The phrase, and, where it has one of the letters, all of it without their marks."""
    bare = "".join(normalize("NFD", char)[0] if char.casefold() in letters else char for char in phrase)
    return (phrase,) if bare == phrase else (phrase, bare)


def spelt(words: str, letters: str = "", beginnings: Sequence[str] = (), endings: Sequence[str] = ()) -> Iterator[str]:
    """Every form of a name: its last word with each ending, its first with each beginning, both also bare."""
    for begun in ("", *beginnings):
        for end in ("", *endings):
            yield from also_bare(f"{begun}{words}{end}", letters)
