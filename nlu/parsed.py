"""What a Rasa process answered, read with care: it is another program's word."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from nlu.understand import FALLBACK, INTENTS, Entity


class Unusable(Exception):
    """Rasa answered something that is no understanding."""


@dataclass(frozen=True)
class Parsed:
    """`ranking` lists (intent, confidence), best first, at least one; `entities` as they stand in the text; `unsure`
    where the model's own fallback found the first one too weak to act on."""

    ranking: tuple[tuple[str, float], ...]
    entities: tuple[Entity, ...]
    unsure: bool = False


def read(raw: bytes) -> Parsed:
    """The answer to POST /model/parse. Raises Unusable."""
    try:
        answer = json.loads(raw)
    except ValueError:
        raise Unusable("no JSON") from None
    if not isinstance(answer, dict):
        raise Unusable("no object")
    first = answer.get("intent")
    unsure = isinstance(first, dict) and first.get("name") == FALLBACK
    return Parsed(_ranking(answer), _entities(answer), unsure)


def _ranking(answer: Mapping[str, object]) -> tuple[tuple[str, float], ...]:
    """(intent, confidence), best first, of what is well formed; Unusable when nothing is."""
    found = answer.get("intent_ranking") or [answer.get("intent")]
    ranking = []
    for item in found if isinstance(found, list) else []:
        if isinstance(item, dict) and item.get("name") in INTENTS and _is_share(item.get("confidence")):
            ranking.append((str(item["name"]), float(item["confidence"])))
    if not ranking:
        raise Unusable("no ranking")
    return tuple(sorted(ranking, key=lambda pair: -pair[1]))


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1.000001


def _entities(answer: Mapping[str, object]) -> tuple[Entity, ...]:
    found = answer.get("entities")
    entities = []
    for item in found if isinstance(found, list) else []:
        if not isinstance(item, dict):
            continue
        kind, value, start, end = (item.get(key) for key in ("entity", "value", "start", "end"))
        if isinstance(kind, str) and isinstance(value, str) and isinstance(start, int) and isinstance(end, int):
            entities.append(Entity(kind, value, start, end))
    return tuple(entities)
