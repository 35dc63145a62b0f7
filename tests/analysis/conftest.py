"""The real sentence model, loaded once for all tests of analysis."""

import pytest

from analysis import DEFAULT_CATEGORIES, DEFAULT_MARGIN, Categorizer, Embedder, find_category_model


@pytest.fixture(scope="session")
def embedder():
    return Embedder(find_category_model())


@pytest.fixture(scope="session")
def categorizer(embedder):
    return Categorizer(embedder, DEFAULT_CATEGORIES, DEFAULT_MARGIN)
