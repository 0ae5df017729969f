"""Tells Django whose a session is; it signs nobody in by itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from speccom.site.accounts.models import Person


class Backend(BaseBackend):
    """People whose account is open."""

    def get_user(self, user_id: int) -> Any:
        return Person.objects.filter(pk=user_id, is_active=True).first()
