"""How many questions that are no alarms raise one: python -m tests.nlu.false_alarms DATA [CACHE].

DATA holds folders of question sets (*.jsonl with "query" or "text" on each line). With CACHE, a folder for the encoder
and vectors, the second look (nlu/alarm_net.py) is counted, too. Figures alone are printed, no text.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from bot.composition import SAMPLE_TOWN
from faq.encoder import EMBEDDED, load_encoder
from faq.entry import Draft
from faq.sources.yaml_corpus import read
from faq.vectors import VectorCache
from nlu.alarm_net import read_net
from nlu.alarms import emergency_kind
from nlu.meaning import Meaning


def sets(data: Path) -> Iterator[tuple[str, list[str]]]:
    """Every question set, then the sample town's wordings and its trials."""
    for path in sorted(data.glob("*/*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
        asked = [str(row.get("query") or row.get("text") or "") for row in rows]
        if any(asked):
            yield f"{path.parent.name}/{path.stem}", asked
    drafts = [draft for draft in read(SAMPLE_TOWN) if isinstance(draft, Draft)]
    yield "wordings", [w for d in drafts for text in d.content.texts.values() for w in (text.question, *text.variants)]
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(SAMPLE_TOWN.glob("trials/*.yml"))]
    yield "trials", [text for part in found for text in strings(part)]


def strings(part: object) -> Iterator[str]:
    """Every sentence of a file, wherever it stands."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, (list, dict)):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from strings(inner)


def second_looks(folder: Path) -> Callable[[list[str]], list[bool]]:
    """What the net makes of texts."""
    encoder, cache, net = load_encoder(EMBEDDED, folder), VectorCache(folder / "vectors.sqlite"), read_net()
    return lambda texts: [
        net.kind(Meaning(encoder.name, vector)) is not None for vector in cache.queries(encoder, texts)
    ]


def main(data: Path, folder: Path | None) -> None:
    """A line for each set."""
    look = second_looks(folder) if folder else lambda texts: [False] * len(texts)
    for name, texts in sets(data):
        heard = [emergency_kind(text) is not None for text in texts]
        either = sum(one or other for one, other in zip(heard, look(texts), strict=True))
        print(f"{name:40} {len(texts):6} {sum(heard) / len(texts):7.2%} {either / len(texts):7.2%}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
