"""Paying an invoice, or several at once, by a signed link: from a mail, the client area or straight after ordering. No
sign-in needed, nothing else shown."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from billing.actions.charge import note_checkout, request_charge, start_checkout
from billing.actions.gateway_event import check_charge
from billing.actions.payment_method import note_customer
from billing.forms.payment_method import consent_to_pay
from billing.gateways.base import ChargeRequest
from billing.models import Charge, Invoice, PaymentMethod, Subscription
from billing.queries.charge import is_being_asked
from billing.queries.pay_link import AT_ONCE, invoices_of_token, pay_token, total_of
from hostbill.core import clock, modules
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from hostbill.core.models import ModuleConfig
from hostbill.core.ui.joined import listed
from hostbill.core.ui.words import in_digits

SHOWN = 6
UNDER_WAY = ["queued", "unknown", "processing"]


def origin(url: str) -> str:
    """Scheme and host of an address, as a Content-Security-Policy source."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@method_decorator(never_cache, name="dispatch")
class _InvoicesByToken(TemplateView):
    """The invoices that the link was made for; a tampered or expired link is not found."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.token = kwargs["token"]
        self.invoices = invoices_of_token(self.token)
        if not self.invoices:
            raise Http404
        self.invoice = self.invoices[0]

    @property
    def open_ones(self) -> list[Invoice]:
        """Those still to pay."""
        return [invoice for invoice in self.invoices if invoice.state == Invoice.State.ISSUED]

    def under_way(self) -> bool:
        """Is there an attempt at one of them that may succeed by itself?"""
        return Charge.objects.of_any(self.invoices).filter(state__in=UNDER_WAY).exists()

    @property
    def is_owner(self) -> bool:
        """Whether the signed-in person may use this client's saved methods and see its services."""
        return self.request.actor.may_in_area(self.invoice.client_id, "billing")

    @property
    def return_path(self) -> str:
        """Where the gateway sends the payer back to."""
        return reverse("store:pay_return", args=[self.token])


def customer_at(client, gateway, driver) -> str:
    """The client's id at the gateway, made on the first payment. Network: no transaction may be open."""
    known = client.gateway_customers.filter(gateway=gateway).first()
    if known:
        return known.remote_id
    remote_id = driver.ensure_customer(client.email, client.name, client.number)
    return note_customer(client, gateway, remote_id).remote_id


class PayView(_InvoicesByToken):
    """The pay form of the chosen gateway, saved cards for the owner, or the bank data."""

    template_name = "billing/store/pay.html"

    def get(self, request, *args, **kwargs):
        if not self.open_ones or self.under_way():
            return redirect(self.return_path)
        response = super().get(request, *args, **kwargs)
        response._csp_update = getattr(request, "element_policy", {})
        return response

    def get_context_data(self, **kwargs):
        gateways = list(ModuleConfig.objects.filter(kind="gateway", is_active=True).order_by("-is_default", "id"))
        gateway = self._chosen(gateways)
        driver = modules.load(gateway) if gateway else None
        invoices = self.open_ones
        first = invoices[0]
        numbers = listed(invoice.number for invoice in invoices)
        context = super().get_context_data(
            invoice=first,
            invoices=invoices,
            total=total_of(invoices),
            lines=first.lines.all(),
            taxes=first.taxes.all(),
            gateways=gateways,
            gateway=gateway,
            methods=self._methods(),
            consent=self.consent,
            keeps_card=self.keeps_card,
            everything=self._everything(invoices),
            is_owner=self.is_owner,
            minimal=True,
            page_title=_pay_title(invoices),
            **kwargs,
        )
        if driver and "checkout_element" in driver.capabilities:
            context |= self._element(gateway, driver)
        elif driver and "manual" in driver.capabilities:
            context["bank"] = driver.instructions(numbers, total_of(invoices))
        return context

    def _chosen(self, gateways):
        wanted = self.request.GET.get("with") or self.request.session.get("pay_with")
        return next((g for g in gateways if str(g.pk) == str(wanted)), gateways[0] if gateways else None)

    def _methods(self):
        if not self.is_owner:
            return []
        return list(PaymentMethod.objects.usable().filter(client=self.invoice.client_id))

    @property
    def consent(self) -> str:
        """What somebody agrees to who keeps the card."""
        return consent_to_pay(total_of(self.open_ones), is_owner=self.is_owner)

    @property
    def keeps_card(self) -> bool:
        """As the payer chose. Without a choice the client's own people keep it, and others with the link do not."""
        return "keep" in self.request.GET if "chosen" in self.request.GET else self.is_owner

    def _everything(self, invoices):
        """(sum, link) of these and what else is due, for the eyes of the client's own people; None when nothing else is."""
        if not self.is_owner:
            return None
        due = Invoice.objects.unpaid().filter(account=self.invoice.account_id, due_on__lte=clock.today(), collections_at=None)
        others = due.exclude(pk__in=[invoice.pk for invoice in invoices]).order_by("due_on", "pk")
        found = [*invoices, *others[: max(AT_ONCE - len(invoices), 0)]]
        return (total_of(found), reverse("store:pay", args=[pay_token(*found)])) if len(found) > len(invoices) else None

    def _element(self, gateway, driver) -> dict:
        """What the gateway's element needs; asking for it is a network call, so no transaction is open here."""
        try:
            first, *others = self.open_ones
            charge = start_checkout(
                first,
                gateway,
                actor=self.request.actor,
                others=others,
                consent_text=self.consent if self.keeps_card else "",
                ip=self.request.META.get("REMOTE_ADDR"),
            )
            if not charge.client_secret:
                start = driver.checkout(self._request(charge, driver))
                charge = note_checkout(charge, remote_id=start.remote_id, client_secret=start.client_secret)
            if not charge.is_live:
                return {"element_error": _("A payment of this invoice is under way.")}
        except AppError as refusal:
            return {"element_error": refusal.message}
        except (DriverError, OutcomeUnknown):
            return {"element_error": _("Card payments cannot be reached right now. Please try again in a minute.")}
        script = driver.element_script
        policy = {"script-src": [origin(script)], "frame-src": list(driver.element_origins)}
        policy["connect-src"] = policy["frame-src"]
        self.request.element_policy = policy
        return {
            "element": {
                "secret": charge.client_secret,
                "key": driver.publishable_key,
                "script": script,
                "return_url": self.request.build_absolute_uri(self.return_path),
            }
        }

    def _request(self, charge: Charge, driver) -> ChargeRequest:
        return ChargeRequest(
            amount=charge.money,
            key=charge.key,
            # Not in the visitor's language: the same key must always come with the same parameters.
            description=charge.numbers,
            customer_id=customer_at(self.invoice.client, charge.gateway, driver),
            save_method=charge.saves_method,
            metadata={"invoice": charge.numbers[:500]},
        )

    def post(self, request, *args, **kwargs):
        """The owner pays with a saved card."""
        method = next((m for m in self._methods() if str(m.pk) == request.POST.get("method")), None)
        if method is None:
            raise Http404
        try:
            first, *others = self.open_ones or self.invoices
            request_charge(first, method, actor=request.actor, others=others)
        except AppError as refusal:
            # A second click finds the first one's payment under way: that is what the next page shows.
            if refusal.code not in ("charge_under_way", "not_open"):
                messages.error(request, refusal.message)
                return redirect(request.path)
        return redirect(self.return_path)


def _pay_title(invoices) -> str:
    if len(invoices) == 1:
        return _("Pay invoice %(number)s") % {"number": invoices[0].number}
    words = ngettext("Pay %(count)d invoice", "Pay %(count)d invoices", len(invoices))
    return in_digits(words % {"count": len(invoices)})


class ReturnView(_InvoicesByToken):
    """After the pay form: waits until the money is known to be here, then shows what follows."""

    template_name = "billing/store/pay_return.html"

    def get(self, request, *args, **kwargs):
        check_open_charges(self.invoices)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs | payment_state(self), minimal=True, page_title=_("Your payment"))


class StateView(_InvoicesByToken):
    """The live part of the return page."""

    def get(self, request, *args, **kwargs):
        return render(request, "billing/store/pay_state.html", payment_state(self))


def payment_state(view) -> dict:
    """What is known of the payment, in words the page can show."""
    invoices = list(Invoice.objects.filter(pk__in=[row.pk for row in view.invoices]).order_by("due_on", "pk"))
    charge = Charge.objects.of_any(invoices).order_by("-pk").first()
    open_ones = [row for row in invoices if row.state == Invoice.State.ISSUED]
    if not open_ones and any(row.state == Invoice.State.PAID for row in invoices):
        state = "paid"
    elif not open_ones:
        state = "void"
    else:
        state = _unpaid_state(charge)
    return {
        "invoices": invoices,
        "total": sum((row.total for row in invoices[1:]), invoices[0].total),
        "numbers": listed(row.number for row in invoices),
        "charge": charge,
        "state": state,
        "token": view.token,
        "is_owner": view.is_owner,
        "paid_for": paid_for(invoices) if state == "paid" else [],
        "steps": _steps(charge) if state == "waiting" else [],
        "is_live": state == "waiting",
    }


def _unpaid_state(charge: Charge | None) -> str:
    """What an attempt looks like that brought no money yet. While the gateway is being asked, what we knew before may be
    wrong: a refused card may have been followed by a good one."""
    if charge is None:
        return "unpaid"
    if charge.state in UNDER_WAY or is_being_asked(charge):
        return "waiting"
    if charge.state == Charge.State.OPEN and not charge.decline_code:
        return "unpaid"
    return "declined"


@dataclass(frozen=True)
class PaidFor:
    """Something that the payment was for, what happens with it now, and the words of the link to it."""

    subscription: Subscription
    words: str
    link: str


def paid_for(invoices: list[Invoice]) -> list[PaidFor]:
    """The first few things that the invoices bill."""
    rows = Subscription.objects.filter(
        invoice_lines__invoice__in=invoices, state__in=["pending", "active", "suspended"]
    )
    orders = [invoice for invoice in invoices if invoice.kind == Invoice.Kind.ORDER]
    new = set(rows.filter(invoice_lines__invoice__in=orders).values_list("pk", flat=True)) if orders else set()
    found = rows.select_related("product").distinct().order_by("pk")[:SHOWN]
    return [_paid_for(row, is_new=row.pk in new) for row in found]


def _paid_for(subscription: Subscription, *, is_new: bool) -> PaidFor:
    if subscription.state == "suspended":
        return PaidFor(subscription, _("Suspended for another reason as well."), _("See why"))
    if is_new:
        words = _("It is being set up, usually in under a minute.")
        return PaidFor(subscription, words, _("Watch it being set up"))
    return PaidFor(
        subscription, _("It goes on; if it was suspended, it is back within a minute."), _("See how it stands")
    )


def _steps(charge: Charge) -> list[dict]:
    """What a payer waits for."""
    sent = charge is not None and charge.state != "queued"
    return [
        {"label": _("Payment sent"), "state": "done" if sent else "now"},
        {"label": _("Confirmed by the payment provider"), "state": "now" if sent else "next"},
        {"label": _("Receipt by mail, and your services go on"), "state": "next"},
    ]


def check_open_charges(invoices: list[Invoice]) -> None:
    """The payer is back: ask the gateway now instead of waiting for its webhook."""
    with transaction.atomic():
        shown = Charge.objects.of_any(invoices).filter(state__in=["open", "needs_action"])
        for charge in shown.exclude(remote_id=""):
            check_charge(charge, reason=f"back-{clock.now():%Y%m%d%H%M%S}")
