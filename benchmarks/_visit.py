"""Visits pages of a workspace in a process of its own, which knows nothing yet: `python -m benchmarks._visit WORKSPACE
ADDRESS`; prints the seconds and the processor time of the first view and of the second."""

from __future__ import annotations

import json
import sys
import time
from importlib.abc import MetaPathFinder
from pathlib import Path

from speccom.workspace import Workspace


class _WithoutPandas(MetaPathFinder):
    """Only those who build Speccom have pandas, which the database would read in half a second."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def main() -> None:
    sys.meta_path.insert(0, _WithoutPandas())
    from speccom.site.config.ready import ready

    ready(Workspace(Path(sys.argv[1])))
    from django.test import Client

    import speccom.site.config.urls  # noqa: F401  # read before workers part, as the register is
    from speccom.site.core.library import warm

    warm()
    client = Client(HTTP_HOST="localhost")
    client.get("/who/")
    views = []
    for _ in range(2):
        begun, worked = time.perf_counter(), time.process_time()
        status = client.get(sys.argv[2]).status_code
        assert status == 200, f"{sys.argv[2]}: {status}"
        views.append((time.perf_counter() - begun, time.process_time() - worked))
    print(json.dumps(views))


if __name__ == "__main__":
    main()
