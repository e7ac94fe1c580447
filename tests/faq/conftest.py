"""Clocks and encoders for the tests of faq."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from faq.encoder import Encoder, HashingEncoder, load_encoder
from tests.faq.town import NOW, encoder_cache


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A clock that moves by a second each time it is read."""
    ticks = iter(range(10_000))
    return lambda: NOW + timedelta(seconds=next(ticks))


@pytest.fixture(scope="session")
def embedded() -> Encoder:
    return load_encoder("embedded", encoder_cache())


@pytest.fixture(
    scope="session", params=["hashing", pytest.param("embedded", marks=[pytest.mark.encoder, pytest.mark.slow])]
)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "hashing":
        return HashingEncoder()
    found: Encoder = request.getfixturevalue("embedded")
    return found
