"""Hostile input: whatever is typed, sent or uploaded is text, stays text, and breaks nothing."""

import io
import json
import time
import uuid
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from django.core import mail, signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from billing.models import CartLine, GatewayEvent, Order
from billing.queries.invoice_document import invoice_pdf
from billing.queries.pay_link import SALT, invoices_of_token, pay_token
from clients.models import Client as Account
from hostbill.core import clock, modules
from hostbill.core.models import File, Message, ModuleConfig
from support.actions.ticket import open_ticket
from support.models import Department, Ticket
from tests.billing.factories import make_order, make_product
from tests.factories import ClientFactory, UserFactory, make_cast
from tests.security.conftest import browser
from tests.security.routes import routes
from tests.security.test_races import bank, checkout_form, fill_cart, signed
from tests.security.world import arguments_of

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
HOSTILE = {
    "markup": f'"><img src=x onerror=alert(1)>{SCRIPT}',
    "template": "{{ 7*7 }}{% now 'Y' %}{{ request.user.password }}${7*7}#{7*7}<%= 7*7 %>",
    "nul": "a\x00b",
    "newlines": "Nina\r\nBcc: victim@people.example\r\n\r\nHello",
    "bidi": "\u202egpj.exe\u202c \u2066x\u2069",
    "long": "w" * 500,
    "huge": "w" * 200_000,
    "typst": '#panic(1) #read("/etc/passwd") $x$ *b* @ref <l> \\u{41} // /* ',
    "formula": "=cmd|' /C calc'!A0",
    "sql": "'; DROP TABLE clients_client; --",
    "number": "99999999999999999999999999",
    "surrogate": "\ud800x",
    "emoji": "👩‍👩‍👧‍👦" * 20,
    "blank": " \t\u3000 ",
}


class Fields(HTMLParser):
    """Names of the fields of a page's forms."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in ("input", "textarea", "select") and values.get("name") and values["name"] != "csrfmiddlewaretoken":
            self.names.add(values["name"])


def send(client, url, data):
    """POST text that may not even be valid Unicode, as a browser never would but an attacker does."""
    pairs = "&".join(f"{name}={quote_any(value)}" for name, value in data.items())
    return client.post(url, pairs, content_type="application/x-www-form-urlencoded")


def quote_any(value) -> str:
    return "".join(f"%{byte:02X}" for byte in str(value).encode("utf-8", "surrogatepass"))


@pytest.mark.xdist_group("walk")
@pytest.mark.parametrize("role", ["visitor", "alice", "stella"])
def test_every_form_survives_every_hostile_text(walk, world, role):
    """All fields of all pages of the walk at once, each text in turn: a refusal or a redirect, never a failure."""
    forms = {}
    for visit in walk(role):
        if visit.is_html and visit.status == 200 and visit.route.ours:
            fields = Fields()
            fields.feed(visit.body)
            forms.setdefault(visit.route.name, set()).update(fields.names)
    client, broken = browser(world.people.get(role)), []
    client.raise_request_exception = False
    from django.db import transaction

    for route in routes():
        arguments = arguments_of(route, world) if forms.get(route.name) else None
        if arguments is None:
            continue
        url = reverse(route.name, kwargs=arguments)
        for kind in ("markup", "nul", "huge", "number", "surrogate"):
            with transaction.atomic():
                response = send(client, url, dict.fromkeys(forms[route.name], HOSTILE[kind]))
                page = b"" if response.streaming else response.content
                transaction.set_rollback(True)
            if response.status_code >= 500:
                broken.append(f"{role} POST {kind} to {url} ({route.name}): {response.status_code}")
            if SCRIPT.encode() in page:
                broken.append(f"{role} POST {kind} to {url} ({route.name}): script comes back")
    assert forms and not broken, "\n".join(broken)


@pytest.mark.xdist_group("walk")
@pytest.mark.parametrize("role", ["visitor", "alice", "stella"])
def test_every_page_survives_hostile_questions(world, role):
    """Searches, filters, sorts, pages and cursors in the address."""
    from django.db import transaction

    client, broken = browser(world.people.get(role)), []
    client.raise_request_exception = False
    names = ("q", "sort", "after", "before", "page", "tab", "client", "service", "state", "cycle", "currency", "with")
    names += ("domain", "from", "to", "date_from", "amount_min", "group", "product", "email", "country", "next")
    for route in routes():
        arguments = arguments_of(route, world)
        if not route.ours or route.name == "metrics" or arguments is None:
            continue
        url = reverse(route.name, kwargs=arguments)
        for kind in ("markup", "nul", "number"):
            with transaction.atomic():
                response = client.get(url, dict.fromkeys(names, HOSTILE[kind]))
                page = b"".join(response.streaming_content) if response.streaming else response.content
                transaction.set_rollback(True)
            if response.status_code >= 500 and route.name != "healthz":
                broken.append(f"{role} GET {kind} {url} ({route.name}): {response.status_code}")
            if SCRIPT.encode() in page:
                broken.append(f"{role} GET {kind} {url} ({route.name}): script comes back")
    assert not broken, "\n".join(broken)


PERSON = {
    "email": "nina@people.example",
    "password": "Lantern-Meadow-42",
    "first_name": "Nina",
    "last_name": "New",
    "address1": "Road 1",
    "city": "Town",
    "country": "DE",
}


@pytest.mark.parametrize("kind", list(HOSTILE))
@pytest.mark.parametrize("name", ["company", "email", "password", "country"])
def test_checkout_takes_text_as_text(client, kind, name):
    """Accepted or refused with words; nothing is made when refused."""
    gateway = bank()
    client.raise_request_exception = False
    fill_cart(client, make_product())
    answer = send(client, "/checkout/", checkout_form(gateway, **PERSON) | {name: HOSTILE[kind]})
    assert answer.status_code in (302, 422, 400)
    assert Order.objects.count() == Account.objects.count() == (1 if answer.status_code == 302 else 0)
    for value in Account.objects.values_list("first_name", "last_name", "company"):
        assert not any(ord(letter) < 32 for letter in "".join(value))


@pytest.mark.parametrize(
    "field, value",
    [
        ("expected_total", "-1"),
        ("expected_total", "NaN"),
        ("expected_total", "Infinity"),
        ("expected_total", "1e999"),
        ("expected_total", "0"),
        ("idempotency_key", "x"),
        ("idempotency_key", ""),
        ("gateway", "999999"),
        ("gateway", "0x1"),
        ("terms", ""),
    ],
)
def test_hidden_fields_are_not_trusted(client, field, value):
    """The total, the key, the gateway and the consent."""
    user = UserFactory()
    ClientFactory(user=user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    gateway = bank()
    fill_cart(client, make_product())
    assert client.post("/checkout/", checkout_form(gateway) | {field: value}).status_code == 422
    assert not Order.objects.exists()


def test_few_rights_order_nothing(client):
    """Bob has no billing area: refused with words, no failure."""
    cast = make_cast()
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    gateway = bank()
    fill_cart(client, make_product())
    assert client.get("/checkout/").status_code in (200, 302, 403)
    assert client.post("/checkout/", checkout_form(gateway)).status_code in (302, 403, 422)
    assert not Order.objects.exists()


def test_an_order_for_a_foreign_account_is_refused(client):
    """Two accounts of mine offer a choice; a third is not among them."""
    user, stranger = UserFactory(), ClientFactory()
    ClientFactory(user=user), ClientFactory(user=user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    fill_cart(client, make_product())
    assert client.post("/checkout/", checkout_form(bank(), client=stranger.pk)).status_code == 422
    assert not Order.objects.exists()


def test_an_order_key_of_somebody_else_opens_nothing(client):
    """The key of Charlie's order, sent by a stranger, leads neither to his invoice nor to a failure."""
    cast = make_cast()
    order = make_order(cast.charlie_client)
    key = str(uuid.uuid4())
    first = browser(cast.charlie)
    fill_cart(first, make_product())
    assert first.post("/checkout/", checkout_form(bank()) | {"idempotency_key": key}).status_code == 302
    for who in (Client(), browser(cast.alice)):
        fill_cart(who, make_product())
        answer = who.post("/checkout/", checkout_form(ModuleConfig.objects.get()) | {"idempotency_key": key} | PERSON)
        assert answer.status_code in (302, 422) and "/pay/" not in answer.headers.get("Location", "")
    assert Order.objects.exclude(pk=order.pk).count() == 1


def test_baskets_of_others_cannot_be_touched(client):
    """Line ids of another session are not found."""
    mine = Client()
    fill_cart(mine, make_product())
    line = CartLine.objects.get()
    fill_cart(client, make_product())
    for who in (client, Client()):
        assert who.post(f"/cart/{line.pk}/remove/").status_code == 404
        assert who.post(f"/cart/{line.pk}/cycle/", {"cycle": "annual"}).status_code == 404
    assert CartLine.objects.filter(pk=line.pk, cycle="monthly").exists()


def test_hidden_and_retired_products_cannot_be_ordered(client):
    """Not by guessing the address either, unless the shop means it to be reachable by link."""
    gone = make_product(is_retired=True)
    assert client.post(reverse("store:configure", args=[gone.slug]), {"cycle": "monthly"}).status_code == 404


def test_prices_cannot_be_brought_along(client):
    """Only what the shop asks counts."""
    data = {"cycle": "monthly", "amount": "0.01", "price": "0.01", "unit_amount": "0.01", "quantity": "0"}
    client.post(reverse("store:configure", args=[make_product().slug]), data)
    line = CartLine.objects.get()
    assert line.quantity == 1 and "10.00" in client.get("/cart/").content.decode()


def test_pay_links_hold(client):
    """Tampered, of another salt, of another invoice's number, too old: not found; the right one shows one invoice."""
    cast = make_cast()
    bank()
    invoice = make_order(cast.alice_client).invoice
    token = pay_token(invoice)
    assert client.get(reverse("store:pay", args=[token])).status_code == 200
    head, _colon, rest = token.partition(":")
    other = signing.b64_encode(str(invoice.pk + 1).encode()).decode()
    forged = [f"{other}:{rest}", token[:-1] + ("A" if token[-1] != "A" else "B"), head, "::", "%00", "x" * 5000]
    forged += [
        signing.dumps(invoice.pk, salt="other"),
        signing.dumps("1 OR 1=1", salt=SALT),
        signing.dumps({}, salt=SALT),
    ]
    client.raise_request_exception = False
    for bad in forged:
        for part in ("pay", "pay_return", "pay_state"):
            for method in (client.get, client.post):
                assert method(reverse(f"store:{part}", args=[bad])).status_code in (404, 405), (part, bad)


def test_pay_links_end(client, monkeypatch):
    """By real time: a moved sandbox clock neither shortens nor prolongs them."""
    cast = make_cast()
    token = pay_token(make_order(cast.alice_client).invoice)
    assert invoices_of_token(token)
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 400 * 86400)
    assert invoices_of_token(token) == []


def test_a_pay_link_is_not_a_login(client):
    """Whoever has the link pays one invoice; saved cards and the account stay closed."""
    cast = make_cast()
    bank()
    token = pay_token(make_order(cast.alice_client).invoice)
    page = client.get(reverse("store:pay", args=[token])).content.decode()
    assert "_auth_user_id" not in client.session
    for word in (cast.alice.email, cast.alice_client.phone, "Khan Jahan"):
        assert word not in page
    assert client.post(reverse("store:pay", args=[token]), {"method": "1"}).status_code == 404


@pytest.fixture
def hook(db):
    """The address of a card gateway."""
    values = {"secret_key": "sk_test_x", "publishable_key": "pk_test_x", "webhook_secret": "whsec_x"}
    gateway = ModuleConfig(kind="gateway", driver="stripe", label="Card")
    modules.store_values(gateway, values | {"api_base": "http://127.0.0.1:9"})
    return reverse("billing_hooks:gateway", args=[gateway.pk])


EVENT = {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded"}
EVENT |= {"data": {"object": {"id": "pi_1", "object": "payment_intent"}}}


def test_only_signed_fresh_messages_count(client, hook):
    """Wrong, missing, old or borrowed signatures are refused and nothing is stored."""
    client.raise_request_exception = False
    good = signed(EVENT, "whsec_x")
    bad = [
        {**good, "HTTP_STRIPE_SIGNATURE": ""},
        {**good, "HTTP_STRIPE_SIGNATURE": "t=1,v1=00"},
        {**good, "HTTP_STRIPE_SIGNATURE": "v1=,,,=t="},
        {**good, "data": good["data"].replace("pi_1", "pi_2")},
        signed(EVENT, "whsec_other"),
        signed(EVENT, ""),
        signed(EVENT, "whsec_x", at=int(time.time()) - 3600),
        {**good, "data": "\ufffd\x00"},
    ]
    for request in bad:
        assert client.post(hook, **request).status_code == 400
    for payload in ([], "text", 1, None, {}, {"id": "evt"}, {"id": {}, "data": []}):
        assert client.post(hook, **signed(payload, "whsec_x")).status_code == 400, payload
    assert not GatewayEvent.objects.exists()
    assert client.get(hook).status_code == 405
    assert client.post(hook, **good).status_code == 200
    assert GatewayEvent.objects.count() == 1


def test_strange_but_signed_messages_are_kept_without_failing(client, hook):
    """NUL and long ids inside a message that the gateway did sign."""
    client.raise_request_exception = False
    thing = {"id": "pi_1", "object": "payment_intent", "description": "a\x00b \ud83d\ude00"}
    assert client.post(hook, **signed(EVENT | {"data": {"object": thing}}, "whsec_x")).status_code in (200, 400)
    assert client.post(hook, **signed(EVENT | {"id": "e" * 5000}, "whsec_x")).status_code in (200, 400)


def test_huge_messages_are_not_read(client, hook):
    """By declared size; and a body beyond Django's limit is refused."""
    client.raise_request_exception = False
    assert client.post(hook, b"x" * 1_100_000, content_type="application/json").status_code == 413
    assert client.post(hook, b"x", content_type="application/json", CONTENT_LENGTH="99999999").status_code in (400, 413)


def test_huge_forms_are_refused(client):
    """Three megabytes of text, ten thousand fields."""
    client.raise_request_exception = False
    assert client.post("/auth/login/", {"login": "x" * 3_000_000, "password": "x"}).status_code in (400, 413, 200)
    assert send(client, "/auth/login/", {f"f{n}": "1" for n in range(5000)}).status_code == 400


@pytest.fixture
def nina(db):
    """A customer whose names are an attack."""
    user = UserFactory(email="nina@people.example", name=HOSTILE["markup"][:140])
    names = {
        "first_name": "{{ 7*7 }}{% now 'Y' %}",
        "last_name": HOSTILE["markup"][:70],
        "company": "=cmd|'/C calc'!A0 {{7*7}}",
    }
    return ClientFactory(user=user, email=user.email, city='#panic(1) #read("/etc/passwd")', **names)


def test_names_stay_text_in_mails(nina, drain):
    """No template runs, no tag lives, no header grows, in every mail of an order and a ticket."""
    make_order(nina)
    department = Department.objects.get_or_create(name="Support")[0]
    from clients.queries.actor import actor_of

    open_ticket(
        actor=actor_of(nina.memberships.get().user),
        client=nina,
        department=department,
        subject="{{ 7*7 }}\r\nBcc: victim@people.example",
        body=f"{{% now 'Y' %}}{{{{ 7*7 }}}} {SCRIPT} [x](javascript:alert(1)) ![](http://evil.example/p.png)",
    )
    drain()
    assert Message.objects.count() >= 2 and mail.outbox
    for message in Message.objects.all():
        for text in (message.subject, message.html, message.text):
            assert "49" not in text.replace(message.headers.get("Message-ID", ""), "") or "{{" in text
        assert SCRIPT not in message.html and "onerror=alert(1)>" not in message.html
        assert "javascript:" not in message.html.replace("[x](javascript:alert(1))", "").replace("&#", "") or (
            'href="javascript' not in message.html
        )
        assert 'src="http://evil' not in message.html
        assert "\n" not in message.subject and "\r" not in message.subject
    for sent in mail.outbox:
        parsed = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
        assert parsed["Bcc"] is None
        assert "victim@people.example" not in sent.recipients()


def test_names_stay_text_in_documents(nina):
    """Typst prints what was typed and reads no file."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(invoice_pdf(make_order(nina).invoice))).pages)
    assert "{{7*7}}" in text.replace(" ", "") and "root:" not in text and "#panic(1)" in text


def test_names_stay_text_in_the_console(nina, client):
    """Lists, the client's page, the timeline, the search, the CSV file."""
    cast = make_cast()
    order = make_order(nina)
    staff = browser(cast.stella)
    pages = [
        "/staff/",
        "/staff/clients/?tab=all",
        f"/staff/clients/{nina.pk}/",
        "/staff/orders/?tab=all",
        "/staff/invoices/",
    ]
    pages += [f"/staff/invoices/{order.invoice.pk}/", f"/staff/orders/{order.pk}/"]
    for page in pages:
        text = staff.get(page).content.decode()
        assert SCRIPT not in text and "<img src=x" not in text, page
    answer = staff.post("/staff/clients/?tab=all", {"do": "export", "format": "csv"})
    rows = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "calc" in rows
    for cell in rows.replace("\n", ",").split(","):
        assert not cell.strip('"').startswith(("=", "+", "@", "\t")), cell


DISGUISED = [
    ("page.html", b"<script>alert(1)</script>", "text/html"),
    ("pic.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    ("pic.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/png"),
    ("pic.jpg", b"MZ\x90\x00 this program", "image/jpeg"),
    ("paper.pdf", b"<html><script>alert(1)</script>", "application/pdf"),
    ("run.exe", b"MZ\x90", "application/octet-stream"),
    ("x.txt.html", b"hello", "text/plain"),
    ("x.html\x00.txt", b"<script>", "text/plain"),
    ("pic.png", b"", "image/png"),
    ("a" * 400 + ".html", b"x", "text/plain"),
    (".htaccess", b"x", "text/plain"),
]


@pytest.mark.parametrize("name, content, kind", DISGUISED, ids=lambda value: str(value)[:20])
def test_disguised_uploads_are_refused(client, name, content, kind):
    """By extension and by content, through the form, without a failure."""
    cast = make_cast()
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    department = Department.objects.get_or_create(name="Support")[0]
    data = {
        "subject": "x",
        "department": department.pk,
        "body": "x",
        "files": [SimpleUploadedFile(name, content, kind)],
    }
    answer = client.post(reverse("support_portal:ticket_create"), data)
    assert answer.status_code < 500
    for row in File.objects.all():
        assert row.mime not in ("text/html", "image/svg+xml") and "/" not in row.name and "\x00" not in row.name
        assert row.name.endswith(".txt")
    assert File.objects.count() == 0 or name.endswith(".txt")


def test_a_text_with_markup_is_only_ever_downloaded(client):
    """Plain text may hold tags; it is served as a download of type text, and to nobody else's browser."""
    cast = make_cast()
    department = Department.objects.get_or_create(name="Support")[0]
    open_ticket(
        actor=cast.alice_actor,
        client=cast.alice_client,
        department=department,
        subject="x",
        body="x",
        files=[SimpleUploadedFile('a"; filename=evil.html\r\nX-Evil: 1.txt', SCRIPT.encode())],
    )
    token = File.objects.get().token
    url = reverse("support_portal:ticket_file", args=[token])
    answer = browser(cast.alice).get(url)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
    assert "X-Evil" not in answer.headers and "sandbox" in answer["Content-Security-Policy"]
    assert browser(cast.charlie).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    assert browser(cast.charlie).get(reverse("support_staff:ticket_file", args=[token])).status_code == 403
    assert Ticket.objects.count() == 1 and json.dumps(str(clock.now()))
