"""Which open invoice a transfer on the bank statement is probably for."""

import re
from dataclasses import dataclass

from django.db.models import Q

from billing.models import Invoice
from hostbill.core.money import Money


@dataclass(frozen=True)
class Candidate:
    """An open invoice and what speaks for it: its number stands in the transfer's text, exactly this much is open on it,
    the client's number or name stands there."""

    invoice: Invoice
    by_reference: bool
    by_amount: bool
    by_payer: bool

    @property
    def certainty(self) -> int:
        """Higher is surer; from 3 on two signs agree."""
        return 2 * self.by_reference + self.by_amount + self.by_payer


def candidates(text: str, money: Money, limit: int = 10) -> list[Candidate]:
    """Open invoices by number or payer anywhere in the transfer's text, or by the exact amount; the surest first."""
    likely = Q(open_amount=money.amount)
    for word in [word for word in re.split(r"[\s,;:]+", text.strip()) if len(word) >= 3][:20]:
        likely |= Q(number__icontains=word) | Q(client__number__iexact=word) | Q(client__last_name__iexact=word)
        likely |= Q(client__company__icontains=word)
    for digits in re.findall(r"\d{3,}", text)[:20]:
        likely |= Q(number__endswith=digits[-4:])
    rows = Invoice.objects.unpaid().filter(currency=money.currency).select_related("client", "account")
    found = [_candidate(invoice, text, money) for invoice in rows.filter(likely).order_by("due_on", "pk")[:200]]
    return sorted((item for item in found if item.certainty), key=lambda item: -item.certainty)[:limit]


def _candidate(invoice: Invoice, text: str, money: Money) -> Candidate:
    squeezed, words = _squeeze(text), text.casefold()
    names = [invoice.client.number, invoice.client.last_name, *invoice.client.company.split()]
    return Candidate(
        invoice,
        by_reference=_squeeze(invoice.number) in squeezed,
        by_amount=invoice.open == money,
        by_payer=any(len(name) >= 3 and name.casefold() in words for name in names),
    )


def _squeeze(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())
