"""As much of PromQL as our alarms and panels use: which metrics and labels an expression names, and what it yields.

promtool is no package that tests can install; Prometheus' documentation of operators and functions is the source.
Rates here do not extrapolate: the synthetic counters step exactly at the ends of the window.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Snapshot = Mapping[str, Mapping[Labels, float]]
"""All samples at one moment: name, labels, value."""

_TOKEN = re.compile(r'\s*(?:(\d+(?:\.\d+)?)|([a-zA-Z_:][\w:]*)|("[^"]*")|(==|!=|>=|<=|=~|!~|[-+*/><=(){}\[\],]))')
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else math.nan,
}
_RANKS = ({"or"}, {"and"}, set(_COMPARE), {"+", "-"}, {"*", "/"})
_GROUP: dict[str, Callable[[Sequence[float]], float]] = {"sum": sum, "max": max, "min": min}
_RANGE = {"rate", "increase", "changes"}
_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass
class Expression:
    """One expression. After run(), `selected` has every metric it names with the labels it matches or groups by."""

    text: str
    selected: dict[str, set[str]] = field(default_factory=dict)

    def run(self, snapshots: Sequence[Snapshot]) -> Vector:
        """Its value at the last snapshot; ranges reach from the first to the last, whatever their length."""
        self._snapshots, self._position = snapshots, 0
        self._tokens = _tokens(self.text)
        value = self._binary(0)
        if self._position != len(self._tokens):
            raise ValueError(f"not understood from {self._tokens[self._position]!r} on: {self.text}")
        return value if isinstance(value, dict) else {frozenset(): value}

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _next(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token != wanted):
            raise ValueError(f"{wanted or 'more'} expected, not {token!r}: {self.text}")
        self._position += 1
        return token

    def _binary(self, rank: int) -> Vector | float:
        if rank == len(_RANKS):
            return self._primary()
        left = self._binary(rank + 1)
        while self._peek() in _RANKS[rank]:
            left = _combined(self._next(), left, self._binary(rank + 1))
        return left

    def _primary(self) -> Vector | float:
        token = self._next()
        if token == "(":
            value = self._binary(0)
            self._next(")")
            return value
        if re.fullmatch(r"[\d.]+", token):
            return float(token)
        if token in _GROUP:
            return self._grouped(_GROUP[token])
        if self._peek() == "(":
            return self._called(token)
        return self._selector(token)[-1]

    def _grouped(self, merge: Callable[[Sequence[float]], float]) -> Vector:
        kept: list[str] = []
        if self._peek() == "by":
            self._next()
            self._next("(")
            while self._peek() != ")":
                kept.append(self._next())
                if self._peek() == ",":
                    self._next()
            self._next(")")
        before = set(self.selected)
        self._next("(")
        inner = self._binary(0)
        self._next(")")
        assert isinstance(inner, dict)
        for name in set(self.selected) - before:
            self.selected[name] |= set(kept)
        groups: dict[Labels, list[float]] = {}
        for labels, value in inner.items():
            groups.setdefault(frozenset(p for p in labels if p[0] in kept), []).append(value)
        return {labels: merge(values) for labels, values in groups.items()}

    def _called(self, name: str) -> Vector | float:
        self._next("(")
        if name in _RANGE:
            vectors = self._selector(self._next())
            seconds = self._range()
            self._next(")")
            return {k: _over(name, [v[k] for v in vectors if k in v], seconds) for k in vectors[-1]}
        if name == "time":
            self._next(")")
            return 0.0
        first = self._binary(0)
        if name == "histogram_quantile":
            self._next(",")
            buckets = self._binary(0)
            self._next(")")
            assert isinstance(first, float)
            assert isinstance(buckets, dict)
            return _quantile(first, buckets)
        self._next(")")
        if name == "absent":
            return {} if first else {frozenset(): 1.0}
        if name == "vector":
            assert isinstance(first, float)
            return {frozenset(): first}
        raise ValueError(f"{name}() is not known here: {self.text}")

    def _selector(self, name: str) -> list[Vector]:
        matchers: list[tuple[str, str, str]] = []
        if self._peek() == "{":
            self._next()
            while self._peek() != "}":
                matchers.append((self._next(), self._next(), self._next().strip('"')))
                if self._peek() == ",":
                    self._next()
            self._next("}")
        self.selected.setdefault(name, set()).update(m[0] for m in matchers)
        return [{k: v for k, v in s.get(name, {}).items() if _matches(dict(k), matchers)} for s in self._snapshots]

    def _range(self) -> float:
        self._next("[")
        number, unit = float(self._next()), self._next()
        self._next("]")
        return number * _UNITS[unit]


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f"not understood at {text[at : at + 20]!r}")
        tokens.append(found.group(0).strip())
        at = found.end()
    return tokens


def _matches(labels: Mapping[str, str], matchers: Sequence[tuple[str, str, str]]) -> bool:
    for name, how, value in matchers:
        has = labels.get(name, "")
        hit = has == value if how in ("=", "!=") else re.fullmatch(value, has) is not None
        if hit == how.startswith("!"):
            return False
    return True


def _combined(sign: str, left: Vector | float, right: Vector | float) -> Vector | float:
    if sign in ("and", "or"):
        assert isinstance(left, dict)
        assert isinstance(right, dict)
        if sign == "and":
            return {k: v for k, v in left.items() if k in right}
        return {**right, **left}
    if sign in _COMPARE:
        assert isinstance(left, dict)
        there = _paired(left, right)
        return {k: v for k, v in left.items() if k in there and _COMPARE[sign](v, there[k])}
    calculate = _ARITHMETIC[sign]
    if isinstance(left, dict):
        there = _paired(left, right)
        return {k: calculate(v, there[k]) for k, v in left.items() if k in there}
    if isinstance(right, dict):
        return {k: calculate(left, v) for k, v in right.items()}
    return calculate(left, right)


def _paired(left: Vector, right: Vector | float) -> Vector:
    return right if isinstance(right, dict) else dict.fromkeys(left, right)


def _over(name: str, values: Sequence[float], seconds: float) -> float:
    if name == "changes":
        return float(sum(a != b for a, b in pairwise(values)))
    grown = values[-1] - values[0]
    return grown / seconds if name == "rate" else grown


def _quantile(share: float, buckets: Vector) -> Vector:
    """Each group's bucket that holds the quantile, interpolated, as Prometheus does."""
    groups: dict[Labels, list[tuple[float, float]]] = {}
    for labels, count in buckets.items():
        limit = float(dict(labels)["le"])
        groups.setdefault(frozenset(p for p in labels if p[0] != "le"), []).append((limit, count))
    found: Vector = {}
    for labels, pairs in groups.items():
        pairs.sort()
        wanted, low, below = share * pairs[-1][1], 0.0, 0.0
        if pairs[-1][1] == 0:
            continue  # NaN there, which is greater than nothing
        for limit, count in pairs:
            if count >= wanted:
                inside = (wanted - below) / (count - below) if count > below else 0.0
                found[labels] = low if math.isinf(limit) else low + (limit - low) * inside
                break
            low, below = limit, count
    return found
