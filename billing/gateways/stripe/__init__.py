"""Stripe: cards (and direct debits) by PaymentIntents and SetupIntents, through the official library."""
