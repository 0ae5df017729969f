"""What every test can reach: the shared vectors and reference files that stand beside the project."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory of vectors, facts and reference data that lies beside the project."""
    path = Path(__file__).resolve().parents[1].parent / "shared"
    assert path.is_dir(), "The tests read ../shared, which stands beside the project: put it there."
    return path
