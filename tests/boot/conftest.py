"""Fixtures of the boot tests."""

import pytest

from bootlib import data


@pytest.fixture
def free_port() -> int:
    """A port nobody uses."""
    return data.free_port()
