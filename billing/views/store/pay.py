"""Paying one invoice, by the signed link of a mail or straight after ordering: no sign-in needed, nothing else shown."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from billing.actions.charge import note_checkout, request_charge, start_checkout
from billing.actions.gateway_event import check_charge
from billing.actions.payment_method import note_customer
from billing.gateways.base import ChargeRequest
from billing.models import Charge, Invoice, PaymentMethod
from billing.queries.pay_link import invoice_of_token
from hostbill.core import clock, modules
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from hostbill.core.models import ModuleConfig

CONSENT = "Keep this card and charge it for renewals of my services until I remove it."


def origin(url: str) -> str:
    """Scheme and host of an address, as a Content-Security-Policy source."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@method_decorator(never_cache, name="dispatch")
class _InvoiceByToken(TemplateView):
    """The invoice that the link was made for; a tampered or expired link is not found."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.token = kwargs["token"]
        self.invoice = invoice_of_token(self.token)
        if self.invoice is None:
            raise Http404

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


class PayView(_InvoiceByToken):
    """The pay form of the chosen gateway, saved cards for the owner, or the bank data."""

    template_name = "billing/store/pay.html"

    def get(self, request, *args, **kwargs):
        if self.invoice.state != Invoice.State.ISSUED:
            return redirect(self.return_path)
        under_way = self.invoice.charges.filter(state__in=["queued", "unknown", "processing"]).exists()
        if under_way:
            return redirect(self.return_path)
        response = super().get(request, *args, **kwargs)
        response._csp_update = getattr(request, "element_policy", {})
        return response

    def get_context_data(self, **kwargs):
        gateways = list(ModuleConfig.objects.filter(kind="gateway", is_active=True).order_by("-is_default", "id"))
        gateway = self._chosen(gateways)
        driver = modules.load(gateway) if gateway else None
        context = super().get_context_data(
            invoice=self.invoice,
            lines=self.invoice.lines.all(),
            taxes=self.invoice.taxes.all(),
            gateways=gateways,
            gateway=gateway,
            methods=self._methods(),
            consent=CONSENT,
            is_owner=self.is_owner,
            minimal=True,
            page_title=_("Pay invoice %(number)s") % {"number": self.invoice.number},
            **kwargs,
        )
        if driver and "checkout_element" in driver.capabilities:
            context |= self._element(gateway, driver)
        elif driver and "manual" in driver.capabilities:
            context["bank"] = driver.instructions(self.invoice.number, self.invoice.open)
        return context

    def _chosen(self, gateways):
        wanted = self.request.GET.get("with") or self.request.session.get("pay_with")
        return next((g for g in gateways if str(g.pk) == str(wanted)), gateways[0] if gateways else None)

    def _methods(self):
        if not self.is_owner:
            return []
        return list(PaymentMethod.objects.usable().filter(client=self.invoice.client_id))

    def _element(self, gateway, driver) -> dict:
        """What the gateway's element needs; asking for it is a network call, so no transaction is open here."""
        try:
            charge = start_checkout(
                self.invoice,
                gateway,
                actor=self.request.actor,
                consent_text=CONSENT,
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
            description=self.invoice.number,
            customer_id=customer_at(self.invoice.client, charge.gateway, driver),
            save_method=charge.saves_method,
            metadata={"invoice": self.invoice.number},
        )

    def post(self, request, *args, **kwargs):
        """The owner pays with a saved card."""
        method = next((m for m in self._methods() if str(m.pk) == request.POST.get("method")), None)
        if method is None:
            raise Http404
        try:
            request_charge(self.invoice, method, actor=request.actor)
        except AppError as refusal:
            messages.error(request, refusal.message)
            return redirect(request.path)
        return redirect(self.return_path)


class ReturnView(_InvoiceByToken):
    """After the pay form: waits until the money is known to be here, then shows what follows."""

    template_name = "billing/store/pay_return.html"

    def get(self, request, *args, **kwargs):
        check_open_charges(self.invoice)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs | payment_state(self), minimal=True, page_title=_("Your payment"))


class StateView(_InvoiceByToken):
    """The live part of the return page."""

    def get(self, request, *args, **kwargs):
        return render(request, "billing/store/pay_state.html", payment_state(self))


def payment_state(view) -> dict:
    """What is known of the invoice's payment, in words the page can show."""
    invoice = Invoice.objects.get(pk=view.invoice.pk)
    charge = invoice.charges.order_by("-pk").first()
    if invoice.state == Invoice.State.PAID:
        state = "paid"
    elif (
        charge is None
        or charge.state in ("failed", "cancelled")
        or charge.state == "needs_action"
        or (charge.state == "open" and charge.decline_code)
    ):
        state = "declined"
    else:
        state = "waiting"
    subscription = invoice.lines.exclude(subscription=None).first()
    return {
        "invoice": invoice,
        "charge": charge,
        "state": state,
        "token": view.token,
        "is_owner": view.is_owner,
        "subscription": subscription.subscription if subscription else None,
        "is_live": state == "waiting",
    }


def check_open_charges(invoice: Invoice) -> None:
    """The payer is back: ask the gateway now instead of waiting for its webhook."""
    with transaction.atomic():
        for charge in invoice.charges.filter(state__in=["open", "needs_action"]).exclude(remote_id=""):
            check_charge(charge, reason=f"back-{clock.now():%Y%m%d%H%M%S}")
