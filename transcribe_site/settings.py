"""All settings, read from the environment; docs/settings.md explains each."""

from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF

from transcribe_site import database_settings, env
from versioning import __version__

# Makes type parameters usable on Django's classes, such as ModelAdmin[Job].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.read_folder("TRANSCRIBE_DATA_DIR", BASE_DIR / "data", subfolders=("incoming", "static", "uploads"))
TEMPORARY_DIR = DATA_DIR / "incoming"

# Security and addresses

DEBUG = env.read_bool("TRANSCRIBE_DEBUG", False)
SECRET_KEY = env.read_secret_key("TRANSCRIBE_SECRET_KEY", DATA_DIR / "secret_key")
HTTPS = env.read_bool("TRANSCRIBE_HTTPS", False)
# `make run HTTPS=1`: https by this program itself. Nothing is demanded of browsers for later, as the next start may be
# without it again.
OWN_HTTPS = env.read_bool("HTTPS", False)
ALLOWED_HOSTS = env.read_list("TRANSCRIBE_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.read_list("TRANSCRIBE_TRUSTED_ORIGINS", [])
FORWARDED_HEADERS = env.read_bool("TRANSCRIBE_FORWARDED_HEADERS", False)
USE_X_FORWARDED_HOST = FORWARDED_HEADERS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if FORWARDED_HEADERS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.read_bool("TRANSCRIBE_HSTS_SUBDOMAINS", False) and HTTPS
# Both speak for names that are not ours: subdomains are a setting of their own, and preload lists a whole domain in
# browsers for good, which its owner can ask for with a header of the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS or OWN_HTTPS
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "foundation.problems.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

# Applications

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "django_include_bootstrap",
    "transcribe_site",
    "accounts",
    "jobs",
    "notifications",
    "versioning",
    "django_q",
]
MIDDLEWARE = [
    # First, so that redirects and static files carry the version too.
    "versioning.middleware.FrontendVersionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    # Around everything that uses the database.
    "transcribe_site.middleware.ReleaseConnectionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # A view that says nothing is closed. Those of the API are left to their permissions.
    "transcribe_site.middleware.ClosedByDefaultMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "transcribe_site.urls"
ASGI_APPLICATION = "transcribe_site.asgi.application"
WSGI_APPLICATION = "transcribe_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "versioning.context_processors.frontend_version",
            ],
        },
    },
]

# Data

DATABASE_CONNECTIONS = env.read_int("TRANSCRIBE_DATABASE_CONNECTIONS", 20, minimum=1)
# The address is no setting of its own: it holds a password, which Django's debug pages would show.
DATABASES = {
    "default": database_settings.build_database(
        env.read_str("DATABASE_URL", ""), file=DATA_DIR / "db.sqlite3", pool_size=DATABASE_CONNECTIONS
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Shared by all processes: django-q2 keeps its cluster status here, and rate limits count here.
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
        # Beyond this, a third of the entries go at random, counters of running attacks among them; one address makes
        # about 60 a minute. Not more, because each write lists them all: 40 ms for 10,000.
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "transcribe_site.staticfiles.ModuleManifestStorage"},
}
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_TEMP_DIR = TEMPORARY_DIR
FILE_UPLOAD_HANDLERS = ["jobs.upload_handler.HashingUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True

# People

AUTH_USER_MODEL = "accounts.User"
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 - the name of a model
MIGRATION_MODULES = {"knox": None}  # its only table is replaced by ours
REST_KNOX = {
    "TOKEN_MODEL": "accounts.ApiToken",
    "TOKEN_TTL": None,
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_PREFIX": "tr_",
}
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "foundation.http.json_parser.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["foundation.http.strict_filters.StrictFilterBackend"],
    "DEFAULT_THROTTLE_RATES": {
        "sign_in": env.read_str("TRANSCRIBE_SIGN_IN_RATE", "10/minute"),
        "sign_in_address": env.read_str("TRANSCRIBE_SIGN_IN_ADDRESS_RATE", "60/minute"),
        "bearer": env.read_str("TRANSCRIBE_TOKEN_RATE", "30/minute"),
        "submit": env.read_str("TRANSCRIBE_SUBMIT_RATE", "120/minute"),
    },
    "EXCEPTION_HANDLER": "jobs.api.exceptions.handle_exception",
    # `format` chooses the form of a transcript; DRF would answer 404 to one that it has no renderer for.
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": 1 if FORWARDED_HEADERS else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Transcribe",
    "DESCRIPTION": "Record or upload speech, and read what was said.",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "ENUM_NAME_OVERRIDES": {
        "JobState": "jobs.states.JobState",
        "LossReason": "jobs.states.LossReason",
        "RecordingState": "jobs.states.RecordingState",
        "Stage": "jobs.states.Stage",
        "Source": "jobs.models.recording.Source",
    },
}

# Work

ENGINE = env.read_choice("TRANSCRIBE_ENGINE", "whisper", ("whisper", "fake"))
ENGINE_MODEL = env.read_str("TRANSCRIBE_MODEL", "base")
ENGINE_IDLE_SECONDS = env.read_float("TRANSCRIBE_ENGINE_IDLE_SECONDS", 300, minimum=1)
MAX_HOURS = env.read_float("TRANSCRIBE_MAX_HOURS", 12, minimum=0.01)
MAX_UPLOAD_MB = env.read_int("TRANSCRIBE_MAX_UPLOAD_MB", 2048, minimum=1)
MIN_FREE_MB = env.read_int("TRANSCRIBE_MIN_FREE_MB", 1024)
MAX_RECORDING_MINUTES = env.read_float("TRANSCRIBE_MAX_RECORDING_MINUTES", 180, minimum=0.05)
QUOTA_GB = env.read_float("TRANSCRIBE_QUOTA_GB", 0)
QUOTA_HOURS = env.read_float("TRANSCRIBE_QUOTA_HOURS", 0)
UPLOAD_EXPIRY_HOURS = env.read_float("TRANSCRIBE_UPLOAD_EXPIRY_HOURS", 48, minimum=0.01)
UNFINISHED_HOURS = env.read_float("TRANSCRIBE_UNFINISHED_HOURS", 24, minimum=0.01)
MAX_ATTEMPTS = env.read_int("TRANSCRIBE_MAX_ATTEMPTS", 4, minimum=1)
RETRY_BASE_SECONDS = env.read_float("TRANSCRIBE_RETRY_BASE_SECONDS", 2)
RETRY_CAP_SECONDS = env.read_float("TRANSCRIBE_RETRY_CAP_SECONDS", 120)
FAKE_ENGINE_DELAY = env.read_float("TRANSCRIBE_FAKE_ENGINE_DELAY", 0)
CATEGORIES_FILE = env.read_str("TRANSCRIBE_CATEGORIES_FILE", "")
Q_CLUSTER = {
    "name": "transcribe",
    "orm": "default",
    "workers": env.read_int("TRANSCRIBE_WORKERS", 2, minimum=1),
    "cpu_affinity": 0,
    # Nothing is started twice: see jobs/checks.py, which refuses settings that would allow it.
    "timeout": 3600,
    "retry": 7200,
    "max_attempts": 1,
    "ack_failures": True,
    "bulk": 1,
    "queue_limit": 1,
    "guard_cycle": 0.5,
    # The broker waits by itself: see foundation/database/broker.py.
    "broker_class": "foundation.database.broker.Broker",
    "poll": 0,
    "catch_up": False,
    "save_limit": -1,
    "label": "Task queue",
    "log_level": "WARNING",
}

# A cluster waits this long for a local wake-up, in seconds, before it looks for those of other machines. A look is one
# query of well under a millisecond, for a whole cluster; SQLite has other readers' locks to mind.
POLL_SECONDS = 0.1 if database_settings.is_postgresql(DATABASES["default"]) else 0.2

# Notifications

PUBLIC_URL = env.read_matching("TRANSCRIBE_PUBLIC_URL", env.find_address(CSRF_TRUSTED_ORIGINS), env.ADDRESS)
OUTBOUND_ALLOW = env.read_targets("TRANSCRIBE_OUTBOUND_ALLOW")
PUSH_CONTACT = env.read_matching("TRANSCRIBE_PUSH_CONTACT", f"https://{ALLOWED_HOSTS[0]}", env.CONTACT)
EMAIL_BACKEND = "notifications.channels.smtp.Backend"
EMAIL_HOST = env.read_matching("TRANSCRIBE_SMTP_HOST", "", env.HOST)
EMAIL_PORT = env.read_int("TRANSCRIBE_SMTP_PORT", 587, minimum=1, maximum=65_535)
EMAIL_HOST_USER = env.read_str("TRANSCRIBE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.read_str("TRANSCRIBE_SMTP_PASSWORD", "")
SMTP_SECURITY = env.read_choice("TRANSCRIBE_SMTP_SECURITY", "starttls", ("starttls", "tls", "none"))
EMAIL_USE_TLS = SMTP_SECURITY == "starttls"
EMAIL_USE_SSL = SMTP_SECURITY == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.read_matching(
    "TRANSCRIBE_MAIL_FROM", f"Transcribe <transcribe@{ALLOWED_HOSTS[0]}>", env.SENDER
)

# Front end and back end versions

TRANSCRIBE_MINIMUM_FRONTEND = env.read_str("TRANSCRIBE_MINIMUM_FRONTEND", "0.1.0")
TRANSCRIBE_VERSION_POLICY = env.read_choice("TRANSCRIBE_VERSION_POLICY", "compatible", ("compatible", "exact"))

# Language and time

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.read_time_zone("TRANSCRIBE_TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"outages": {"()": "transcribe_site.logs.ShortenOutages"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.read_choice("TRANSCRIBE_LOG_LEVEL", "WARNING", LOG_LEVELS)},
    # What a client did wrong is answered, and needs no traceback in the log.
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["outages"]},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
