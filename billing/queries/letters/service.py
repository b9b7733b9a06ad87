"""Letters about orders, subscriptions and their changes, and to staff about what was held or refused."""

from django.conf import settings
from django.urls import reverse

from billing.models import EInvoice, Subscription, SubscriptionChange, Transfer
from hostbill.core.localized import Spoken, money_text

from .parts import addressed, site, spoken_day, spoken_list


def held_letter(einvoice: EInvoice) -> dict:
    """An e-invoice that broke a rule, for staff."""
    return {
        "number": str(einvoice.document),
        "client_name": einvoice.client.name,
        "format": einvoice.get_format_display(),
        "why": einvoice.first_finding.rstrip("."),  # it stands inside a sentence
        "url": site("billing_staff:einvoice_detail", einvoice.pk),
    }


def refused_letter(check, *, for_staff: bool) -> dict:
    """A VAT number that the office does not know."""
    url = check.client.get_absolute_url() if for_staff else reverse("clients_portal:client_edit")
    return {"client_name": check.client.name, "tax_id": check.tax_id, "url": settings.SITE_URL + url}


def subscription_letter(subscription: Subscription) -> dict:
    """A product somebody has."""
    return {
        **addressed(subscription.client),
        "what": str(subscription.product),
        "label": subscription.label or str(subscription.product),
        "price": subscription.price,
        "cycle": subscription.get_cycle_display(),
        "cancel_on": spoken_day(subscription.cancel_on),
        "ended_on": spoken_day(subscription.ended_on),
        "why": subscription.cancel_reason,
        "url": site("portal_home"),
    }


def change_letter(change: SubscriptionChange) -> dict:
    """From what to what, and when."""
    subscription = change.subscription
    return {
        **addressed(subscription.client),
        "what": str(change.from_product),
        "to": str(change.to_product),
        "label": subscription.label or str(change.from_product),
        "on": spoken_day(change.effective_on),
        "url": site("billing_portal:subscription_detail", subscription.pk),
    }


def transfer_letter(transfer: Transfer) -> dict:
    """An offer, for who is to take it."""
    subscription = transfer.subscription
    return {
        **addressed(transfer.to_client),
        "what": str(subscription.product),
        "label": subscription.label or str(subscription.product),
        "giver": transfer.from_client.name,
        "url": site("billing_portal:transfer_list"),
    }


def order_letter(order) -> dict:
    """A new order, for staff."""
    return {
        "number": order.number,
        "client_name": order.client.name,
        "what": spoken_list([str(line.product) for line in order.lines.select_related("product")]),
        "amount": Spoken(lambda language: money_text(order.invoice.total, language)) if order.invoice_id else "",
        "state": order.get_state_display(),
        "url": site("billing_staff:order_detail", order.pk),
    }
