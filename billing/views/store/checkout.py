"""The last step: who you are, exact lines, how you pay, agreed."""

import uuid

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from billing.actions.order import place_order
from billing.forms.checkout import ClientChoiceForm, PayForm, SignUpForm
from billing.models import Order
from billing.queries.pay_link import pay_token
from billing.queries.quote import quote
from billing.views.store import visitor
from clients.actions.client import create_client
from clients.actions.consent import record_consent
from clients.actions.user import create_user
from clients.models import Client
from clients.queries.actor import actor_of
from hostbill.core.errors import AppError
from hostbill.core.options import COMPANY_COUNTRY

TERMS_VERSION = "1"
LOGIN_BACKEND = "django.contrib.auth.backends.ModelBackend"


class CheckoutView(TemplateView):
    """Three parts on one page. The hidden key makes a second order from one checkout impossible."""

    template_name = "billing/store/checkout.html"

    def dispatch(self, request, *args, **kwargs):
        self.cart = visitor.cart_of(request)
        if request.method == "GET" and (self.cart is None or not self.cart.lines.exists()):
            return redirect("store:cart")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, sign_up=None, pay=None, who=None, **kwargs):
        found = quote(self.cart, country=self._country(sign_up))
        fresh = {"idempotency_key": uuid.uuid4(), "expected_total": found.total.amount}
        return super().get_context_data(
            sign_up=sign_up if sign_up or self._signed_in() else SignUpForm(initial={"country": COMPANY_COUNTRY.value}),
            who=who or self._who(),
            pay=pay or PayForm(initial=fresh),
            quote=found,
            taxes=visitor.tax_rows(found),
            needs_client=not self._signed_in(),
            minimal=True,
            page_title=_("Order and pay"),
            **kwargs,
        )

    def _signed_in(self) -> bool:
        return bool(self.request.client)

    def _country(self, sign_up) -> str:
        """The country typed into the form decides the tax as soon as it is known."""
        typed = (sign_up.data.get("country") if sign_up is not None and sign_up.is_bound else "") or ""
        return typed if len(typed) == 2 else visitor.country_of(self.request)

    def _clients(self):
        return Client.objects.filter(pk__in=self.request.actor.clients_with("billing"))

    def _who(self, data=None):
        """Which of several client accounts orders; None when there is nothing to choose."""
        clients = self._clients()
        if not self._signed_in() or len(clients) < 2:
            return None
        return ClientChoiceForm(clients, data, initial={"client": self.request.client.pk})

    def post(self, request, *args, **kwargs):
        placed = self._placed_before()
        if placed:
            return self._to_payment(placed)
        if self.cart is None:
            return redirect("store:cart")
        pay = PayForm(request.POST)
        sign_up = None if self._signed_in() else SignUpForm(request.POST)
        who = self._who(request.POST)
        if sign_up is not None and sign_up.is_valid() and not ratelimit.consume(request, action="signup"):
            sign_up.add_error(None, _("Too many tries from your address. Please wait a minute."))
        if all(form.is_valid() for form in (pay, sign_up, who) if form is not None):
            try:
                return self._to_payment(self._place(pay, sign_up, who))
            except AppError as refusal:
                self._explain(refusal, pay, sign_up)
        return self._again(pay, sign_up, who)

    def _placed_before(self):
        """The order that this very checkout has made already: a double click, or the back button."""
        try:
            key = uuid.UUID(self.request.POST.get("idempotency_key", ""))
        except ValueError:
            return None
        mine = Order.objects.filter(client__in=self.request.actor.client_ids)
        return mine.filter(idempotency_key=str(key)).first()

    @transaction.atomic
    def _create_client(self, form):
        user = create_user(
            form.cleaned_data["email"],
            form.cleaned_data["password"],
            name=f"{form.cleaned_data['first_name']} {form.cleaned_data['last_name']}",
        )
        client = create_client(actor=self.request.actor, user=user, currency=self.cart.currency, **form.client_fields())
        return user, client

    def _place(self, pay, sign_up, who):
        with transaction.atomic():
            user, client = (self.request.user, None) if sign_up is None else self._create_client(sign_up)
            if client is None:
                client = who.cleaned_data["client"] if who else self._clients().filter(pk=self.request.client.pk).first()
            if client is None:
                raise AppError(_("You may not order for this account. Please ask its owner."), code="no_right")
            actor = actor_of(user, ip=self.request.META.get("REMOTE_ADDR"))
            record_consent(actor=actor, kind="terms", text_version=TERMS_VERSION, user=user, client=client, ip=actor.ip)
            order = place_order(
                self.cart,
                client=client,
                actor=actor,
                idempotency_key=str(pay.cleaned_data["idempotency_key"]),
                expected_total=pay.cleaned_data["expected_total"],
                agreed={"terms": TERMS_VERSION},
            )
        if sign_up is not None:
            login(self.request, user, backend=LOGIN_BACKEND)
        self.request.session["client_id"] = client.pk
        self.request.session["pay_with"] = pay.cleaned_data["gateway"].pk
        return order

    def _to_payment(self, order):
        return redirect("store:pay", token=pay_token(order.invoice))

    def _explain(self, refusal, pay, sign_up) -> None:
        """The refusal beside its field where it has one, else at the top."""
        if sign_up is not None and refusal.field in sign_up.fields:
            sign_up.add_error(refusal.field, str(refusal.message))
        else:
            messages.error(self.request, refusal.message)

    def _again(self, pay, sign_up, who):
        """Show the page with what was entered; the total is the new one if prices or tax moved."""
        context = self.get_context_data(sign_up=sign_up, pay=pay, who=who)
        shown = context["quote"].total.amount
        if pay.is_bound and str(pay.data.get("expected_total")) != str(shown):
            pay.data = pay.data.copy()
            pay.data["expected_total"] = str(shown)
        return self.render_to_response(context, status=422)
