"""The site's settings as the tests run them: the shipped register, a workspace thrown away."""

import os
import tempfile

os.environ.setdefault("SPECCOM_HOME", tempfile.mkdtemp(prefix="speccom-site-"))
os.environ.setdefault("SPECCOM_SECRET_KEY", "for tests only")

from speccom.site.config.settings import *  # noqa: F403

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slow ones are for real passwords
