"""Dates, conditions and acts that automation rules can use, and the rules a new installation starts with."""

from django.utils.translation import gettext_lazy as _

from billing.actions.collection import default_method
from billing.actions.dunning import end_for, suspend_for
from billing.models import Invoice, Stay, Subscription
from billing.queries.dunning import SUSPEND, TERMINATE, TRIGGER, plan_for
from billing.queries.letters import invoice_letter, late_letter
from hostbill.core.access import SYSTEM
from hostbill.core.notify import notify
from hostbill.core.rules import (
    Condition,
    DateTrigger,
    RuleAction,
    register_action,
    register_condition,
    register_default,
    register_trigger,
)

INVOICE = "billing.invoice"
REMINDERS = {
    "before": "billing.invoice_reminder",
    "after": "billing.invoice_overdue",
    "last": "billing.termination_warning",
}


def _due_between(first, last):
    """Unpaid invoices of accounts that automation may touch; money already on its way is waited for, and so are the days
    that a client has been given."""
    rows = Invoice.objects.unpaid().filter(due_on__range=(first, last), account__parked_at__isnull=True)
    rows = rows.exclude(charges__state="processing").exclude(pk__in=Stay.objects.in_force().values("invoice_id"))
    return rows.order_by("due_on", "pk").values_list("pk", "due_on")


def _invoice(object_id: int) -> Invoice | None:
    return Invoice.objects.unpaid().select_related("client", "account").filter(pk=object_id).first()


def _letter(invoice: Invoice, rule, kind: str) -> str:
    plan = plan_for(invoice)
    if kind == REMINDERS["before"]:
        context = invoice_letter(invoice)
    else:
        is_last = kind == REMINDERS["last"]
        context = late_letter(invoice, suspend_on=plan.suspend_on, end_on=plan.end_on, is_last=is_last)
    notify(
        kind,
        to=invoice.client,
        context=context,
        key=f"{kind}:{invoice.pk}:rule-{rule.pk}",
        subject_ref=(INVOICE, invoice.pk),
        attachments=[("billing.invoice_pdf", invoice.pk)],
    )
    return f"mailed {invoice.client.email}"


def send_reminder(object_id: int, rule, params: dict) -> str:
    """Remind of an unpaid invoice; `params["reminder"]` is one of REMINDERS."""
    invoice = _invoice(object_id)
    return _letter(invoice, rule, REMINDERS[params.get("reminder", "after")]) if invoice else "paid meanwhile"


def warn_of_suspension(object_id: int, rule, params: dict) -> str:
    """Say on which day the services of the invoice stop; silent when nothing of it runs."""
    invoice = _invoice(object_id)
    if invoice is None:
        return "paid meanwhile"
    if not Subscription.objects.filter(invoice_lines__invoice=invoice, state="active").exists():
        return "nothing to suspend"
    return _letter(invoice, rule, "billing.suspension_warning")


def suspend(object_id: int, rule, params: dict) -> str:
    """Suspend what the invoice bills."""
    invoice = _invoice(object_id)
    return f"suspended {len(suspend_for(invoice, actor=SYSTEM))}" if invoice else "paid meanwhile"


def terminate(object_id: int, rule, params: dict) -> str:
    """End what the invoice bills."""
    invoice = _invoice(object_id)
    return f"ended {len(end_for(invoice, actor=SYSTEM))}" if invoice else "paid meanwhile"


def _has_saved_card(object_id: int, value) -> bool:
    invoice = Invoice.objects.select_related("client", "account").get(pk=object_id)
    has = invoice.account.auto_charge and default_method(invoice.client) is not None
    return has == bool(value)


def _is_running(object_id: int, value) -> bool:
    running = Subscription.objects.running().filter(invoice_lines__invoice_id=object_id).exists()
    return running == bool(value)


register_trigger(DateTrigger(TRIGGER, _("An unpaid invoice's due date"), _("Invoice"), _due_between))
register_condition(Condition("billing.has_saved_card", _("A saved card is charged"), _("Invoice"), _has_saved_card))
register_condition(Condition("billing.is_running", _("It bills something that runs"), _("Invoice"), _is_running))
register_action(
    RuleAction(
        "billing.send_reminder",
        _("Send a reminder"),
        _("Invoice"),
        send_reminder,
        {"reminder": list(REMINDERS)},
        lambda params: _("Announce the end of the services") if params.get("reminder") == "last" else _("Send a reminder"),
    )
)
register_action(
    RuleAction("billing.warn_of_suspension", _("Announce the suspension"), _("Invoice"), warn_of_suspension)
)
register_action(RuleAction(SUSPEND, _("Suspend the services"), _("Invoice"), suspend))
register_action(RuleAction(TERMINATE, _("End the services"), _("Invoice"), terminate))

register_default(
    "billing.remind_before",
    _("Remind 3 days before the due date, unless a card is charged"),
    TRIGGER,
    -3,
    "billing.send_reminder",
    {"reminder": "before"},
    {"billing.has_saved_card": False},
    order=10,
)
register_default(
    "billing.remind_after_1",
    _("Remind 3 days after the due date"),
    TRIGGER,
    3,
    "billing.send_reminder",
    {"reminder": "after"},
    order=20,
)
register_default(
    "billing.remind_after_2",
    _("Remind 7 days after the due date"),
    TRIGGER,
    7,
    "billing.send_reminder",
    {"reminder": "after"},
    order=30,
)
register_default(
    "billing.warn_of_suspension",
    _("Announce suspension 10 days after the due date"),
    TRIGGER,
    10,
    "billing.warn_of_suspension",
    order=40,
)
register_default("billing.suspend", _("Suspend 14 days after the due date"), TRIGGER, 14, SUSPEND, order=50)
register_default(
    "billing.warn_of_termination",
    _("Announce the end of the services 30 days after the due date"),
    TRIGGER,
    30,
    "billing.send_reminder",
    {"reminder": "last"},
    {"billing.is_running": True},
    order=60,
)
register_default(
    "billing.terminate", _("End the services 45 days after the due date"), TRIGGER, 45, TERMINATE, order=70
)
