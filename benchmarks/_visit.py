"""Visits pages of a workspace in a process of its own, which knows nothing yet: `python -m benchmarks._visit WORKSPACE
ADDRESS`; prints the seconds and the processor time of the first view and of the second."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from speccom.workspace import Workspace


def main() -> None:
    # Only those who build Speccom have it, and the database would read it in half a second.
    sys.modules["pandas"] = None  # type: ignore[assignment]
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
