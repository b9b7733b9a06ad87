"""Services in the client area."""

from datetime import timedelta

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.suspension import overdue_invoices
from billing.models import Charge
from billing.queries.dunning import plan_for
from billing.queries.one_click import one_click_method
from billing.queries.pay_link import pay_token, total_of
from billing.queries.shown_price import PriceTag
from billing.queries.stay import offer_for
from billing.queries.usage import running_use
from hostbill.core import clock
from hostbill.core.access import PortalView
from hostbill.core.crud import PortalVerbView, paging
from hostbill.core.ui.words import day_words
from provisioning.actions.service import set_password
from provisioning.forms.service import CancelForm, PasswordForm
from provisioning.models import Service
from provisioning.options import TERMINATE_GRACE_DAYS
from provisioning.queries.account import panel_address, panel_name
from provisioning.queries.panel import capabilities
from provisioning.queries.setup import setup_progress
from provisioning.queries.story import suspended_story, suspension_of, unpaid_invoice
from provisioning.queries.usage import usage_view
from provisioning.views.login import to_panel

FRESH = timedelta(minutes=15)
PAGE_SIZE, SEARCH_FROM = 50, 10
SELECT = ("subscription__product", "subscription__account", "server__module_config", "client")


class ServicesView(PortalView, View):
    """Base: the chosen account's services."""

    area = "services"

    def services(self):
        """The services of the chosen account."""
        mine = Service.objects.visible_to(self.request.actor).filter(client=self.request.client)
        return mine.select_related(*SELECT)

    def service(self) -> Service:
        """The service of the URL, or 404."""
        return get_object_or_404(self.services(), pk=self.kwargs["pk"])


class ServiceList(ServicesView):
    """Everything the account has: what runs in pages, then the latest that ended."""

    def get(self, request):
        """Those that match what is searched for."""
        query = request.GET.get("q", "").strip().replace("\x00", "")[:100]
        found = self.services()
        if query:
            found = found.filter(Q(domain__icontains=query) | Q(subscription__label__icontains=query))
        page = paging.take(found.exclude(state="terminated"), paging.Order("domain"), request.GET, PAGE_SIZE)
        page.total, page.more = paging.count(found.exclude(state="terminated"))
        context = {
            "page_title": _("Services"),
            "page": page,
            "query": query,
            "has_search": bool(query) or page.total > SEARCH_FROM,
            "ended": [] if request.GET.get("after") else found.filter(state="terminated").order_by("-pk")[:PAGE_SIZE],
        }
        return render(request, "provisioning/portal/service/list.html", context)


class ServiceDetail(ServicesView):
    """Is my site up, how do I get in, what does it use."""

    def get(self, request, pk):
        """The page; a service that is not ready yet shows its set-up."""
        service = self.service()
        if service.live_at is None and service.state in ("waiting", "setting_up", "review"):
            return redirect("provisioning_portal:service_setup", pk=pk)
        return render(request, "provisioning/portal/service/detail.html", _detail_context(request, service))


def _detail_context(request, service: Service) -> dict:
    can = capabilities(service.server)
    subscription = service.subscription
    may_see_money = request.actor.may_in_area(request.client.pk, "billing")
    debt = _debt(service) if may_see_money and service.state == "suspended" else None
    operation = service.open_operation
    comes_back = service.state == "suspended" and suspension_of(service) is None and not service.terminate_after
    return {
        "page_title": service.shown_domain or str(service),
        "crumbs": [(_("Services"), reverse("provisioning_portal:service_list")), (str(service), "")],
        "service": service,
        "subscription": subscription,
        "state_words": service.state_words,
        "story": suspended_story(service) if service.state == "suspended" else None,
        "debt": debt,
        "is_moving": bool(operation or comes_back or debt and debt["under_way"]),
        "price": PriceTag(request.client).of(subscription) if may_see_money else None,
        "operation": operation,
        "usage": usage_view(service),
        "use": running_use(subscription) if subscription.is_running else [],
        "panel_name": panel_name(service.server),
        "panel_address": panel_address(service.server),
        "can_panel": service.state == "live" and "login_link" in can and service.has_account,
        "can_webmail": service.state == "live" and "webmail_login" in can and service.has_account,
        "can_password": service.state == "live" and "set_password" in can and service.has_account,
        "may_ask": request.actor.may_in_area(request.client.pk, "support"),
        "may_see_money": may_see_money,
        "can_cancel": subscription.is_running and not subscription.cancel_at_end,
        "can_keep": subscription.is_running and subscription.cancel_at_end,
    }


def _debt(service: Service) -> dict | None:
    """What has to be paid so that it comes back, the ways to do that, and what happens otherwise."""
    first = unpaid_invoice(service)
    invoices = list(overdue_invoices(service.subscription).prefetch_related("lines", "taxes")) or (
        [first] if first else []
    )
    if not invoices:
        return None
    suspension = suspension_of(service)
    asked_for = suspension.invoice if suspension and suspension.invoice in invoices else invoices[0]
    return {
        "invoices": invoices,
        "amount": total_of(invoices),
        "method": one_click_method(service.client_id),
        "pay_url": reverse("store:pay", args=[pay_token(*invoices)]),
        "has_fee": any(line.kind == "late_fee" for invoice in invoices for line in invoice.lines.all()),
        "asked_for": asked_for,
        "offer": offer_for(asked_for) if suspension and suspension.kind == "nonpayment" else None,
        "deleted_on": plan_for(asked_for).end_on,
        "under_way": Charge.objects.of_any(invoices).filter(state__in=["queued", "unknown", "processing"]).exists(),
    }


class ServiceSetup(ServicesView):
    """Being set up: works by reload, and by itself with script."""

    template_name = "provisioning/portal/service/setup.html"

    def get(self, request, pk):
        """The page."""
        service = self.service()
        progress = setup_progress(service)
        can_panel = service.state == "live" and service.has_account and "login_link" in capabilities(service.server)
        context = {"service": service, "progress": progress, "page_title": progress.title, "can_panel": can_panel}
        if service.subscription.state == "pending" and request.actor.may_in_area(request.client.pk, "billing"):
            context["debt"] = _debt(service)
        return render(request, self.template_name, context)


class ServiceSetupProgress(ServiceSetup):
    """The part that changes, asked for each second while it waits."""

    template_name = "provisioning/portal/service/setup_progress.html"


class SubscriptionSetup(ServicesView):
    """After paying one knows the subscription; its service may be a moment away."""

    def get(self, request, pk):
        """On to the service's page; a short wait when there is none yet."""
        service = self.services().filter(subscription_id=pk).first()
        polling = request.headers.get("HX-Request") == "true"
        if service is not None:
            page = "service_setup" if service.live_at is None or _is_fresh(service) else "service_detail"
            address = reverse(f"provisioning_portal:{page}", args=[service.pk])
            return HttpResponse(headers={"HX-Redirect": address}) if polling else redirect(address)
        if polling:
            return HttpResponse(status=204)
        if not request.client.subscriptions.filter(pk=pk).exists():
            raise Http404
        return render(
            request, "provisioning/portal/service/setup_soon.html", {"page_title": _("Your order is being prepared")}
        )


def _is_fresh(service) -> bool:
    """Ready for a few minutes only: its owner still wants to see that it worked. Coming back later is no set-up."""
    return service.suspended_at is None and clock.now() - service.live_at < FRESH


class ServicePanel(ServicesView):
    """Into the control panel."""

    http_method_names = ["post"]
    target = "panel"

    def post(self, request, pk):
        """The link is made now."""
        back = reverse("provisioning_portal:service_detail", args=[pk])
        return to_panel(request, self.service(), target=self.target, back=back)


class ServiceWebmail(ServicePanel):
    """Into webmail."""

    target = "webmail"


class ServicePassword(PortalVerbView):
    """A new password for the panel."""

    model = Service
    area = "services"
    visit_closed = True
    select = SELECT
    title = gettext_lazy("Set a new panel password")
    explain = gettext_lazy(
        "For logging in to the panel directly and for FTP. Opening the panel from here needs no password."
    )
    button = gettext_lazy("Set the password")
    form_class = PasswordForm
    crumbs = [(gettext_lazy("Services"), "provisioning_portal:service_list")]
    done = gettext_lazy("The new password is on its way to the server; it counts within a minute.")
    action = staticmethod(set_password)

    def back_url(self, obj):
        return reverse("provisioning_portal:service_detail", args=[obj.pk])

    def after_url(self, result):
        return self.back_url(self.obj)


class ServiceCancel(PortalVerbView):
    """Cancel, with what will happen."""

    model = Service
    area = "services"
    visit_permission = "billing.subscription.cancel"
    select = SELECT
    title = gettext_lazy("Cancel this service")
    kind = "danger"
    form_class = CancelForm
    crumbs = [(gettext_lazy("Services"), "provisioning_portal:service_list")]
    template_name = "provisioning/portal/service/cancel.html"
    done = gettext_lazy("Cancelled. You find on this page until when it runs.")

    @property
    def button(self):
        """Named by what it does."""
        return _("Cancel %(domain)s") % {"domain": self.obj}

    def get_title(self):
        return _("Cancel %(domain)s") % {"domain": self.obj}

    def more_context(self):
        subscription = self.obj.subscription
        end = subscription.paid_until or subscription.next_due_on
        words = {"ends": day_words(end, year=True) if end else "", "service": self.obj}
        return {**super().more_context(), **words, **self.days_of_grace(end)}

    def days_of_grace(self, end) -> dict:
        """How long what ended can still be rescued, either way; nothing without such days."""
        grace = timedelta(days=TERMINATE_GRACE_DAYS.value)
        if not (end and grace):
            return {}
        return {"kept_until": day_words(end + grace, year=True), "kept_now": day_words(clock.today() + grace, year=True)}

    def form_options(self):
        """Nothing is paid yet: nothing to run to the end of."""
        return {"waits": self.obj.subscription.state == "pending"}

    def act(self, values):
        when = values.get("when", "now")
        cancel_subscription(self.obj.subscription, when=when, reason=values["reason"], actor=self.request.actor)
        return self.obj

    def back_url(self, obj):
        return reverse("provisioning_portal:service_detail", args=[obj.pk])

    def after_url(self, result):
        return self.back_url(self.obj)


class ServiceKeep(PortalVerbView):
    """Take the cancellation back."""

    model = Service
    area = "services"
    visit_permission = "billing.subscription.cancel"
    select = SELECT
    title = gettext_lazy("Keep this service")
    explain = gettext_lazy("The cancellation is taken back, and the service renews as before.")
    button = gettext_lazy("Keep it")
    crumbs = [(gettext_lazy("Services"), "provisioning_portal:service_list")]
    done = gettext_lazy("Your service stays and renews as before.")

    def act(self, values):
        keep_subscription(self.obj.subscription, actor=self.request.actor)
        return self.obj

    def back_url(self, obj):
        return reverse("provisioning_portal:service_detail", args=[obj.pk])

    def after_url(self, result):
        return self.back_url(self.obj)
