"""The last step before paying: exact lines, who you are, how you pay, agreed."""

import uuid

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from billing.actions.order import place_order
from billing.forms.checkout import ClientChoiceForm, PayForm, SignUpForm
from billing.models import Order
from billing.options import CODE_FIELD, RENEWAL_DAYS_BEFORE
from billing.queries.pay_link import pay_token
from billing.queries.quote import quote
from billing.queries.shop_pages import address_of, terms_version
from billing.views.store import codes, visitor
from billing.views.store.payer import account_of, accounts_of, ask_about_typed, payer_of
from clients.actions.client import create_client
from clients.actions.consent import record_consent
from clients.actions.user import create_user
from clients.queries.actor import actor_of
from hostbill.core import modules
from hostbill.core.errors import AppError
from hostbill.core.options import COMPANY_COUNTRY

LOGIN_BACKEND = "django.contrib.auth.backends.ModelBackend"


class _Basket(TemplateView):
    """The visitor's basket, priced for the country and account known so far."""

    def dispatch(self, request, *args, **kwargs):
        self.cart = visitor.cart_of(request)
        if request.method == "GET" and (self.cart is None or not self.cart.lines.exists()):
            return redirect("store:cart")
        return super().dispatch(request, *args, **kwargs)

    def priced(self, data) -> dict:
        """What the summary shows for what was typed or chosen."""
        payer = payer_of(self.request, data)
        vat = payer.pop("vat")
        found = quote(self.cart, **payer)
        return {
            "quote": found,
            "taxes": visitor.tax_rows(found),
            "renewals": found.renewals,
            "notice_days": RENEWAL_DAYS_BEFORE.value,
            "asks_code": CODE_FIELD.value,
            "vat": vat if vat.title else None,
        }

    def country(self, asked: str, client="") -> str:
        """A country typed into the form, else that of the account chosen, else what is known of the visitor."""
        chosen = account_of(self.request, client)
        if chosen:
            return str(chosen.country)
        return asked.upper() if len(asked) == 2 and asked.isascii() and asked.isalpha() else visitor.country_of(self.request)

    def clients(self):
        """The accounts that the signed-in person may order for."""
        return accounts_of(self.request)


class SumView(_Basket):
    """The summary alone, for another country, account or VAT number: the page swaps it in."""

    template_name = "billing/store/checkout_sum.html"

    def get_context_data(self, **kwargs):
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        return super().get_context_data(**self.priced(asked), is_swap=True, **kwargs)

    def post(self, request):
        """A code: kept when it holds, else told why not, beside the field. Without script the basket's page says it."""
        if self.cart is None:
            return redirect("store:cart")
        text, asked = request.POST.get("code", "").replace("\x00", ""), request.POST
        country = self.country(asked.get("country", ""), asked.get("client", ""))
        why = codes.enter(request, self.cart, text, country)
        if "HX-Request" not in request.headers:
            messages.error(request, why) if why else None
            return redirect("store:checkout")
        context = self.get_context_data(code_error=why, code_typed=text[: codes.MOST_SHOWN] if why else "")
        return self.render_to_response(context)


class VatNumberView(SumView):
    """The same after something typed that decides about tax: a VAT number that is new is asked about, which is written down,
    so it comes by post. Whether the answer is there is only read, by the page above."""

    def post(self, request):
        """Ask, and show the sum as it is."""
        if self.cart is None:
            return redirect("store:cart")
        ask_about_typed(request, request.POST)
        return self.render_to_response(self.get_context_data())


class CheckoutView(_Basket):
    """Three parts on one page. The hidden key makes a second order from one checkout impossible."""

    template_name = "billing/store/checkout.html"

    def get_context_data(self, sign_up=None, pay=None, who=None, refusal="", **kwargs):
        bound = [form.data for form in (sign_up, who) if form is not None and form.is_bound]
        priced = self.priced(bound[0] if bound else {})
        total = priced["quote"].total
        pay = pay or PayForm(needs_payment=total.is_positive, initial={"idempotency_key": uuid.uuid4()})
        return super().get_context_data(
            sign_up=sign_up if sign_up or self._signed_in() else SignUpForm(initial={"country": COMPANY_COUNTRY.value}),
            who=who or self._who(),
            pay=pay,
            ways=self._ways(pay),
            terms_url=address_of("terms"),
            needs_client=not self._signed_in(),
            refusal=refusal,
            minimal=True,
            page_title=_("Checkout"),
            **priced,
            **kwargs,
        )

    def _ways(self, pay) -> dict:
        """Gateway: what to know of it before choosing."""
        if "gateway" not in pay.fields:
            return {}
        words = {True: _("starts when the money arrives"), False: _("starts at once")}
        return {
            row.pk: words["manual" in modules.driver_class("gateway", row.driver).capabilities] for row in pay.gateways
        }

    def _signed_in(self) -> bool:
        return bool(self.request.client)

    def _who(self, data=None):
        """Which of several client accounts orders; None when there is nothing to choose."""
        clients = self.clients()
        if not self._signed_in() or len(clients) < 2:
            return None
        return ClientChoiceForm(clients, data, initial={"client": self.request.client.pk})

    def post(self, request, *args, **kwargs):
        placed = self._placed_before()
        if placed:
            return self._to_payment(placed)
        if self.cart is None or not self.cart.lines.exists():
            return self._nothing_to_order()
        sign_up = None if self._signed_in() else SignUpForm(request.POST)
        who = self._who(request.POST)
        ask_about_typed(request, request.POST)
        pay = PayForm(request.POST, needs_payment=self.priced(request.POST)["quote"].total.is_positive)
        if "recount" in request.POST:
            return self._again(pay, sign_up, who, status=200)
        refusal = self._too_many(request, sign_up)
        valid = [form.is_valid() for form in (pay, sign_up, who) if form is not None]
        if not refusal and all(valid):
            try:
                return self._to_payment(self._place(pay, sign_up, who))
            except AppError as error:
                refusal = self._explain(error, sign_up)
        return self._again(pay, sign_up, who, refusal)

    def _too_many(self, request, sign_up) -> str:
        if sign_up is None or not sign_up.is_valid() or ratelimit.consume(request, action="signup"):
            return ""
        return _("Too many tries from your address. Please wait a minute.")

    def _placed_before(self):
        """The order that this very checkout has made already: a double click, or the back button."""
        try:
            key = uuid.UUID(self.request.POST.get("idempotency_key", ""))
        except ValueError:
            return None
        mine = Order.objects.filter(client__in=self.request.actor.client_ids)
        return mine.filter(idempotency_key=str(key)).first()

    def _nothing_to_order(self):
        """Ordered in another tab: to its payment when that waits, else the empty basket."""
        order = visitor.last_order(self.request)
        if order is None:
            return redirect("store:cart")
        messages.info(self.request, _("You have ordered this already. It waits for its payment."))
        return self._to_payment(order)

    @transaction.atomic
    def _create_client(self, form):
        user = create_user(
            form.cleaned_data["email"],
            form.cleaned_data["password"],
            name=f"{form.cleaned_data['first_name']} {form.cleaned_data['last_name']}",
            language=get_language(),
        )
        client = create_client(actor=self.request.actor, user=user, currency=self.cart.currency, **form.client_fields())
        return user, client

    def _place(self, pay, sign_up, who):
        with transaction.atomic():
            user, client = (self.request.user, None) if sign_up is None else self._create_client(sign_up)
            if client is None:
                client = who.cleaned_data["client"] if who else self.clients().filter(pk=self.request.client.pk).first()
            if client is None:
                raise AppError(_("You may not order for this account. Please ask its owner."), code="no_right")
            actor = actor_of(user, ip=self.request.META.get("REMOTE_ADDR"))
            terms = terms_version()
            record_consent(actor=actor, kind="terms", text_version=terms, user=user, client=client, ip=actor.ip)
            order = place_order(
                self.cart,
                client=client,
                actor=actor,
                idempotency_key=str(pay.cleaned_data["idempotency_key"]),
                expected_total=pay.cleaned_data["expected_total"],
                agreed={"terms": terms},
                network_country=visitor.network_country_of(self.request),
            )
        if sign_up is not None:
            login(self.request, user, backend=LOGIN_BACKEND)
        self._remember(order, client, pay)
        return order

    def _remember(self, order, client, pay) -> None:
        session = self.request.session
        session["client_id"], session[visitor.ORDER_KEY] = client.pk, order.pk
        session.pop("removed_line", None)
        if pay.cleaned_data.get("gateway"):
            session["pay_with"] = pay.cleaned_data["gateway"].pk

    def _to_payment(self, order):
        if order.invoice.held_at and order.invoice.state == "draft":
            messages.info(self.request, _("Your order is placed. Your VAT number is being checked: the invoice follows by mail."))
            return redirect("portal_home")
        return redirect("store:pay", token=pay_token(order.invoice))

    def _explain(self, refusal, sign_up) -> str:
        """Beside the field where it has one; else the words for the top of the page."""
        if sign_up is not None and refusal.field in sign_up.fields:
            sign_up.add_error(refusal.field, str(refusal.message))
            return ""
        return refusal.message

    def _again(self, pay, sign_up, who, refusal="", status=422):
        """The page with what was entered; the total is the new one if prices or tax moved."""
        return self.render_to_response(
            self.get_context_data(sign_up=sign_up, pay=pay, who=who, refusal=refusal), status=status
        )
