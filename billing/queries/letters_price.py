"""What the mail about coming prices says, as plain data."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from billing.models import ScheduledPrice
from billing.models.cycle import Cycle
from hostbill.core.localized import Spoken, date_text, money_text


def price_change_letter(update, rows: list[ScheduledPrice]) -> dict:
    """One client's services with their new prices, and the day from which they hold. `rows` with subscription, its client and
    product."""
    return {
        "client_name": rows[0].subscription.client.name,
        "people_url": settings.SITE_URL + reverse("clients_portal:member_list"),
        "starts_on": Spoken(lambda language: date_text(update.starts_on, language)),
        "why": update.reason,
        "reference": "",
        "url": settings.SITE_URL + reverse("portal_home"),
        "lines": {
            "title": gettext_lazy("Service"),
            "amount_title": gettext_lazy("New price, before tax"),
            "rows": [_row(row) for row in rows],
        },
    }


def _row(row: ScheduledPrice) -> dict:
    """A service, what it costs now, and what it will cost; for all its pieces."""
    subscription = row.subscription
    parts = (subscription.product.name, subscription.label, Cycle(subscription.cycle).label)
    was = row.was * subscription.quantity
    return {
        "text": Spoken(lambda language: " · ".join(str(part) for part in parts if part)),
        "note": Spoken(lambda language: gettext("so far %(price)s") % {"price": money_text(was, language)}),
        "amount": row.money * subscription.quantity,
    }
