"""YAML that remembers where it stood, so that an error can name file and line."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

from nlu.data import Loader

S = TypeVar("S")
T = TypeVar("T")
_Made = Callable[[yaml.Node], Any]
MOST_VALUES, DEEPEST = 500_000, 50
"""Of one file: a few lines whose anchors name each other unfold to more than any memory holds, or to themselves."""


class Spot(int):
    """Stands for the line of what no file holds, such as a form: `place` is the way there, as keys and positions."""

    place: tuple[str | int, ...]

    def __new__(cls, *place: str | int) -> "Spot":
        spot = super().__new__(cls, 0)
        spot.place = place
        return spot


class FileError(ValueError):
    """A file cannot be used; the message is one sentence with file, line and what to do.

    `why` names the fault for whoever has words of their own for it, with `values` to fill in. `more` are the faults
    of the same kind of thing that were found besides.
    """

    def __init__(self, path: Path, line: int, message: str, why: str = "", **values: object) -> None:
        self.path, self.line, self.message, self.why, self.values = path, line, message, why, values
        self.more: tuple[FileError, ...] = ()
        super().__init__(f"{path}:{'.'.join(map(str, self.place)) or line}: {message}")

    @property
    def place(self) -> tuple[str | int, ...]:
        """Where it is in what no file holds; () in a file."""
        return self.line.place if isinstance(self.line, Spot) else ()

    @property
    def all(self) -> "tuple[FileError, ...]":
        """This one and those beside it."""
        return self, *self.more


class Marked(dict[str, Any]):
    """A mapping that knows its own line and each key's line (1-based)."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


def load_marked(path: Path) -> Marked:
    """The file's top mapping. Raises FileError for unreadable, broken or otherwise shaped YAML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(path, 1, f"cannot be read ({error.strerror}); check the path and its rights.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FileError(path, line, "is not UTF-8; save the file as UTF-8.") from error
    return read_marked(path, text)


def read_marked(path: Path, text: str, as_written: bool = False) -> Marked:
    """The top mapping of a text that stands in that file; `as_written`: every value as its words, or None. Raises
    FileError for broken or otherwise shaped YAML."""
    loader = Loader(text)
    try:
        _flat(path, text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise FileError(path, 1, "must hold a mapping (key: value lines) at its top.")
        _bounded(path, node)
        return _mapping(path, _words if as_written else loader.construct_object, node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem or error.context or "unreadable"
        raise FileError(path, line, f"is not valid YAML ({problem}); check indents, colons and quotes.") from error
    except yaml.YAMLError as error:
        told = " ".join(str(error).split())
        raise FileError(path, 1, f"is not valid YAML ({told}).") from error
    finally:
        loader.dispose()


def marked(value: Any, *place: str | int) -> Any:
    """A JSON-like value as if it had been read from a file: lines are Spots."""
    if isinstance(value, list):
        return [marked(item, *place, number) for number, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found = Marked(Spot(*place))
    for key, item in value.items():
        found[key], found.lines[key] = marked(item, *place, key), Spot(*place, key)
    return found


def every(items: Iterable[S], read: Callable[[S], T]) -> list[T]:
    """What is read out of each. Where some cannot be read, the first one's FileError is raised and knows the others."""
    found: list[T] = []
    errors: list[FileError] = []
    for item in items:
        try:
            found.append(read(item))
        except FileError as error:
            errors += error.all
    if errors:
        errors[0].more = tuple(errors[1:])
        raise errors[0]
    return found


def _flat(path: Path, text: str) -> None:
    """Raises FileError for lists within lists without end: made into nodes they would end the process, not raise."""
    depth = 0
    for event in yaml.parse(text, Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise FileError(path, line, f"is nested more than {DEEPEST} deep; write it without lists within lists.")


def _bounded(path: Path, top: yaml.Node) -> None:
    """Raises FileError where anchors (&name, *name) make of the file what nobody has written."""
    count, left = 0, [(top, 1)]
    while left:
        node, depth = left.pop()
        count += 1
        if count > MOST_VALUES or depth > DEEPEST:
            raise FileError(
                path, node.start_mark.line + 1, "unfolds to more than a file holds; write it without anchors."
            )
        if isinstance(node, yaml.MappingNode):
            left += [(value, depth + 1) for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            left += [(value, depth + 1) for value in node.value]


def _words(node: yaml.Node) -> str | None:
    """A scalar as somebody wrote it: 12.50 and 0221123456 are no numbers to them."""
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def _mapping(path: Path, made: _Made, node: yaml.MappingNode) -> Marked:
    found = Marked(node.start_mark.line + 1)
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise FileError(path, line, "a key must be one word.")
        key = key_node.value
        if key in found:
            raise FileError(path, line, f'"{key}" stands twice in the same place; keep one.')
        found[key] = _value(path, made, value_node)
        found.lines[key] = line
    return found


def _value(path: Path, made: _Made, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(path, made, node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(path, made, item) for item in node.value]
    try:
        return made(node)
    except ValueError as error:
        raise FileError(path, node.start_mark.line + 1, f"{node.value!r} is not a value ({error}).") from error


def strings(path: Path, line: int, name: str, value: Any) -> tuple[str, ...]:
    """A list of texts, as a tuple; None is an empty one. Raises FileError for anything else."""
    return tuple(_each_string(path, line, name, value or []))


def _each_string(path: Path, line: int, name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        raise FileError(path, line, f'"{name}" must be a list ("- …" lines).')
    for item in value:
        if not isinstance(item, str):
            raise FileError(path, line, f'"{name}" holds {item!r}, which is not a text; put it into quotes.')
        yield item.strip()
