"""Models behind signing in: their rows come out only through who asks, `Model.objects.visible_to(actor)`.

`python -m speccom.site.scope` holds the site's modules to it; `actions` alone may reach past, since they
write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor


class ScopedManager(models.Manager[Any]):
    """Gives rows to whoever may see them."""

    def visible_to(self, actor: Actor) -> models.QuerySet[Any]:
        """The rows that one actor may see, none where nobody said otherwise."""
        visible: models.QuerySet[Any] = self.model.visible(self.get_queryset(), actor)
        return visible


class Scoped(models.Model):
    """A model of which each row belongs to somebody. A subclass says to whom in `visible`."""

    objects: ClassVar[Any] = ScopedManager()

    class Meta:
        abstract = True

    @classmethod
    def visible(cls, rows: models.QuerySet[Self], actor: Actor) -> models.QuerySet[Self]:
        """Which of these rows an actor may see."""
        return rows.none()
