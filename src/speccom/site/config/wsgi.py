"""The site as a WSGI application: what the first visitor would wait for is done before workers part."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "speccom.site.config.settings")
application = get_wsgi_application()

# Settings must be there before any of these is read.
from speccom.site.config import templates  # noqa: E402
from speccom.site.core import library  # noqa: E402
from speccom.site.explore import search  # noqa: E402

library.warm()
search.index_of(library.register())
templates.compile_all()
