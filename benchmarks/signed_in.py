"""Twenty signed-in people of every role walk over their pages, a page a second each, on the real server.

The server, its worker and the clients are on the same machine; each page is timed from when it was due.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from benchmarks import Ratio
from benchmarks._workspaces import received
from benchmarks.site import LIMIT, Load, served
from speccom.workspace import Workspace

EVERYBODY = frozenset[str]()
PAGES: dict[str, tuple[str, frozenset[str]]] = {
    "workspace": ("/workspace/", EVERYBODY),
    "notices": ("/workspace/notices/", EVERYBODY),
    "jobs": ("/workspace/jobs/", EVERYBODY),
    "account": ("/account/", EVERYBODY),
    "decisions": (
        "/workspace/decisions/",
        frozenset({"board_secretary", "committee_secretary", "national_team"}),
    ),
    "a decision": ("/workspace/decisions/1/", frozenset({"board_secretary", "national_team"})),
    "portfolio": ("/portfolio/", frozenset({"national_team", "panel_member", "board_secretary"})),
    "readiness": (
        "/readiness/",
        frozenset({"icb_analyst", "icb_lead", "regional_team", "national_team", "board_secretary"}),
    ),
    "audit": (
        "/audit/",
        frozenset({"icb_lead", "regional_team", "national_team", "board_secretary", "administrator"}),
    ),
    "people": ("/people/", frozenset({"administrator"})),
    "position": ("/finance/position/?commissioner=QNC", EVERYBODY),
}
"""Kind of page → its address, and the roles that open it, everybody where none is named."""
MOST_LINES = 20_000
ROUNDS, EVERY = 25, 1.0
AT_ONCE = 2
"""Times that each page is seen before it is timed, as on a site that is up: every worker has read its parts."""


def main(lines: int) -> list[Ratio]:
    """The 95th percentile of each kind of page against its limit in seconds, over a small workspace."""
    workspace = received(min(lines, MOST_LINES))
    _speccom("build", workspace)
    people = json.loads(
        subprocess.run(
            [sys.executable, "-m", "benchmarks._people", str(workspace.root)],
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    )
    with served(workspace.root) as port:
        for _ in range(AT_ONCE):
            _walked(port, people, len(PAGES), 0.5)
        loads = _walked(port, people, ROUNDS, EVERY)
    print(f"{'page':<12}{'views':>7}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
    for kind, load in loads.items():
        figures = "".join(f"{1000 * load.quantile(share):>9.0f}" for share in (0.5, 0.95, 0.99))
        print(f"{kind:<12}{len(load.seconds):>7}{figures}", flush=True)
    return [
        Ratio(f"{kind}, {len(people)} people signed in, p95", load.quantile(0.95), LIMIT, 1)
        for kind, load in loads.items()
    ]


def _walked(port: int, people: list[tuple[str, str]], rounds: int, every: float) -> dict[str, Load]:
    """Kind of page → what came back, of people who each open their next page at even times."""
    begun = time.perf_counter() + 0.1

    def walk(number: int) -> list[tuple[str, float, int]]:
        role, cookie = people[number]
        mine = [(kind, to) for kind, (to, roles) in PAGES.items() if not roles or role in roles]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        found = []
        for turn in range(rounds):
            due = begun + every * (turn + number / len(people))
            time.sleep(max(0.0, due - time.perf_counter()))
            kind, address = mine[(turn + number) % len(mine)]
            connection.request("GET", address, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
            response = connection.getresponse()
            size = len(response.read())
            assert response.status == 200, f"{role} {address}: {response.status}"
            found.append((kind, time.perf_counter() - due, size))
        return found

    with ThreadPoolExecutor(len(people)) as clients:
        walks = list(clients.map(walk, range(len(people))))
    seconds, sizes = defaultdict(list), defaultdict(int)
    for kind, late, size in (each for walk_ in walks for each in walk_):
        seconds[kind].append(late)
        sizes[kind] = max(sizes[kind], size)
    return {kind: Load(seconds[kind], rounds * every, sizes[kind]) for kind in PAGES if seconds[kind]}


def _speccom(command: str, workspace: Workspace) -> None:
    subprocess.run(
        [
            sys.executable,
            "-c",
            "from speccom.cli import main; main()",
            command,
            "--workspace",
            str(workspace.root),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
