"""Documents typeset one after the other, on one core: `python -m benchlib.pdf COUNT`.

Each invoice is issued by the product's own actions and read from the database anew for each document, as a worker does: 30 lines on two
pages, the client's name in three scripts, an account to pay to with its code. The same once more with the data of a Factur-X invoice
inside. Figures are per second of processor time, so that other work on the machine does not show.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from benchlib.processes import memory  # noqa: E402
from billing.actions.invoice import draft_invoice, issue_invoice  # noqa: E402
from billing.einvoice import PROFILES, checker, write  # noqa: E402
from billing.models import Account, EInvoice, Invoice, NewLine  # noqa: E402
from billing.models.cycle import period  # noqa: E402
from billing.queries.einvoice import einvoice_of  # noqa: E402
from billing.queries.invoice_document import invoice_pdf  # noqa: E402
from clients.actions.client import create_client  # noqa: E402
from hostbill.core import clock, options  # noqa: E402
from hostbill.core.access import SYSTEM  # noqa: E402

TARGET = 15  # documents a second and core
LINES = 30
COMPANY = {
    "legal_name": "Nordhost GmbH",
    "address1": "Norderhofenden 12",
    "postcode": "24937",
    "city": "Flensburg",
    "tax_id": "DE123456788",
    "phone": "+49 461 123456",
    "email": "billing@nordhost.example",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
}
LANGUAGES = ("en", "bn", "am", "ar")


def main(count: int) -> int:
    """Returns 0 when the target was met."""
    for key, value in COMPANY.items():
        options.set_option(options.find(f"company.{key}"), value, SYSTEM)
    ids = [make_invoice(language) for language in LANGUAGES]
    plain = rate("PDF/A-3, two pages, three scripts", count, lambda n: typeset(ids[n % len(ids)]))
    for pk in ids:
        add_data(pk)
    hybrid = rate("the same as Factur-X, data inside", count, lambda n: typeset(ids[n % len(ids)]))
    judge(ids, count)
    return 0 if min(plain, hybrid) >= TARGET else 1


def make_invoice(language: str) -> int:
    """Issued; its id."""
    client = create_client(
        actor=SYSTEM, company="Weaves & Söhne", first_name="ሰላም", last_name="محمد", native_name="তানভীর হোসেন",
        email=f"{language}@bench.example", address1="Hafenstr. 1", postcode="10115", city="Berlin", country="DE",
        language=language, currency="EUR",
    )  # fmt: skip
    account = Account.objects.get_or_create(client=client, defaults={"currency": "EUR"})[0]
    today = clock.today()
    lines = [
        NewLine(f"Grow hosting, site-{n}.example", Decimal("12.50"), kind="recurring", period=period(today, today.day, "annual", 0))
        for n in range(LINES)
    ]
    draft = draft_invoice(account, lines, kind="manual", due_on=today + timedelta(days=14))
    return issue_invoice(draft, actor=SYSTEM).pk


def add_data(pk: int) -> None:
    """Its e-invoice, as the worker keeps it."""
    invoice = Invoice.objects.select_related("client").get(pk=pk)
    xml = write(einvoice_of(invoice), PROFILES["facturx"]).decode()
    EInvoice.objects.create(
        invoice=invoice, client=invoice.client, format="facturx", state="ready", xml=xml, written_at=clock.now()
    )


def typeset(pk: int) -> bytes:
    """As a mail's attachment is made."""
    return invoice_pdf(Invoice.objects.select_related("client").get(pk=pk))


def rate(what: str, count: int, act: Callable) -> float:
    """Per second of processor time; the first of each language warms up and is told apart."""
    began = time.monotonic()
    first = len(act(0))
    cold = time.monotonic() - began
    for n in range(len(LANGUAGES)):
        act(n)
    before, began = time.process_time(), time.monotonic()
    for n in range(count):
        act(n)
    used, took = time.process_time() - before, time.monotonic() - began
    print(f"{what}: {count / used:.1f} a second and core ({count / took:.1f} by the clock), first {cold:.2f} s, {first // 1024} KB")
    return count / used


def judge(ids: list[int], count: int) -> None:
    """The official rules on the same documents: time by the clock, since they have a process of their own."""
    documents = [einvoice_of(Invoice.objects.select_related("client").get(pk=pk)) for pk in ids]
    for key in ("facturx", "xrechnung"):
        files = [write(document, PROFILES[key]) for document in documents]
        began = time.monotonic()
        findings = checker.check(documents[0], PROFILES["cii" if key == "facturx" else "ubl"], files[0])
        cold, began = time.monotonic() - began, time.monotonic()
        for n in range(count):
            checker.check_xml(PROFILES[key].syntax, files[n % len(files)])
        took = (time.monotonic() - began) / count
        print(f"Rules of {key}: {took * 1000:.1f} ms each, first {cold:.2f} s; {len(findings)} findings")
    size = sum(megabytes for _name, megabytes in memory([checker.process_id()]))
    print(f"Memory of the rules while they are asked: {size:.0f} MB; none {checker.IDLE} s later")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
