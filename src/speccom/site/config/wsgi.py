"""The site as a WSGI application; the register is read before the first request and shared by workers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "speccom.site.config.settings")
application = get_wsgi_application()

from speccom.site.core.library import warm  # noqa: E402  # settings must be there first

warm()
