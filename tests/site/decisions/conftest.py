"""What tests of decisions stand on: a workspace that is thrown away, and the people whom a decision takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.site.decisions.world import People

from speccom.workspace import Workspace


@pytest.fixture
def workspace(settings: Any, tmp_path: Path) -> Workspace:
    settings.WORKSPACE = Workspace(tmp_path).make()
    return settings.WORKSPACE  # type: ignore[no-any-return]


@pytest.fixture
def people() -> People:
    return People()
