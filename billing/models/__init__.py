"""Facts and invariants of billing. Other apps import models from here."""

from .account import Account
from .bank import BankAccount, BankLine, BankStatement
from .bundle import Bundle, BundleItem, BundlePrice
from .cart import Cart, CartLine
from .charge import LIVE_STATES, Charge, ChargePart
from .credit import CreditMovement
from .credit_note import CreditNote, CreditNoteLine, CreditNoteTax
from .cycle import Cycle, Period
from .dispute import Dispute, DisputePart
from .gateway_event import GatewayEvent
from .invoice import Invoice, InvoiceLine, InvoiceTax
from .ledger import JournalEntry, LedgerAccount, Posting
from .new_line import NewLine
from .order import Order, OrderLine
from .payment import Payment, PaymentAllocation
from .payment_method import GatewayCustomer, MethodSetup, PaymentMethod
from .price import Price
from .product import Product, ProductGroup, SetupOn
from .product_option import OptionChoice, OptionGroup, OptionPrice, OptionRule, ProductOption
from .refund import Refund
from .series import DEFAULT_FORMATS, DocumentType, Series, SeriesSkip
from .stay import Stay
from .subscription import Subscription
from .subscription_item import SubscriptionItem
from .suspension import Suspension
from .tax import TaxClass, TaxGroup, TaxRate, tax_groups

__all__ = [
    "DEFAULT_FORMATS",
    "LIVE_STATES",
    "Account",
    "BankAccount",
    "BankLine",
    "BankStatement",
    "Bundle",
    "BundleItem",
    "BundlePrice",
    "Cart",
    "CartLine",
    "Charge",
    "ChargePart",
    "CreditMovement",
    "CreditNote",
    "CreditNoteLine",
    "CreditNoteTax",
    "Cycle",
    "Dispute",
    "DisputePart",
    "DocumentType",
    "GatewayCustomer",
    "GatewayEvent",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "JournalEntry",
    "LedgerAccount",
    "MethodSetup",
    "NewLine",
    "OptionChoice",
    "OptionGroup",
    "OptionPrice",
    "OptionRule",
    "Order",
    "OrderLine",
    "Payment",
    "PaymentAllocation",
    "PaymentMethod",
    "Period",
    "Posting",
    "Price",
    "Product",
    "ProductGroup",
    "ProductOption",
    "Refund",
    "Series",
    "SeriesSkip",
    "SetupOn",
    "Stay",
    "Subscription",
    "SubscriptionItem",
    "Suspension",
    "TaxClass",
    "TaxGroup",
    "TaxRate",
    "tax_groups",
]
