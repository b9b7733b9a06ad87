"""The billing app: catalogue, orders, invoices, payments, ledger and their automation."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.apps import AppConfig


class BillingConfig(AppConfig):
    """Registers billing's events, options, rules and senders when Django starts."""

    name = "billing"
    label = "billing"
    verbose_name = _("Billing")
