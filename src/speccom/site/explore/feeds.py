"""What changed as an Atom feed, an entry for each day on which something did, newest knowledge first."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from speccom.site.core.library import register, today
from speccom.site.core.words import PRODUCT
from speccom.site.explore.api.answers import tag
from speccom.site.explore.presenters.changes import day_of_changes
from speccom.site.explore.queries.changes import days_of_change

ENTRIES = 20
AHEAD = timedelta(days=3 * 365)
"""How far ahead changes that are decided already are told."""
_FRESH = 3600


@require_safe
def changes(request: HttpRequest) -> HttpResponseBase:
    """The last days of change, and those to come that are decided."""
    site = request.build_absolute_uri("/").rstrip("/")
    etag = tag("feed", "atom", {"on": today(), "site": site})
    response = get_conditional_response(request, etag=etag)
    if response is None:
        feed = _feed(site)
        response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={_FRESH}"
    return response


def _feed(site: str) -> Atom1Feed:
    feed = Atom1Feed(
        title=f"{PRODUCT}: changes in who commissions NHS specialised services",
        link=site + reverse("changes"),
        feed_url=site + reverse("feed"),
        description="An entry for each day on which answers or the facts behind them changed or will change.",
        language="en-GB",
        author_name=PRODUCT,
    )
    for day in days_of_change(register(), today() + AHEAD)[:ENTRIES]:
        told = day_of_changes(register(), day.on)
        known = datetime.combine(day.known, time(), UTC)
        feed.add_item(
            title=told.title,
            link=site + told.address,
            description=told.html,
            unique_id=site + told.address,
            pubdate=known,
            updateddate=known,
        )
    return feed
