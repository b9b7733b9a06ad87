"""The test's own database in a real browser: a server in this process that shares the test's transaction, so that every noun's
object is there without an installation, and each page is undone after it was looked at."""

import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import WSGIServer
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.test import Client
from django.test.testcases import QuietWSGIRequestHandler

BACKEND = "django.contrib.auth.backends.ModelBackend"


@contextmanager
def served():
    """Serve the test's transaction, one request after the other because they share its connection; gives the address."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.inc_thread_sharing()
    connection.close_if_unusable_or_obsolete = lambda: None  # it would end the test's transaction
    server = WSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(application())

    def serve():
        connections[DEFAULT_DB_ALIAS] = connection
        server.serve_forever(poll_interval=0.05)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        del connection.close_if_unusable_or_obsolete
        connection.dec_thread_sharing()


def application():
    """With its style sheets: from their folders, or where bin/test has collected them under hashed names as WhiteNoise serves them."""
    plain = settings.STORAGES["staticfiles"]["BACKEND"].endswith(".StaticFilesStorage")
    return StaticFilesHandler(WSGIHandler()) if plain else WSGIHandler()


@contextmanager
def undone():
    """What opening a page changes (a step remembered, a notice read) does not reach the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def be(page, url: str, user=None, language: str = "en") -> None:
    """From now on the page belongs to this person (None: a visitor) who reads this language."""
    cookies = {"language": language}
    if user is not None:
        client = Client()
        client.force_login(user, backend=BACKEND)
        cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    place = {"domain": urlsplit(url).hostname, "path": "/"}
    page.context.add_cookies([{"name": name, "value": value, **place} for name, value in cookies.items()])
