"""A workspace thrown away for each test, and the people of assessments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.site.readiness.world import People

from speccom.workspace import Workspace


@pytest.fixture(autouse=True)
def workspace(settings: Any, tmp_path: Path) -> Workspace:
    settings.WORKSPACE = Workspace(tmp_path / "workspace").make()
    held: Workspace = settings.WORKSPACE
    return held


@pytest.fixture
def people(db: None) -> People:
    return People()
