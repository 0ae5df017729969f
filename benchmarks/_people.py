"""Lets people of every role into a workspace, with decisions, notices and a record to look at: `python -m
benchmarks._people WORKSPACE`; prints, for each of twenty, their role and the cookie of their session."""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

from speccom.workspace import Workspace

EACH, DECISIONS, NOTICES = 2, 12, 20
HOMES = {
    "provider": "RJE",
    "icb_analyst": "QNC",
    "icb_lead": "QNC",
    "committee_secretary": "COM-MIDLANDS",
    "regional_team": "Y60",
    "national_team": "X24",
    "voice_partner": "PPV-KIDNEY",
    "panel_member": "X24",
    "board_secretary": "X24",
    "administrator": "X24",
}
BACK = {"kind": "arrange", "regions": ["Y60"], "arrangement": "national", "from": "2027-04-01"}


def main() -> None:
    from speccom.site.config.ready import ready

    ready(Workspace(Path(sys.argv[1])))
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import transaction

    from speccom.site.accounts.actions.people import invite, stand_in
    from speccom.site.accounts.models import Person
    from speccom.site.accounts.roles import ROLES
    from speccom.site.accounts.sessions import BACKEND
    from speccom.site.decisions import actions
    from speccom.site.notices.actions import tell

    own = {"COM-MIDLANDS": "Midlands committee", "PPV-KIDNEY": "Kidney Voices"}
    for role, code in own.items():
        invite(
            actor=None,
            email=f"first@{role.lower()}.invalid",
            role="committee_secretary" if role.startswith("COM") else "voice_partner",
            organisation=role,
            own_name=code,
            reason="A body of a benchmark",
        )
    people: list[tuple[str, Person]] = [
        (
            role,
            stand_in(
                email=f"{role}{number}@made-up.example",
                name=f"Made up, {role} {number}",
                role=ROLES[role],
                organisation=code,
                reason="Somebody of a benchmark",
            ),
        )
        for role, code in HOMES.items()
        for number in range(EACH)
    ]
    secretary = next(person for role, person in people if role == "board_secretary").actor()
    for number in range(DECISIONS):
        content = {"title": "Made up", "body": "A board", "made_on": date(2026, 11, 2), "effects": [BACK]}
        actions.draft(
            actor=secretary,
            reference=f"M2026-{number}",
            content=content | {"minute": "1"},
            organisation="X24",
        )
    with transaction.atomic():
        for number in range(NOTICES):
            tell(
                people=[person for _, person in people],
                about=f"Made up {number}",
                sentence="Look at it.",
                address="/workspace/",
            )
    cookies = []
    for role, person in people:
        session = SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(person.pk), BACKEND
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session["began"] = session["seen"] = time.time()
        session.save()
        cookies.append((role, f"{settings.SESSION_COOKIE_NAME}={session.session_key}"))
    print(json.dumps(cookies))


if __name__ == "__main__":
    main()
