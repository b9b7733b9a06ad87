"""Secrets at rest (Fernet with key rotation) and out of logs."""

import json
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

HIDDEN = "[hidden]"


@lru_cache
def _cipher(keys: tuple) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Encrypt with the first key; the others still decrypt, so that keys can be rotated."""
    return _cipher(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Raises cryptography.fernet.InvalidToken when no key fits."""
    return _cipher(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode()).decode()


def redact(text: str, values) -> str:
    """Replace every secret value in a text that will be stored or logged."""
    for value in sorted({str(v) for v in values if v and len(str(v)) >= 4}, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


class EncryptedTextField(models.TextField):
    """A text that the database only sees encrypted. Cannot be filtered by."""

    def get_prep_value(self, value):
        return value if value in (None, "") else encrypt(str(value))

    def from_db_value(self, value, expression, connection):
        return value if value in (None, "") else decrypt(value)


class EncryptedJSONField(models.TextField):
    """A JSON value that the database only sees encrypted."""

    def get_prep_value(self, value):
        return None if value is None else encrypt(json.dumps(value))

    def from_db_value(self, value, expression, connection):
        return value if value in (None, "") else json.loads(decrypt(value))

    def to_python(self, value):
        return json.loads(value) if isinstance(value, str) and value else value
