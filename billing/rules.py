"""Dates, conditions and acts that automation rules can use, and the rules a new installation starts with."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from billing.actions.collection import method_for
from billing.actions.dunning import end_for, suspend_for
from billing.actions.late_fee import LateFee, charge_late_fee
from billing.models import Account, Invoice, Product, Stay, Subscription
from billing.models.tax import TaxClass
from billing.options import WARNED_BEFORE
from billing.queries.dunning import SUSPEND, TERMINATE, TRIGGER, end_is_too_near, plan_for, suspension_is_too_near
from billing.queries.letters import invoice_letter, late_letter
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.conditions import CHOICE, NUMBER, Condition
from hostbill.core.errors import AppError
from hostbill.core.foresight import among
from hostbill.core.notify import notify
from hostbill.core.rules import (
    DateTrigger,
    RuleAction,
    register_action,
    register_condition,
    register_default,
    register_trigger,
)
from hostbill.core.ui.fields import MoneyField

INVOICE, INVOICE_REF = "billing.Invoice", "billing.invoice"
REMINDERS = {
    "before": "billing.invoice_reminder",
    "after": "billing.invoice_overdue",
    "last": "billing.termination_warning",
}


def _due_between(first, last):
    """Unpaid invoices of accounts that automation may touch; money already on its way is waited for, and so are the days
    that a client has been given."""
    rows = Invoice.objects.unpaid().filter(due_on__range=(first, last), account__parked_at__isnull=True)
    rows = rows.filter(collections_at=None).exclude(charges__state="processing")
    rows = rows.exclude(pk__in=Stay.objects.in_force().values("invoice_id"))
    return among(rows).order_by("due_on", "pk").values_list("pk", "due_on")


def _invoice(object_id: int) -> Invoice | None:
    return Invoice.objects.unpaid().select_related("client", "account").filter(pk=object_id).first()


def _letter(invoice: Invoice, rule, kind: str) -> str:
    plan = plan_for(invoice)
    if kind == REMINDERS["before"]:
        context = invoice_letter(invoice)
    else:
        is_last = kind == REMINDERS["last"]
        end_on = _end_after(rule, invoice, plan.end_on) if is_last else plan.end_on
        context = late_letter(invoice, suspend_on=_suspended_after(invoice, plan.suspend_on), end_on=end_on, is_last=is_last)
    notify(
        kind,
        to=invoice.client,
        context=context,
        key=f"{kind}:{invoice.pk}:rule-{rule.pk}",
        subject_ref=(INVOICE_REF, invoice.pk),
        attachments=[("billing.invoice_pdf", invoice.pk)],
    )
    return f"mailed {invoice.client.email}"


def _end_after(rule, invoice: Invoice, end_on):
    """The day of the end; an announcement that comes late puts it off by as much."""
    late = clock.today() - invoice.due_on - timedelta(days=rule.offset_days)
    return end_on and end_on + max(late, timedelta(0))


def _suspended_after(invoice: Invoice, suspend_on):
    """The day on which what runs still stops: not before there was time to read this mail."""
    if suspend_on is None or not _can_be_suspended(invoice.pk):
        return suspend_on
    return max(suspend_on, clock.today() + timedelta(days=WARNED_BEFORE.value))


def send_reminder(object_id: int, rule, params: dict) -> str:
    """Remind of an unpaid invoice; `params["reminder"]` is one of REMINDERS."""
    invoice = _invoice(object_id)
    return _letter(invoice, rule, REMINDERS[params.get("reminder", "after")]) if invoice else "paid meanwhile"


def warn_of_suspension(object_id: int, rule, params: dict) -> str:
    """Say on which day the services of the invoice stop; silent when nothing of it runs."""
    invoice = _invoice(object_id)
    if invoice is None:
        return "paid meanwhile"
    if not _can_be_suspended(invoice.pk):
        return "nothing to suspend"
    return _letter(invoice, rule, "billing.suspension_warning")


def _can_be_suspended(object_id: int) -> bool:
    return Subscription.objects.filter(invoice_lines__invoice_id=object_id, state="active").exists()


def suspend(object_id: int, rule, params: dict) -> str:
    """Suspend what the invoice bills."""
    invoice = _invoice(object_id)
    return f"suspended {len(suspend_for(invoice, actor=SYSTEM))}" if invoice else "paid meanwhile"


def terminate(object_id: int, rule, params: dict) -> str:
    """End what the invoice bills."""
    invoice = _invoice(object_id)
    return f"ended {len(end_for(invoice, actor=SYSTEM))}" if invoice else "paid meanwhile"


def charge_fee(object_id: int, rule, params: dict) -> str:
    """A late fee for the invoice, and interest, on an invoice of its own."""
    invoice = _invoice(object_id)
    if invoice is None:
        return "paid meanwhile"
    due_days, tax_class = int(params["due_days"]), params["tax_class"]
    made = charge_late_fee(invoice, _fee(params), due_days=due_days, tax_class=tax_class, actor=SYSTEM)
    return f"invoiced {made}" if made else "nothing to charge"


def _fee(params: dict) -> LateFee:
    return LateFee(*(Decimal(params.get(name) or 0) for name in ("fixed", "percent", "yearly")))


def _check_fee(params: dict) -> None:
    if _fee(params) == LateFee():
        raise AppError(_now("Enter an amount, a percentage, or both."), code="no_fee", field="fixed")


def _fee_words(params: dict) -> str:
    yearly = _now("%(percent)s%% a year") % {"percent": params["yearly"]} if params.get("yearly") else ""
    parts = [params.get("fixed") or "", f"{params['percent']} %" if params.get("percent") else "", yearly]
    return _now("Charge a late fee of %(fee)s") % {"fee": " + ".join(filter(None, parts))}


def _reminder_words(params: dict) -> str:
    return str(_("Announce the end of the services") if params.get("reminder") == "last" else _("Send a reminder"))


def _has_saved_card(object_id: int) -> bool:
    invoice = Invoice.objects.select_related("client", "account").get(pk=object_id)
    return method_for(invoice) is not None


def _is_running(object_id: int) -> bool:
    return Subscription.objects.running().filter(invoice_lines__invoice_id=object_id).exists()


def _products(object_id: int) -> set:
    return set(Subscription.objects.filter(invoice_lines__invoice_id=object_id).values_list("product_id", flat=True))


def _fact(*path):
    """Reader of one column of the invoice, as a set of one."""
    return lambda object_id: set(Invoice.objects.filter(pk=object_id).values_list(*path, flat=True))


def _is_company(object_id: int) -> bool:
    return Invoice.objects.exclude(client__company="").filter(pk=object_id).exists()


def _open_amount(object_id: int) -> Decimal:
    return Invoice.objects.values_list("open_amount", flat=True).get(pk=object_id)


def _currencies():
    return [(code, code) for code in Account.objects.order_by("currency").values_list("currency", flat=True).distinct()]


def _fee_fields() -> dict:
    return {
        "fixed": lambda: MoneyField(
            label=_("Amount, net"), min_value=0, max_digits=12, decimal_places=2, required=False,
            help_text=_("In the invoice's currency; with several, make a rule for each and ask for the currency."),
        ),
        "percent": lambda: forms.DecimalField(
            label=_("Percent of what is still to pay"), min_value=0, max_value=100, max_digits=6, decimal_places=3, required=False
        ),
        "yearly": lambda: forms.DecimalField(
            label=_("Interest a year, percent"), min_value=0, max_value=100, max_digits=6, decimal_places=3, required=False,
            help_text=_(
                "By the day since the due date, on what is still to pay that day. Between companies the law names a rate; ask for a "
                "company then."
            ),
        ),
        "due_days": lambda: forms.IntegerField(label=_("Days to pay the fee"), min_value=0, max_value=365, initial=14),
        "tax_class": lambda: forms.ChoiceField(label=_("Tax on the fee"), choices=TaxClass.choices, initial=TaxClass.ZERO),
    }  # fmt: skip


def _reminder_field():
    choices = [("before", _("Not due yet")), ("after", _("Overdue")), ("last", _("Last warning, the end is near"))]
    return forms.ChoiceField(label=_("Which mail"), choices=choices, initial="after")


register_trigger(DateTrigger(TRIGGER, _("An unpaid invoice's due date"), INVOICE, _due_between))
for _condition in (
    Condition("billing.has_saved_card", _("A saved card is charged"), INVOICE, _has_saved_card),
    Condition("billing.is_running", _("It bills something that runs"), INVOICE, _is_running),
    Condition("billing.open", _("Still to pay"), INVOICE, _open_amount, NUMBER),
    Condition("billing.currency", _("Its currency"), INVOICE, _fact("currency"), CHOICE, _currencies),
    Condition("billing.is_company", _("The client is a company"), INVOICE, _is_company),
    Condition("billing.country", _("The client's country"), INVOICE, _fact("client__country"), CHOICE, lambda: list(countries)),
    Condition("billing.kind", _("The invoice is for"), INVOICE, _fact("kind"), CHOICE, lambda: Invoice.Kind.choices),
    Condition(
        "billing.product", _("It bills"), INVOICE, _products, CHOICE,
        lambda: [(str(pk), name) for pk, name in Product.objects.order_by("name").values_list("pk", "name")],
    ),
):  # fmt: skip
    register_condition(_condition)
for _action in (
    RuleAction(
        "billing.send_reminder", _("Send a reminder"), INVOICE, send_reminder, {"reminder": _reminder_field}, _reminder_words,
        ladder="dunning",
    ),
    RuleAction(
        "billing.warn_of_suspension", _("Announce the suspension"), INVOICE, warn_of_suspension,
        ladder="dunning", speaks=_can_be_suspended,
    ),
    RuleAction("billing.late_fee", _("Charge a late fee"), INVOICE, charge_fee, _fee_fields(), _fee_words, _check_fee),
    RuleAction(SUSPEND, _("Suspend the services"), INVOICE, suspend, waits=suspension_is_too_near),
    RuleAction(TERMINATE, _("End the services"), INVOICE, terminate, waits=end_is_too_near),
):  # fmt: skip
    register_action(_action)

register_default(
    "billing.remind_before",
    _("Remind 3 days before the due date, unless a card is charged"),
    TRIGGER,
    -3,
    "billing.send_reminder",
    {"reminder": "before"},
    [{"field": "billing.has_saved_card", "relation": "no", "value": ""}],
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
    [{"field": "billing.is_running", "relation": "yes", "value": ""}],
    order=60,
)
register_default(
    "billing.terminate", _("End the services 45 days after the due date"), TRIGGER, 45, TERMINATE, order=70
)
