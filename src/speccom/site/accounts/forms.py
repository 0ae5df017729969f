"""Reads what people send: each form says its fields, their words, and what browsers may fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from speccom.site.accounts.actions.tokens import LONGEST
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.models import KEEP
from speccom.site.accounts.organisations import offered
from speccom.site.accounts.roles import ROLES, SCOPES
from speccom.site.audit.actions import SHORTEST_REASON

LONGEST_PASSWORD = 200  # longer ones cost time to hash and give nothing


_STYLES = {
    "select": "nhsuk-select",
    "checkbox": "nhsuk-checkboxes__input",
    "textarea": "nhsuk-textarea",
    "file": "nhsuk-file-upload__input",
}
"""Kind of field → its class in the design system, where it is no line of text."""


class Form(forms.Form):
    """A form in the design system's looks; what is left out is said plainly."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.dress()

    def dress(self) -> None:
        """Give each field its looks; said again by a form that adds fields of its own."""
        for field in self.fields.values():
            widget, attributes = field.widget, field.widget.attrs
            kind = "textarea" if isinstance(widget, forms.Textarea) else getattr(widget, "input_type", "")
            styles = [_STYLES.get(kind, "nhsuk-input"), *attributes.get("class", "").split()]
            attributes["class"] = " ".join(dict.fromkeys(styles))
            attributes.setdefault("autocomplete", "off")


def _password(label: str, autocomplete: str, needed: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        strip=False,
        max_length=LONGEST_PASSWORD,
        error_messages={"required": needed},
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete, "class": "nhsuk-input--width-20"}),
    )


def _new_password() -> forms.CharField:
    least = settings.LEAST_PASSWORD
    return _password(
        "New password",
        "new-password",
        "Enter a new password",
        f"At least {least} characters. Three words that do not belong together are easy to keep in mind.",
    )


_WHY = "Say why, in a few words"
_DAYS = ["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y"]


def reason_field() -> forms.CharField:
    """Why something is done, which goes on record."""
    return forms.CharField(
        label="Reason",
        help_text="Kept for good with your name, for whoever asks later.",
        min_length=SHORTEST_REASON,
        max_length=500,
        error_messages={"required": _WHY, "min_length": _WHY},
    )


def day_field(label: str, help_text: str = "", *, needed: str = "") -> forms.DateField:
    """A day; `needed` is what to say where it is left out, and without it the day may be."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=bool(needed),
        input_formats=_DAYS,
        error_messages={"required": needed, "invalid": "Write a date such as 2027-04-01"},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "nhsuk-input--width-10"}),
    )


def text_field(
    label: str, help_text: str = "", *, needed: str = "", most: int = 300, rows: int = 0
) -> forms.CharField:
    """A line of text, or with `rows` several; `needed` as for `day_field`."""
    wide = {"class": "nhsuk-input--width-30"} if most > 60 else {}
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(needed),
        max_length=most,
        error_messages={"required": needed},
        widget=forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs=wide),
    )


class SignIn(Form):
    email = forms.CharField(
        label="E-mail address",
        max_length=254,
        error_messages={"required": "Enter your e-mail address"},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    password = _password("Password", "current-password", "Enter your password")


class Code(Form):
    code = forms.CharField(
        label="Code",
        help_text="The six digits that your application shows now.",
        max_length=40,
        error_messages={"required": "Enter the code"},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": "nhsuk-input--width-10", "spellcheck": "false"}
        ),
    )


class CodeOrRecovery(Code):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["code"].help_text = "The six digits that your application shows now, or a recovery code."


class _Twice(Form):
    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "password" in found and "again" in found and found["password"] != found["again"]:
            self.add_error("again", "The two passwords are not the same")
        return found


class Join(_Twice):
    name = forms.CharField(
        label="Your name",
        max_length=200,
        error_messages={"required": "Enter your name"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = _new_password()
    again = _password("The same password again", "new-password", "Enter the password again")


class Anew(_Twice):
    password = _new_password()
    again = _password("The same password again", "new-password", "Enter the password again")


class ChangePassword(_Twice):
    old = _password(
        "The password that you have now", "current-password", "Enter the password that you have now"
    )
    password = _new_password()
    again = _password("The same password again", "new-password", "Enter the password again")


class EmailNotices(Form):
    by_email = forms.ChoiceField(
        label="Where notices go",
        choices=[("1", "To the site and my e-mail address"), ("0", "To the site only")],
    )


class MakeToken(Form):
    name = forms.CharField(
        label="Name",
        help_text="What will use it, such as “monthly report”.",
        max_length=100,
        error_messages={"required": "Give the token a name"},
    )
    scopes = forms.ChoiceField(label="What it may do", choices=list(SCOPES.items()))
    days = forms.IntegerField(
        label="Days that it lasts",
        initial=90,
        min_value=1,
        max_value=LONGEST,
        widget=forms.NumberInput(attrs={"class": "nhsuk-input--width-4"}),
    )


class Reason(Form):
    reason = reason_field()


class Invite(Form):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        error_messages={"required": "Enter an e-mail address", "invalid": "Enter an e-mail address"},
    )
    role = forms.ChoiceField(label="Role", choices=[(key, role.name) for key, role in ROLES.items()])
    organisation = forms.ChoiceField(label="Organisation")
    code = forms.CharField(
        label="Or the code of a patients’ body or a committee",
        help_text="PPV- or COM- and a word, such as PPV-KIDNEY. If it is new, give its name too.",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10"}),
    )
    own_name = forms.CharField(
        label="Name of a new patients’ body or committee", max_length=200, required=False
    )
    reason = reason_field()

    def __init__(self, actor: Actor, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        reach = actor.reach(KEEP)
        grouped = [
            (words, [(code, f"{name} ({code})") for code, name in each if reach is None or code in reach])
            for words, each in offered()
        ]
        choices = [(words.capitalize(), each) for words, each in grouped if each]
        self.fields["organisation"] = forms.ChoiceField(
            label="Organisation",
            choices=[("", "Choose one"), *choices],
            required=False,
            widget=forms.Select(attrs={"class": "nhsuk-select", "autocomplete": "off"}),
        )
        self.order_fields(["email", "role", "organisation", "code", "own_name", "reason"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        found["place"] = found.get("code") or found.get("organisation")
        if not found["place"] and "organisation" not in self.errors:
            self.add_error("organisation", "Choose an organisation, or give a body’s code")
        return found
