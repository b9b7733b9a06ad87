"""Which open invoice a transfer on the bank statement is probably for."""

import re
from dataclasses import dataclass

from django.db.models import Q

from billing.models import Invoice
from hostbill.core.money import Money


@dataclass(frozen=True)
class Candidate:
    """An open invoice with how sure the match is: 3 number and amount, 2 number, 1 amount only."""

    invoice: Invoice
    certainty: int


def candidates(text: str, money: Money, limit: int = 10) -> list[Candidate]:
    """Open invoices by number anywhere in the transfer's text or by the exact amount, the surest first."""
    squeezed = _squeeze(text)
    rows = Invoice.objects.unpaid().filter(currency=money.currency).select_related("client", "account")
    words = [word for word in re.split(r"\s+", text.strip()) if len(word) >= 3]
    likely = Q(open_amount=money.amount)
    for word in words[:20]:
        likely |= Q(number__icontains=word) | Q(client__number__iexact=word)
    for digits in re.findall(r"\d{3,}", text)[:20]:
        likely |= Q(number__endswith=digits[-4:])
    found = []
    for invoice in rows.filter(likely).order_by("due_on", "pk")[:200]:
        named = _squeeze(invoice.number) in squeezed
        exact = invoice.open == money
        if named or exact or invoice.client.number.lower() in text.lower():
            found.append(Candidate(invoice, 3 if named and exact else 2 if named else 1))
    return sorted(found, key=lambda candidate: -candidate.certainty)[:limit]


def _squeeze(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())
