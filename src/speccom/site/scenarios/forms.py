"""Reads what people send to keep a scenario: its file, and why."""

from __future__ import annotations

from django import forms

from speccom.finance.scenarios import LARGEST
from speccom.site.accounts.forms import Form, reason_field


class Keep(Form):
    """A scenario's file with the reason for keeping it."""

    file = forms.CharField(
        label="The scenario’s file, as JSON",
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        error_messages={"required": "Paste the file of the scenario that is to be kept"},
    )
    reason = reason_field()
