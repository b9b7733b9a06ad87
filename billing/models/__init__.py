"""Facts and invariants of billing. Other apps import models from here."""

from .account import Account, Statements
from .bank import BankAccount, BankLine, BankStatement
from .billable import BillableCharge, BillableItem
from .bundle import Bundle, BundleItem, BundlePrice
from .cart import Cart, CartLine
from .change import LineCredit, SubscriptionChange
from .charge import LIVE_STATES, Charge, ChargePart
from .credit import CreditMovement
from .credit_note import CreditNote, CreditNoteLine, CreditNoteTax
from .cycle import Cycle, Period
from .dispute import Dispute, DisputePart
from .einvoice import EInvoice
from .exchange_rate import ExchangeRate
from .gateway_event import GatewayEvent
from .invoice import Invoice, InvoiceLine, InvoiceTax
from .ledger import Deferral, JournalEntry, LedgerAccount, LedgerBalance, LedgerPeriod, Posting
from .metric import Metric, MetricTerms
from .new_line import NewLine
from .order import Order, OrderLine
from .pause import Pause
from .payment import Payment, PaymentAllocation
from .payment_method import GatewayCustomer, MethodSetup, PaymentMethod
from .preview import Preview, PreviewItem
from .price import ALWAYS, Price, PriceList
from .price_update import PriceUpdate, ScheduledPrice
from .product import ChangeTo, Product, ProductGroup, SetupOn
from .product_option import OptionChoice, OptionGroup, OptionPrice, OptionRule, ProductOption
from .promotion import DiscountKind, Promotion, PromotionAmount, PromotionUse, SubscriptionDiscount
from .quote import Quote, QuoteLine, QuoteSignature
from .refund import Refund
from .series import DEFAULT_FORMATS, DocumentType, Series, SeriesSkip
from .statement import StatementSent
from .stay import Stay
from .subscription import Subscription
from .subscription_item import SubscriptionItem
from .suspension import Suspension
from .tax import TaxCategory, TaxClass, TaxRate
from .tax_line import TaxLine, tax_code
from .tax_profile import LocationEvidence, TaxIdCheck, TaxProfile, TaxYear
from .tax_sums import TaxGroup, effective_percent, net_of_gross, nets_of_group, tax_groups
from .transfer import Transfer
from .usage import UsagePeriod, UsageRecord
from .write_off import WriteOff

__all__ = [
    "ALWAYS",
    "DEFAULT_FORMATS",
    "LIVE_STATES",
    "Account",
    "BankAccount",
    "BankLine",
    "BankStatement",
    "Bundle",
    "BundleItem",
    "BundlePrice",
    "BillableCharge",
    "BillableItem",
    "Cart",
    "CartLine",
    "ChangeTo",
    "Charge",
    "ChargePart",
    "CreditMovement",
    "CreditNote",
    "CreditNoteLine",
    "CreditNoteTax",
    "Cycle",
    "Deferral",
    "DiscountKind",
    "Dispute",
    "DisputePart",
    "DocumentType",
    "ExchangeRate",
    "GatewayCustomer",
    "EInvoice",
    "GatewayEvent",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "JournalEntry",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerPeriod",
    "LineCredit",
    "LocationEvidence",
    "MethodSetup",
    "Metric",
    "MetricTerms",
    "NewLine",
    "OptionChoice",
    "OptionGroup",
    "OptionPrice",
    "OptionRule",
    "Order",
    "OrderLine",
    "Pause",
    "Payment",
    "PaymentAllocation",
    "PaymentMethod",
    "Period",
    "Posting",
    "Preview",
    "PreviewItem",
    "Price",
    "PriceList",
    "PriceUpdate",
    "Product",
    "ProductGroup",
    "ProductOption",
    "Promotion",
    "PromotionAmount",
    "PromotionUse",
    "Quote",
    "QuoteLine",
    "QuoteSignature",
    "Refund",
    "ScheduledPrice",
    "Series",
    "SeriesSkip",
    "SetupOn",
    "StatementSent",
    "Statements",
    "Stay",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionDiscount",
    "SubscriptionItem",
    "Suspension",
    "TaxCategory",
    "TaxClass",
    "TaxGroup",
    "TaxIdCheck",
    "TaxLine",
    "TaxProfile",
    "TaxRate",
    "TaxYear",
    "Transfer",
    "UsagePeriod",
    "UsageRecord",
    "WriteOff",
    "effective_percent",
    "net_of_gross",
    "nets_of_group",
    "tax_code",
    "tax_groups",
]
