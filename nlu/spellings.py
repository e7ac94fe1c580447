"""The words of a language's file, read with the forms that it need not list.

`typed_bare` names letters that many keyboards lack: "öü" of "günü", which is then also "gunu" (all other marks are
dropped from every text alike). Names of days and offices also bear `endings` ("cuma", "cumaya") and `beginnings`
("الجمعة", "والجمعة").
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast
from unicodedata import normalize

from nlu.data import read_data


def read_words(path: Path) -> dict[str, Any]:
    """A language's file; what it lists, and the keys of what it gives a value, also without the marks that may lack."""
    raw = read_data(path)
    letters = raw.get("typed_bare", "")
    return cast(dict[str, Any], _also_bare(raw, letters)) if letters else cast(dict[str, Any], raw)


def spelt(name: str, beginnings: Sequence[str], endings: Sequence[str]) -> Iterator[str]:
    """Every form of a name: with each beginning at its first word, and each ending at its last."""
    for begun in ("", *beginnings):
        for end in ("", *endings):
            yield f"{begun}{name}{end}"


def _also_bare(value: Any, letters: str) -> Any:
    if isinstance(value, dict):
        keys = {key: [key] if isinstance(v, dict | list) else _forms(key, letters) for key, v in value.items()}
        return {form: _also_bare(v, letters) for key, v in value.items() for form in keys[key]}
    if isinstance(value, list):
        return [form for item in value for form in _forms(_also_bare(item, letters), letters)]
    return value


def _forms(word: Any, letters: str) -> list[Any]:
    """The word and, where it has one of the letters, its bare form."""
    if not isinstance(word, str):
        return [word]
    bare = "".join(normalize("NFD", char)[0] if char.casefold() in letters else char for char in word)
    return [word] if bare == word else [word, bare]
