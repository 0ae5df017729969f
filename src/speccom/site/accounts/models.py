"""People, what they hold, how they sign in, and what they were sent. Secrets are kept hashed or encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from speccom.site.accounts.actor import Actor, Holding
from speccom.site.accounts.roles import KINDS, ROLES, Held
from speccom.site.core.library import register
from speccom.site.core.scoped import Scoped

if TYPE_CHECKING:
    from datetime import datetime

KEEP = "people.keep"
_KIND_CHOICES = [(key, words) for key, words in KINDS.items()]


def role_choices() -> list[tuple[str, str]]:
    """A function, so that a new role changes no table."""
    return [(key, role.name) for key, role in ROLES.items()]


class Organisation(models.Model):
    """An organisation that somebody belongs to. Its name is the register's, if that has one."""

    unscoped = "Its code, kind and name are public."

    code = models.CharField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=30, choices=_KIND_CHOICES)
    own_name = models.CharField(max_length=200, blank=True)

    objects = models.Manager["Organisation"]()

    @property
    def name(self) -> str:
        held = register()
        found = held.organisations.get(self.code) or held.providers.get(self.code)
        return found.name if found else self.own_name or self.code


class Person(Scoped, AbstractBaseUser):
    """Somebody who can sign in. `second_factor` is encrypted; `last_step` is the last code's time, used once.

    `by_email` is whether notices go by e-mail as well.
    """

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    joined = models.DateTimeField(default=timezone.now)
    second_factor = models.TextField(blank=True)
    last_step = models.BigIntegerField(default=0)
    by_email = models.BooleanField(default=True)

    USERNAME_FIELD = "email"

    class Meta:
        ordering = ("name", "email")

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Oneself; for an administrator everybody who belongs, or belonged, to an organisation of theirs."""
        reach = actor.reach(KEEP)
        if reach is None:
            return rows
        there = Membership.objects.filter(organisation_id__in=sorted(reach)).values("person_id")
        return rows.filter(Q(pk=actor.person.pk) | Q(pk__in=there))

    def actor(self, scopes: frozenset[str] | None = None) -> Actor:
        """This person with the roles that they hold now."""
        held = Membership.objects.filter(person=self, ended__isnull=True).order_by("pk")
        found = (
            Holding(ROLES[each.role], each.organisation_id, each.organisation.kind)
            for each in held.select_related("organisation")
        )
        return Actor(self, tuple(found), scopes)


class Membership(Scoped):
    """A person's role at an organisation, from when to when; it is ended, and never removed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=40, choices=role_choices)
    begun = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "organisation", "role"), condition=Q(ended=None), name="one_role_at_a_time"
            ),
        )

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """One's own; for an administrator those at an organisation of theirs."""
        return rows.filter(_there(actor) | Q(person_id=actor.person.pk))

    @property
    def held(self) -> Held:
        return ROLES[self.role]


class Invitation(Scoped):
    """A link that was given to somebody, to join or to set their sign-in anew; only its hash is kept."""

    JOIN, ANEW = "join", "anew"

    purpose = models.CharField(max_length=10, choices=[(JOIN, "join"), (ANEW, "set sign-in anew")])
    email = models.EmailField(max_length=254)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=40, choices=role_choices, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)
    withdrawn = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made",)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """For an administrator, those to an organisation of theirs."""
        return rows.filter(_there(actor))

    def open(self, now: datetime) -> bool:
        """Whether it can still be used."""
        return self.used is None and self.withdrawn is None and now < self.expires


class RecoveryCode(models.Model):
    """A code to sign in with when the second factor is lost, once; only its hash is kept."""

    unscoped = "Only signing in reads it, before anybody is known."

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64, unique=True)
    used = models.DateTimeField(null=True, blank=True)

    objects = models.Manager["RecoveryCode"]()


class Attempt(models.Model):
    """A try at signing in, for an account or from an address, both hashed; removed after a day."""

    unscoped = "Only signing in reads it, before anybody is known."

    about = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    objects = models.Manager["Attempt"]()


class Identity(models.Model):
    """Who a person is to an OpenID provider, from the first time that they signed in through it."""

    unscoped = "Only signing in reads it, before anybody is known."

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=300)

    objects = models.Manager["Identity"]()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issuer", "subject"), name="one_person_an_identity"),
            models.UniqueConstraint(fields=("issuer", "person"), name="one_identity_a_person"),
        )


class ApiToken(Scoped):
    """What a person's program signs in with; only its hash is kept. `start` is how it begins, to know it by."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    scopes = models.CharField(max_length=200)
    start = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made",)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """One's own, and nobody else's."""
        return rows.filter(person_id=actor.person.pk)


def _there(actor: Actor) -> Q:
    """Rows at organisations whose people an actor keeps."""
    reach = actor.reach(KEEP)
    return Q(pk__isnull=False) if reach is None else Q(organisation_id__in=sorted(reach))
