"""The credit balance."""

from billing.actions.account import open_account
from billing.actions.credit import apply_credit, grant_credit
from billing.models import Account, CreditMovement, Invoice
from hostbill.core.events import without
from hostbill.core.money import Money
from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.actions.money_back import money_sent
from hostbill.whmcs.actions.payments import MAIL_OF_PAYMENT
from hostbill.whmcs.answers import listed, money
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.credit import credit_record
from hostbill.whmcs.records.found import client_of


@action(
    "AddCredit", "Billing", needs="billing.credit.edit", required="clientid description amount", optional="date adminid type",
    missing="Credit is given on the day itself, by the owner of the credentials: date and adminid are not used; type remove is "
    "refused, since credit goes by being used or paid out",
)  # fmt: skip
def add_credit(call: Call) -> dict:
    """Credit as goodwill: our cost, the client's money."""
    values, client = call.values, client_of(call)
    kind = values.text("type").lower() or "add"
    if kind != "add":
        raise Refused("type: credit is used for invoices or paid out as a refund; it is not removed")
    account = open_account(client)
    sent = money_sent(values, "amount", account.currency)
    if sent is None or not sent.is_positive:
        raise Refused("No Amount Provided")
    grant_credit(account, money=sent, note=values.text("description"), actor=call.actor)
    return {"newbalance": money(Account.objects.get(pk=account.pk).credit)}


@action("GetCredits", "Billing", needs="billing.payment.view", required="clientid")
def get_credits(call: Call) -> dict:
    """Every movement of the client's credit."""
    client = client_of(call)
    rows = CreditMovement.objects.visible_to(call.actor).filter(account__client=client)
    found = [credit_record(row) for row in rows.select_related("invoice")]
    return {"totalresults": len(found), "clientid": client.pk, **listed("credits", "credit", found)}


@action("ApplyCredit", "Billing", needs="billing.payment.book", required="invoiceid", optional="amount noemail")
def use_credit_for(call: Call) -> dict:
    """Use credit for one invoice: as much as is asked for, or as there is and is open."""
    values, invoice = call.values, find.invoice(call)
    if invoice.state != Invoice.State.ISSUED:
        raise Refused("Invoice Not in Unpaid Status")
    most = _asked(values, invoice)
    left_out = [MAIL_OF_PAYMENT] if values.flag("noemail") else []
    with without(*left_out):
        after = apply_credit(invoice, actor=call.actor, most=most)
    is_paid = "true" if after.state == Invoice.State.PAID else "false"
    return {"invoiceid": invoice.pk, "amount": money(invoice.open - after.open), "invoicepaid": is_paid}


def _asked(values, invoice: Invoice) -> Money | None:
    """The amount; None for all that can be used, as "full" asks for."""
    if values.text("amount").lower() in ("", "full"):
        return None
    most = money_sent(values, "amount", invoice.currency)
    if not most.is_positive:
        raise Refused("Credit Amount to apply must be greater than zero")
    if most > invoice.account.credit:
        raise Refused("Amount exceeds customer credit balance")
    if most > invoice.open:
        raise Refused("Amount Exceeds Invoice Balance")
    return most
