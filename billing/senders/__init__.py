"""What waits for others: payment gateways, offices that know VAT numbers, the rules of e-invoices, banks that publish
rates; and long work of our own."""

from . import einvoice, exchange_rate, gateway, preview, price_update, vat_check

__all__ = ["einvoice", "exchange_rate", "gateway", "preview", "price_update", "vat_check"]
