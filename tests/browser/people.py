"""Somebody who signs in in a browser: invited by the command line, with an application for codes."""

from __future__ import annotations

import time
from collections.abc import Callable

import pyotp
from tests.browser.reader import Reader
from tests.site.processes import Environment, command

PASSWORD = "correct horse battery staple"


class Colleague(Reader):
    """A reader with an account of their own."""

    email: str
    code: Callable[[], str]

    def given_an_invitation(self, environment: Environment, email: str, role: str, at: str) -> None:
        told = command(
            environment, "people", "invite", email, "--role", role, "--organisation", at, "--address", self.site,
            "--name", "A body of its own",
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        self.email, self.invitation = email, told.stdout.strip().splitlines()[-1].removeprefix(self.site)

    def when_they_join(self, name: str) -> None:
        self.given_the_page(self.invitation)
        self.when_they_fill_in(
            {"Your name": name, "New password": PASSWORD, "The same password again": PASSWORD}
        )
        self.when_they_press_the_button("Make my account")

    def when_they_set_up_the_second_step(self) -> None:
        key = self.page.locator("code.once").inner_text().replace(" ", "")
        made = pyotp.TOTP(key)
        used = [0]

        def code() -> str:
            step = max(int(time.time()) // 30, used[0] + 1)
            used[0] = step
            return made.generate_otp(step)

        self.code = code
        self.when_they_fill_in({"Code": code()})
        self.when_they_press_the_button("Go on")

    def when_they_fill_in(self, said: dict[str, str]) -> None:
        for label, words in said.items():
            self.page.get_by_label(label, exact=True).first.fill(words)

    def when_they_press_the_button(self, words: str) -> None:
        self._step(lambda: self.page.get_by_role("button", name=words, exact=True).first.click())
