"""Secrets after a whole life of an order at the real sandbox servers: in no column, no log line, no mail, no page."""

import io
import json
import logging

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.urls import reverse

from billing.models import Payment
from hostbill.core import modules
from hostbill.core.models import Message, ModuleConfig
from hostbill.core.secrets import redact
from provisioning.models import OperationAttempt, Service
from tests.billing.factories import make_product
from tests.billing.shop import Shop
from tests.factories import PASSWORD, make_cast
from tests.provisioning.factories import buy_hosting, hurry, make_group, make_hosting, make_server
from tests.security.conftest import browser

pytestmark = pytest.mark.django_db
CARD_NUMBER = "4242424242424242"


@pytest.fixture
def log_lines():
    """Everything that would go to the console, as JSON, whatever the level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    from logging.config import dictConfig

    dictConfig(settings.LOGGING)
    root = logging.getLogger()
    handler.setFormatter(next(h.formatter for h in root.handlers if type(h) is logging.StreamHandler))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def everything():
    """(table.column, text of every row) of the whole database, as the database sees it."""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row


@pytest.fixture
def life(sandbox, db, drain, log_lines):
    """Sign-in, order, card, account on WHM and on Plesk, a new panel password, a lost answer; gives what is secret."""
    for name in ("whm", "plesk", "stripe"):
        sandbox.control(name, "reset", {})
    cast = make_cast()
    browser().post("/auth/login/", {"login": cast.alice.email, "password": PASSWORD})
    shop = Shop(sandbox, cast.alice_client)
    sandbox.control("whm", "faults", {"match": "createacct", "kind": "drop_after", "times": 1})
    for name in ("whm", "plesk"):
        group = make_group()
        make_server(sandbox, group, name)
        buy_hosting(cast.alice_client, make_hosting(group), f"secret-{name}.example.com")
    drain()
    hurry()
    drain()
    from tests.billing.factories import make_order

    charge = shop.open_form(make_order(cast.alice_client, make_product()).invoice)
    shop.confirm(charge, "pm_card_visa")
    shop.ask(charge)
    drain()
    secrets = {
        "WHM token": sandbox.whm.token,
        "Plesk password": sandbox.plesk.password,
        "Plesk key": sandbox.plesk.secret_key,
        "Stripe key": sandbox.stripe.secret_key,
        "webhook secret": sandbox.stripe.webhook_secret,
        "Alice's password": PASSWORD,
        "card number": CARD_NUMBER,
        "Django's key": settings.SECRET_KEY,
        "encryption key": settings.ENCRYPTION_KEYS[0],
    }
    secrets |= {f"panel password of {s.domain}": s.password for s in Service.objects.all() if s.password}
    return {name: value for name, value in secrets.items() if value}, log_lines, cast


def shapes(value):
    """The secret as it may be written: plain, in JSON, in an address, in XML."""
    from html import escape
    from urllib.parse import quote, quote_plus

    return {value, json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value), escape(value)}


def test_no_secret_is_anywhere_to_be_read(life):
    """One life, three places: database, log, mails (and the pages that show them)."""
    secrets, log, cast = life
    assert Payment.objects.exists() and Service.objects.filter(state="live").count() == 2
    assert any("password" in name for name in secrets) and OperationAttempt.objects.count() >= 2
    leaks = []
    for name, value in secrets.items():
        words = shapes(value)
        leaks += [f"{name} in table {t}: {row[:200]}" for t, row in everything() if any(w in row for w in words)]
        leaks += [
            f"{name} in the log: {line[:300]}" for line in log.getvalue().splitlines() if any(w in line for w in words)
        ]
    assert not leaks, "\n".join(leaks)
    assert log.getvalue().count("\n") > 5, "nothing was logged, so nothing was tested"


def test_no_page_of_staff_shows_a_secret(life):
    """Servers, modules, operations with their exchanges, mails."""
    secrets, _log, cast = life
    staff, service = browser(cast.stella), Service.objects.filter(state="live").first()
    pages = [("provisioning_staff:service_detail", service.pk), ("provisioning_staff:server_detail", service.server_id)]
    pages += [("provisioning_staff:server_edit", service.server_id)]
    pages += [("provisioning_staff:operation_detail", o.pk) for o in service.operations.all()]
    pages += [("message_detail", m.pk) for m in Message.objects.all()]
    pages += [("module_edit", m.pk) for m in ModuleConfig.objects.all()]
    for route, pk in pages:
        page = staff.get(reverse(route, args=[pk])).content.decode()
        for name, value in secrets.items():
            assert value not in page, (name, route)


def test_secrets_of_a_module_come_back_only_to_its_driver(db):
    """Stored encrypted, not in the change log, not in the text of the row."""
    module = modules.store_values(
        ModuleConfig(kind="gateway", driver="stripe", label="Card"),
        {"secret_key": "sk_test_very_secret", "publishable_key": "pk_x", "webhook_secret": "whsec_very_secret"},
    )
    rows = "".join(row for _table, row in everything())
    assert "very_secret" not in rows and "very_secret" not in f"{module} {module!r}"
    assert ModuleConfig.objects.get(pk=module.pk).secrets["secret_key"] == "sk_test_very_secret"


def test_a_secret_at_the_edge_of_an_excerpt_is_hidden_whole():
    """Cutting happens after hiding, else the first half would be kept."""
    text = "x" * 3990 + "SECRET-TOKEN-0123456789"
    assert "SECRET" not in redact(text, ["SECRET-TOKEN-0123456789"])[:4000]
