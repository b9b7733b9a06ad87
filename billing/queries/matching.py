"""Which open invoice a transfer on the bank statement is probably for."""

import re
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

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
        likely |= Q(client__company__icontains=word) | Q(client__native_name__icontains=word)
    for digits in re.findall(r"\d{3,}", text)[:20]:
        likely |= Q(number__endswith=digits[-4:])
    rows = Invoice.objects.unpaid().filter(currency=money.currency).select_related("client", "account")
    found = [judge(invoice, text, money) for invoice in rows.filter(likely).order_by("due_on", "pk")[:200]]
    return sorted((item for item in found if item.certainty), key=lambda item: -item.certainty)[:limit]


def whole_accounts(text: str, money: Money, limit: int = 3) -> list[list[Invoice]]:
    """Clients whose open invoices, two or more, come to exactly the amount: the invoices of each."""
    sums = Invoice.objects.unpaid().filter(currency=money.currency).values("account").order_by("account")
    sums = sums.annotate(open=Sum("open_amount"), number=Count("pk")).filter(open=money.amount, number__gt=1)
    accounts = list(sums.values_list("account", flat=True)[:limit])
    rows = Invoice.objects.unpaid().filter(account__in=accounts).select_related("client").order_by("due_on", "pk")
    found = {account: [] for account in accounts}
    for row in rows:
        found[row.account_id].append(row)
    return sorted(found.values(), key=lambda invoices: not judge(invoices[0], text, money).by_payer)


def judge(invoice: Invoice, text: str, money: Money) -> Candidate:
    """What speaks for this invoice."""
    squeezed, words = _squeeze(text), text.casefold()
    client = invoice.client
    names = [client.number, client.last_name, *client.company.split(), *client.native_name.split()]
    return Candidate(
        invoice,
        by_reference=_squeeze(invoice.number) in squeezed,
        by_amount=invoice.open == money,
        by_payer=any(len(name) >= 3 and name.casefold() in words for name in names),
    )


def _squeeze(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower())
