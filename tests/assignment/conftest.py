"""One register and one world of codes for all assignment tests: both are read-only."""

import pytest
from tests.assignment.worlds import World

from speccom.register import Register


@pytest.fixture(scope="session")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="session")
def world(register: Register) -> World:
    return World(register)
