"""Payments in the console: what came in, giving it back, and booking what the bank statement shows."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.account import open_account
from billing.actions.bank import book_line
from billing.actions.payment import book_bank_payment
from billing.actions.refund import refund_payment
from billing.forms.invoice import MatchForm, RefundForm
from billing.models import Account, BankLine, Invoice, Payment
from billing.queries.matching import candidates, judge, whole_accounts
from billing.views.staff.for_client import ForClient
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.crud import (
    Code,
    Column,
    DateColumn,
    DateRange,
    MoneyColumn,
    Related,
    StaffDetailView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Text,
    Verb,
)
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.money import Money, round_amount
from hostbill.core.options import COMPANY_CURRENCY
from hostbill.core.ui.words import money_words

VIEW, BOOK, REFUND = "billing.payment.view", "billing.payment.book", "billing.payment.refund"
SHOWN = 20


def way(payment) -> str:
    """How it came."""
    return payment.method or (payment.gateway.label if payment.gateway else "")


class PaymentList(StaffListView):
    """Newest first."""

    model = Payment
    permission = VIEW
    title = gettext_lazy("Payments")
    select = ("client", "gateway")
    columns = [
        DateColumn("received_at", gettext_lazy("Received"), sort="received_at", relative=True, numeric=False),
        Column("remote_id", gettext_lazy("Reference"), link=True, phone="hide"),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("Client"), beside=lambda payment: payment.client.native_name, phone="lead"),
        Column("way", gettext_lazy("Way"), value=way, muted=True),
        MoneyColumn("fee", gettext_lazy("Fee"), muted=True, phone="hide"),
        MoneyColumn("money", gettext_lazy("Amount"), strong=True, phone="end"),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        DateRange("received_on", gettext_lazy("Received")),
        Code("currency", gettext_lazy("Currency")),
        Text("note", gettext_lazy("Note")),
    ]
    search = ["remote_id__startswith", "note__icontains", "client__company__icontains", "client__last_name__icontains"]
    sort = "-received_at"
    tabs = [
        Tab("all", gettext_lazy("Everything"), Q()),
        Tab("credit", gettext_lazy("Kept as credit"), Q(credited_amount__gt=0), count=True),
        Tab("refunded", gettext_lazy("Refunded"), Q(refunded_amount__gt=0)),
    ]
    places_template = "billing/staff/places/payments.html"
    create_url = "billing_staff:payment_match"
    create_label, create_permission = gettext_lazy("Book a bank payment"), BOOK
    empty = (
        gettext_lazy("No payments yet"),
        gettext_lazy("Money that comes in is listed here, whichever way it came."),
    )


    def get_context(self):
        """How many lines of the bank wait."""
        waiting = BankLine.objects.visible_to(self.request.actor).filter(state="open")[:100].count()
        return super().get_context() | {"bank_waiting": waiting}


def named(payment) -> str:
    """What a payment is called: by its sum."""
    return _("Payment of %(amount)s") % {"amount": money_words(payment.money)}


class PaymentDetail(StaffDetailView):
    """Where it came from and where it went."""

    model = Payment
    permission = VIEW
    select = ("client", "gateway", "charge", "account")
    template_name = "billing/staff/payment/detail.html"
    crumbs = [(gettext_lazy("Payments"), "billing_staff:payment_list")]
    verbs = [
        Verb("refund", gettext_lazy("Refund…"), "billing_staff:payment_refund", REFUND, "", "credit-card-refund",
             lambda payment: payment.remaining.is_positive),
    ]  # fmt: skip

    def title(self, payment):
        """The sum."""
        return named(payment)

    def facts(self, payment):
        """The rest of the row."""
        return [
            (_("Received on"), payment.received_on),
            (_("Way"), way(payment)),
            (_("Reference"), payment.remote_id),
            (_("Fee"), payment.fee),
            (_("Kept as credit"), payment.credited),
            (_("Refunded"), payment.refunded),
            (_("Booked by"), payment.booked_by),
            (_("Note"), payment.note),
        ]

    def more_context(self, payment):
        """Invoices it settled, money that went back."""
        return {
            "allocations": payment.allocations.select_related("invoice__client"),
            "refunds": payment.refunds.select_related("invoice"),
            "disputes": payment.disputes.select_related("invoice"),
        }


class PaymentRefund(StaffVerbView):
    """Money goes back the way it came."""

    model = Payment
    permission = REFUND
    select = ("account", "gateway")
    title = gettext_lazy("Refund this payment")
    button = gettext_lazy("Refund")
    kind = "danger"
    form_class = RefundForm
    done = gettext_lazy("The refund is on its way.")

    @property
    def explain(self):
        """How much is left, and which way it takes."""
        left = _("%(left)s of this payment can go back.") % {"left": money_words(self.obj.remaining)}
        if self.obj.charge_id:
            return f"{left} " + _("The payment provider returns it to the card.")
        return f"{left} " + _("It came by hand, so transfer it back yourself; here it is booked at once.")

    def name_of(self, payment):
        """As its own page is called."""
        return named(payment)

    def get_initial(self):
        """All that is left."""
        return {"amount": round_amount(self.obj.remaining.amount, self.obj.currency)}

    def action(self, payment, *, amount, source, reason, actor):
        """Reserve and send."""
        money = Money(amount, payment.currency)
        return refund_payment(payment, money=money, source=source, reason=reason, actor=actor)

    def after_url(self, result):
        """Back to the payment."""
        return self.obj.get_absolute_url()


class PaymentMatch(ForClient, StaffView, View):
    """A line of the bank statement meets open invoices: enter it, see what fits, book it for one, several or as credit."""

    permission = BOOK

    def currencies(self) -> list[str]:
        """Those of our clients' accounts, the company's first."""
        used = Account.objects.order_by("currency").values_list("currency", flat=True).distinct()
        return list(dict.fromkeys([str(COMPANY_CURRENCY.value), *used]))

    @cached_property
    def line(self):
        """The imported bank line of the address; its day, words and amount are the bank's."""
        text = self.request.GET.get("line", "")
        known = BankLine.objects.visible_to(self.request.actor).select_related("account", "payment")
        return known.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None

    def entered(self, data=None):
        """The form; what the bank told is not typed again."""
        if self.line is None:
            return MatchForm(self.currencies(), data)
        said = {"amount": round_amount(self.line.amount, self.line.currency), "currency": self.line.currency}
        given = {"reference": (data or {}).get("reference") or self.line.words or str(self.line.account)}
        said |= {"reference": given["reference"][:255], "received_on": self.line.booked_on}
        return MatchForm([self.line.currency, *self.currencies()], said)

    def get(self, request):
        """Empty, for one invoice or client, or with what fits the entered line."""
        if self.line and self.line.state != BankLine.State.OPEN:
            return self.settled()
        if self.line:
            form = self.entered(request.GET)
            return self.page(form, self._found(form) if form.is_valid() else None)
        if "reference" not in request.GET and "amount" not in request.GET:
            return self.page(MatchForm(self.currencies(), initial=self._initial()))
        form = MatchForm(self.currencies(), request.GET)
        return self.page(form, self._found(form) if form.is_valid() else None)

    def _initial(self) -> dict:
        """From the invoice or client that a page linked from."""
        number = self.request.GET.get("invoice", "")
        known = Invoice.objects.visible_to(self.request.actor).unpaid()
        invoice = known.filter(pk=number).first() if number.isdecimal() and len(number) < 18 else None
        if invoice:
            amount = round_amount(invoice.open_amount, invoice.currency)
            return {"amount": amount, "currency": invoice.currency, "reference": invoice.number}
        account = getattr(self.client, "billing_account", None)
        if account is None:
            return {}
        amount = round_amount(account.balance_amount, account.currency) if account.balance.is_positive else None
        return {"amount": amount, "currency": account.currency, "reference": self.client.name}

    def _found(self, form) -> dict:
        """What fits, the surest first; the client's own open invoices when the page is about one."""
        data = form.cleaned_data
        text, money = data["reference"], Money(data["amount"], data["currency"])
        found = candidates(text, money)
        if self.client:
            own = Invoice.objects.unpaid().filter(client=self.client, currency=money.currency).order_by("due_on", "pk")
            shown = {item.invoice.pk for item in found}
            rest = own.exclude(pk__in=shown).select_related("client", "account")[:SHOWN]
            found += [judge(invoice, text, money) for invoice in rest]
        payers = {item.invoice.client_id: item.invoice.client for item in found if item.by_payer or item.by_reference}
        if self.client:
            payers = {self.client.pk: self.client} | payers
        return {"invoices": found, "whole": whole_accounts(text, money), "payers": list(payers.values())[:3]}

    def page(self, form, found=None, status=200):
        """The form, and what fits."""
        context = {"page_title": _("Book a bank payment"), "form": form, "found": found, "client": self.client, "line": self.line}
        context["crumbs"] = [(_("Payments"), reverse("billing_staff:payment_list")), (_("Book a bank payment"), "")]
        return render(self.request, "billing/staff/payment/match.html", context, status=status)

    def post(self, request):
        """Book the line. `invoice` may be there several times; `credit` names a client whose credit it becomes."""
        if self.line and self.line.state != BankLine.State.OPEN:
            return self.settled()
        form = self.entered(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        started = clock.now()
        try:
            payment = self.book(form.cleaned_data)
        except AppError as error:
            add_error(form, error)
            return self.page(form, self._found(form), status=422)
        if payment.created_at < started:
            messages.info(request, _("This transfer was booked already."))
        else:
            numbers = ", ".join(str(part.invoice) for part in payment.allocations.select_related("invoice"))
            words = _("Booked for invoice %(number)s.") % {"number": numbers} if numbers else _("Kept as credit.")
            messages.success(request, words)
        return redirect(payment)

    def settled(self):
        """The line was decided meanwhile: what it became."""
        messages.info(self.request, _("This line was decided already: %(state)s.") % {"state": self.line.get_state_display()})
        return redirect(self.line.payment or "billing_staff:bank_line_list")

    def book(self, data) -> Payment:
        """For what was chosen. AppError "nothing_chosen", and those of the action."""
        chosen = [text for text in self.request.POST.getlist("invoice") if text.isdecimal() and len(text) < 18]
        rows = Invoice.objects.visible_to(self.request.actor).select_related("account").order_by("due_on", "pk")
        invoices = list(rows.filter(pk__in=chosen))
        if len(invoices) != len(set(chosen)):
            raise Http404
        if self.line:
            client = None if invoices else self._credited().client
            return book_line(self.line, invoices=invoices, client=client, actor=self.request.actor)
        account = invoices[0].account if invoices else self._credited()
        return book_bank_payment(
            account,
            reference=data["reference"],
            money=Money(data["amount"], data["currency"]),
            received_on=data["received_on"],
            actor=self.request.actor,
            invoices=invoices,
        )

    def _credited(self) -> Account:
        number = self.request.POST.get("credit", "")
        known = Client.objects.visible_to(self.request.actor)
        client = known.filter(pk=number).first() if number.isdecimal() and len(number) < 18 else None
        if client is None:
            raise AppError(_("Choose what it is for."), code="nothing_chosen")
        return open_account(client)
