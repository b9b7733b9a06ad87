"""The renewal run on the day on which everything is due: `python -m benchlib.invoices COUNT`, in the environment of the measured installation.

So many subscriptions with one option each (two lines, tax, ledger, deferred revenue, event and deliveries, audit, gapless number) are invoiced by
the product's own job, and as many again by one SQL statement that writes the same rows with the same triggers and indexes in the same
database. The books are checked in between.
"""

# ruff: noqa: E501 - SQL expressions side by side are easier to compare on long lines
import resource
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from benchlib.world import fill, insert_of, set_sequences  # noqa: E402
from billing import models as billing  # noqa: E402
from billing.events import InvoiceIssued  # noqa: E402
from billing.jobs import raise_renewal_invoices  # noqa: E402
from billing.queries.books import verify  # noqa: E402
from clients import models as clients  # noqa: E402
from hostbill.core import clock, events  # noqa: E402
from hostbill.core import models as core  # noqa: E402
from hostbill.core.jobs import Report  # noqa: E402
from hostbill.core.scope import scope  # noqa: E402

RATIO, MEMORY_MB = 10, 500
PRICE, OPTION, PERCENT = 10, 2, 19


def main(count: int) -> int:
    """Returns 0 when the targets were met and the books are right."""
    today = clock.today()
    make(count, today)
    seconds = timed(run_job)
    issued = billing.Invoice.objects.filter(state="issued").count()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wrong = verify()  # of what the product wrote: the statement's own numbers belong to no series
    beside = timed(lambda: run_statement(count, today))
    print(f"\n{count:,d} subscriptions due on one day, two lines each")
    print(f"The renewal run             {seconds:8.1f} s  {count / seconds:8,.0f} invoices a second, {memory:.0f} MB at most")
    print(f"One statement, same rows    {beside:8.1f} s  {count / beside:8,.0f} invoices a second")
    ratio = seconds / beside
    met = ratio <= RATIO and memory <= MEMORY_MB and issued == count and not wrong
    print(f"{ratio:.1f} times the statement (at most {RATIO}); memory at most {MEMORY_MB} MB; {issued:,d} of {count:,d} issued")
    print("The books agree" if not wrong else f"The books are wrong: {[str(finding) for finding in wrong][:5]}")
    print("MET" if met else "MISSED")
    return 0 if met else 1


def timed(act) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def make(count: int, today) -> None:
    """Clients with an account, a subscription and its option: the first half is due, the second is the statement's and not live yet."""
    group = billing.ProductGroup.objects.create(name="Hosting", slug="bench-hosting")
    product = billing.Product.objects.create(group=group, name="Plan M", slug="bench-plan-m")
    billing.TaxRate.objects.get_or_create(
        tax_class="standard", country="", valid_from=today - timedelta(days=3000), defaults={"name": "VAT", "percent": PERCENT}
    )
    due = f"CASE WHEN g <= {count} THEN date '{today}' ELSE (date '{today}' + interval '1 year')::date END"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        series = f"generate_series(1, {2 * count}) AS g"
        fill(
            clients.Client, series, id="g", number="'B-' || (100000 + g)", first_name="'Ada'", last_name="'Bench ' || g", email="'b' || g || '@bench.example'",
            city="'Flensburg'", country="'DE'", address1="'Norderstrasse 1'", postcode="'24937'", currency="'EUR'", language="'en'",
        )  # fmt: skip
        fill(billing.Account, series, id="g", client_id="g", currency="'EUR'")
        fill(
            billing.Subscription, series, id="g", client_id="g", account_id="g", product_id=str(product.pk), label="'site-' || g || '.example'", currency="'EUR'",
            cycle="'monthly'", price_amount=str(PRICE), anchor_day=str(today.day), started_on=f"({due}) - interval '1 month'", state=f"CASE WHEN g <= {count} THEN 'active' ELSE 'pending' END", period_index="1", next_due_on=due,
        )  # fmt: skip
        choice = make_choice()
        fill(
            billing.SubscriptionItem, series, subscription_id="g", option_id=str(choice.option_id), choice_id=str(choice.pk), description="'Extra disk'",
            quantity="1", unit_amount=str(OPTION),
        )  # fmt: skip
        set_sequences(cursor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def make_choice():
    """A configurable option's, as the items name one."""
    group = billing.OptionGroup.objects.create(name="Disk")
    option = billing.ProductOption.objects.create(group=group, name="Extra disk", key="disk", kind="quantity")
    return billing.OptionChoice.objects.create(option=option, name="Extra disk")


def run_job() -> None:
    """The job as the worker runs it."""
    run = core.JobRun.objects.create(name="billing.raise_renewal_invoices", slot=clock.now())
    with scope():
        raise_renewal_invoices(clock.now(), Report(run))


def run_statement(count: int, today) -> None:
    """Everything that the run writes, for the other half."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement(count, today))


def statement(count: int, today) -> str:
    """One statement with a part for each table. What is worked out for all is written out for all."""
    sample = billing.Invoice.objects.filter(state="issued").first()
    entry, change = sample.entries.get(), core.Change.objects.filter(object_id=sample.pk).first()
    net, tax = PRICE + OPTION, round((PRICE + OPTION) * PERCENT / 100, 2)
    handlers = list(events._listeners.get(InvoiceIssued.name, ()))
    end = f"(date '{today}' + interval '1 month')::date"
    copied = lambda row, *names: {name: literal(getattr(row, name)) for name in names}  # noqa: E731
    line = sample.lines.order_by("sort").first()
    parts = {
        "due": f"""SELECT s.id AS sid, s.client_id, s.account_id, s.label, nextval(pg_get_serial_sequence('billing_invoice', 'id')) AS invoice,
            nextval(pg_get_serial_sequence('billing_journalentry', 'id')) AS entry, nextval(pg_get_serial_sequence('core_event', 'id')) AS event,
            {count} + row_number() OVER (ORDER BY s.id) AS n FROM billing_subscription s WHERE s.id > {count}""",
        "invoices": insert_of(
            billing.Invoice, "due", id="invoice", number="'B' || n", series="'bench'", series_number="n", client_id="client_id", account_id="account_id", kind="'renewal'",
            state="'issued'", currency="'EUR'", issued_on=f"date '{today}'", due_on=f"date '{today}'", net_amount=str(net), tax_amount=str(tax), total_amount=str(net + tax),
            open_amount=str(net + tax), issued_at="now()", reference="'B' || n", **copied(sample, "seller", "buyer", "language", "tax_supply", "tax_country"),
        ),
        "lines": insert_of(
            billing.InvoiceLine, f"due CROSS JOIN (VALUES (0, {PRICE}, '', 'Plan M · '), (1, {OPTION}, 'option:1', 'Extra disk · ')) AS part (sort, amount, part, words)",
            invoice_id="invoice", subscription_id="sid", kind="'recurring'", part="part.part", description="part.words || label", currency="'EUR'", unit_amount="amount",
            net_amount="amount", period_start=f"date '{today}'", period_end=end, sort="sort",
            **copied(line, "revenue_code", "tax_name", "tax_percent", "tax_category", "tax_components"),
        ),
        "taxes": insert_of(
            billing.InvoiceTax, "due", invoice_id="invoice", tax_class="'standard'", name="'VAT'", percent=str(PERCENT), currency="'EUR'", net_amount=str(net), tax_amount=str(tax)
        ),
        "entries": insert_of(
            billing.JournalEntry, "due", id="entry", key="'invoice:' || invoice || ':issued'", booked_on=f"date '{today}'", booked_at="now()", description="'Invoice B' || n", invoice_id="invoice"
        ),
        "postings": insert_of(
            billing.Posting, "due CROSS JOIN (VALUES " + ", ".join(f"({side.ledger_account_id}, {side.amount}, {'true' if side.account_id else 'false'})" for side in entry.postings.all()) + ") AS side (code, amount, own)",
            entry_id="entry", ledger_account_id="code", account_id="CASE WHEN own THEN account_id END", currency="'EUR'", amount="amount",
        ),
        "events": insert_of(core.Event, "due", id="event", name=f"'{InvoiceIssued.name}'", payload="jsonb_build_object('invoice_id', invoice)", created_at="now()"),
        "deliveries": insert_of(core.Delivery, f"due CROSS JOIN unnest(ARRAY{handlers}) AS handler", event_id="event", handler="handler"),
        "changes": insert_of(
            core.Change, "due", action=f"'{change.action}'", actor_kind="'system'", actor_label="'HostBill'", object_kind="'billing.invoice'", object_id="invoice",
            object_label="'B' || n", client_id="client_id", fields=literal(change.fields),
        ),
        "balances": f"UPDATE billing_account a SET balance_amount = balance_amount + {net + tax}, updated_at = now() FROM due WHERE a.id = due.account_id",
        "moved": f"UPDATE billing_subscription s SET period_index = 2, next_due_on = {end}, updated_at = now() FROM due WHERE s.id = due.sid",
    }  # fmt: skip
    if entry.deferrals.exists():
        rows = "due CROSS JOIN (VALUES " + ", ".join(f"({each.amount})" for each in entry.deferrals.all()) + ") AS part (amount)"
        parts["deferrals"] = insert_of(
            billing.Deferral, rows, entry_id="entry", subscription_id="sid", code=literal(entry.deferrals.first().code), currency="'EUR'", amount="amount",
            booked_on=f"date '{today}'", starts_on=f"date '{today}'", ends_on=end, recognised_until=f"date '{today}'",
        )  # fmt: skip
    return "WITH " + ", ".join(f"{name} AS {'MATERIALIZED ' if name == 'due' else ''}({sql})" for name, sql in parts.items()) + " SELECT count(*) FROM due"


def literal(value) -> str:
    """SQL of a value; JSON as jsonb."""
    if isinstance(value, dict | list):
        value = billing.Invoice._meta.get_field("seller").get_db_prep_save(value, connection)
    with connection.cursor() as cursor:
        return cursor.mogrify("%s", [value]).decode()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
