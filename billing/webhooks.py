"""What programs are told about money and what was sold."""

from django.utils.translation import gettext_lazy as _

from billing import events
from billing.models import (
    Charge,
    CreditNote,
    CreditNoteLine,
    CreditNoteTax,
    Dispute,
    EInvoice,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    Order,
    OrderLine,
    Payment,
    PaymentMethod,
    Quote,
    QuoteLine,
    Refund,
    Subscription,
    SubscriptionChange,
    Transfer,
)
from clients.models import Client
from hostbill.core.api.fields import Fact, rows
from hostbill.core.webhooks.offers import Subject, offer


def named(name: str) -> Fact:
    """Another object by its name."""
    return Fact(name, "text", get=lambda row: str(found) if (found := getattr(row, name)) else None)


def key(name: str) -> Fact:
    """Another object by its id."""
    return Fact(name, "integer")


OWN = {"client": "client_id", "area": "billing"}
ORDER = Subject(
    "order", Order, _("Orders"), **OWN, prefetch=("lines__product",),
    own=("number state currency total placed_at accepted_at cancelled_at", key("invoice_id"),
         rows("lines", OrderLine, "id label cycle quantity unit setup")),
)  # fmt: skip
INVOICE = Subject(
    "invoice", Invoice, _("Invoices"), **OWN, prefetch=("lines", "taxes"),
    own=("number kind state currency issued_on due_on net tax total open credited reference is_proforma proforma_number issued_at "
         "paid_at cancelled_at",
         rows("lines", InvoiceLine, "id description quantity unit net tax_name tax_percent period_start period_end kind"),
         rows("taxes", InvoiceTax, "name category percent net tax")),
)  # fmt: skip
CREDIT_NOTE = Subject(
    "credit_note", CreditNote, _("Credit notes"), **OWN, prefetch=("lines", "taxes"),
    own=("number kind currency issued_on issued_at net tax total reason", key("invoice_id"),
         rows("lines", CreditNoteLine, "id description quantity unit net tax_name tax_percent"),
         rows("taxes", CreditNoteTax, "name percent net tax")),
)  # fmt: skip
QUOTE = Subject(
    "quote", Quote, _("Quotes"), **OWN, prefetch=("lines",),
    own=("number version subject state currency issued_on valid_until net tax total accepted_at lost_at",
         rows("lines", QuoteLine, "id description quantity unit setup net tax_name tax_percent")),
)  # fmt: skip
E_INVOICE = Subject("e_invoice", EInvoice, _("E-invoices"))
PAYMENT = Subject("payment", Payment, _("Payments"), **OWN, own=("currency money refunded received_at received_on method",))
REFUND = Subject(
    "refund", Refund, _("Refunds"), **OWN, permission="billing.payment.view",
    own=("currency money state succeeded_at failed_at", key("payment_id"), key("invoice_id")),
    facts=("client payment invoice source currency money state reason message requested_by succeeded_at failed_at",),
)  # fmt: skip
CHARGE = Subject(
    "charge", Charge, _("Card charges"), **OWN, permission="billing.payment.view",
    own=("currency money state attempt failed_at", key("invoice_id")),
    facts=("client invoice invoices currency money state attempt decline_code is_hard_decline message failed_at",),
)  # fmt: skip
DISPUTE = Subject(
    "dispute", Dispute, _("Disputes"), permission="billing.payment.view",
    facts=("client payment invoice reason state currency money fee",),
)  # fmt: skip
PAYMENT_METHOD = Subject(
    "payment_method", PaymentMethod, _("Payment methods"), **OWN, permission="billing.payment.view",
    own=("kind brand last4 expires_year expires_month is_default",),
    facts=("client kind brand last4 expires_year expires_month is_default",),
)  # fmt: skip
SERVED = {"client": "client_id", "area": "services"}
SUBSCRIPTION = Subject(
    "subscription", Subscription, _("Subscriptions"), **SERVED, select=("product",),
    own=(named("product"), "label state cycle quantity currency price started_on next_due_on paid_until cancel_on ended_on"),
)  # fmt: skip
CHANGE = Subject(
    "subscription_change", SubscriptionChange, _("Changes of subscriptions"), **SERVED, select=("from_product", "to_product"),
    own=(key("subscription_id"), named("from_product"), named("to_product"), "to_cycle when state effective_on asked_at done_at"),
)  # fmt: skip
TRANSFER = Subject("transfer", Transfer, _("Handing over"))
CLIENT = Subject("client", Client, _("Clients"))

offer(ORDER, "placed", events.OrderPlaced, "order_id")
offer(ORDER, "accepted", events.OrderAccepted, "order_id")
offer(ORDER, "cancelled", events.OrderCancelled, "order_id")
offer(ORDER, "reopened", events.OrderReopened, "order_id")
offer(INVOICE, "issued", events.InvoiceIssued, "invoice_id")
offer(INVOICE, "paid", events.InvoicePaid, "invoice_id")
offer(INVOICE, "cancelled", events.InvoiceCancelled, "invoice_id")
offer(INVOICE, "made_legal", events.InvoiceMadeLegal, "invoice_id")
offer(CREDIT_NOTE, "issued", events.CreditNoteIssued, "credit_note_id")
offer(QUOTE, "delivered", events.QuoteDelivered, "quote_id")
offer(QUOTE, "accepted", events.QuoteAccepted, "quote_id")
offer(QUOTE, "declined", events.QuoteDeclined, "quote_id")
offer(E_INVOICE, "settled", events.EInvoiceSettled, "einvoice_id")
offer(PAYMENT, "received", events.PaymentReceived, "payment_id")
offer(REFUND, "made", events.PaymentRefunded, "refund_id")
offer(REFUND, "made_elsewhere", events.RefundMadeElsewhere, "refund_id", for_clients=False)
offer(REFUND, "failed", events.RefundFailed, "refund_id", for_clients=False)
offer(CHARGE, "failed", events.ChargeFailed, "charge_id")
offer(CHARGE, "needs_action", events.ChargeNeedsAction, "charge_id")
offer(DISPUTE, "opened", events.DisputeOpened, "dispute_id")
offer(PAYMENT_METHOD, "saved", events.PaymentMethodSaved, "payment_method_id")
offer(SUBSCRIPTION, "created", events.SubscriptionCreated, "subscription_id")
offer(SUBSCRIPTION, "activated", events.SubscriptionActivated, "subscription_id")
offer(SUBSCRIPTION, "changed", events.SubscriptionChanged, "subscription_id")
offer(SUBSCRIPTION, "suspended", events.SubscriptionSuspended, "subscription_id")
offer(SUBSCRIPTION, "resumed", events.SubscriptionResumed, "subscription_id")
offer(SUBSCRIPTION, "cancelled", events.SubscriptionCancelled, "subscription_id")
offer(SUBSCRIPTION, "transferred", events.SubscriptionTransferred, "subscription_id")
offer(SUBSCRIPTION, "free_period_begun", events.FreePeriodBegun, "subscription_id", for_clients=False)
offer(SUBSCRIPTION, "ended", events.SubscriptionEnded, "subscription_id")
offer(CHANGE, "asked", events.SubscriptionChangeAsked, "change_id")
offer(CHANGE, "done", events.SubscriptionChangeDone, "change_id")
offer(CHANGE, "lapsed", events.SubscriptionChangeLapsed, "change_id")
offer(TRANSFER, "offered", events.TransferOffered, "transfer_id")
offer(CLIENT, "vat_number_answered", events.VatNumberAnswered, "client_id")
