"""What can be said to a user when something cannot be done: a code for programs, a sentence for people."""

from __future__ import annotations


class SpeccomError(Exception):
    """Bad input. The message is one sentence: what was wrong, where, and what to do next.

    `code` is a stable word for programs (JSON errors carry it); subclasses set their own.
    `exit_code` is what the command line leaves with: 2 for bad input, 1 for a failed check.
    """

    code = "bad_input"
    exit_code = 2

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class CheckFailed(SpeccomError):
    """The work was done and did not hold: it did not conserve, or a check found faults."""

    code = "check_failed"
    exit_code = 1
