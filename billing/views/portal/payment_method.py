"""Saved cards in the client area: which one renewals use, adding and removing one."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import View

from billing.actions.account import open_account, set_auto_charge
from billing.actions.collection import waiting_for_a_card
from billing.actions.payment_method import (
    note_method_setup,
    remove_payment_method,
    set_default_payment_method,
    settle_method_setup,
    start_method_setup,
)
from billing.forms.payment_method import ConsentForm
from billing.models import MethodSetup, PaymentMethod
from billing.models.refusal import refusal_words
from billing.queries.pay_link import total_of
from billing.views.store.pay import customer_at, origin
from hostbill.core import clock, modules
from hostbill.core.access import PortalView
from hostbill.core.crud import PortalVerbView
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from hostbill.core.models import ModuleConfig

AREA = "billing"


def saving_gateway():
    """(configuration, driver) of the first gateway whose element can save a card; None without any."""
    for config in ModuleConfig.objects.filter(kind="gateway", is_active=True).order_by("-is_default", "id"):
        driver = modules.load(config)
        if {"save_method", "checkout_element"} <= driver.capabilities:
            return config, driver
    return None


class PaymentMethodList(PortalView, View):
    """Cards kept with consent."""

    area = AREA

    def get(self, request):
        """The usable ones, the default first."""
        methods = PaymentMethod.objects.visible_to(request.actor).usable().filter(client=request.client.pk)
        context = {
            "page_title": _("Payment methods"),
            "methods": methods,
            "account": open_account(request.client),
            "may_add": saving_gateway() is not None,
        }
        return render(request, "billing/portal/payment_method/list.html", context)


class AutoCharge(PortalView, View):
    """Whether renewals are taken from the card by themselves."""

    area = AREA
    http_method_names = ["post"]

    def post(self, request):
        """Switch."""
        wanted = request.POST.get("auto_charge") == "1"
        set_auto_charge(open_account(request.client), auto_charge=wanted, actor=request.actor)
        messages.success(
            request,
            _("Renewals are charged to your card.") if wanted else _("You pay each invoice yourself from now on."),
        )
        return redirect("billing_portal:payment_method_list")


class PaymentMethodAdd(PortalView, View):
    """First the consent, in the client's own act; then the gateway's form."""

    area = AREA
    visit_closed = True

    def get(self, request):
        """Ask."""
        return self.page(ConsentForm(due=self.due()))

    def due(self):
        """What is charged as soon as the card is kept; None when nothing."""
        found = list(waiting_for_a_card(clock.today()).filter(client=self.request.client.pk))
        return total_of(found) if found else None

    def page(self, form, status=200):
        """The question."""
        context = {
            "page_title": _("Add a card"),
            "crumbs": [(_("Payment methods"), reverse("billing_portal:payment_method_list")), (_("Add a card"), "")],
            "form": form,
            "charged_at_once": self.due(),
        }
        return render(self.request, "billing/portal/payment_method/add.html", context, status=status)

    def post(self, request):
        """Open the gateway's form for a card that its owner wants kept."""
        form = ConsentForm(request.POST, due=self.due())
        if not form.is_valid():
            return self.page(form, status=422)
        found = saving_gateway()
        try:
            if found is None:
                raise AppError(_("Cards cannot be saved here."), code="no_gateway")
            setup = self.begin(*found, consent_text=str(form.fields["agreed"].label))
        except AppError as error:
            form.add_error(None, error.message)
            return self.page(form, status=422)
        except (DriverError, OutcomeUnknown):
            form.add_error(None, _("The payment provider cannot be reached right now. Please try again in a minute."))
            return self.page(form, status=422)
        return redirect("billing_portal:payment_method_form", pk=setup.pk)

    def begin(self, gateway, driver, *, consent_text: str) -> MethodSetup:
        """Row first, then the gateway. Network: no transaction is open."""
        client, ip = self.request.client, self.request.META.get("REMOTE_ADDR")
        setup = start_method_setup(client, gateway, consent_text=consent_text, actor=self.request.actor, ip=ip)
        start = driver.start_setup(customer_at(client, gateway, driver), setup.key)
        return note_method_setup(setup, remote_id=start.remote_id, client_secret=start.client_secret)


class _OneSetup(PortalView, View):
    """The client's own set-up; anything else does not exist."""

    area = AREA
    visit_closed = True

    def setup_row(self) -> MethodSetup:
        """The row, or 404."""
        rows = MethodSetup.objects.select_related("gateway", "client").filter(client=self.request.client.pk)
        found = rows.filter(pk=self.kwargs["pk"]).exclude(remote_id="").first()
        if found is None:
            raise Http404
        return found


@method_decorator(never_cache, name="dispatch")
class SetupForm(_OneSetup):
    """The gateway's own form: the card number goes straight there."""

    def get(self, request, pk):
        """With the addresses that the form needs allowed on this page alone."""
        setup = self.setup_row()
        if setup.payment_method_id:
            return redirect("billing_portal:payment_method_list")
        driver = modules.load(setup.gateway)
        back = reverse("billing_portal:payment_method_return", args=[setup.pk])
        context = {
            "page_title": _("Add a card"),
            "crumbs": [(_("Payment methods"), reverse("billing_portal:payment_method_list")), (_("Add a card"), "")],
            "consent": setup.consent_text,
            "element": {
                "secret": setup.client_secret,
                "key": driver.publishable_key,
                "script": driver.element_script,
                "return_url": request.build_absolute_uri(back),
            },
        }
        response = render(request, "billing/portal/payment_method/form.html", context)
        origins = list(driver.element_origins)
        response._csp_update = {
            "script-src": [origin(driver.element_script)],
            "frame-src": origins,
            "connect-src": origins,
        }
        return response


class SetupReturn(_OneSetup):
    """Back from the gateway's form: ask the gateway itself what came of it."""

    def get(self, request, pk):
        """Save, or say what to do."""
        setup = self.setup_row()
        try:
            result = modules.load(setup.gateway).fetch("setup_intent", setup.remote_id)
        except (DriverError, OutcomeUnknown):
            result = None
        if result is None or result.state == "processing":
            messages.info(request, _("Your card appears here as soon as the payment provider confirms it."))
        elif settle_method_setup(setup, result, actor=request.actor):
            messages.success(request, _("Your card is saved. Renewals are charged to it."))
        else:
            messages.error(
                request,
                refusal_words(result.decline_code, result.message)
                or _("The card was not saved. Please try again or use another card."),
            )
            if result.state in ("requires_method", "requires_action"):
                return redirect("billing_portal:payment_method_form", pk=setup.pk)
        return redirect("billing_portal:payment_method_list")


class PaymentMethodDefault(PortalVerbView):
    """Charge this one from now on."""

    model = PaymentMethod
    area = AREA
    title = gettext_lazy("Use this card for renewals")
    button = gettext_lazy("Use this card")
    action = staticmethod(set_default_payment_method)
    done = gettext_lazy("Renewals are charged to this card.")
    success_url = "billing_portal:payment_method_list"
    crumbs = [(gettext_lazy("Payment methods"), "billing_portal:payment_method_list")]

    def get_queryset(self):
        """Removed ones do not exist."""
        return super().get_queryset().usable()


class PaymentMethodRemove(PaymentMethodDefault):
    """Forget it, here and at the payment provider."""

    title = gettext_lazy("Remove this card")
    button = gettext_lazy("Remove the card")
    kind = "danger"
    action = staticmethod(remove_payment_method)
    done = gettext_lazy("The card is removed.")

    @property
    def explain(self):
        """What follows."""
        words = _("%(card)s is forgotten here and at the payment provider.") % {"card": self.obj}
        if self.obj.is_default:
            words += " " + _("Renewals are charged to your newest other card, or wait for you to pay them.")
        return words
