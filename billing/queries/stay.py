"""Whether a client may ask for more days for an invoice, and how many."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Invoice, Stay
from billing.options import MORE_DAYS, MORE_DAYS_EVERY
from billing.queries.dunning import plan_for
from hostbill.core import clock


@dataclass(frozen=True)
class StayOffer:
    """`days` at most; `refusal` in words when it cannot be asked for (then days is 0)."""

    days: int = 0
    refusal: str = ""


REFUSED = {
    "off": gettext_lazy("Please write to us if you need more time."),
    "not_overdue": gettext_lazy("This invoice is not overdue."),
    "had_it": gettext_lazy("You had more days for this invoice already. Please write to us if you need more."),
    "too_late": gettext_lazy("It is too late for more days: please pay now, or write to us."),
}


def offer_for(invoice: Invoice) -> StayOffer:
    """The offer for this invoice as things stand now."""
    if not MORE_DAYS.value:
        return StayOffer(refusal=str(REFUSED["off"]))
    if not invoice.is_overdue:
        return StayOffer(refusal=str(REFUSED["not_overdue"]))
    if Stay.objects.filter(invoice=invoice).exists():
        return StayOffer(refusal=str(REFUSED["had_it"]))
    last = Stay.objects.filter(client=invoice.client_id).order_by("-granted_at").first()
    if last and last.granted_at > clock.now() - timedelta(days=MORE_DAYS_EVERY.value):
        words = _("You can ask for more days once in %(days)d days. Please write to us if you need more.")
        return StayOffer(refusal=words % {"days": MORE_DAYS_EVERY.value})
    days = MORE_DAYS.value
    if end_on := plan_for(invoice).end_on:
        # What ends on that day must not be promised to stay.
        days = min(days, (end_on - clock.today()).days - 1)
    return StayOffer(days) if days >= 1 else StayOffer(refusal=str(REFUSED["too_late"]))
