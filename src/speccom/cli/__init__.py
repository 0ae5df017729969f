"""The command line: which file holds which command, and how refusals are spoken."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from speccom.errors import SpeccomError

# Each file of commands is imported only when one of its commands is asked for:
# `speccom who` must answer before a database could have been loaded.
COMMANDS = {
    "who": "register",
    "changes": "register",
    "register": "register",
    "decision": "decisions",
    "replay": "decisions",
    "synthesise": "contracts",
    "receive": "contracts",
    "status": "contracts",
    "reference": "reference",
    "assign": "assignment",
    "build": "ledger",
    "position": "ledger",
    "challenges": "ledger",
    "verify": "verify",
    "variation": "insight",
    "flows": "insight",
    "peers": "insight",
    "trends": "planning",
    "volatility": "planning",
    "tiers": "planning",
    "target": "targets",
    "portfolio": "portfolio",
    "allocate": "finance",
    "bases": "finance_bases",
    "scenario": "finance_scenarios",
    "pool": "pools",
    "needs": "needs",
    "need-areas": "needs",
    "need-example": "needs",
    "run": "run",
    "pack": "month_end",
    "serve": "serve",
    "work": "work",
    "people": "people",
    "audit": "audit",
}

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", metavar="DIR", help="Where data is kept (default: SPECCOM_HOME, else ./workspace)."
    ),
]


def _app(wanted: str | None) -> typer.Typer:
    app = typer.Typer(
        name="speccom",
        help="Who commissions each NHS specialised service, who pays for each line, and why.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def speccom() -> None:
        pass

    modules = [COMMANDS[wanted]] if wanted in COMMANDS else list(dict.fromkeys(COMMANDS.values()))
    for module in modules:
        importlib.import_module(f"speccom.cli.{module}").add_commands(app)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with 0 (done), 1 (did not conserve, or a check failed) or 2 (bad input)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    wants_json = "json" in arguments or "--format=json" in arguments
    command = typer.main.get_command(_app(arguments[0] if arguments else None))
    try:
        code = command.main(arguments, prog_name="speccom", standalone_mode=False)
        sys.stdout.flush()
    except SpeccomError as error:
        _refuse(error.code, str(error), wants_json)
        code = error.exit_code
    except typer.TyperException as error:
        _refuse("usage", error.format_message(), wants_json)
        code = 2
    except (typer.Abort, KeyboardInterrupt):
        print("Stopped. What was finished stays; the next run goes on from there.", file=sys.stderr)
        code = 130
    except BrokenPipeError:  # `speccom position | head` is no fault of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def _refuse(code: str, message: str, wants_json: bool) -> None:
    if wants_json:
        print(json.dumps({"error": code, "message": message}, ensure_ascii=False))
    print(message, file=sys.stderr)
