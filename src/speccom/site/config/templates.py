"""How templates are read: NHS design system components beside the site's own, and what each may call."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template import engines
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from speccom.site.core import words
from speccom.site.core.library import register


def environment(**options: Any) -> Environment:
    """The one environment of every template.

    A missing name is empty rather than a fault, since the design system's components are written so.
    """
    options["loader"] = ChoiceLoader([options["loader"], PackageLoader("nhsuk_frontend_jinja")])
    made = Environment(
        **options | {"undefined": ChainableUndefined, "trim_blocks": True, "lstrip_blocks": True}
    )
    made.globals |= {
        "static": static,
        "url": _url,
        "PRODUCT": words.PRODUCT,
        "snapshot": lambda: register().snapshot,
    }
    made.filters |= {"long_date": words.long_date, "count": words.count, "linked": words.linked}
    made.tests["day"] = words.is_day
    return made


def compile_all() -> None:
    """Compile the site's own templates, and with them those that they import."""
    made: Environment = engines["jinja2"].env  # type: ignore[attr-defined]
    own = tuple(
        f"{name.rpartition('.')[2]}/" for name in settings.INSTALLED_APPS if name.startswith("speccom.site.")
    )
    for name in made.list_templates(filter_func=lambda name: name.startswith(own)):
        made.get_template(name)


def _url(name: str, *arguments: Any, **query: Any) -> str:
    """The address of a page by its name, its arguments, and what is asked of it (empty parts left out)."""
    return reverse(name, args=arguments, query={key: value for key, value in query.items() if value} or None)
