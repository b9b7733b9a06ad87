"""What a client owes, in two heaps that one click never mixes: due now, and coming up."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Charge, Invoice, PaymentMethod
from billing.queries.one_click import one_click_method
from billing.queries.pay_link import AT_ONCE, pay_token, total_of
from hostbill.core import clock
from hostbill.core.compiled import Compiled
from hostbill.core.money import Money
from hostbill.core.ui.words import day_words, in_digits, money
from hostbill.pages.links import address

LINES_SHOWN, AHEAD_SHOWN = 6, 4
UNDER_WAY = ["queued", "unknown", "processing"]


@dataclass(frozen=True)
class Heap:
    """Open invoices that are paid in one go. `amount` and `count` are of all of them; of very many only the oldest
    (`invoices`, `payable` together) go into one payment. `method` is the card that one click may charge."""

    amount: Money
    count: int
    invoices: list[Invoice]
    payable: Money
    pay_label: str
    pay_url: str
    method: PaymentMethod | None
    under_way: bool

    @property
    def first(self) -> Invoice:
        """The one that has waited longest, or comes first."""
        return self.invoices[0]

    @property
    def state(self) -> tuple:
        """When, in words."""
        return due_words(self.first)

    @property
    def more(self) -> int:
        """How many a short list leaves out."""
        return max(self.count - AHEAD_SHOWN, 0)

    @property
    def shown_invoices(self) -> list[Invoice]:
        """Of several, those that are named one by one."""
        return self.invoices[:LINES_SHOWN]

    @property
    def more_invoices(self) -> int:
        """How many are not named one by one."""
        return max(self.count - LINES_SHOWN, 0)

    @property
    def more_open(self) -> Money:
        """What is open on those."""
        return self.amount - total_of(self.shown_invoices)

    @property
    def lines(self) -> list:
        """What the only invoice is for."""
        return list(self.first.lines.all())[:LINES_SHOWN]

    @property
    def more_lines(self) -> int:
        """How many lines are left out."""
        return max(len(self.first.lines.all()) - LINES_SHOWN, 0)

    @property
    def taxes(self) -> list:
        """The only invoice's taxes that are not zero."""
        return [tax for tax in self.first.taxes.all() if tax.tax_amount]


def heaps(client) -> tuple[Heap | None, Heap | None]:
    """What is overdue or due today, and what is due later and may be paid early."""
    today = clock.today()
    found = UNPAID(client=client.pk)
    due = [invoice for invoice in found if invoice.due_on <= today]
    ahead = AHEAD(client=client.pk, today=today) if len(found) == AT_ONCE else found[len(due) :]
    return _heap(client, due, {"due_on__lte": today}), _heap(client, ahead, {"due_on__gt": today})


def unpaid(client: int, **when):
    """What the client has to pay, the oldest first."""
    return Invoice.objects.filter(client_id=client, state="issued", **when).order_by("due_on", "pk")


def _oldest(client: int, **when):
    return unpaid(client, **when).prefetch_related("lines", "taxes")[:AT_ONCE]


UNPAID = Compiled(lambda client: _oldest(client), client=int)
AHEAD = Compiled(lambda client, today: _oldest(client, due_on__gt=today), client=int, today=date)


def _heap(client, invoices: list[Invoice], when: dict) -> Heap | None:
    if not invoices:
        return None
    count, amount, payable, label = len(invoices), total_of(invoices), total_of(invoices), _("Pay %(amount)s")
    if count == AT_ONCE:
        whole = unpaid(client.pk, **when).aggregate(count=Count("pk"), sum=Sum("open_amount"))
        count, amount, label = whole["count"], Money(whole["sum"], payable.currency), _("Pay %(amount)s of it")
    return Heap(
        amount=amount,
        count=count,
        invoices=invoices,
        payable=payable,
        pay_label=label % {"amount": money(payable)},
        pay_url=address("store:pay", pay_token(*invoices)),
        method=one_click_method(client.pk),
        under_way=Charge.objects.of_any(invoices).filter(state__in=UNDER_WAY).exists(),
    )


def due_words(invoice) -> tuple:
    """When, in words."""
    days = -invoice.days_overdue
    day = day_words(invoice.due_on)
    if days < 0:
        words = ngettext("Overdue for %(count)d day", "Overdue for %(count)d days", -days) % {"count": -days}
        return ("failed", in_digits(words), _("since %(day)s") % {"day": day})
    if days == 0:
        return ("attention", _("Due today"), "")
    rest = ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ("pending", _("Due %(day)s") % {"day": day}, in_digits(rest))


def due_sentence(due: Heap | None, ahead: Heap | None) -> str:
    """The answer to "what do I owe?"."""
    if due is None and ahead is None:
        return _("Nothing to pay.")
    if due is None:
        return _("Nothing is due before %(day)s.") % {"day": day_words(ahead.first.due_on)}
    if due.count > 1:
        return in_digits(_("%(count)d invoices are due.") % {"count": due.count})
    return _("One invoice is overdue.") if due.first.is_overdue else _("One invoice is due today.")
