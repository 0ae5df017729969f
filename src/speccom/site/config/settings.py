"""The site's settings, every one that differs between machines read from the environment.

| variable | what it says | when it is not given |
|---|---|---|
| SPECCOM_HOME | the workspace | `./workspace` |
| DATABASE_URL | `postgresql://user:password@host:port/name` | SQLite, `db.sqlite3` in the workspace |
| SPECCOM_SECRET_KEY | signs cookies and forms | kept in the workspace, readable by its owner only |
| SPECCOM_HOSTS | the names that the site answers to, by commas | this machine only |
| SPECCOM_HTTPS | `1`: everything over HTTPS, as it must be in public | plain HTTP |
| SPECCOM_DEBUG | `1`: error pages with the program in them, for its builders | off |
"""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from speccom.site.config.environment import database, flag, names, secret_key
from speccom.workspace import Workspace

SITE = Path(__file__).resolve().parents[1]
WORKSPACE = Workspace.locate()

DEBUG = flag("SPECCOM_DEBUG")
HTTPS = flag("SPECCOM_HTTPS")
SECRET_KEY = secret_key(WORKSPACE)
ALLOWED_HOSTS = [*names("SPECCOM_HOSTS", "localhost,[::1]"), "127.0.0.1"]  # health is asked from within

ROOT_URLCONF = "speccom.site.config.urls"
WSGI_APPLICATION = "speccom.site.config.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "speccom.site.core",
    "speccom.site.explore",
    "speccom.site.insight",
    "speccom.site.finance",
    "speccom.site.audit",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "speccom.site.explore.api.middleware.open_to_all",
    "csp.middleware.CSPMiddleware",
    "speccom.site.core.middleware.permissions_policy",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "speccom.site.core.middleware.Refusals",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "speccom.site.config.templates.environment"},
    }
]

DATABASES = {"default": database(WORKSPACE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True

# --- static files: hashed names, compressed beforehand, kept by browsers for good

STATIC_URL = "/static/"
STATIC_ROOT = SITE / "static_built"
STATICFILES_DIRS = [SITE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- what browsers are told to hold pages to

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Preloading binds every name under the domain for good: a choice of whoever owns it, not of this program.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A refused question is an answer, and so is one to another name than ours: no fault to wake anybody for.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
