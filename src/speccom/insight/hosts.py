"""In which board's area each provider lies, for the boundaries of a question."""

from __future__ import annotations

import pyarrow as pa

from speccom.insight.opened import Opened


def register_hosts(asked: Opened) -> None:
    """Make `provider_host` readable: the board of each provider on the boundaries asked for."""
    providers = [
        row["provider"]
        for row in asked.engine.fetch(
            "select distinct provider from months_asked where provider is not null order by provider"
        ).to_pylist()
    ]
    hosts = [asked.register.host_icb(provider, asked.on) for provider in providers]
    asked.engine.register(
        "provider_host",
        pa.table({"provider": pa.array(providers, pa.string()), "host_icb": pa.array(hosts, pa.string())}),
    )
