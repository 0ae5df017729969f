"""Commands that look after people from the machine itself: `people invite`, `people anew`, `people list`."""

from __future__ import annotations

from typing import Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.cli.serve import site
from speccom.workspace import Workspace

AddressOption = Annotated[
    str,
    typer.Option("--address", metavar="URL", help="Where people reach the site; links begin with it."),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept for good in the audit table.")]


def add_commands(app: typer.Typer) -> None:
    """Add `people invite`, `people anew` and `people list`."""
    people = typer.Typer(help="Who can sign in to the site, and what they may.", no_args_is_help=True)

    @people.callback()
    def kept() -> None:
        pass

    people.command("invite")(invite)
    people.command("anew")(anew)
    people.command("list")(listed)
    app.add_typer(people, name="people")


def invite(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Whom to invite.")],
    role: Annotated[str, typer.Option("--role", help="Such as administrator, icb_lead, national_team.")],
    organisation: Annotated[
        str, typer.Option("--organisation", metavar="CODE", help="X24 for NHS England, QNC for a board.")
    ],
    reason: ReasonOption = "Invited from the command line",
    name: Annotated[
        str, typer.Option("--name", help="The name of a new patients' body (PPV-…) or committee (COM-…).")
    ] = "",
    address: AddressOption = "http://127.0.0.1:8000",
    workspace: WorkspaceOption = None,
) -> None:
    """Invite somebody to a role; prints a link to pass on. The first administrator comes in so."""
    site(Workspace.locate(workspace), make=True)
    from speccom.site.accounts.actions.people import JOIN_WITHIN
    from speccom.site.accounts.actions.people import invite as act

    invited = act(actor=None, email=email, role=role, organisation=organisation, reason=reason, own_name=name)
    if invited.token is None:
        print(f"{invited.email} has an account, and the role from now on.")
        return
    print(f"Pass this link on to {invited.email}; it can be used once, within {JOIN_WITHIN.days} days:")
    print(_link(address, invited.token))


def anew(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Who cannot sign in.")],
    reason: ReasonOption,
    address: AddressOption = "http://127.0.0.1:8000",
    workspace: WorkspaceOption = None,
) -> None:
    """Make a link by which somebody sets a new password and second step."""
    site(Workspace.locate(workspace))
    from speccom.site.accounts.actions.people import ANEW_WITHIN, find
    from speccom.site.accounts.actions.people import anew as act

    token = act(actor=None, person=find(email=email), reason=reason)
    print(f"Pass this link on to {email}; it can be used once, within {ANEW_WITHIN.days} day:")
    print(_link(address, token))


def listed(workspace: WorkspaceOption = None) -> None:
    """List everybody with an account, their roles, and whether the account is open."""
    site(Workspace.locate(workspace))
    from speccom.site.accounts.actions.people import everybody

    for email, state, roles in everybody():
        print(f"{email}\t{state}\t{', '.join(roles) or 'no role'}")


def _link(address: str, token: str) -> str:
    from speccom.site.accounts.actions.people import path_of

    return address.rstrip("/") + path_of(token)
