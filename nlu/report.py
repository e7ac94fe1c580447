"""How well the shipped pipeline understands: train on some lines, ask about others, count."""

import json
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nlu.rasa_training import RASA_DIR, TrainingFailed, Vectors, made, plain, run, told, train, write_data


def _quiet(_line: str) -> None:
    """Nobody to tell."""


def intents_report(
    train_jsonl: Path,
    test_jsonl: Path,
    rasa_python: Path,
    cache: Path,
    progress: Callable[[str], None] = _quiet,
    vectors: Vectors | None = None,
) -> dict[str, Any]:
    """Trains on {text, intent} lines and answers how the test lines fare.

    Returns n, accuracy, macro_f1 (mean over the intents of the test set), confusions (most frequent first), f1 by
    intent, and ms (median time of a text). `vectors` makes the texts' vectors as in the running product; without them
    Rasa makes its own, which takes three times as long. No model is kept. Raises TrainingFailed and ValueError.
    """
    learned, asked = read_lines(Path(train_jsonl)), read_lines(Path(test_jsonl))
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="report-", dir=cache) as folder:
        place = Path(folder)
        # Rasa reads "a/b" as an answer of "a": its own names for the intents cannot clash with that.
        codes = {intent: f"intent{at}" for at, intent in enumerate(dict.fromkeys(i for _, i in learned))}
        examples: dict[str, list[str]] = {}
        for text, intent in learned:
            examples.setdefault(codes[intent], []).append(plain(text))
        meanings = made(vectors, [plain(text) for text, _ in (*learned, *asked)], place, progress)
        model = train(write_data(examples, place / "nlu.yml"), place, rasa_python, progress, meanings)
        parsed = parse_batch(model, [text for text, _ in asked], place, rasa_python, progress, meanings)
    names = {code: intent for intent, code in codes.items()}
    found = [names.get(line["ranking"][0][0], "") for line in parsed]
    return score([intent for _, intent in asked], found) | {"ms": statistics.median(line["ms"] for line in parsed)}


def read_lines(path: Path) -> list[tuple[str, str]]:
    """(text, intent) of each line, which a line feed ends and nothing else. Raises TrainingFailed, which names the line
    that has not both."""
    lines = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            text, intent = str(data["text"]), str(data["intent"])
        except UnicodeDecodeError:
            raise TrainingFailed(f"{path}:{number} is not UTF-8; save the file as UTF-8.") from None
        except (ValueError, TypeError, KeyError):
            raise TrainingFailed(f"{path}:{number} is no JSON object with text and intent.") from None
        if plain(text):
            lines.append((text, intent))
    if not lines:
        raise TrainingFailed(f"{path} has no line with text and intent.")
    return lines


def parse_batch(
    model: Path,
    texts: Sequence[str],
    place: Path,
    rasa_python: Path,
    progress: Callable[[str], None] = _quiet,
    meanings: Path | None = None,
) -> list[dict[str, Any]]:
    """What a model makes of many texts, without a server: see nlu/rasa/parse_batch.py. `meanings` holds the texts'
    vectors where they are made already."""
    asked, answered = place / "texts.jsonl", place / "parsed.jsonl"
    asked.write_text("".join(json.dumps(plain(text)) + "\n" for text in texts), encoding="utf-8")
    argv = [
        str(rasa_python.absolute()),
        "-W",
        "ignore",
        str(RASA_DIR / "parse_batch.py"),
        str(model),
        str(asked),
        str(answered),
    ]
    run(argv, place, lambda: progress("still parsing"), told(meanings))
    return [json.loads(line) for line in answered.read_text(encoding="utf-8").splitlines()]


def score(wanted: Sequence[str], found: Sequence[str]) -> dict[str, Any]:
    """n, accuracy, macro_f1, f1 by intent and confusions of two lists of intents."""
    f1 = {}
    for intent in sorted(set(wanted)):
        right = sum(w == f == intent for w, f in zip(wanted, found, strict=True))
        either = wanted.count(intent) + found.count(intent)
        f1[intent] = 2 * right / either
    wrong = Counter((w, f) for w, f in zip(wanted, found, strict=True) if w != f)
    return {
        "n": len(wanted),
        "accuracy": sum(w == f for w, f in zip(wanted, found, strict=True)) / len(wanted),
        "macro_f1": sum(f1.values()) / len(f1),
        "f1": f1,
        "confusions": [{"intent": w, "found": f, "n": n} for (w, f), n in wrong.most_common()],
    }
