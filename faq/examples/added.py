"""What is added to the examples that ship, as one immutable value with a name of its own."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SHIPPED = ""
"""The name of nothing added: what ships is all that is taught."""


@dataclass(frozen=True)
class Added:
    """`lines`: {language: {intent: lines}}, each level in alphabetical order and nothing in it empty, so that the same
    examples are the same document, whatever the order in which they were written."""

    lines: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """First 16 hexadecimal digits of SHA-256 over the document; "" where nothing is added."""
        return hashlib.sha256(self.json().encode()).hexdigest()[:16] if self.lines else SHIPPED

    def of(self, language: str, intent: str) -> tuple[str, ...]:
        """The lines added there."""
        return self.lines.get(language, {}).get(intent, ())

    def having(self, language: str, intent: str, lines: Sequence[str]) -> "Added":
        """The same with these lines there, in the place of those that were."""
        plain = {code: dict(intents) for code, intents in self.lines.items()}
        plain.setdefault(language, {})[intent] = tuple(lines)
        return Added.read(plain)

    def all(self) -> Iterator[tuple[str, str, str]]:
        """(language, intent, line) of each."""
        for language, intents in self.lines.items():
            for intent, lines in intents.items():
                for line in lines:
                    yield language, intent, line

    def __len__(self) -> int:
        return sum(1 for _ in self.all())

    def json(self) -> str:
        """As it is kept, and as it is hashed: ASCII, so that any text can be kept."""
        return json.dumps(self.lines, sort_keys=True, separators=(",", ":"))

    @classmethod
    def read(cls, lines: Mapping[str, Mapping[str, Sequence[str]]]) -> "Added":
        """In its canonical order."""
        return cls(
            {
                language: kept
                for language in sorted(lines)
                if (
                    kept := {
                        i: tuple(sorted(set(lines[language][i]))) for i in sorted(lines[language]) if lines[language][i]
                    }
                )
            }
        )


@dataclass(frozen=True)
class Difference:
    """What one document holds and another does not, in one place."""

    language: str
    intent: str
    more: tuple[str, ...]
    less: tuple[str, ...]


def difference(before: Added, after: Added) -> tuple[Difference, ...]:
    """Place by place what `after` has more, and what it lacks."""
    places = sorted({(code, intent) for one in (before, after) for code, intent, _ in one.all()})
    found = []
    for language, intent in places:
        old, new = before.of(language, intent), after.of(language, intent)
        more, less = tuple(x for x in new if x not in old), tuple(x for x in old if x not in new)
        if more or less:
            found.append(Difference(language, intent, more, less))
    return tuple(found)
