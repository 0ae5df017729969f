"""What every test can reach: the shared vectors and reference files that stand beside the project."""

from pathlib import Path

import pytest
from hypothesis import settings

# Speed is measured in `benchmarks`, against a limit of the same run; a busy machine fails no test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory of vectors, facts and reference data that lies beside the project."""
    path = Path(__file__).resolve().parents[1].parent / "shared"
    assert path.is_dir(), "The tests read ../shared, which stands beside the project: put it there."
    return path
