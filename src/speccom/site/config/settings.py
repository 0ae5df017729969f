"""The site's settings, every one that differs between machines read from the environment.

| variable | what it says | when it is not given |
|---|---|---|
| SPECCOM_HOME | the workspace | `./workspace` |
| DATABASE_URL | `postgresql://user:password@host:port/name` | SQLite, `db.sqlite3` in the workspace |
| SPECCOM_SECRET_KEY | signs cookies and forms | kept in the workspace, readable by its owner only |
| SPECCOM_HOSTS | the names that the site answers to, by commas | this machine only |
| SPECCOM_HTTPS | `1`: everything over HTTPS, as it must be in public | plain HTTP |
| SPECCOM_PROXIES | how many proxies in front add to `X-Forwarded-For` | none |
| SPECCOM_OIDC_ISSUER | an organisation's OpenID provider to sign in through | passwords only |
| SPECCOM_OIDC_CLIENT_ID | the name by which that provider knows this site | |
| SPECCOM_OIDC_CLIENT_SECRET | the secret that it gave this site | |
| SPECCOM_OIDC_NAME | what people call that provider | your organisation's account |
| SPECCOM_OIDC_SECOND_FACTOR | its `acr` values that mean a second factor, by commas | `amr` with `mfa` alone |
| SPECCOM_ADDRESS | where people reach the site, which links in e-mails begin with | where `speccom serve` serves it |
| SPECCOM_SMTP_HOST | the mail server that e-mails go through | files in the workspace, `mail` |
| SPECCOM_SMTP_PORT | its port | 587, or 465 with `tls` |
| SPECCOM_SMTP_USER | the name to sign in to it with | without signing in |
| SPECCOM_SMTP_PASSWORD | the password to that name | |
| SPECCOM_SMTP_SECURITY | `starttls`, `tls`, or `none` on one's own network | `starttls` |
| SPECCOM_MAIL_FROM | whom e-mails are from | needed with a mail server |
| SPECCOM_DEBUG | `1`: error pages with the program in them, for its builders | off |
"""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from speccom.site.config.environment import address, database, flag, mail, names, oidc, secret_key, whole
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
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "speccom.site.core",
    "speccom.site.explore",
    "speccom.site.insight",
    "speccom.site.finance",
    "speccom.site.audit",
    "speccom.site.accounts",
    "speccom.site.decisions",
    "speccom.site.portfolio",
    "speccom.site.readiness",
    "speccom.site.scenarios",
    "speccom.site.notices",
    "speccom.site.jobs",
]
# What these serve is for everybody: no view in them states a rule, and none of their pages looks at a cookie.
PUBLIC_APPS = ["speccom.site.core", "speccom.site.explore", "speccom.site.insight", "speccom.site.finance"]
PUBLIC_NAMESPACES = ["api"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "speccom.site.explore.api.middleware.open_to_all",
    "csp.middleware.CSPMiddleware",
    "speccom.site.core.middleware.permissions_policy",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",  # reads a cookie only where a view asks who it is
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "speccom.site.accounts.access.Access",
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

# --- e-mails, and work in the background

SPECCOM_ADDRESS = address()
MAIL = mail(WORKSPACE)
globals().update(MAIL)
EMAIL_FILE_PATH: Path | None = MAIL["EMAIL_FILE_PATH"]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- signing in

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["speccom.site.accounts.actions.backend.Backend"]
LEAST_PASSWORD = 12
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": LEAST_PASSWORD},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_IDLE = 30 * 60  # seconds without a request
SESSION_LONGEST = 12 * 3600  # seconds since signing in, however busy
SESSION_COOKIE_AGE = SESSION_LONGEST
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # the way back from an organisation's provider is a link from another site
SESSION_COOKIE_SECURE = HTTPS
SECOND_FACTOR_WITHIN = 10 * 60  # seconds from the first factor to the second
SECOND_FACTOR_ISSUER = "Speccom"
CSRF_FAILURE_VIEW = "speccom.site.accounts.views.refused.forged"
PROXIES = whole("SPECCOM_PROXIES", 0)
OIDC = oidc()

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

FILE_UPLOAD_HANDLERS = [
    "speccom.site.readiness.upload.Limited",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

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
