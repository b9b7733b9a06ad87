"""Ways to be paid. Ours by name; other packages register through the entry point group `hostbill.gateways`."""

REGISTRY = {
    "stripe": "billing.gateways.stripe.driver.StripeGateway",
    "bank_transfer": "billing.gateways.bank_transfer.driver.BankTransferGateway",
}
