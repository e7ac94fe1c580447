"""What the shipped classifier makes of examples that it has not learned: `python cross_validate.py ASKED OUT`.

Run by Rasa's Python, without Rasa. ASKED holds {"texts": [...], "intents": [...], "parts": [...], "settings": {"C":
10.0, ...}}; a part is asked of what the other parts taught, so near copies belong in one part. OUT gets a JSON list
of [intent, confidence] in the order of the texts.
"""

import json
import sys
from pathlib import Path

import numpy as np
from stadtbote_meaning import of_examples
from stadtbote_spelling import centred, learn, weight


def main(asked: Path, out: Path) -> None:
    """Learns once for each part."""
    given = json.loads(asked.read_text(encoding="utf-8"))
    texts, intents, parts = given["texts"], given["intents"], np.array(given["parts"])
    settings = given["settings"]
    vectors, _ = of_examples(texts)
    found: list[tuple[str, float]] = [("", 0.0)] * len(texts)
    for part in sorted(set(parts.tolist())):
        known, tried = np.flatnonzero(parts != part), np.flatnonzero(parts == part)
        centre = vectors[known].mean(axis=0)
        weighed = centred(vectors, centre, weight(intents, settings["meaning"], settings["few"]))
        classifier = learn(
            [texts[at] for at in known],
            [intents[at] for at in known],
            weighed[known],
            settings["C"],
            settings["max_iter"],
        )
        for at in tried:
            chances = classifier.chances(texts[at], weighed[at])
            found[at] = (classifier.labels[int(chances.argmax())], float(chances.max()))
    out.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
