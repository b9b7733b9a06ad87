"""Mails about invoices, payments and subscriptions: what each says, with one next step."""

from . import credit_note, dunning, invoice, payment, price, quote, staff, subscription, tax

__all__ = ["credit_note", "dunning", "invoice", "payment", "price", "quote", "staff", "subscription", "tax"]
