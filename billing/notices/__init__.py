"""Mails about invoices, payments and subscriptions: what each says, with one next step."""

from . import dunning, invoice, payment, price, quote, staff, subscription

__all__ = ["dunning", "invoice", "payment", "price", "quote", "staff", "subscription"]
