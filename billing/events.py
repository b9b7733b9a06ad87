"""What happens in billing, for whoever listens. Ids only: handlers read the current rows."""

from dataclasses import dataclass
from typing import ClassVar

from hostbill.core.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """A client ordered."""

    name: ClassVar[str] = "billing.order_placed"
    order_id: int


@dataclass(frozen=True)
class OrderAccepted(Event):
    """Staff or payment accepted an order."""

    name: ClassVar[str] = "billing.order_accepted"
    order_id: int


@dataclass(frozen=True)
class OrderCancelled(Event):
    """An order was cancelled before or after acceptance."""

    name: ClassVar[str] = "billing.order_cancelled"
    order_id: int


@dataclass(frozen=True)
class OrderReopened(Event):
    """An order that was accepted, cancelled or taken for fraud waits again."""

    name: ClassVar[str] = "billing.order_reopened"
    order_id: int


@dataclass(frozen=True)
class InvoiceIssued(Event):
    """A draft became a numbered document."""

    name: ClassVar[str] = "billing.invoice_issued"
    invoice_id: int


@dataclass(frozen=True)
class InvoicePaid(Event):
    """Nothing is open on the invoice any more."""

    name: ClassVar[str] = "billing.invoice_paid"
    invoice_id: int


@dataclass(frozen=True)
class InvoiceCancelled(Event):
    """The invoice was reversed in the books."""

    name: ClassVar[str] = "billing.invoice_cancelled"
    invoice_id: int


@dataclass(frozen=True)
class InvoiceMadeLegal(Event):
    """A pro-forma invoice was paid and became an invoice with a legal number."""

    name: ClassVar[str] = "billing.invoice_made_legal"
    invoice_id: int


@dataclass(frozen=True)
class CreditNoteIssued(Event):
    """An invoice was taken back in part or whole, by a document."""

    name: ClassVar[str] = "billing.credit_note_issued"
    credit_note_id: int


@dataclass(frozen=True)
class EInvoiceSettled(Event):
    """An e-invoice is ready, held by a rule, or left out: its document's mail may go, or staff must look."""

    name: ClassVar[str] = "billing.einvoice_settled"
    einvoice_id: int


@dataclass(frozen=True)
class PaymentReceived(Event):
    """Money came in."""

    name: ClassVar[str] = "billing.payment_received"
    payment_id: int


@dataclass(frozen=True)
class PaymentRefunded(Event):
    """Money went back to the client."""

    name: ClassVar[str] = "billing.payment_refunded"
    refund_id: int


@dataclass(frozen=True)
class RefundFailed(Event):
    """The gateway could not return money: staff must look."""

    name: ClassVar[str] = "billing.refund_failed"
    refund_id: int


@dataclass(frozen=True)
class DisputeOpened(Event):
    """A payer's bank took money back: staff must answer in time."""

    name: ClassVar[str] = "billing.dispute_opened"
    dispute_id: int


@dataclass(frozen=True)
class RefundMadeElsewhere(Event):
    """Somebody returned money in the gateway's own dashboard: staff must know, since an invoice may be open again."""

    name: ClassVar[str] = "billing.refund_made_elsewhere"
    refund_id: int


@dataclass(frozen=True)
class ChargeFailed(Event):
    """An attempt to take money was declined or given up."""

    name: ClassVar[str] = "billing.charge_failed"
    charge_id: int


@dataclass(frozen=True)
class ChargeNeedsAction(Event):
    """The bank wants the client to confirm a charge made without them."""

    name: ClassVar[str] = "billing.charge_needs_action"
    charge_id: int


@dataclass(frozen=True)
class PaymentMethodSaved(Event):
    """A client stored a way to pay."""

    name: ClassVar[str] = "billing.payment_method_saved"
    payment_method_id: int


@dataclass(frozen=True)
class SubscriptionCreated(Event):
    """Ordered; not served yet."""

    name: ClassVar[str] = "billing.subscription_created"
    subscription_id: int


@dataclass(frozen=True)
class SubscriptionActivated(Event):
    """To be served from now on: paid, or to be set up without payment."""

    name: ClassVar[str] = "billing.subscription_activated"
    subscription_id: int


@dataclass(frozen=True)
class SubscriptionSuspended(Event):
    """A reason not to serve came into force."""

    name: ClassVar[str] = "billing.subscription_suspended"
    subscription_id: int


@dataclass(frozen=True)
class SubscriptionResumed(Event):
    """The last reason not to serve is gone."""

    name: ClassVar[str] = "billing.subscription_resumed"
    subscription_id: int


@dataclass(frozen=True)
class SubscriptionCancelled(Event):
    """It will end, or was ended before it began; see its state and `cancel_on`."""

    name: ClassVar[str] = "billing.subscription_cancelled"
    subscription_id: int


@dataclass(frozen=True)
class SubscriptionChangeAsked(Event):
    """A change of terms was agreed: for a later day, or for when its invoice is paid."""

    name: ClassVar[str] = "billing.subscription_change_asked"
    change_id: int


@dataclass(frozen=True)
class SubscriptionChangeDone(Event):
    """New terms are in force."""

    name: ClassVar[str] = "billing.subscription_change_done"
    change_id: int


@dataclass(frozen=True)
class SubscriptionChangeLapsed(Event):
    """A change was not paid for in time: everything is as it was."""

    name: ClassVar[str] = "billing.subscription_change_lapsed"
    change_id: int


@dataclass(frozen=True)
class FreePeriodBegun(Event):
    """A period that costs nothing has begun, without an invoice."""

    name: ClassVar[str] = "billing.free_period_begun"
    subscription_id: int


@dataclass(frozen=True)
class TransferOffered(Event):
    """A client wants to hand a service over to another."""

    name: ClassVar[str] = "billing.transfer_offered"
    transfer_id: int


@dataclass(frozen=True)
class SubscriptionTransferred(Event):
    """A subscription belongs to another client now."""

    name: ClassVar[str] = "billing.subscription_transferred"
    subscription_id: int


@dataclass(frozen=True)
class SubscriptionEnded(Event):
    """Not served any more, for good."""

    name: ClassVar[str] = "billing.subscription_ended"
    subscription_id: int


@dataclass(frozen=True)
class SubscriptionChanged(Event):
    """Product, answers or label changed."""

    name: ClassVar[str] = "billing.subscription_changed"
    subscription_id: int


@dataclass(frozen=True)
class QuoteDelivered(Event):
    """A quote is given out; `again`: the number of the mail after the first one."""

    name: ClassVar[str] = "billing.quote_delivered"
    quote_id: int
    again: int = 0


@dataclass(frozen=True)
class QuoteAccepted(Event):
    """Somebody signed a quote."""

    name: ClassVar[str] = "billing.quote_accepted"
    quote_id: int


@dataclass(frozen=True)
class QuoteDeclined(Event):
    """Somebody said no to a quote."""

    name: ClassVar[str] = "billing.quote_declined"
    quote_id: int


@dataclass(frozen=True)
class VatNumberAnswered(Event):
    """An office answered about a client's VAT number, or was given up on."""

    name: ClassVar[str] = "billing.vat_number_answered"
    client_id: int
