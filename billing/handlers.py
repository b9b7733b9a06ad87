"""Reactions to events: mails to clients and staff, and a new card tried at once."""

from billing.actions.change import changes_waiting_for
from billing.actions.change_apply import finish_change
from billing.actions.collection import collect_with_new_method, default_method, next_try_on
from billing.actions.einvoice import ask_for_wished
from billing.actions.hold import held_drafts, look_after
from billing.actions.pause import end_pause
from billing.actions.quote_conversion import begin_on_deposit
from billing.actions.vat_check import note_tax_id
from billing.events import (
    ChargeFailed,
    ChargeNeedsAction,
    CreditNoteIssued,
    DisputeOpened,
    EInvoiceSettled,
    InvoiceIssued,
    InvoiceMadeLegal,
    InvoicePaid,
    OrderPlaced,
    PaymentMethodSaved,
    PaymentReceived,
    PaymentRefunded,
    QuoteAccepted,
    QuoteDeclined,
    QuoteDelivered,
    RefundFailed,
    RefundMadeElsewhere,
    SubscriptionCancelled,
    SubscriptionChangeAsked,
    SubscriptionChangeDone,
    SubscriptionChangeLapsed,
    SubscriptionEnded,
    SubscriptionResumed,
    SubscriptionSuspended,
    TransferOffered,
    VatNumberAnswered,
)
from billing.models import (
    Charge,
    CreditNote,
    Dispute,
    EInvoice,
    Invoice,
    Order,
    Payment,
    PaymentMethod,
    Quote,
    Refund,
    Subscription,
    SubscriptionChange,
    Suspension,
    Transfer,
)
from billing.queries.dunning import plan_for
from billing.queries.einvoice_wish import attached_to, mail_waits
from billing.queries.letters import (
    ahead_letter,
    change_letter,
    charge_letter,
    credit_note_letter,
    dispute_letter,
    foreign_refund_letter,
    held_letter,
    invoice_letter,
    late_letter,
    order_letter,
    payment_letter,
    refund_letter,
    refused_letter,
    subscription_letter,
    transfer_letter,
)
from billing.queries.quote_letters import answer_letter, quote_letter, signed_letter
from billing.queries.readers import document_readers
from billing.queries.vat_status import newly_refused
from clients.events import ClientCreated, ClientUpdated
from clients.models import Client
from clients.queries.staff import staff_recipients
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.events import listen
from hostbill.core.notify import Recipient, notify

QUOTE_PDF = "billing.quote_pdf"


@listen(OrderPlaced, name="billing.tell_staff_on_order_placed", later=True)
def tell_staff_on_order_placed(event):
    """Staff who look after orders hear of a new one."""
    order = Order.objects.select_related("client", "invoice").get(pk=event.order_id)
    notify(
        "billing.order_placed",
        to=staff_recipients("billing.order.accept"),
        context=order_letter(order),
        key=f"order-placed:{order.pk}",
        subject_ref=("billing.order", order.pk),
        client_id=order.client_id,
    )


@listen(InvoiceIssued, name="billing.mail_on_invoice_issued", later=True)
def mail_on_invoice_issued(event):
    """The invoice with its PDF and what to do: pay, wait for the saved card, or nothing when it is paid already."""
    invoice = Invoice.objects.select_related("client", "account").get(pk=event.invoice_id)
    if invoice.state != Invoice.State.CANCELLED:
        if not invoice.is_proforma:
            ask_for_wished(invoice, actor=SYSTEM)
        _mail_issued(invoice)


def _mail_issued(invoice: Invoice) -> None:
    """Once; not before its e-invoice is ready or left out, and not for an order placed quietly."""
    order = Order.objects.filter(invoice=invoice).first()
    if invoice.state == Invoice.State.CANCELLED or (order and order.is_quiet) or mail_waits(invoice):
        return
    kind, letter = _words_for(invoice)
    _mail(kind, invoice.client, letter, f"invoice-issued:{invoice.pk}", invoice, attachments=attached_to(invoice))


@listen(EInvoiceSettled, name="billing.mail_on_einvoice_settled", later=True)
def mail_on_einvoice_settled(event):
    """The document's mail goes with it; one that broke a rule is shown to staff, and the mail waits."""
    einvoice = EInvoice.objects.select_related("client", "invoice__client", "invoice__account", "credit_note__client").get(
        pk=event.einvoice_id
    )
    if einvoice.state == EInvoice.State.HELD:
        _tell_staff_of_held(einvoice)
    elif einvoice.with_mail and einvoice.credit_note:
        _mail_credit_note(einvoice.credit_note)
    elif einvoice.with_mail and einvoice.invoice.proforma_number:
        _mail_legal(einvoice.invoice)
    elif einvoice.with_mail:
        _mail_issued(einvoice.invoice)


def _tell_staff_of_held(einvoice: EInvoice) -> None:
    notify(
        "billing.einvoice_held",
        to=staff_recipients("billing.invoice.create"),
        context=held_letter(einvoice),
        key=f"einvoice-held:{einvoice.pk}:{einvoice.tries}",
        subject_ref=("billing.einvoice", einvoice.pk),
        client_id=einvoice.client_id,
    )


@listen(InvoiceMadeLegal, name="billing.mail_on_invoice_made_legal", later=True)
def mail_on_invoice_made_legal(event):
    """A pro-forma invoice was paid: here is the invoice itself, for the records."""
    invoice = Invoice.objects.select_related("client").get(pk=event.invoice_id)
    ask_for_wished(invoice, actor=SYSTEM)
    _mail_legal(invoice)


def _mail_legal(invoice: Invoice) -> None:
    if not mail_waits(invoice):
        key, files = f"invoice-legal:{invoice.pk}", attached_to(invoice)
        _mail("billing.invoice_paid_at_once", invoice.client, invoice_letter(invoice), key, invoice, attachments=files)


@listen(CreditNoteIssued, name="billing.mail_on_credit_note_issued", later=True)
def mail_on_credit_note_issued(event):
    """The credit note with its PDF, and where the money is."""
    note = CreditNote.objects.select_related("client", "invoice").get(pk=event.credit_note_id)
    ask_for_wished(note, actor=SYSTEM)
    _mail_credit_note(note)


def _mail_credit_note(note: CreditNote) -> None:
    """Once; not before its e-invoice is ready or left out."""
    if not mail_waits(note):
        key, files = f"credit-note-issued:{note.pk}", attached_to(note)
        _mail("billing.credit_note_issued", note.client, credit_note_letter(note), key, note, attachments=files)


def _words_for(invoice: Invoice) -> tuple[str, dict]:
    """A card that is charged later by itself must not be paid by hand too, so its client is not asked to."""
    if invoice.state != Invoice.State.ISSUED:
        return "billing.invoice_paid_at_once", invoice_letter(invoice)
    method = default_method(invoice.client) if invoice.account.auto_charge else None
    if method and invoice.due_on > clock.today():
        return "billing.card_charge_ahead", ahead_letter(invoice, method)
    return "billing.invoice_issued", invoice_letter(invoice)


@listen(PaymentReceived, name="billing.mail_on_payment_received", later=True)
def mail_on_payment_received(event):
    """The receipt."""
    payment = Payment.objects.select_related("client").get(pk=event.payment_id)
    _mail("billing.payment_received", payment.client, payment_letter(payment), f"payment:{payment.pk}", payment)


@listen(ChargeFailed, name="billing.mail_on_charge_failed", later=True)
def mail_on_charge_failed(event):
    """The card was refused; nothing to say when the invoice was paid meanwhile."""
    charge = Charge.objects.select_related("client", "invoice__client", "invoice__account", "payment_method").get(
        pk=event.charge_id
    )
    if charge.invoice.state == Invoice.State.ISSUED:
        letter = charge_letter(charge, next_try_on(charge))
        _mail("billing.charge_failed", charge.client, letter, f"charge-failed:{charge.pk}", charge.invoice)


@listen(ChargeNeedsAction, name="billing.mail_on_charge_needs_action", later=True)
def mail_on_charge_needs_action(event):
    """The bank wants its client to confirm: here is the link."""
    charge = Charge.objects.select_related("client", "invoice__client", "payment_method").get(pk=event.charge_id)
    if charge.state == Charge.State.NEEDS_ACTION:
        key = f"charge-needs-action:{charge.pk}"
        _mail("billing.charge_needs_action", charge.client, charge_letter(charge), key, charge.invoice)


@listen(PaymentRefunded, name="billing.mail_on_payment_refunded", later=True)
def mail_on_payment_refunded(event):
    """Money went back."""
    refund = Refund.objects.select_related("client", "payment", "invoice").get(pk=event.refund_id)
    _mail("billing.refund_made", refund.client, refund_letter(refund), f"refund:{refund.pk}", refund)


@listen(RefundFailed, name="billing.tell_staff_on_refund_failed", later=True)
def tell_staff_on_refund_failed(event):
    """Somebody must find another way to return the money."""
    refund = Refund.objects.select_related("client", "payment", "invoice").get(pk=event.refund_id)
    letter = refund_letter(refund)
    notify(
        "billing.refund_failed",
        to=staff_recipients("billing.payment.refund"),
        context={name: letter[name] for name in ("client_name", "amount", "url")} | {"why": refund.message},
        key=f"refund-failed:{refund.pk}",
        subject_ref=("billing.refund", refund.pk),
        client_id=refund.client_id,
    )


@listen(RefundMadeElsewhere, name="billing.tell_staff_on_refund_made_elsewhere", later=True)
def tell_staff_on_refund_made_elsewhere(event):
    """Money left without anybody here knowing: who may refund hears of it."""
    refund = Refund.objects.select_related("client", "payment").get(pk=event.refund_id)
    notify(
        "billing.refund_made_elsewhere",
        to=staff_recipients("billing.payment.refund"),
        context=foreign_refund_letter(refund),
        key=f"refund-made-elsewhere:{refund.payment_id}:{refund.remote_id}",
        subject_ref=("billing.payment", refund.payment_id),
        client_id=refund.client_id,
    )


@listen(DisputeOpened, name="billing.tell_staff_on_dispute_opened", later=True)
def tell_staff_on_dispute_opened(event):
    """A payer's bank took money back; the gateway waits for an answer only for some days."""
    dispute = Dispute.objects.select_related("client", "payment").get(pk=event.dispute_id)
    notify(
        "billing.dispute_opened",
        to=staff_recipients("billing.payment.refund"),
        context=dispute_letter(dispute),
        key=f"dispute-opened:{dispute.pk}",
        subject_ref=("billing.payment", dispute.payment_id),
        client_id=dispute.client_id,
    )


@listen(ClientCreated, ClientUpdated, name="billing.note_tax_id_on_client_changed", later=True)
def note_tax_id_on_client_changed(event):
    """A VAT number that is new or belongs to another address now is asked about."""
    note_tax_id(Client.objects.get(pk=event.client_id), actor=SYSTEM)


@listen(VatNumberAnswered, name="billing.issue_held_on_vat_number_answered")
def issue_held_on_vat_number_answered(event):
    """What waited for the answer becomes a document."""
    for draft in held_drafts().filter(client=event.client_id):
        look_after(draft, actor=SYSTEM)


@listen(VatNumberAnswered, name="billing.tell_on_vat_number_refused", later=True)
def tell_on_vat_number_refused(event):
    """Somebody has ordered with a number that the office does not know: they and we hear of it, once for each number."""
    client = Client.objects.get(pk=event.client_id)
    check = newly_refused(client)
    if check is None:
        return
    for kind, to in (("", client), ("_staff", staff_recipients("clients.client.edit"))):
        notify(
            f"billing.vat_number_refused{kind}",
            to=to,
            context=refused_letter(check, for_staff=bool(kind)),
            key=f"vat-number-refused{kind}:{check.pk}",
            subject_ref=("billing.taxidcheck", check.pk),
            client_id=client.pk,
        )


@listen(PaymentMethodSaved, name="billing.charge_on_payment_method_saved", later=True)
def charge_on_payment_method_saved(event):
    """A new card is tried at once on what is overdue."""
    method = PaymentMethod.objects.select_related("client__billing_account").get(pk=event.payment_method_id)
    if method.removed_at is None and method.is_default and method.client.billing_account.auto_charge:
        collect_with_new_method(method, actor=SYSTEM)


@listen(InvoicePaid, name="billing.finish_change_on_invoice_paid")
def finish_change_on_invoice_paid(event):
    """A change that waited for this money happens."""
    invoice = Invoice.objects.get(pk=event.invoice_id)
    for change in changes_waiting_for(invoice):
        finish_change(change, actor=SYSTEM)


@listen(SubscriptionResumed, name="billing.end_pause_on_subscription_resumed")
def end_pause_on_subscription_resumed(event):
    """A pause that ran out is charged again."""
    end_pause(Subscription.objects.select_related("account").get(pk=event.subscription_id), actor=SYSTEM)


@listen(SubscriptionChangeAsked, name="billing.mail_on_change_asked", later=True)
def mail_on_change_asked(event):
    """A change for a later day, confirmed; one for now has its invoice or is done."""
    change = _change(event)
    if change.state == SubscriptionChange.State.SCHEDULED:
        _mail("billing.change_scheduled", change.client, change_letter(change), f"change:{change.pk}:asked", change.subscription)


@listen(SubscriptionChangeDone, name="billing.mail_on_change_done", later=True)
def mail_on_change_done(event):
    """It is in force."""
    change = _change(event)
    _mail("billing.change_done", change.client, change_letter(change), f"change:{change.pk}:done", change.subscription)


@listen(SubscriptionChangeLapsed, name="billing.mail_on_change_lapsed", later=True)
def mail_on_change_lapsed(event):
    """It was not paid for."""
    change = _change(event)
    _mail("billing.change_lapsed", change.client, change_letter(change), f"change:{change.pk}:lapsed", change.subscription)


def _change(event) -> SubscriptionChange:
    rows = SubscriptionChange.objects.select_related("client", "subscription__client", "from_product", "to_product")
    return rows.get(pk=event.change_id)


@listen(TransferOffered, name="billing.mail_on_transfer_offered", later=True)
def mail_on_transfer_offered(event):
    """The taker is asked."""
    transfer = Transfer.objects.select_related("to_client", "from_client", "subscription__product").get(pk=event.transfer_id)
    if transfer.state == Transfer.State.OFFERED:
        key = f"transfer:{transfer.pk}:offered"
        _mail("billing.transfer_offered", transfer.to_client, transfer_letter(transfer), key, transfer.subscription)


@listen(SubscriptionSuspended, name="billing.mail_on_subscription_suspended", later=True)
def mail_on_subscription_suspended(event):
    """Suspended because an invoice is unpaid: one mail per invoice, however many services are on it."""
    subscription = Subscription.objects.select_related("client").get(pk=event.subscription_id)
    suspension = subscription.suspensions.filter(
        kind=Suspension.Kind.NONPAYMENT, lifted_at__isnull=True, invoice__state="issued"
    ).first()
    if suspension:
        invoice, plan = suspension.invoice, plan_for(suspension.invoice)
        letter = late_letter(invoice, suspend_on=plan.suspend_on, end_on=plan.end_on)
        # Suspended again after more days were given is told again.
        key = f"suspended:{invoice.pk}:{suspension.started_at:%Y%m%d}"
        _mail("billing.suspended_for_nonpayment", subscription.client, letter, key, invoice)


@listen(SubscriptionCancelled, name="billing.mail_on_subscription_cancelled", later=True)
def mail_on_subscription_cancelled(event):
    """The cancellation confirmed with its day; one that ends at once gets the other mail only."""
    subscription = Subscription.objects.select_related("client", "product").get(pk=event.subscription_id)
    if subscription.cancel_at_end and subscription.is_running:
        key = f"subscription-cancelled:{subscription.pk}:{subscription.cancel_on}"
        letter = subscription_letter(subscription)
        _mail("billing.subscription_cancelled", subscription.client, letter, key, subscription)


@listen(SubscriptionEnded, name="billing.mail_on_subscription_ended", later=True)
def mail_on_subscription_ended(event):
    """It is over."""
    subscription = Subscription.objects.select_related("client", "product").get(pk=event.subscription_id)
    key = f"subscription-ended:{subscription.pk}"
    _mail("billing.subscription_ended", subscription.client, subscription_letter(subscription), key, subscription)


def _mail(kind, client, context, key, subject, attachments=()):
    """A mail with documents also goes to those who get this client's documents only."""
    notify(
        kind,
        to=document_readers(client) if attachments else client,
        client_id=client.pk,
        context=context,
        key=key,
        subject_ref=(subject._meta.label_lower, subject.pk),
        attachments=attachments,
    )


@listen(InvoicePaid, name="billing.begin_on_deposit_paid", later=True)
def begin_on_deposit_paid(event):
    """The deposit of a quote is paid: what was ordered with it begins."""
    begin_on_deposit(Invoice.objects.select_related("account").get(pk=event.invoice_id), actor=SYSTEM)


@listen(QuoteDelivered, name="billing.mail_on_quote_delivered", later=True)
def mail_on_quote_delivered(event):
    """The quote with its PDF and the link to sign it."""
    quote = Quote.objects.select_related("client").get(pk=event.quote_id)
    if quote.can_be_signed:
        _mail_quote("billing.quote_delivered", quote, quote_letter(quote), f"quote:{quote.pk}:{event.again}")


@listen(QuoteAccepted, name="billing.mail_on_quote_accepted", later=True)
def mail_on_quote_accepted(event):
    """What was signed, for those who signed it, and the news for staff."""
    quote = Quote.objects.select_related("client", "signature").get(pk=event.quote_id)
    _mail_quote("billing.quote_signed", quote, signed_letter(quote), f"quote-signed:{quote.pk}")
    _tell_staff("billing.quote_accepted", quote)


@listen(QuoteDeclined, name="billing.tell_staff_on_quote_declined", later=True)
def tell_staff_on_quote_declined(event):
    """Somebody said no."""
    _tell_staff("billing.quote_declined", Quote.objects.select_related("client").get(pk=event.quote_id))


def _mail_quote(kind, quote, context, key):
    """To the client's people, or to the address on the quote."""
    to = quote.client or Recipient(quote.email, f"{quote.first_name} {quote.last_name}".strip(), quote.language)
    subject = (quote._meta.label_lower, quote.pk)
    notify(kind, to=to, context=context, key=key, subject_ref=subject, attachments=[(QUOTE_PDF, quote.pk)])


def _tell_staff(kind, quote):
    notify(
        kind,
        to=staff_recipients("billing.quote.edit"),
        context=answer_letter(quote),
        key=f"{kind}:{quote.pk}",
        subject_ref=(quote._meta.label_lower, quote.pk),
        client_id=quote.client_id,
    )
