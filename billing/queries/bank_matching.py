"""What an incoming transfer is probably for, as choices of which one is taken by itself only when it is beyond doubt."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from billing.models import BankLine, Invoice, Payment
from billing.options import BANK_TWIN_DAYS
from billing.queries.matching import Candidate, candidates, whole_accounts
from hostbill.core.ui.words import day_words, money

MOST_CHOICES = 6


@dataclass(frozen=True)
class Choice:
    """One way to book a line. `value` goes through forms: "i:12,13" invoices, "c:5" credit of a client, "p:9" an existing
    payment. `kind` and `why` are state words."""

    value: str
    label: str
    kind: str
    why: str


@dataclass(frozen=True)
class Suggestion:
    """A line with its choices, the likeliest first; `chosen` is the value taken by itself, or empty."""

    line: BankLine
    choices: list[Choice]
    chosen: str = ""


def suggest(line: BankLine) -> Suggestion:
    """What fits. Beyond doubt is: two signs agree and no other invoice fits as well, and nobody seems to have booked it."""
    twins = [_twin(payment) for payment in twins_of(line)]
    fitting = candidates(line.words, line.money)
    whole = whole_accounts(line.words, line.money)
    choices = [_invoice(item) for item in fitting[:MOST_CHOICES]] + [_whole(rows) for rows in whole]
    payers = {item.invoice.client_id: item.invoice.client for item in fitting if item.by_payer or item.by_reference}
    credit = [
        Choice(f"c:{client.pk}", _("Credit of %(client)s") % {"client": client.name}, "draft", _("for no invoice"))
        for client in list(payers.values())[:3]
    ]
    sure = "" if twins or not _beyond_doubt(fitting) else choices[0].value
    return Suggestion(line, [*twins, *choices, *credit], sure)


def twins_of(line: BankLine) -> list[Payment]:
    """Payments entered by hand for the same money about that day, which no line of the bank stands for yet."""
    days = timedelta(days=BANK_TWIN_DAYS.value)
    near = Payment.objects.filter(received_on__range=(line.booked_on - days, line.booked_on + days), gateway=None)
    near = near.filter(currency=line.currency, amount=line.amount, bank_line=None)
    return list(near.select_related("client").order_by("pk")[:3])


def _beyond_doubt(fitting: list[Candidate]) -> bool:
    if not fitting or not fitting[0].by_amount or fitting[0].certainty < 2:
        return False
    return len(fitting) == 1 or fitting[1].certainty < fitting[0].certainty


def _twin(payment: Payment) -> Choice:
    words = {"client": payment.client.name, "day": day_words(payment.received_on), "reference": payment.remote_id[:40]}
    label = _("Booked already: %(client)s, %(day)s, %(reference)s") % words
    return Choice(f"p:{payment.pk}", label, "attention", _("The same amount was entered by hand"))


def _invoice(item: Candidate) -> Choice:
    signs = [(item.by_reference, _("number")), (item.by_amount, _("amount")), (item.by_payer, _("name"))]
    why = ", ".join(words for fits, words in signs if fits)
    label = f"{item.invoice} · {item.invoice.client.name} · {money(item.invoice.open)}"
    return Choice(f"i:{item.invoice.pk}", label, "ok" if item.by_amount and item.certainty > 1 else "attention", why)


def _whole(invoices: list[Invoice]) -> Choice:
    words = {"count": len(invoices), "client": invoices[0].client.name}
    label = _("All %(count)s open invoices of %(client)s") % words
    ids = ",".join(str(invoice.pk) for invoice in invoices)
    return Choice(f"i:{ids}", label, "attention", _("their sum"))
