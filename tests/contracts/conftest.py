"""A workspace and a patient key for each test of contracts."""

from pathlib import Path

import pytest
from tests.contracts.worlds import KEY

from speccom.contracts.identity import KEY_VARIABLE
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    return Workspace(tmp_path / "workspace")
