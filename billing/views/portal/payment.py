"""Paying from the client area: one invoice or several at once, with the saved card in one click or on the pay page."""

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import View

from billing.actions.charge import request_charge
from billing.models import Invoice, PaymentMethod
from billing.queries.pay_link import AT_ONCE, pay_token, total_of
from hostbill.core.access import PortalView
from hostbill.core.errors import AppError
from hostbill.core.money import Money

#: Refusals that the page of the payment tells better: one is under way, or all is paid already.
TOLD_THERE = ("charge_under_way", "not_open")


class PaySeveral(PortalView, View):
    """The chosen invoices as one payment. With `method` the saved card is charged at once, if the sum is the one that
    the button named."""

    area = "billing"
    visit_closed = True
    http_method_names = ["post"]

    def post(self, request):
        """Charge, or on to the pay page."""
        invoices = self.invoices()
        if not invoices:
            messages.info(request, _("Nothing of it is open any more."))
            return redirect("billing_portal:invoice_list")
        token, method = pay_token(*invoices), self.method()
        if method is None:
            return redirect("store:pay", token=token)
        if not self.agrees_to(total_of(invoices)):
            messages.warning(request, _("What is open has changed. Please look at the sum before you pay."))
            return redirect("store:pay", token=token)
        try:
            request_charge(invoices[0], method, others=invoices[1:], actor=request.actor)
        except AppError as refusal:
            if refusal.code not in TOLD_THERE:
                messages.error(request, refusal.message)
                return redirect("store:pay", token=token)
        return redirect("store:pay_return", token=token)

    def agrees_to(self, total: Money) -> bool:
        """Is it the sum that stood on the button?"""
        try:
            return Decimal(self.request.POST.get("amount", "")) == total.amount
        except InvalidOperation:
            return False

    def invoices(self) -> list[Invoice]:
        """The open ones among those asked for; 404 when one of them is not the client's own."""
        wanted = {int(value) for value in self.request.POST.getlist("invoice") if value.isdecimal() and len(value) < 19}
        mine = Invoice.objects.visible_to(self.request.actor).filter(client=self.request.client.pk)
        found = list(mine.issued().filter(pk__in=wanted).order_by("due_on", "pk"))
        if len(found) != len(wanted):
            raise Http404
        return [invoice for invoice in found if invoice.state == Invoice.State.ISSUED][:AT_ONCE]

    def method(self) -> PaymentMethod | None:
        """The saved way to pay that was named; 404 when it is not the client's."""
        wanted = self.request.POST.get("method", "")
        if not wanted:
            return None
        rows = PaymentMethod.objects.visible_to(self.request.actor).usable().filter(client=self.request.client.pk)
        found = rows.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 19 else None
        if found is None:
            raise Http404
        return found
