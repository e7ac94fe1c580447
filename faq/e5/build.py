"""Builds the encoder's folder once: tokenizer and an 8-bit ONNX model, in the form sentence-transformers loads.

Needs torch's exporter, which is slow to import; nothing here is imported when a built folder is there.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from faq.e5 import PROMPTS
from faq.e5.weights import ModelFile, model_path

Progress = Callable[[str, float], None]

_MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "faq.e5.module.OnnxText"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def build(folder: Path, progress: Progress) -> None:
    """Builds into `folder` and returns when it is complete; another process's build is waited for.

    Each step leaves a finished file beside the goal, so that an interrupted build goes on where it stopped.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(folder.name + ".part")
    with _alone(folder.with_name(folder.name + ".lock")):
        if folder.exists():
            return
        part.mkdir(exist_ok=True)
        progress("encoder.read", 0.0)
        source = ModelFile(model_path())
        _step(part / "tokenizer.json", lambda goal: make_tokenizer(source).save(str(goal)))
        progress("encoder.export", 0.1)
        # Kept apart from the folder: it is 450 MB and of no use once it is quantised.
        wide = folder.with_name(folder.name + ".fp32.onnx")
        if not (part / "model.onnx").exists():
            _step(wide, lambda goal: export(make_model(source), goal))
            progress("encoder.quantise", 0.5)
            _step(part / "model.onnx", lambda goal: quantise(wide, goal))
        wide.unlink(missing_ok=True)
        progress("encoder.finish", 0.95)
        config = {"max_length": source.shape.positions, "width": source.shape.width}
        (part / "config.json").write_text(json.dumps(config))
        (part / "modules.json").write_text(json.dumps(_MODULES, indent=1))
        (part / "config_sentence_transformers.json").write_text(
            json.dumps({"prompts": PROMPTS, "similarity_fn_name": "cosine"})
        )
        (part / "1_Normalize").mkdir(exist_ok=True)
        os.replace(part, folder)
    progress("encoder.ready", 1.0)


def make_tokenizer(source: ModelFile) -> Tokenizer:
    """XLM-RoBERTa's tokenizer out of the package's own pieces and scores."""
    pieces = source.pieces
    vocabulary = list(zip(pieces.texts, pieces.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=pieces.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\u200B-\u200F\u2060\uFEFF\u00AD]"), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"\s+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    begin, end = pieces.texts[pieces.begin], pieces.texts[pieces.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, pieces.begin), (end, pieces.end)],
    )
    return tokenizer


def make_model(source: ModelFile) -> BertModel:
    """The package's weights, dequantised, in a BertModel of transformers."""
    shape = source.shape
    width, inner = shape.width, shape.inner
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        hidden_act="gelu",
        attn_implementation="eager",
    )
    with torch.device("meta"):
        model = BertModel(config, add_pooling_layer=False)
    weights = {
        "embeddings.word_embeddings.weight": source.matrix("emb.word", shape.vocabulary, width),
        "embeddings.position_embeddings.weight": source.floats("emb.pos", shape.positions, width),
        "embeddings.token_type_embeddings.weight": source.floats("emb.type", shape.types, width),
        "embeddings.LayerNorm.weight": source.floats("emb.ln.w", width),
        "embeddings.LayerNorm.bias": source.floats("emb.ln.b", width),
    }
    linear = {
        "q": ("attention.self.query", width, width),
        "k": ("attention.self.key", width, width),
        "v": ("attention.self.value", width, width),
        "ao": ("attention.output.dense", width, width),
        "fi": ("intermediate.dense", inner, width),
        "fo": ("output.dense", width, inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(shape.layers):
        for short, (name, rows, columns) in linear.items():
            at = f"encoder.layer.{layer}.{name}"
            weights[f"{at}.weight"] = source.matrix(f"l{layer}.{short}.w", rows, columns)
            weights[f"{at}.bias"] = source.floats(f"l{layer}.{short}.b", rows)
        for short, name in norms.items():
            weights[f"encoder.layer.{layer}.{name}.weight"] = source.floats(f"l{layer}.{short}.w", width)
            weights[f"encoder.layer.{layer}.{name}.bias"] = source.floats(f"l{layer}.{short}.b", width)
    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}
    missing, unexpected = model.load_state_dict(tensors, strict=False, assign=True)
    left = [name for name in missing if not name.endswith(("position_ids", "token_type_ids"))]
    assert not [*left, *unexpected], (left, unexpected)
    # Buffers are still on the meta device: they are counted up, not learnt.
    model.embeddings.position_ids = torch.arange(shape.positions).unsqueeze(0)
    model.embeddings.token_type_ids = torch.zeros((1, shape.positions), dtype=torch.long)
    return model.eval()


class _MeanPooled(torch.nn.Module):
    def __init__(self, model: BertModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        pooled: torch.Tensor = (states * mask).sum(1) / mask.sum(1)
        return pooled


def export(model: BertModel, goal: Path) -> None:
    ids = torch.tensor([[0, 41, 1294, 2], [0, 9, 2, 1]])
    mask = (ids != 1).long()
    dynamic = {0: "texts", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            _MeanPooled(model),
            (ids, mask),
            str(goal),
            opset_version=17,
            dynamo=False,
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_axes={"input_ids": dynamic, "attention_mask": dynamic, "sentence_embedding": {0: "texts"}},
        )


def quantise(wide: Path, goal: Path) -> None:
    """To eight bits, and then with the graph optimised, which would cost a second at every start."""
    plain = goal.with_suffix(".plain")
    quantize_dynamic(str(wide), str(plain), weight_type=QuantType.QInt8, per_channel=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(goal)
    onnxruntime.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"])
    plain.unlink()


def _step(goal: Path, make: Callable[[Path], Any]) -> None:
    """Makes a file unless it is there; it appears under its name only when it is complete."""
    if goal.exists():
        return
    unfinished = goal.with_name("unfinished-" + goal.name)
    make(unfinished)
    os.replace(unfinished, goal)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
