"""Which form a word takes after a number, by the plural rules of Unicode CLDR (supplemental/plurals.xml, cardinals)."""

from collections.abc import Callable, Mapping
from typing import Literal

Form = Literal["one", "two", "few", "many", "other"]


def _slavic(n: int) -> Form:
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"


def _arabic(n: int) -> Form:
    if n in (1, 2):
        return "one" if n == 1 else "two"
    if 3 <= n % 100 <= 10:
        return "few"
    return "many" if n % 100 >= 11 else "other"


def _plain(n: int) -> Form:
    return "one" if n == 1 else "other"


_RULES: Mapping[str, Callable[[int], Form]] = {"uk": _slavic, "ru": _slavic, "ar": _arabic}

FORMS: Mapping[str, frozenset[Form]] = {
    "uk": frozenset({"one", "few", "many"}),
    "ru": frozenset({"one", "few", "many"}),
    "ar": frozenset({"one", "two", "few", "many", "other"}),
}
"""The forms that whole numbers from 1 on take, where they are more than one and other."""


def plural(language: str, n: int) -> Form:
    """The form for `n` from 1 on: "one" and "other" where a language has no more."""
    return _RULES.get(language, _plain)(n)
