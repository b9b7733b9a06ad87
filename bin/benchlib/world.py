"""A large hosting company, made by the database itself in minutes: `make(scale)`; 1 is 100,000 clients and a million invoices.

Rows are plausible and agree with each other (balances, ledger, slots), but are not made by the product's actions, which would
take days. Triggers and foreign keys are off while they are written, which needs a database superuser. Everything is drawn from
hashes of the row's number, so two runs make the same company.
"""

# ruff: noqa: E501 - SQL expressions side by side are easier to compare on long lines
import importlib
import sys
import time
import zlib

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402

from billing import models as billing  # noqa: E402
from billing.models import LedgerAccount  # noqa: E402
from clients import models as clients  # noqa: E402
from clients.actions.user import create_staff  # noqa: E402
from hostbill.core import clock, modules  # noqa: E402
from hostbill.core import models as core  # noqa: E402
from hostbill.core.access import SYSTEM  # noqa: E402
from provisioning import models as provisioning  # noqa: E402
from support import models as support  # noqa: E402

SERVERS, PRODUCTS = 40, 4
ROUNDS = 7  # invoices of one subscription at most
STAFF_EMAIL = "bench@nordhost.example"
SYLLABLES = (
    "al an ar bar bel ben ber bo bran cas chan da del den do dor el er fa fel ger gro ha han hol jan ka kel kim kra la lam len li lo "
    "lund ma mar mei mo mur na nel ni nor o pa per po ra rei ren ro ru sa sand sen sha si so stein sund ta tan ter to tor va vel "
    "ver vi wa wei wen wi ya yo za zel"
).split()
FIRST = (
    "Alice Amina Ana Anders Ben Carla Chen Daniel Elif Emma Fatima Felix Gita Hanna Ivan Jana Jonas Karim Lena Liam Maja Marco Mei "
    "Mia Nadia Nils Olga Omar Paul Priya Rosa Samuel Selam Sofia Tanvir Tomas Vera Wei Yonas Zoe"
).split()
TRADES = (
    "Bakery Books Bikes Builders Cafe Coffee Consulting Dental Design Energy Export Farm Films Foods Garden Gallery Hotel Labs Law "
    "Legal Logistics Media Mills Music Optics Pharma Photo Print School Shop Sports Studio Tea Toys Travel Weaves Wine Works Yoga Zoo"
).split()
FORMS = ("GmbH", "Ltd.", "S.A.", "AB", "BV", "SRL")
SUBJECTS = (
    "Site is slow since this morning", "Cannot send mail", "Invoice question", "Please move my domain", "Certificate expired",
    "Backup of last week", "Password does not work", "Upgrade to a larger plan", "Database error 500", "Bank transfer sent",
)  # fmt: skip


def _pick(words, key: str) -> str:
    """SQL: one of the words."""
    listed = ",".join(f"'{word}'" for word in words)
    return f"(ARRAY[{listed}])[1 + {_draw(key)} % {len(words)}]"


def _draw(key: str, row: str = "g") -> str:
    """SQL: a number from the row's number, never negative."""
    return f"(hashint4(({row} % 1000000007)::int # {hash_of(key)}) & 2147483647)"


def hash_of(key: str) -> int:
    """A constant per use, the same in every process."""
    return zlib.crc32(key.encode()) & 0x3FFFFFFF


def _word(key: str) -> str:
    """SQL: a made-up word of two or three syllables."""
    last = f"CASE WHEN {_draw(key + '4')} % 2 = 0 THEN '' ELSE {_pick(SYLLABLES, key + '3')} END"
    return f"({_pick(SYLLABLES, key + '1')} || {_pick(SYLLABLES, key + '2')} || {last})"


def fill(model, source: str, **columns: str) -> None:
    """INSERT ... SELECT ... FROM the source; columns that are not named get the model's default."""
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(insert_of(model, source, **columns))
        count = cursor.rowcount
    print(f"  {count:10,d} {model._meta.verbose_name_plural}  {time.monotonic() - began:.0f} s", flush=True)


def insert_of(model, source: str, **columns: str) -> str:
    """SQL of it."""
    fields = [field for field in model._meta.concrete_fields if field.column in columns or not field.primary_key]
    unknown = set(columns) - {field.column for field in fields}
    assert not unknown, f"{model.__name__} has no {unknown}"
    names = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        values = ", ".join(columns.get(field.column) or _default(field, cursor) for field in fields)
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {source}"


def _default(field, cursor) -> str:
    """SQL of what the model would store; times and unique keys are made per row."""
    if isinstance(field, models.DateTimeField):
        return "NULL" if field.null else "now()"
    if isinstance(field, models.UUIDField):
        return "NULL" if field.null else "gen_random_uuid()"
    value = field.get_db_prep_save(field.get_default(), connection)
    text = cursor.mogrify("%s", [value]).decode()
    return text


def make(scale: float) -> None:
    """Fill an empty, migrated database."""
    began = time.monotonic()
    sizes = {"clients": 100_000, "services": 150_000, "invoices": 1_000_000, "tickets": 60_000, "mails": 300_000}
    n = {name: max(200, int(size * scale)) for name, size in sizes.items()}
    with transaction.atomic(), connection.cursor() as cursor:
        house = make_house()
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        make_people(n)
        make_services(n, house)
        make_invoices(n, house)
        make_money(n, house)
        make_books()
        note_books()
        make_talk(n)
        make_machinery(n)
        set_sequences(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"Made in {time.monotonic() - began:.0f} s")


def make_house() -> dict:
    """What a company sets up by hand: products, servers, a gateway, a person."""
    roles = list(clients.StaffRole.objects.filter(code="owner"))
    create_staff(STAFF_EMAIL, actor=SYSTEM, roles=roles, name="Bench Mark", password="lantern-meadow-42")
    group = billing.ProductGroup.objects.create(name="Hosting", slug="hosting")
    cheap = [
        billing.Product.objects.create(group=group, name=f"Plan {size}", slug=f"plan-{size.lower()}", setup_on="payment")
        for size in ("S", "M", "L", "XL")[:PRODUCTS]
    ]
    for number, product in enumerate(cheap):
        billing.Price.objects.create(product=product, currency="EUR", cycle="monthly", amount=5 + 5 * number)
    gateway = modules.store_values(
        core.ModuleConfig(kind="gateway", driver="bank_transfer", label="Bank", is_default=True),
        {"account_holder": "Nordhost", "iban": "DE02100100100006820101", "bic": "FOERDE21XXX", "bank_name": "F"},
    )
    panel = core.ModuleConfig.objects.create(kind="panel", driver="cpanel", label="cPanel", config={"hostname": "127.0.0.1"})
    servers = provisioning.ServerGroup.objects.create(name="Bench")
    made = [
        provisioning.Server.objects.create(
            name=f"cp-{number:02d}", hostname=f"cp-{number:02d}.nordhost.example", group=servers, module_config=panel, health="well"
        )
        for number in range(SERVERS)
    ]
    for code, kind in (("receivable", "asset"), ("cash:bank", "asset"), ("revenue:hosting", "income"), ("tax:19", "liability")):
        LedgerAccount.objects.get_or_create(code=code, defaults={"name": code, "type": kind})
    return {
        "product": cheap[0].pk, "gateway": gateway.pk, "server": made[0].pk, "group": servers.pk, "today": clock.today()
    }  # fmt: skip


def make_people(n: dict) -> None:
    """Clients, their logins and memberships. Half are companies."""
    series, day = f"generate_series(1, {n['clients']}) AS g", f"now() - interval '1 day' * ({_draw('since')} % 2000)"
    last = f"initcap({_word('surname')})"
    fill(
        clients.Client, series, id="g", number="'C-' || (20000 + g)", created_at=day, first_name=_pick(FIRST, "first"), last_name=last,
        company=f"CASE WHEN g % 2 = 0 THEN initcap({_word('company')}) || ' ' || {_pick(TRADES, 'trade')} || ' ' || {_pick(FORMS, 'form')} ELSE '' END",
        email="'p' || g || '@' || " + _word("host") + " || '.example'", city=f"initcap({_word('city')})", country=_pick(("DE", "AT", "GB", "BD", "ET"), "land"),
        phone="'+49 461 ' || (100000 + g)", address1="'Norderstrasse ' || (g % 200)", postcode="(10000 + g % 80000)::text", currency="'EUR'",
        status="CASE WHEN g % 50 = 0 THEN 'closed' ELSE 'active' END",
    )  # fmt: skip
    source = "clients_client c"
    fill(
        clients.User, source, id="1000000 + c.id", email="c.email", name="c.first_name || ' ' || c.last_name", password="'!'",
        is_staff="false", is_superuser="false", created_at="c.created_at",
    )  # fmt: skip
    areas = """'["billing", "services", "support", "account"]'::jsonb"""
    fill(clients.Membership, source, client_id="c.id", user_id="1000000 + c.id", areas=areas, is_owner="true")


def make_services(n: dict, house: dict) -> None:
    """Orders, subscriptions and what they have on servers."""
    share = _draw("share") + " % 1000"
    states = f"(CASE WHEN {share} < 880 THEN 'active' WHEN {share} < 905 THEN 'suspended' WHEN {share} < 985 THEN 'ended' WHEN {share} < 992 THEN 'pending' ELSE 'cancelled' END)"
    client, product = f"1 + (g - 1) % {n['clients']}", f"({house['product']} + {_draw('plan')} % {PRODUCTS})"
    domain = f"({_word('site')} || '-' || {_word('second')} || g % 97 || '.' || {_pick(('com', 'de', 'net', 'example', 'com.bd'), 'tld')})"
    started = f"(current_date - {_draw('start')} % 1500)"
    source = f"""(SELECT g, {client} AS client, {product} AS product, {states} AS state, {domain} AS domain, {started} AS started,
        (1 + {_draw('plan')} % {PRODUCTS}) * 5 AS price FROM generate_series(1, {n['services']}) AS g) s"""
    fill(
        billing.Order, source, id="g", number="'O-' || (10000 + g)", client_id="client", currency="'EUR'", total_amount="price", snapshot="'{}'",
        state="CASE WHEN state = 'pending' AND g % 40 = 0 THEN 'pending' WHEN state = 'cancelled' THEN 'cancelled' ELSE 'accepted' END",
        idempotency_key="'bench-' || g", placed_at="started + time '10:00'", invoice_id="NULL",
    )  # fmt: skip
    fill(
        billing.OrderLine, source, id="g", order_id="g", product_id="product", cycle="'monthly'", currency="'EUR'", unit_amount="price", label="domain"
    )  # fmt: skip
    fill(
        billing.Subscription, source, id="g", client_id="client", account_id="client", product_id="product", order_line_id="g", label="domain",
        currency="'EUR'", cycle="'monthly'", price_amount="price", anchor_day="extract(day FROM started)", started_on="started", state="state",
        next_due_on="CASE WHEN state IN ('active', 'suspended') THEN current_date + 1 + (g % 29)::int END", created_at="started + time '10:00'",
        ended_on="CASE WHEN state = 'ended' THEN current_date - (g % 300)::int END", paid_until="current_date + (g % 29)::int",
    )  # fmt: skip
    live = "CASE state WHEN 'active' THEN CASE WHEN g % 9000 = 7 THEN 'review' ELSE 'live' END WHEN 'suspended' THEN 'suspended' WHEN 'pending' THEN 'waiting' ELSE 'terminated' END"
    fill(
        provisioning.Service, source, id="g", subscription_id="g", client_id="client", state=live, domain="domain", username="'u' || g",
        server_id=f"{house['server']} + g % {SERVERS}", group_id=str(house["group"]), holds_slot="state IN ('active', 'suspended')",
        wait_reason="CASE WHEN state = 'pending' THEN 'payment' ELSE '' END", plan="'start'", live_at="started + time '10:05'",
        usage="""'{"disk_used": 1073741824, "disk_limit": 10737418240}'::jsonb""", usage_at="now()", created_at="started + time '10:01'",
        password="''",
    )  # fmt: skip
    failed = "CASE WHEN g % 9000 = 7 THEN 'failed' ELSE 'done' END"
    fill(
        provisioning.Operation, source, id="g", service_id="g", server_id=f"{house['server']} + g % {SERVERS}", verb="'create'", state=failed,
        requested_by="'HostBill'", done_at="started + time '10:05'", created_at="started + time '10:01'", updated_at="started + time '10:05'",
        password="''",
    )  # fmt: skip


def make_invoices(n: dict, house: dict) -> None:
    """Every subscription's last months, the newest with the highest numbers; 2 % of them unpaid."""
    newest = (n["invoices"] - 1) // n["services"]
    age = f"({newest} - (g - 1) / {n['services']})"
    day = f"(current_date - 30 * {age}::int - {_draw('day')} % 30)"
    state = f"""(CASE WHEN g % 1000 = 500 THEN 'draft' WHEN g % 200 = 101 THEN 'cancelled' WHEN g % 400 = 33 THEN 'refunded'
        WHEN {age} = 0 AND {_draw('late')} % 8 = 0 THEN 'issued' WHEN {age} > 0 AND {_draw('late')} % 400 = 0 THEN 'issued' ELSE 'paid' END)"""
    source = f"""(SELECT i.*, s.client_id, s.product_id, s.label, s.price_amount AS net, round(s.price_amount * 0.19, 2) AS tax,
        row_number() OVER (PARTITION BY i.state = 'draft' ORDER BY g) AS running, c.first_name || ' ' || c.last_name AS person, c.company, c.country
        FROM (SELECT g, 1 + (g - 1) % {n['services']} AS subscription, {day} AS day, {state} AS state FROM generate_series(1, {n['invoices']}) AS g) i
        JOIN billing_subscription s ON s.id = i.subscription JOIN clients_client c ON c.id = s.client_id) v"""
    number = "CASE WHEN state <> 'draft' THEN "
    fill(
        billing.Invoice, source, id="g", client_id="client_id", account_id="client_id", kind="'renewal'", state="state", currency="'EUR'",
        number=f"{number} 'INV-' || lpad(running::text, 7, '0') END", series=f"{number} 'INV' ELSE '' END", series_number=f"{number} running END",
        issued_on=f"{number} day END", due_on="day + 14", net_amount="net", tax_amount="tax", total_amount="net + tax",
        open_amount="CASE WHEN state = 'issued' THEN net + tax ELSE 0 END", issued_at=f"{number} day + time '02:00' END",
        paid_at="CASE WHEN state IN ('paid', 'refunded') THEN day + 2 + time '11:00' END", created_at="day + time '02:00'", language="'en'",
        seller="""'{"name": "Nordhost GmbH", "city": "Flensburg", "country": "DE"}'::jsonb""",
        buyer="jsonb_build_object('name', coalesce(nullif(company, ''), person), 'country', country, 'city', 'Flensburg', 'address1', 'Norderstrasse 1')",
    )  # fmt: skip
    rows = "billing_invoice i JOIN billing_subscription s ON s.id = 1 + (i.id - 1) % " + str(n["services"])
    fill(
        billing.InvoiceLine, rows, invoice_id="i.id", subscription_id="s.id", kind="'recurring'", revenue_code="'hosting'",
        description="'Hosting ' || s.label", currency="'EUR'", unit_amount="i.net_amount", net_amount="i.net_amount", tax_name="'VAT'",
        tax_percent="19", period_start="i.due_on", period_end="i.due_on + 30", released="i.state = 'cancelled'",
    )  # fmt: skip
    fill(
        billing.InvoiceTax, "billing_invoice i", invoice_id="i.id", tax_class="'standard'", name="'VAT'", percent="19", currency="'EUR'",
        net_amount="i.net_amount", tax_amount="i.tax_amount",
    )  # fmt: skip


def make_money(n: dict, house: dict) -> None:
    """A payment for each paid invoice, and what each client owes."""
    paid = "billing_invoice i WHERE i.state IN ('paid', 'refunded')"
    fill(
        billing.Payment, paid, id="i.id", client_id="i.client_id", account_id="i.account_id", gateway_id=str(house["gateway"]),
        remote_id="'tx_' || substr(md5(i.id::text), 1, 20)", method="'Bank transfer'", currency="'EUR'", amount="i.total_amount",
        refunded_amount="CASE WHEN i.state = 'refunded' THEN i.total_amount ELSE 0 END", received_at="i.paid_at", received_on="i.paid_at::date",
        created_at="i.paid_at",
    )  # fmt: skip
    fill(billing.PaymentAllocation, paid, payment_id="i.id", invoice_id="i.id", currency="'EUR'", amount="i.total_amount", created_at="i.paid_at")
    owed = "clients_client c LEFT JOIN (SELECT client_id, sum(open_amount) AS owed FROM billing_invoice GROUP BY client_id) o ON o.client_id = c.id"
    fill(billing.Account, owed, id="c.id", client_id="c.id", currency="'EUR'", balance_amount="coalesce(o.owed, 0)")


def make_books() -> None:
    """Each invoice and payment in the ledger."""
    codes = dict(LedgerAccount.objects.values_list("code", "pk"))
    issued = "billing_invoice i WHERE i.number IS NOT NULL"
    fill(
        billing.JournalEntry, issued, id="i.id", key="'invoice:' || i.id || ':issued'", booked_on="i.issued_on", booked_at="i.issued_at",
        description="'Invoice ' || i.number", invoice_id="i.id",
    )  # fmt: skip
    fill(
        billing.JournalEntry, "billing_payment p", id="10000000 + p.id", key="'payment:' || p.id", booked_on="p.received_on", booked_at="p.received_at",
        description="'Payment ' || p.remote_id", payment_id="p.id",
    )  # fmt: skip
    sides = (
        (issued, "i.id", "receivable", "i.account_id", "i.total_amount"),
        (issued, "i.id", "revenue:hosting", "NULL", "-i.net_amount"),
        (issued, "i.id", "tax:19", "NULL", "-i.tax_amount"),
        ("billing_payment p", "10000000 + p.id", "cash:bank", "NULL", "p.amount"),
        ("billing_payment p", "10000000 + p.id", "receivable", "p.account_id", "-p.amount"),
    )
    for source, entry, code, account, amount in sides:
        fill(
            billing.Posting, source, entry_id=entry, ledger_account_id=str(codes[code]), account_id=account, currency="'EUR'", amount=amount
        )  # fmt: skip


def note_books() -> None:
    """What the database writes with each booking, were its triggers on."""
    balances = importlib.import_module("billing.migrations.0044_ledger_balance")
    lines = importlib.import_module("billing.migrations.0045_tax_lines")
    with connection.cursor() as cursor:
        cursor.execute(f"{balances.INSERT} {balances.SUMS.format(postings='billing_posting')}")
        cursor.execute(f"INSERT INTO billing_taxline ({lines.COLUMNS}) SELECT {lines.COLUMNS} FROM billing_taxline_source")


def make_talk(n: dict) -> None:
    """Tickets with their messages, mails, and the change log."""
    waits = "(g % 300 = 0)"
    at = f"(now() - interval '1 minute' * ({_draw('when')} % 1000000))"
    department = support.Department.objects.order_by("pk").values_list("pk", flat=True).first()
    source = f"(SELECT g, {at} AS at, {waits} AS waits FROM generate_series(1, {n['tickets']}) AS g) t"
    fill(
        support.Ticket, source, id="g", number="'T-' || (1000 + g)", client_id=f"1 + {_draw('asker')} % {n['clients']}", department_id=str(department),
        subject=_pick(SUBJECTS, "about") + " || ' ' || " + _word("detail"), state="CASE WHEN waits THEN 'customer_reply' WHEN g % 40 = 0 THEN 'answered' ELSE 'closed' END",
        waiting_since="CASE WHEN waits THEN at END", reply_due_at="CASE WHEN waits THEN at + interval '4 hours' END", last_message_at="at", created_at="at",
    )  # fmt: skip
    fill(
        support.TicketMessage, "support_ticket t CROSS JOIN generate_series(0, 2) AS k", ticket_id="t.id", kind="CASE k WHEN 1 THEN 'staff' ELSE 'client' END",
        author_label="CASE k WHEN 1 THEN 'Bench Mark' ELSE 'A client' END", body="t.subject || '. Please have a look.'", at="t.last_message_at - interval '1 hour' * (2 - k)",
    )  # fmt: skip
    mails = f"generate_series(1, {n['mails']}) AS g JOIN clients_client c ON c.id = 1 + (g - 1) % {n['clients']}"
    fill(
        core.Message, mails, id="g", kind=_pick(("billing.invoice_issued", "billing.payment_received", "provisioning.service_ready"), "kind"), key="'bench:' || g",
        to_name="c.first_name || ' ' || c.last_name", to_email="c.email", subject="'Invoice INV-' || lpad(g::text, 7, '0') || ' of Nordhost'",
        html="repeat('<p>Dear client, your invoice is attached.</p>', 20)", text="'Dear client, your invoice is attached.'", client_id="c.id",
        state="CASE WHEN g % 20000 = 0 THEN 'failed' ELSE 'sent' END", created_at=at, sent_at=at,
    )  # fmt: skip
    fill(
        core.Change, f"generate_series(1, {n['mails']}) AS g", at=at, action="'billing.invoice_issued'", actor_kind="'system'", actor_label="'HostBill'",
        object_kind="'billing.invoice'", object_id="g", object_label="'INV-' || lpad(g::text, 7, '0')", client_id=f"1 + g % {n['clients']}",
        fields="""'{"state": ["draft", "issued"]}'::jsonb""",
    )  # fmt: skip


def make_machinery(n: dict) -> None:
    """What ran: calls, events and jobs, all done."""
    series, at = f"generate_series(1, {n['mails']}) AS g", "now() - interval '1 second' * g"
    fill(
        core.Outgoing, series, id="g", kind="'core.message'", key="'bench:' || g", object_id="g", state="CASE WHEN g % 50000 = 0 THEN 'failed' ELSE 'done' END",
        created_at=at, next_try_at=at, finished_at=at,
    )  # fmt: skip
    fill(core.Event, series, id="g", name="'billing.invoice_issued'", payload="""'{"invoice_id": 1}'::jsonb""", created_at=at)
    fill(core.Delivery, series, event_id="g", handler="'billing.mail_invoice'", state="'done'", next_try_at=at, done_at=at)
    fill(
        core.JobRun, "generate_series(1, 2000) AS g", name="'billing.charge_due'", slot="now() - interval '5 minutes' * g", state="'done'",
        started_at="now() - interval '5 minutes' * (g - 1)", finished_at="now() - interval '5 minutes' * (g - 1)", seconds="0.1",
    )  # fmt: skip


def set_sequences(cursor) -> None:
    """The next row gets a number of its own."""
    for model in apps.get_models():
        if isinstance(model._meta.pk, models.AutoField):
            table, pk = model._meta.db_table, model._meta.pk.column
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{pk}'), (SELECT coalesce(max({pk}), 1) FROM {table}))"
            )


if __name__ == "__main__":
    make(float(sys.argv[1]))
