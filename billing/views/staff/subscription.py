"""Subscriptions in the console: what is charged, next and so far, and why something is stopped."""

from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.back_dated import back_date_price
from billing.actions.cancellation import cancel_subscription, keep_subscription
from billing.actions.document_wishes import set_separate_invoice
from billing.actions.price_update import schedule_price
from billing.actions.stay import give_days
from billing.actions.subscription import change_price
from billing.actions.suspension import resume_subscription, suspend_subscription
from billing.forms.document import ApartForm
from billing.forms.invoice import ReasonForm
from billing.forms.subscription import CancelForm, PriceForm, StayForm, SuspendForm
from billing.models import Subscription, Suspension
from billing.models.cycle import Cycle
from billing.queries.discount import next_cuts
from billing.queries.granted import cuts_of
from billing.queries.pricing import charge_of, recurring_parts
from billing.queries.promotion_words import discount_words
from billing.queries.usage import closed_use, running_use
from clients.models import Client
from hostbill.core import clock
from hostbill.core.crud import (
    BulkAction,
    Choice,
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
    Verb,
)
from hostbill.core.errors import AppError
from hostbill.core.money import Money, round_amount

VIEW, SUSPEND = "billing.subscription.view", "billing.subscription.suspend"
CHANGE, TRANSFER = "billing.subscription.change", "billing.subscription.transfer"
CANCEL, PRICE = "billing.subscription.cancel", "billing.subscription.price"
DISCOUNT = "billing.subscription.discount"
NEXT_PERIODS = 3


def unpaid_behind(row):
    """The invoice for which it is suspended; None when it is not, or for another reason."""
    standing = row.suspensions.filter(kind=Suspension.Kind.NONPAYMENT, lifted_at__isnull=True, invoice__state="issued")
    suspension = standing.select_related("invoice__account").first()
    return suspension.invoice if suspension else None


def service_url(row) -> str:
    """What exists on a server is another page, of the app above; its rows point here."""
    service = getattr(row, "service", None)
    return service.get_absolute_url() if hasattr(service, "get_absolute_url") else ""


class SubscriptionList(StaffListView):
    """Next to be charged first."""

    model = Subscription
    permission = VIEW
    title = gettext_lazy("Subscriptions")
    select = ("client", "product", "account")
    columns = [
        Column("__str__", gettext_lazy("Subscription"), link=True, strong=True, phone="lead"),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("Client"), beside=lambda row: row.client.native_name, phone="under"),
        Column("cycle", gettext_lazy("Cycle"), value=lambda row: row.get_cycle_display(), muted=True, phone="hide"),
        DateColumn("next_due_on", gettext_lazy("Next period"), sort="next_due_on"),
        MoneyColumn("price", gettext_lazy("Price, net"), strong=True, phone="end"),
        Column("product.name", gettext_lazy("Product"), shown=False),
        DateColumn("started_on", gettext_lazy("Begun"), shown=False),
        DateColumn("paid_until", gettext_lazy("Paid until"), shown=False),
        Column("client.number", gettext_lazy("Client number"), shown=False),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        Choice("state", gettext_lazy("State"), Subscription.State.choices),
        Choice("cycle", gettext_lazy("Cycle"), Cycle.choices),
        DateRange("next_due_on", gettext_lazy("Next period")),
    ]
    search = [
        "label__icontains",
        "product__name__icontains",
        "client__company__icontains",
        "client__last_name__icontains",
    ]
    sort = "next_due_on"
    tabs = [
        Tab("running", gettext_lazy("Running"), Q(state__in=["active", "suspended"]), count=True),
        Tab("suspended", gettext_lazy("Suspended"), Q(state="suspended"), count=True, tone="bad"),
        Tab("pending", gettext_lazy("Not begun"), Q(state="pending")),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [
        BulkAction(
            "suspend",
            gettext_lazy("Suspend"),
            suspend_subscription,
            SUSPEND,
            "player-pause",
            "danger",
            form_class=SuspendForm,
            when=lambda row: row.state == "active",
        ),
        BulkAction(
            "resume",
            gettext_lazy("Resume"),
            resume_subscription,
            SUSPEND,
            "player-play",
            form_class=ReasonForm,
            when=lambda row: row.state == "suspended",
        ),
    ]
    empty = (gettext_lazy("No subscriptions here"), gettext_lazy("They begin when somebody orders a product."))


class SubscriptionDetail(StaffDetailView):
    """Terms, periods, suspensions."""

    model = Subscription
    permission = VIEW
    select = ("client", "product__group", "account", "order_line__order", "parent__product")
    template_name = "billing/staff/subscription/detail.html"
    crumbs = [(gettext_lazy("Subscriptions"), "billing_staff:subscription_list")]
    verbs_in_line = 4
    verbs = [
        Verb("resume", gettext_lazy("Resume…"), "billing_staff:subscription_resume", SUSPEND, "primary", "player-play",
             lambda row: row.state == "suspended"),
        Verb("stay", gettext_lazy("Resume until…"), "billing_staff:subscription_stay", SUSPEND, "", "calendar-time",
             lambda row: unpaid_behind(row) is not None),
        Verb("keep", gettext_lazy("Take the cancellation back"), "billing_staff:subscription_keep", CANCEL, "primary", "rotate",
             lambda row: row.cancel_at_end and row.is_running, post=True),
        Verb("change", gettext_lazy("Change plan…"), "billing_staff:subscription_change", CHANGE, "", "arrows-exchange",
             lambda row: row.state == "active" and not row.cancel_on and not row.changes.under_way().exists()),
        Verb("price", gettext_lazy("Change price…"), "billing_staff:subscription_price", PRICE, "", "tag",
             lambda row: row.is_running and row.is_recurring),
        Verb("suspend", gettext_lazy("Suspend…"), "billing_staff:subscription_suspend", SUSPEND, "", "player-pause",
             lambda row: row.state == "active"),
        Verb("discount", gettext_lazy("Discount…"), "billing_staff:subscription_discount", DISCOUNT, "", "gift",
             lambda row: row.is_running and row.is_recurring),
        Verb("apart", gettext_lazy("How it is invoiced…"), "billing_staff:subscription_apart", "billing.invoice.create", "",
             "file-invoice", lambda row: row.is_running and row.is_recurring),
        Verb("usage", gettext_lazy("Record use…"), "billing_staff:subscription_usage", "billing.usage.record", "", "chart-bar",
             lambda row: row.is_running and row.product.metrics.filter(ended_on=None).exists()),
        Verb("pause", gettext_lazy("Pause…"), "billing_staff:subscription_pause", SUSPEND, "", "clock-pause",
             lambda row: row.state == "active" and row.is_recurring and not row.cancel_on),
        Verb("transfer", gettext_lazy("Hand over…"), "billing_staff:subscription_transfer", TRANSFER, "", "arrow-right",
             lambda row: row.is_running and not row.parent_id and not row.transfers.offered().exists()),
        Verb("cancel", gettext_lazy("Cancel…"), "billing_staff:subscription_cancel", CANCEL, "danger", "",
             lambda row: row.state in ("pending", "active", "suspended")),
    ]  # fmt: skip

    def facts(self, row):
        """Terms of the agreement."""
        order = row.order_line.order if row.order_line else None
        rows = [
            (_("Product"), row.product.name),
            (_("Cycle"), row.get_cycle_display()),
            (_("Price with tax") if row.price_includes_tax else _("Price, net"), row.price),
            (_("Quantity"), row.quantity),
            (_("Options"), ", ".join(item.description for item in row.items.all()) or None),
            (_("Belongs to"), row.parent and str(row.parent), row.parent and row.parent.get_absolute_url()),
            (_("Addons"), ", ".join(str(addon) for addon in row.addons.select_related("product")) or None),
            (_("Begun on"), row.started_on),
            (_("Free of charge until"), row.trial.last_day if row.trial else None),
            (_("Ends by itself on"), row.ends_on),
            (_("Billing day"), row.anchor_day),
            (_("Paid until"), row.paid_until),
            (_("Without an invoice until"), row.free_until),
            (_("Order"), order and str(order), order and order.get_absolute_url()),
        ]
        return [fact for fact in rows if fact[1] is not None]

    def more_context(self, row):
        """Periods billed and to come, suspensions, history."""
        return {
            "lines": row.invoice_lines.select_related("invoice").order_by("-pk")[:24],
            "coming": self.coming(row),
            "discounts": [(item, discount_words(item)) for item in row.discounts.all() if item.is_live],
            "scheduled": [item for item in row.scheduled_prices.all() if item.applied_at is None],
            "suspensions": row.suspensions.select_related("invoice"),
            "transfers": row.transfers.offered().select_related("to_client"),
            "changes": row.changes.select_related("invoice", "from_product", "to_product")[:12],
            "service_url": service_url(row),
            "use": running_use(row) if self.request.actor.may("billing.usage.view") else [],
            "closed_use": closed_use(row) if self.request.actor.may("billing.usage.view") else [],
        }

    def coming(self, row) -> list:
        """(period, net) of the next periods to be invoiced, discounts taken off."""
        if not (row.is_running and row.is_recurring and row.next_due_on):
            return []
        found, cuts = [], cuts_of(row)
        for index in range(row.period_index, row.period_index + NEXT_PERIODS):
            if row.due_on(index) is None:
                break
            lines = recurring_parts(row, row.period(index), cuts=cuts)
            net = sum((charge_of(line, row.currency) for line in lines), Decimal(0))
            found.append((row.period(index), Money(net, row.currency)))
            cuts = next_cuts(cuts, row.cycle)
        return found


class SubscriptionSuspend(StaffVerbView):
    """Stop serving, with a reason."""

    model = Subscription
    permission = SUSPEND
    select = ("account",)
    title = gettext_lazy("Suspend")
    explain = gettext_lazy(
        "The service stops within a minute; nothing is deleted. Renewals are still invoiced; paying does not lift this."
    )
    button = gettext_lazy("Suspend")
    kind = "danger"
    form_class = SuspendForm
    done = gettext_lazy("Suspended.")

    def action(self, row, *, kind, reason, until, actor):
        """Put the reason in force."""
        return suspend_subscription(row, kind=kind, reason=reason, until=until, actor=actor)

    def after_url(self, result):
        """Back to the subscription."""
        return self.obj.get_absolute_url()


class SubscriptionResume(StaffVerbView):
    """Serve it again."""

    model = Subscription
    permission = SUSPEND
    select = ("account",)
    title = gettext_lazy("Resume")
    explain = gettext_lazy(
        "Every reason in force is lifted and the service runs again within a minute, whether or not something is unpaid. "
        "An invoice that stays unpaid is not suspended for a second time by the same rule."
    )
    button = gettext_lazy("Resume")
    form_class = ReasonForm
    action = staticmethod(resume_subscription)
    done = gettext_lazy("It runs again within a minute.")


class SubscriptionStay(StaffVerbView):
    """A promise to pay is taken: it runs until a day, whatever the rules say."""

    model = Subscription
    permission = SUSPEND
    select = ("account",)
    title = gettext_lazy("Resume until a day")
    button = gettext_lazy("Resume until then")
    form_class = StayForm
    done = gettext_lazy("It runs again within a minute.")

    @property
    def explain(self):
        """Which invoice waits."""
        invoice = unpaid_behind(self.obj)
        if invoice is None:
            return _("It is not suspended for an unpaid invoice.")
        words = _("Invoice %(number)s stays open. Until the day you choose the rules neither suspend nor end anything for it.")
        return words % {"number": invoice}

    def action(self, row, *, until, reason, actor):
        """Give the days."""
        invoice = unpaid_behind(row)
        if invoice is None:
            raise AppError(_("It is not suspended for an unpaid invoice."), code="not_suspended")
        return give_days(invoice, until=until, reason=reason, actor=actor)

    def after_url(self, result):
        """To the service, where it is seen coming back."""
        return service_url(self.obj) or self.obj.get_absolute_url()


class SubscriptionCancel(StaffVerbView):
    """End it, at the end of what is paid or now."""

    model = Subscription
    permission = CANCEL
    select = ("account",)
    title = gettext_lazy("Cancel the subscription")
    button = gettext_lazy("Cancel the subscription")
    kind = "danger"
    form_class = CancelForm
    action = staticmethod(cancel_subscription)
    done = gettext_lazy("Cancelled.")
    explain = gettext_lazy(
        "At the end: served until then, not renewed. Now: it ends at once and the account on the server is removed."
    )


class SubscriptionKeep(StaffVerbView):
    """The client stays."""

    model = Subscription
    permission = CANCEL
    select = ("account",)
    title = gettext_lazy("Take the cancellation back")
    explain = gettext_lazy("It is renewed and charged again as before.")
    button = gettext_lazy("Keep it running")
    action = staticmethod(keep_subscription)
    done = gettext_lazy("It goes on.")


class SubscriptionPrice(StaffVerbView):
    """A price of its own."""

    model = Subscription
    permission = PRICE
    select = ("account",)
    title = gettext_lazy("Change the price")
    explain = gettext_lazy("From the next period on, or from a day. What is invoiced stays as it is.")
    button = gettext_lazy("Change the price")
    form_class = PriceForm
    done = gettext_lazy("The new price is kept.")

    def get_initial(self):
        """The price now."""
        return {"amount": round_amount(self.obj.price_amount, self.obj.currency)}

    def form_options(self):
        """In its currency."""
        return {"currency": self.obj.currency, "includes_tax": self.obj.price_includes_tax}

    def action(self, row, *, amount, starts_on, reason, actor):
        """In the subscription's own currency, from the next period on, from one after a day, or since a day that has been."""
        price = Money(amount, row.currency)
        if starts_on is None:
            return change_price(row, price=price, reason=reason, actor=actor)
        if starts_on <= clock.today():
            return back_date_price(row, price=price, since=starts_on, reason=reason, actor=actor)
        return schedule_price(row, price=price, starts_on=starts_on, reason=reason, actor=actor)

    def after_url(self, result):
        """Back to the subscription."""
        return self.obj.get_absolute_url()


class SubscriptionApart(StaffVerbView):
    """Invoices of its own."""

    model = Subscription
    permission = "billing.invoice.create"
    select = ("account", "client")
    title = gettext_lazy("How it is invoiced")
    explain = gettext_lazy("Usually what renews on one day stands on one invoice.")
    button = gettext_lazy("Save")
    form_class = ApartForm
    done = gettext_lazy("Saved.")
    action = staticmethod(set_separate_invoice)

    def get_initial(self):
        """As it is now."""
        return {"separate_invoice": self.obj.separate_invoice}
