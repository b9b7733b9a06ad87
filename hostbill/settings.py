"""Infrastructure settings, from the environment only. Business options live in each app's options.py."""

from pathlib import Path

import environ
import structlog
from celery.schedules import schedule
from django.conf.locale import LANG_INFO
from django.utils.functional import lazy
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django_countries.data import COUNTRIES

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("HOSTBILL_DEBUG", default=False)
SECRET_KEY = env("HOSTBILL_SECRET_KEY")
#: Fernet keys (32 bytes, url-safe base64), comma separated: the first encrypts, all decrypt.
ENCRYPTION_KEYS = env.list("HOSTBILL_ENCRYPTION_KEYS")
#: The address people type, without a trailing slash.
SITE_URL = env("HOSTBILL_URL", default="http://127.0.0.1:8000").rstrip("/")
VAR = Path(env("HOSTBILL_VAR", default=str(BASE_DIR / "var")))
SANDBOX = env.bool("HOSTBILL_SANDBOX", default=False)
SANDBOX_CLOCK_FILE = str(VAR / "clock") if SANDBOX else ""
#: Written by bin/up: addresses and credentials of the sandbox servers, for the demo.
SANDBOX_JSON = env("HOSTBILL_SANDBOX_JSON", default=str(VAR / "sandbox.json"))
UPLOAD_ROOT = str(VAR / "uploads")

_host = SITE_URL.split("//", 1)[1].split(":")[0].split("/")[0]
ALLOWED_HOSTS = env.list("HOSTBILL_ALLOWED_HOSTS", default=[_host, "127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("HOSTBILL_TRUSTED_ORIGINS", default=[SITE_URL])
HTTPS = SITE_URL.startswith("https://")
BEHIND_PROXY = env.bool("HOSTBILL_BEHIND_PROXY", default=False)
#: How many proxies of ours stand in front: decides which entry of X-Forwarded-For is the caller.
PROXIES = env.int("HOSTBILL_PROXIES", default=1 if BEHIND_PROXY else 0)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("HOSTBILL_SSL_REDIRECT", default=False)
SECURE_HSTS_SECONDS = env.int("HOSTBILL_HSTS_SECONDS", default=31536000 if HTTPS else 0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "hostbill.core",
    "clients",
    "billing",
    "provisioning",
    "support",
    "hostbill.pages",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "django_structlog",
    "django_countries",
    "phonenumber_field",
    "django_prometheus",
]

MIDDLEWARE = [
    "hostbill.core.middleware.ProxyMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hostbill.core.middleware.RequestLogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hostbill.core.middleware.SessionActivityMiddleware",
    "hostbill.core.middleware.RequestScopeMiddleware",
    "hostbill.core.middleware.ActorMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "hostbill.urls"
WSGI_APPLICATION = "hostbill.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "hostbill.pages.context.frame",
            ],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"].update(
    ENGINE="django.db.backends.postgresql",
    CONN_MAX_AGE=env.int("HOSTBILL_CONN_MAX_AGE", default=60),
    CONN_HEALTH_CHECKS=True,
)
REDIS_URL = env("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

AUTH_USER_MODEL = "clients.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
#: The API speaks JSON only; `format` is a filter of lists that have such a column.
REST_FRAMEWORK = {"URL_FORMAT_OVERRIDE": None}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_ADAPTER = "clients.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "promotion": "10/10m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "3/3m/key",
}
USERSESSIONS_TRACK_ACTIVITY = True
MFA_ADAPTER = "clients.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_VERBOSE = False
AXES_USERNAME_FORM_FIELD = "login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("bn", _("Bengali")), ("am", _("Amharic")), ("ar", _("Arabic"))]
#: Django ships no Amharic, so it has to be told the language's names.
LANG_INFO.setdefault("am", {"bidi": False, "code": "am", "name": "Amharic", "name_local": "አማርኛ"})
#: Countries are named by CLDR, which knows all our languages; django-countries knows neither Amharic nor Bengali.
_country_name = lazy(lambda code: import_string("hostbill.core.ui.words.country_name")(code), str)
COUNTRIES_OVERRIDE = {code: _country_name(code) for code in COUNTRIES}
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_COOKIE_NAME = "language"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": UPLOAD_ROOT}},
    "staticfiles": {
        "BACKEND": env(
            "HOSTBILL_STATIC_STORAGE", default="hostbill.core.static_bundles.CompressedStorage"
        )
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
MAX_UPLOAD_BYTES = 10_000_000

#: Origins of the payment element, added to the policy beside 'self'.
PAYMENT_ORIGINS = env.list(
    "HOSTBILL_PAYMENT_ORIGINS",
    default=["https://js.stripe.com", "https://api.stripe.com", "https://hooks.stripe.com"],
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

EMAIL_CONFIG = env.email("EMAIL_URL", default="smtp://127.0.0.1:1025")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("HOSTBILL_FROM_EMAIL", default="billing@hostbill.example")

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 840
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
#: kombu's own sweep of unacknowledged tasks is every 100 s past the time-out; the tick re-finds due rows anyway.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "max_retries": 1,
}
#: Publishing is only a nudge: when the broker is away, give up at once; the tick re-finds every due row.
CELERY_TASK_PUBLISH_RETRY = False
TICK_SECONDS = env.int("HOSTBILL_TICK_SECONDS", default=10 if SANDBOX else 20)
#: A worker that shows no sign of life for so long is dead, and what it was sending is looked up. More than a call outlives its caller.
LEASE_SECONDS = env.int("HOSTBILL_LEASE_SECONDS", default=20 if SANDBOX else 40)
CELERY_BEAT_SCHEDULE = {"tick": {"task": "hostbill.core.tasks.tick", "schedule": schedule(TICK_SECONDS)}}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")
DJANGO_STRUCTLOG_CELERY_ENABLED = True
#: A proxy's X-Request-ID is taken over; core.middleware replaces a senseless one.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True

SENTRY_DSN = env("SENTRY_DSN", default="")
PROMETHEUS_EXPORT_MIGRATIONS = False
METRICS_TOKEN = env("HOSTBILL_METRICS_TOKEN", default="")

_processors = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_processors, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": _processors,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env("HOSTBILL_LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "axes": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},  # "received" and "succeeded": django-structlog tells the same
        "celery.app.trace": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = ["auth.W004", "axes.W003"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORMAT_MODULE_PATH = []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

if SENTRY_DSN:
    import sentry_sdk

    # Neither what was sent to us nor the values of a traceback leave the house: both may hold tokens and secrets.
    sentry_sdk.init(SENTRY_DSN, send_default_pii=False, max_request_body_size="never", include_local_variables=False)
