"""Builds what pages carry to the browser: `python -m speccom.site.config.static` after `npm ci`.

The design system's styles lose their web font (NHS organisations only may use it) and every address
outside this site; what is left is collected under hashed names and compressed.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from speccom.errors import SpeccomError

SITE = Path(__file__).resolve().parents[1]
PACKAGES = Path("node_modules")
VENDOR = SITE / "static" / "vendor"
_ICON = re.compile(r"url\(/assets/images/([a-z-]+\.svg)\)")


class StaticError(SpeccomError):
    """The packages that the styles come from are not there, or hold what a page must not load."""

    code = "static"


def build(packages: Path) -> None:
    """Put the vendored files under `static/vendor`, then collect everything into `static_built`."""
    design = packages / "nhsuk-frontend" / "dist" / "nhsuk"
    script = packages / "htmx.org" / "dist" / "htmx.min.js"
    if not design.is_dir() or not script.is_file():
        raise StaticError(f"{packages} lacks nhsuk-frontend or htmx.org: run npm ci first.")
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "images").mkdir(parents=True)
    styles = (design / "nhsuk-frontend.min.css").read_text(encoding="utf-8")
    for icon in sorted(set(_ICON.findall(styles))):
        shutil.copy(design / "assets" / "images" / icon, VENDOR / "images" / icon)
    (VENDOR / "nhsuk.css").write_text(own_fonts(styles), encoding="utf-8")
    shutil.copy(script, VENDOR / "htmx.js")
    _collect()


def own_fonts(styles: str) -> str:
    """The design system's styles in the fonts that each machine has, with no address outside the site."""
    styles = re.sub(r"@font-face\{[^}]*\}", "", styles)
    styles = styles.replace("Frutiger W01,", "")
    styles = re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", styles)
    styles = _ICON.sub(r'url("images/\1")', styles)
    left = re.search(r"Frutiger|url\(\"?(?:https?:|/)", styles)
    if left:
        raise StaticError(f"The design system's styles still hold {left[0]!r}: its build has changed.")
    return styles


def _collect() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "speccom.site.config.settings"
    os.environ.setdefault("SPECCOM_SECRET_KEY", "only to collect static files")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGES)
    except SpeccomError as error:
        sys.exit(str(error))
