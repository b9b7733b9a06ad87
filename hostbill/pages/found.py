"""Objects as the search shows them: one function per noun, each one query, each only what the person may see.

A source gets a ``Question`` and the ids that the words led to (``hostbill.core.search``); it adds what is found by number,
address or amount, which come first."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

import idna
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from billing.models import Charge, Invoice, Order, Payment, Refund
from clients.models import Client
from hostbill.core.models import Message
from hostbill.core.search import fold
from hostbill.core.ui import words as ui_words
from hostbill.pages.links import address
from provisioning.models import Server, Service
from support.models import Ticket

MOST = 5  # lines of a group
#: "186.40", "1,200.00", "186,40 EUR"
AMOUNT = re.compile(r"^(\d{1,3}(?:[ ,.]?\d{3})*|\d+)[.,](\d{2})(?: ?[A-Za-z]{3})?$")
#: "INV-0001234"
PAPER = re.compile(r"^[A-Z]{1,8}[-/ ]?\d{3,}$")
LARGEST_ID = 2**31 - 1
SHORTEST_REMOTE = 5  # letters of a transaction id from which its beginning is enough


@dataclass(frozen=True)
class Hit:
    """One line of the results. ``exact``: found by its own number or address. ``note``: what choosing it does."""

    icon: str
    title: str
    url: str
    second: str = ""
    native: str = ""
    state: tuple = ()
    amount: object = None
    note: str = ""
    exact: bool = False
    pk: int = 0


@dataclass(frozen=True)
class Question:
    """What was typed, and the several things it may mean."""

    text: str
    actor: object = field(repr=False)

    @cached_property
    def plain(self) -> str:
        """Small letters without marks, as the index has it."""
        return fold(self.text)

    @cached_property
    def upper(self) -> str:
        """As our numbers are written; a leading # is how people write them."""
        return self.text.strip().lstrip("#").upper()

    @cached_property
    def digits(self) -> int | None:
        """A bare number of an invoice, order, ticket or client."""
        bare = self.upper
        return int(bare) if bare.isascii() and bare.isdigit() and int(bare) <= LARGEST_ID else None

    @cached_property
    def has_digit(self) -> bool:
        """Without one it is no number of ours."""
        return any(map(str.isdigit, self.text))

    @cached_property
    def address(self) -> str:
        """A mail address, or nothing."""
        return self.text.strip().lower() if "@" in self.text else ""

    @property
    def is_one(self) -> bool:
        """An address or a domain: its parts are not looked for apart from each other, "com" stands in too many."""
        return bool(self.address or self.domain)

    @property
    def is_number(self) -> bool:
        """A number is right or wrong; there is nothing to doubt in its spelling."""
        return self.digits is not None or self.amount is not None

    @cached_property
    def is_paper(self) -> bool:
        """The number of a document, as it is written: found by itself, and in the subject of hundreds of thousands of mails."""
        return bool(PAPER.match(self.upper))

    @cached_property
    def amount(self) -> Decimal | None:
        """Money, in whatever currency."""
        match = AMOUNT.match(self.text.strip())
        return Decimal(re.sub(r"\D", "", match[1]) + "." + match[2]) if match and len(match[1]) < 13 else None

    @cached_property
    def domain(self) -> str:
        """A domain as it is stored, also when typed in its own script or inside an address."""
        bare = self.text.strip().lower().removeprefix("https://").removeprefix("http://").split("/")[0]
        try:
            return idna.encode(bare, uts46=True).decode() if "." in bare else ""
        except (idna.IDNAError, UnicodeError):
            return ""


def clients(question, ids):
    """By number, address or words."""
    asked = question.upper
    if not (ids or question.has_digit or question.address):
        return []
    same = Q(number=asked) | Q(email=question.address)
    if question.digits is not None:
        same |= Q(number=f"C-{asked}")
    rows = Client.objects.visible_to(question.actor).filter(same | Q(pk__in=ids)).select_related("billing_account")
    return _ordered([_client(row, asked, question) for row in rows[: 3 * MOST]], ids)


def _client(row, asked, question):
    account = getattr(row, "billing_account", None)
    may_see = question.actor.may("billing.invoice.view")
    owes = account.balance if account and may_see and account.balance_amount > 0 else None
    return Hit(
        icon="building" if row.company else "user",
        title=row.name,
        native=row.native_name,
        second=f"{row.number} · {row.email}",
        url=row.get_absolute_url(),
        state=row.state_words if row.is_closed else (),
        amount=owes,
        note=_("owes") if owes else "",
        exact=asked in (row.number, row.number.rpartition("-")[2]) or question.text.lower() == row.email.lower(),
        pk=row.pk,
    )


def services(question, ids):
    """By domain, user name on the server or words."""
    if not (ids or question.domain):
        return []
    same = Q(domain=question.domain) if question.domain else Q(pk__in=[])
    rows = Service.objects.visible_to(question.actor).filter(same | Q(pk__in=ids)).select_related("client")
    hits = [
        Hit(
            icon="world",
            title=str(row),
            second=row.client.name,
            url=row.get_absolute_url(),
            state=row.state_words,
            exact=bool(row.domain) and row.domain == question.domain or row.username == question.plain,
            pk=row.pk,
        )
        for row in rows[: 3 * MOST]
    ]
    return _ordered(hits, ids)


def invoices(question, clients_found):
    """By number, by its running number alone, by what is still to pay; and unpaid ones of the clients found."""
    if not (clients_found or question.has_digit):
        return []
    same = Q(number__startswith=question.upper)
    if question.digits is not None:
        same |= Q(series_number=question.digits)
    if question.amount is not None:
        same |= Q(state="issued", open_amount=question.amount)
    visible = Invoice.objects.visible_to(question.actor).select_related("client").defer("seller", "buyer")
    # Unordered: of a million numbers that begin alike any few will do, and none needs sorting.
    rows = list(visible.filter(same).order_by()[: 2 * MOST]) if question.has_digit else []
    if len(rows) < MOST and clients_found:
        theirs = visible.filter(client_id__in=clients_found, state="issued").order_by("due_on")[:MOST]
        rows += [row for row in theirs if row not in rows]
    return sorted((_invoice(row, question) for row in rows), key=lambda hit: not hit.exact)[:MOST]


def _invoice(row, question):
    return Hit(
        icon="file-invoice",
        title=str(row),
        second=row.client.name,
        url=row.get_absolute_url(),
        state=row.state_words,
        amount=row.open if row.open_amount else row.total,
        exact=row.number == question.upper or (row.series_number is not None and row.series_number == question.digits),
        pk=row.pk,
    )


def transactions(question):
    """Payments by the id that gateway or bank gave them, whole or its beginning; also by ids of charges and refunds."""
    asked = question.text.strip()
    if " " in asked or len(asked) < SHORTEST_REMOTE or not question.actor.may("billing.payment.view"):
        return []
    # Tried as typed: gateways tell small and capital letters apart.
    charges = Charge.objects.filter(remote_id__startswith=asked).exclude(remote_id="").values("pk")[:MOST]
    refunds = Refund.objects.filter(remote_id__startswith=asked).exclude(remote_id="").values("payment_id")[:MOST]
    rows = Payment.objects.visible_to(question.actor).select_related("client")
    rows = rows.filter(
        Q(remote_id__startswith=asked) | Q(charge__in=list(_values(charges))) | Q(pk__in=list(_values(refunds)))
    )
    return [
        Hit(
            icon="cash",
            title=row.remote_id,
            second=row.client.name,
            url=row.get_absolute_url(),
            state=row.state_words,
            amount=row.money,
            exact=row.remote_id == asked,
            pk=row.pk,
        )
        for row in rows.order_by("-pk")[:MOST]
    ]


def _values(rows):
    return (value for row in rows for value in row.values())


def orders(question):
    """By number."""
    if not question.has_digit:
        return []
    rows = Order.objects.visible_to(question.actor).filter(number__startswith=question.upper).select_related("client")
    return [
        Hit(
            icon="shopping-cart",
            title=row.number,
            second=row.client.name,
            url=row.get_absolute_url(),
            state=row.state_words,
            amount=row.total,
            exact=row.number == question.upper,
            pk=row.pk,
        )
        for row in rows.order_by("-pk")[:MOST]
    ]


def tickets(question, ids):
    """By number or words of the subject."""
    if not (ids or question.has_digit):
        return []
    rows = Ticket.objects.visible_to(question.actor).filter(Q(number=question.upper) | Q(pk__in=ids))
    hits = [
        Hit(
            icon="message-circle",
            title=f"{row.number} {row.subject}",
            second=row.client.name,
            url=row.get_absolute_url(),
            state=row.state_words,
            exact=row.number == question.upper,
            pk=row.pk,
        )
        for row in rows.select_related("client")[: 3 * MOST]
    ]
    return _ordered(hits, ids)


def messages(question, ids):
    """Mails by address or words of the subject, newest first."""
    if not ids:
        return []
    rows = Message.objects.visible_to(question.actor).filter(pk__in=ids).defer("html", "text").order_by("-pk")
    return [
        Hit(
            icon="mail",
            title=row.subject,
            second=row.to_email,
            url=row.get_absolute_url(),
            state=row.state_words if row.state != Message.State.SENT else (),
            note=ui_words.ago_words(row.created_at) if row.state == Message.State.SENT else "",
            pk=row.pk,
        )
        for row in rows[:MOST]
    ]


def servers(question):
    """A house has few: by any part of name, address or IP address."""
    asked = question.text.strip()
    match = Q(name__icontains=asked) | Q(hostname__icontains=asked)
    return [
        Hit(
            icon="server-2",
            title=row.name,
            second=row.hostname,
            url=address("provisioning_staff:server_detail", row.pk),
            state=row.state_words,
            exact=asked.lower() in (row.name.lower(), row.hostname.lower()),
            pk=row.pk,
        )
        for row in Server.objects.visible_to(question.actor).filter(match).order_by("name")[:MOST]
    ]


def _ordered(hits, ids):
    """Exact ones first, then in the order of the ids, which is how well they fit."""
    place = {pk: number for number, pk in enumerate(ids)}
    return sorted(hits, key=lambda hit: (not hit.exact, place.get(hit.pk, -1)))[:MOST]
