"""Saved ways to pay. Card and account numbers never come here: clients enter them in the gateway's own form."""

from billing.actions.payment_method import remove_payment_method, set_default_payment_method
from billing.models import PaymentMethod
from hostbill.whmcs import find
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.found import client_of
from hostbill.whmcs.records.pay_method import pay_method_record

VIEW, EDIT = "billing.payment_method.view", "billing.payment_method.edit"
NUMBERS = (
    "card_number", "card_expiry", "card_start", "card_issue_number", "bank_name", "bank_account_type", "bank_code", "bank_account",
)  # fmt: skip
AT_THE_GATEWAY = (
    "Card and bank account numbers are not taken here, so that they never reach this server: the client saves a method in the "
    "gateway's own form, in the client area or when paying"
)
KINDS = {"creditcard": "card", "bankaccount": "sepa_debit"}


@action("GetPayMethods", "Billing", needs=VIEW, required="clientid", optional="paymethodid type")
def get_pay_methods(call: Call) -> dict:
    """The client's, the default first."""
    values, client = call.values, client_of(call, words="Client Not Found")
    rows = PaymentMethod.objects.visible_to(call.actor).usable().filter(client=client).select_related("gateway")
    if kind := values.text("type").lower():
        if kind not in KINDS:
            raise Refused("Invalid Pay Method Type. Should be 'BankAccount' or 'CreditCard'")
        rows = rows.filter(kind=KINDS[kind])
    if number := values.whole("paymethodid"):
        rows = rows.filter(pk=number)
    return {"clientid": client.pk, "paymethods": [pay_method_record(row) for row in rows]}


@action(
    "UpdatePayMethod", "Billing", needs=EDIT, required="clientid paymethodid",
    optional="card_number card_expiry card_start card_issue_number bank_name bank_account_type bank_code bank_account "
    "set_as_default",
    missing="set_as_default alone; new numbers are entered by the client in the gateway's own form",
)  # fmt: skip
def update_pay_method(call: Call) -> dict:
    """Make it the default."""
    method = _method(call)
    if any(call.values.text(name) for name in NUMBERS):
        raise Refused(AT_THE_GATEWAY)
    if not call.values.flag("set_as_default"):
        raise Refused("No Details Provided for Update")
    set_default_payment_method(method, actor=call.actor)
    return {"clientid": method.client_id, "paymethodid": method.pk}


@action(
    "DeletePayMethod", "Billing", needs=EDIT, required="clientid paymethodid", optional="failonremotefailure",
    missing="The gateway forgets it a moment later: failonremotefailure cannot be waited for",
)  # fmt: skip
def delete_pay_method(call: Call) -> dict:
    """Forget it here, and at the gateway."""
    method = remove_payment_method(_method(call), actor=call.actor)
    return {"clientid": method.client_id, "paymethodid": method.pk}


def _method(call: Call) -> PaymentMethod:
    client = client_of(call, words="Client Not Found")
    rows = PaymentMethod.objects.visible_to(call.actor).usable()
    method = find.one(rows, call.values.whole("paymethodid"), "Invalid Pay Method ID")
    if method.client_id != client.pk:
        raise Refused("Pay Method does not belong to passed Client ID")
    return method
