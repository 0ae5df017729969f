"""A process that drafts, approves and adopts a decision in a site of its own, and is killed at a moment it is told.

Run as `python -m tests.site.decisions.killed MOMENT`; `SPECCOM_HOME` names the site. Without a moment it adopts
what is there, or nothing where that is done.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from speccom.site.config.ready import ready
from speccom.workspace import Workspace


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(moment: str) -> None:
    """Make this process end as by a power cut at one moment of an adoption."""
    from speccom.register import decided
    from speccom.site.decisions import actions

    def before(module: Any, name: str, when: Any = None) -> None:
        original = getattr(module, name)

        def killing(*given: Any, **named: Any) -> Any:
            if when is None or when(*given, **named):
                die()
            return original(*given, **named)

        setattr(module, name, killing)

    def after(module: Any, name: str) -> None:
        original = getattr(module, name)
        setattr(module, name, lambda *given, **named: die(original(*given, **named)))

    def half(path: Path, content: bytes, mode: int = 0o644) -> None:
        if path.name != "sources.csv":
            path.with_name(f".{path.name}.half").write_bytes(content[: len(content) // 2])
            die()
        path.write_bytes(content)

    {
        "the row says that it is being adopted, and is not committed": lambda: before(
            actions, "_record", lambda *given, **_: given[2] == "adopt"
        ),
        "the row says that it is being adopted": lambda: before(decided, "write"),
        "its source is written": lambda: after(decided, "_write_source"),
        "half of its facts are written": lambda: setattr(decided, "write_atomically", half),
        "its facts are written": lambda: after(decided, "write"),
        "the row says that it is adopted, and is not committed": lambda: before(
            actions, "put_on_record", lambda **named: named["action"] == "decisions.adopted"
        ),
        "all is done": lambda: after(actions, "_finish"),
    }[moment]()


def main(moment: str = "") -> None:
    ready(Workspace.locate())
    from tests.site.decisions.world import People, adopt, approve, proposed

    from speccom.site.accounts.models import Person
    from speccom.site.decisions.models import DecisionRecord

    if moment:
        people = People()
        made = proposed(people.secretary)
        approve(people.first, made)
        approve(people.second, made)
        kill_at(moment)
        adopt(people.secretary, made)
        sys.exit("The process was to be killed, and went on.")
    made = DecisionRecord.objects.get()
    if made.state == "proposed":
        adopt(Person.objects.get(email="secretary@x24.example").actor(), made)


if __name__ == "__main__":
    main(*sys.argv[1:])
