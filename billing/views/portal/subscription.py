"""What the client pays for, and ending it."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.cart import Belongs, add_line
from billing.actions.change import withdraw_change
from billing.forms.chosen import AddonsForm
from billing.forms.subscription import ClientCancelForm
from billing.models import Subscription, SubscriptionChange
from billing.options import CANCEL_CREDIT, CLIENTS_CHANGE
from billing.queries.pay_link import pay_token
from billing.queries.usage import running_use
from billing.views.change import ChangeSteps
from billing.views.portal.ending import can_hand_over, can_pause, is_paused
from billing.views.store import visitor
from hostbill.core import clock
from hostbill.core.crud import PortalDetailView, PortalVerbView, Verb
from hostbill.core.errors import AppError
from hostbill.core.ui.joined import listed
from hostbill.core.ui.words import day_words, money

AREA = "services"


def gives_credit() -> bool:
    """Does what is cancelled at once give back the days that are left?"""
    return CANCEL_CREDIT.value == "prorated"


def can_change(row) -> bool:
    """Does it run, and is nothing else under way?"""
    under_way = row.cancel_on or row.changes.under_way().exists()
    return row.state == "active" and CLIENTS_CHANGE.value and not under_way


class SubscriptionDetail(PortalDetailView):
    """Terms, next charge, what was billed."""

    model = Subscription
    area = AREA
    select = ("product", "account", "parent__product")
    template_name = "billing/portal/subscription/detail.html"
    verbs = [
        Verb("keep", gettext_lazy("Keep it after all"), "billing_portal:subscription_keep", kind="primary",
             when=lambda row: row.cancel_at_end and row.is_running, post=True),
        Verb("addons", gettext_lazy("Add something to it…"), "billing_portal:subscription_addons", icon="plus",
             when=lambda row: row.is_running and not row.cancel_at_end and addons_for(row).exists()),
        Verb("change", gettext_lazy("Change plan…"), "billing_portal:subscription_change", when=can_change),
        Verb("resume", gettext_lazy("Let it go on…"), "billing_portal:subscription_resume", kind="primary", when=is_paused),
        Verb("pause", gettext_lazy("Pause…"), "billing_portal:subscription_pause", when=can_pause),
        Verb("transfer", gettext_lazy("Hand over…"), "billing_portal:subscription_transfer", when=can_hand_over),
        Verb("cancel", gettext_lazy("Cancel…"), "billing_portal:subscription_cancel", kind="danger",
             when=lambda row: row.is_running and not row.cancel_at_end),
    ]  # fmt: skip

    def facts(self, row):
        """Terms of the agreement; what does not apply is not listed."""
        facts = [
            (_("Plan"), row.product.name),
            (_("Price, net"), f"{money(row.price)} · {row.get_cycle_display()}"),
            (_("Options"), listed(item.description for item in row.items.all()) or None),
            (_("Belongs to"), str(row.parent or "") or None, service_page(row.parent) if row.parent else ""),
            (_("Begun on"), row.started_on),
            (_("Free of charge until"), row.trial.last_day if row.trial else None),
            (_("Ends by itself on"), row.ends_on),
            (_("Paid until"), row.paid_until),
            (_("Next period begins"), row.next_due_on),
        ]
        return [fact for fact in facts if fact[1] is not None]

    def more_context(self, row):
        """Invoices are shown to those who may see them."""
        may_see = self.request.actor.may_in_area(row.client_id, "billing")
        lines = row.invoice_lines.select_related("invoice").exclude(invoice__state="draft").order_by("-pk")
        change = row.changes.under_way().select_related("invoice").first()
        transfer = row.transfers.offered().select_related("to_client").first()
        rests = [(_since(each), each) for each in row.suspensions.filter(lifted_at=None).select_related("invoice")]
        found = {"transfer": transfer, "change": change, "rests": rests, "may_see": may_see}
        return found | {"lines": lines[:12] if may_see else [], "use": running_use(row) if row.is_running else []}


def _since(suspension) -> str:
    """How it stands, as a heading."""
    words = _("Paused since %(day)s") if suspension.kind == "pause" else _("Suspended since %(day)s")
    return words % {"day": day_words(suspension.started_at)}


class SubscriptionCancel(PortalVerbView):
    """Says what will happen, asks once, never hides the way."""

    model = Subscription
    area = AREA
    visit_permission = "billing.subscription.cancel"
    select = ("product", "account")
    button = gettext_lazy("Cancel it")
    kind = "danger"
    form_class = ClientCancelForm
    template_name = "billing/portal/subscription/cancel.html"

    def get_queryset(self):
        """Those that run and are not cancelled yet."""
        return super().get_queryset().running().filter(cancel_at_end=False)

    def get_title(self):
        """With its name."""
        return _("Cancel %(name)s") % {"name": self.obj}

    def act(self, values):
        """The box was for reading, not for the action."""
        values.pop("sure")
        return cancel_subscription(self.obj, **values, actor=self.request.actor)

    def end_day(self):
        """The first day not served any more if it ends with what is invoiced."""
        return max(self.obj.next_due_on or clock.today(), clock.today())

    def more_context(self):
        """Both ways in plain words."""
        unpaid = self.obj.invoice_lines.filter(invoice__state="issued", period_start__gt=clock.today())
        return {**super().more_context(), "end_day": self.end_day(), "withdrawn": unpaid.exists(), "gives_credit": gives_credit()}

    @property
    def done(self):
        """What was agreed."""
        return _("Cancelled.")

    def back_url(self, obj):
        """Where it was come from."""
        return service_page(obj)

    def after_url(self, result):
        """Where it was come from."""
        return service_page(self.obj)


class SubscriptionKeep(PortalVerbView):
    """The client stays."""

    model = Subscription
    area = AREA
    visit_permission = "billing.subscription.cancel"
    select = ("account",)
    title = gettext_lazy("Keep it after all")
    button = gettext_lazy("Keep it")
    action = staticmethod(keep_subscription)
    done = gettext_lazy("It goes on as before.")

    def back_url(self, obj):
        """Where it was come from."""
        return service_page(obj)

    def after_url(self, result):
        """Where it was come from."""
        return service_page(self.obj)


class SubscriptionAddons(PortalVerbView):
    """What can be added to what runs: it goes into the basket, and its first period ends with that of the service where it is
    paid with it."""

    model = Subscription
    area = "billing"
    visit_closed = True
    select = ("product", "account")
    title = gettext_lazy("Add something to it")
    button = gettext_lazy("Put into the basket")
    done = ""

    def get_queryset(self):
        """Those that run and stay."""
        return super().get_queryset().running().filter(cancel_at_end=False)

    def make_form(self, data=None, files=None):
        """Each addon that the service does not have yet."""
        pricing, row = visitor.pricing_of(self.request), self.obj
        common = {"currency": row.currency, "cycle": row.cycle, "pricing": pricing}
        return AddonsForm(data, addons=addons_for(row).prefetch_related("prices").order_by("sort", "name"), **common)

    def act(self, values):
        """All of them, or none."""
        cart, chosen = visitor.make_cart(self.request), self.make_form(self.request.POST).chosen()
        if not chosen:
            raise AppError(_("Choose something."), code="nothing_chosen")
        with transaction.atomic():
            for product in addons_for(self.obj).filter(pk__in=chosen):
                belongs = Belongs(subscription=self.obj)
                add_line(cart, product=product, cycle=chosen[product.pk], answers={}, belongs=belongs, actor=self.request.actor)

    def back_url(self, obj):
        """Where it was come from."""
        return service_page(obj)

    def after_url(self, result):
        """To the basket."""
        return reverse("store:cart")


def addons_for(row: Subscription):
    """The addons on sale that the subscription does not have."""
    had = row.addons.exclude(state__in=["ended", "cancelled"]).values("product_id")
    return row.product.addons.filter(is_hidden=False, is_retired=False).exclude(pk__in=had)


class SubscriptionChangeView(ChangeSteps, PortalVerbView):
    """The client chooses another plan and sees what it costs first."""

    model = Subscription
    area = AREA
    visit_permission = "billing.subscription.change"
    select = ("product", "client", "account")

    def get_queryset(self):
        """Those that run."""
        return super().get_queryset().filter(state="active")

    def get_title(self):
        """With its name."""
        return _("Change %(name)s") % {"name": self.obj}

    def back_url(self, obj):
        """Where it was come from."""
        return service_page(obj)

    def after_url(self, change):
        """To pay, when there is something to pay and the person may see it."""
        invoices = unpaid_of(change)
        if invoices and self.request.actor.may_in_area(self.obj.client_id, "billing"):
            return reverse("store:pay", args=[pay_token(*invoices)])
        return service_page(self.obj)


class ChangeWithdraw(PortalVerbView):
    """Before it is paid or has begun."""

    model = SubscriptionChange
    area = AREA
    visit_permission = "billing.subscription.change"
    select = ("subscription__account",)
    title = gettext_lazy("Take this change back")
    explain = gettext_lazy("Its unpaid invoice is cancelled, and everything is as it was before.")
    button = gettext_lazy("Take it back")
    action = staticmethod(withdraw_change)
    done = gettext_lazy("Taken back.")

    def back_url(self, obj):
        """The subscription."""
        return service_page(obj.subscription)

    def after_url(self, result):
        """The subscription."""
        return service_page(self.obj.subscription)


def unpaid_of(change) -> list:
    """What has to be paid before a change can happen."""
    if change.state != "unpaid":
        return []
    given = change.line_credits.filter(released=False, line__invoice__state="issued").select_related("line__invoice")
    others = {row.line.invoice_id: row.line.invoice for row in given}
    mine = [change.invoice] if change.invoice and change.invoice.state == "issued" else []
    return [*mine, *others.values()]


def service_page(row) -> str:
    """The page of the subscription in the client area; its service's page links here and back."""
    return reverse("billing_portal:subscription_detail", args=[row.pk])
