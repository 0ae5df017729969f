"""What the tests of pages can reach: a browser of Django's own, and a page's words without its markup."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from tests.site.reading import Read, words


@pytest.fixture(scope="session", autouse=True)
def styles_are_built() -> None:
    """Pages name their styles by hash, so the styles have to be built before a page is."""
    built = settings.STATIC_ROOT / "staticfiles.json"
    assert built.is_file(), "The site's styles are not built: run make static, then the tests."


@pytest.fixture
def read(client: Client) -> Read:
    """Ask for a page and get its words as one line; `status` is what it must answer with."""

    def page(address: str, status: int = 200, **asked: str) -> str:
        response = client.get(address, asked or None)
        assert response.status_code == status, f"{address} {asked}: {response.status_code}"
        return words(response.content.decode())

    return page
