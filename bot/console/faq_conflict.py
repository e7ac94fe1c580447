"""Two people wrote on top of the same version: field by field what each has, and who takes which. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.console.faq_form import Form, names

TAKE, MINE, THEIRS = "take.", "mine", "theirs"
"""A field of the form "take.<field>" and its two values."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A field in which two forms differ. `both` changed it; else `take` is whose change it is."""

    field: str
    mine: str
    theirs: str
    take: str
    both: bool


def clashes(mine: Form, theirs: Form, base: Form | None) -> list[Clash]:
    """Every field in which they differ; `base` is what both began with, None where that is not known."""
    found = []
    for name in names():
        if mine[name] != theirs[name]:
            only_they = base is not None and mine[name] == base[name]
            only_i = base is not None and theirs[name] == base[name]
            take = THEIRS if only_they else MINE
            found.append(Clash(name, mine[name], theirs[name], take, not (only_they or only_i)))
    return found


def merged(mine: Form, theirs: Form, taken: Collection[str]) -> dict[str, str]:
    """My form with their text in the fields that were taken from them."""
    return {name: theirs[name] if name in taken else value for name, value in mine.items()}
