"""What people are told when they cannot sign in or may not do something."""

from __future__ import annotations

from speccom.errors import SpeccomError


class SignInRefused(SpeccomError):
    """The same words whatever was wrong, so that nobody learns who has an account."""

    code = "sign_in_refused"


class TooManyTries(SpeccomError):
    """Too many tries for one account or from one address in a short time."""

    code = "too_many_tries"


class NotAllowed(SpeccomError):
    """Something that the actor's roles do not allow."""

    code = "not_allowed"


class PeopleError(SpeccomError):
    """Something about people and roles that cannot be done as asked."""

    code = "people"


class LinkDead(SpeccomError):
    """A link that was used, was withdrawn, has expired, or never was."""

    code = "link_dead"


def wrong_sign_in() -> SignInRefused:
    return SignInRefused("The e-mail address or the password is not right.")


def dead_link() -> LinkDead:
    return LinkDead(
        "This link was used, was withdrawn or has expired: ask whoever gave it to you for another."
    )
