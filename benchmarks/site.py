"""Pages under load: a real client asks the real server 50 times a second, beside it on the same machine."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from threading import local
from urllib.parse import quote_plus

from benchmarks import Ratio
from speccom.register import Register

A_SECOND, SECONDS = 50, 12
LIMIT = 0.150
CLIENTS = 16
FLOOD = 1_000
"""More requests a second than can be answered: how many are is what the machine can do."""
WORDS = (
    "dialysis",
    "brain tumour",
    "HIV",
    "eating disorder",
    "Frimley",
    "NCBPS11B",
    "kidny transplant",
    "Staffordshire",
    "heart surgery",
    "cystic fibrosis",
    "nothing of this kind",
)


@dataclass(frozen=True)
class Load:
    """What came back: seconds from the moment a request was due to its last byte, and bytes over the wire."""

    seconds: list[float]
    took: float
    most_bytes: int

    @property
    def rate(self) -> float:
        """Requests answered a second."""
        return len(self.seconds) / self.took

    def quantile(self, share: float) -> float:
        """The seconds within which a share of the requests were answered."""
        return sorted(self.seconds)[min(int(share * len(self.seconds)), len(self.seconds) - 1)]


def main(lines: int) -> list[Ratio]:
    """The 95th percentile of each kind of page against its limit in seconds; none depends on `lines`."""
    with tempfile.TemporaryDirectory() as workspace, served(Path(workspace)) as port:
        return [_measured(kind, port, addresses) for kind, addresses in _asked().items()]


def _asked() -> dict[str, list[str]]:
    """Kind of page → addresses, all different, so that no answer is ready."""
    register = Register.load()
    codes = [code for code, line in register.lines.items() if line.service_ref]
    boards = sorted(code for code, area in register.areas(_day(2024)).items() if area.kind == "icb")
    who = [
        f"line={line}&area={board}&on={_day(2023 + place % 3)}"
        for place, (line, board) in enumerate(zip(codes * 3, cycle(boards), strict=False))
    ]
    return {
        "who": [f"/who/?{asked}" for asked in who],
        "service": [f"/services/{ref}/" for ref in register.services],
        "search": [f"/search/?q={quote_plus(words)}" for words in (*WORDS, *_names(register))],
        "API who": [f"/api/v1/who?{asked}" for asked in who],
    }


def _names(register: Register) -> list[str]:
    """Some words of each service's name, as one would type them."""
    return [" ".join(service.name.lower().split()[:3]) for service in register.services.values()]


def _day(year: int) -> date:
    return date(year, 5, 1)


def _measured(kind: str, port: int, addresses: list[str]) -> Ratio:
    _load(port, addresses, A_SECOND, 1)
    load, most = _load(port, addresses, A_SECOND, SECONDS), _load(port, addresses, FLOOD, 2)
    p50, p95, p99 = (1000 * load.quantile(share) for share in (0.5, 0.95, 0.99))
    print(
        f"{kind}: {load.rate:.0f} requests a second, p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, "
        f"at most {load.most_bytes / 1000:.0f} kB; without a pause {most.rate:.0f} requests a second",
        flush=True,
    )
    return Ratio(f"{kind} at {A_SECOND} requests a second, p95", load.quantile(0.95), LIMIT, 1)


def _load(port: int, addresses: list[str], a_second: int, seconds: int) -> Load:
    """Send requests at even times whether or not earlier ones are answered, as visitors do."""
    connections = local()
    begun = time.perf_counter() + 0.05

    def ask(number: int, address: str) -> tuple[float, int]:
        due = begun + number / a_second
        time.sleep(max(0.0, due - time.perf_counter()))
        if not hasattr(connections, "held"):
            connections.held = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connections.held.request("GET", address, headers={"Accept-Encoding": "gzip"})
        response = connections.held.getresponse()
        size = len(response.read())
        assert response.status == 200, f"{address}: {response.status}"
        return time.perf_counter() - due, size

    asked = list(islice(cycle(addresses), a_second * seconds))
    with ThreadPoolExecutor(CLIENTS) as clients:
        answered = list(clients.map(ask, range(len(asked)), asked))
    took = max(number / a_second + late for number, (late, _) in enumerate(answered))
    return Load([late for late, _ in answered], took, max(size for _, size in answered))


@contextmanager
def served(workspace: Path) -> Iterator[int]:
    """A workspace's site on a free port, as `speccom serve` serves it, until the measurements are done."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("speccom")),
        "serve",
        "--port",
        str(port),
        "--workspace",
        str(workspace),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"WEB_CONCURRENCY": "2"})
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        assert server.poll() is None, "The site could not be served: its reason is above."
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError("The site did not begin to serve within a minute.")
