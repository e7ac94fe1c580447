"""The module inside a SentenceTransformer that runs our 8-bit ONNX model, with one thread."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from sentence_transformers.base.modules.input_module import InputModule
from tokenizers import Tokenizer

from faq.e5 import PROMPTS

QUERY_TOKENS = 128
_PADDING, _END = 1, 2


class OnnxText(InputModule):  # type: ignore[misc]  # sentence-transformers is untyped for us
    """Text to a pooled vector. Two threads beside another busy process are ten times slower than one."""

    save_in_root = True

    def __init__(self, folder: Path, max_length: int, width: int) -> None:
        super().__init__()
        self.folder, self.max_seq_length, self.width = folder, max_length, width
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL  # done at build
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    @classmethod
    def load(cls, model_name_or_path: str, **_: Any) -> "OnnxText":
        folder = Path(model_name_or_path)
        config = json.loads((folder / "config.json").read_text())
        return cls(folder, config["max_length"], config["width"])

    def preprocess(self, inputs: list[str], prompt: str | None = None, **_: Any) -> dict[str, torch.Tensor]:
        limit = QUERY_TOKENS if prompt == PROMPTS["query"] else self.max_seq_length
        read = [one.ids for one in self.tokenizer.encode_batch([(prompt or "") + text for text in inputs])]
        read = [ids if len(ids) <= limit else [*ids[: limit - 1], _END] for ids in read]
        longest = max(len(ids) for ids in read)
        padded = torch.tensor([ids + [_PADDING] * (longest - len(ids)) for ids in read], dtype=torch.long)
        return {"input_ids": padded, "attention_mask": (padded != _PADDING).long()}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        feed = {name: features[name].numpy() for name in ("input_ids", "attention_mask")}
        (pooled,) = self._session.run(None, feed)
        features["sentence_embedding"] = torch.from_numpy(np.ascontiguousarray(pooled))
        return features

    def get_embedding_dimension(self) -> int:
        return self.width

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        for name in ("tokenizer.json", "model.onnx", "config.json"):
            shutil.copyfile(self.folder / name, Path(output_path) / name)
