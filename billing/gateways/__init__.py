"""Ways to be paid. The registry is one visible dict; drivers are imported on first use."""

from hostbill.core.modules import DriverKind, register_kind

REGISTRY = {
    "stripe": "billing.gateways.stripe.driver.StripeGateway",
    "bank_transfer": "billing.gateways.bank_transfer.driver.BankTransferGateway",
}

register_kind(DriverKind("gateway", REGISTRY))
