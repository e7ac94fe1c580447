"""What encoding a question costs beside plain sentence-transformers in torch, and what our eight bits cost in recall.

python -m tests.bench.encoding [ROUNDS]: both in this process, one thread each, in alternating blocks of the same
questions, so that a busy machine slows both. Prints one JSON object.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from transformers import PreTrainedTokenizerFast

from bot.processes.models import encoder_loader
from bot.settings import read
from faq.e5 import PROMPTS
from faq.e5.build import make_model, make_tokenizer
from faq.e5.weights import ModelFile, model_path
from faq.encoder import Encoder, SentenceEncoder
from faq.measure import evaluate
from faq.vectors import VectorCache
from tests.bench.questions import town_trials
from tests.bench.stats import latencies
from tests.bench.tell import tell
from tests.evaluation.sets import DATA

BLOCK = 20
TOKENS = (12, 20)  # about sixteen, the prompt with it
QUESTION_SET = "omos-muenchen"


def plain(folder: Path) -> SentenceTransformer:
    """The same weights as a stock SentenceTransformer in 32 bits, written to `folder` as the hub has it."""
    source = ModelFile(model_path())
    make_model(source).save_pretrained(folder)
    pieces = source.pieces
    special = {
        name: pieces.texts[number]
        for name, number in (("cls_token", pieces.begin), ("sep_token", pieces.end), ("unk_token", pieces.unknown))
    }
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=make_tokenizer(source), pad_token=pieces.texts[pieces.padding], **special
    )
    tokenizer.model_max_length = source.shape.positions
    tokenizer.save_pretrained(folder)
    words = Transformer(str(folder))
    return SentenceTransformer(
        modules=[words, Pooling(source.shape.width), Normalize()], device="cpu", prompts=dict(PROMPTS)
    )


def speed(ours: Encoder, theirs: Encoder, texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Milliseconds a text of both, and how the blocks' medians compare."""
    spent: dict[str, list[float]] = {"ours": [], "torch": []}
    ratios = []
    for place in range(rounds):
        block = [texts[(place * BLOCK + at) % len(texts)] for at in range(BLOCK)]
        middles = {}
        order = [("ours", ours), ("torch", theirs)]
        for name, encoder in order if place % 2 else order[::-1]:
            taken = []
            for text in block:
                began = time.perf_counter()
                encoder.encode_queries([text])
                taken.append(time.perf_counter() - began)
            spent[name] += taken
            middles[name] = float(np.median(taken))
        ratios.append(middles["ours"] / middles["torch"])
        tell(f"  block {place + 1} of {rounds}: {ratios[-1]:.2f}")
    return {
        "texts": rounds * BLOCK,
        **{name: latencies(taken) for name, taken in spent.items()},
        "ratio": round(float(np.median(ratios)), 3),
        "ratio_range": [round(min(ratios), 3), round(max(ratios), 3)],
    }


def recall(encoder: Encoder, cache: VectorCache, data: Path) -> dict[str, float]:
    """What retrieval reaches with this encoder."""
    found = evaluate(data / "faq.jsonl", data / "queries.jsonl", encoder=encoder, cache=cache)
    return {name: found[name] for name in ("recall@1", "recall@3", "mrr@10")}


def main() -> int:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    torch.set_num_threads(1)
    ours, cache = encoder_loader(read())
    with TemporaryDirectory() as folder:
        theirs = SentenceEncoder(plain(Path(folder)), "torch")
        count = make_tokenizer(ModelFile(model_path()))
        asked = [q for q in town_trials() if TOKENS[0] <= len(count.encode(PROMPTS["query"] + q).ids) <= TOKENS[1]]
        for text in asked[:3]:
            ours.encode_queries([text])
            theirs.encode_queries([text])
        close = [float((ours.encode_queries([t]) @ theirs.encode_queries([t]).T)[0, 0]) for t in asked[:50]]
        found: dict[str, Any] = {"speed": speed(ours, theirs, asked, rounds), "cosine": round(float(np.mean(close)), 4)}
        data = DATA / QUESTION_SET
        if data.is_dir():
            tell(f"  recall on {QUESTION_SET}, ours and torch's")
            found["recall"] = {
                "ours": recall(ours, cache, data),
                "torch": recall(theirs, VectorCache(Path(folder) / "vectors.sqlite"), data),
            }
        else:
            tell(f"  {QUESTION_SET} is not there: recall is left out")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
