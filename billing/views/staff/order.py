"""Orders in the console."""

from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.actions.order import accept_order, cancel_order, mark_fraud
from billing.actions.order_reopening import END, end_order, reopen_order
from billing.forms.invoice import ReasonForm
from billing.models import Order, OrderLine
from billing.models.cycle import Cycle
from clients.models import Client
from hostbill.core.compiled import Compiled, keys_in
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
from hostbill.core.crud.state import among
from hostbill.core.money import Money
from hostbill.core.search import matching
from hostbill.core.ui.words import money_staff

VIEW, ACCEPT, CANCEL = "billing.order.view", "billing.order.accept", "billing.order.cancel"
#: What is agreed to, followed by the version of the text.
_AGREED = {"terms": _("the terms, version")}


def bought(order) -> str:
    """What was ordered, in one line."""
    lines = list(order.lines.all())
    first = str(lines[0]) if lines else ""
    return f"{first} +{len(lines) - 1}" if len(lines) > 1 else first


def _lines(keys):
    rows = OrderLine.objects.filter(order_id__in=keys_in(keys))
    return rows.select_related("product").only("order_id", "label", "product__name")


_LINES = Compiled(_lines, keys=str)


class OrderList(StaffListView):
    """Newest first; those that wait for a person have their own tab."""

    model = Order
    permission = VIEW
    title = _("Orders")
    select = ("client", "invoice")
    prefetch = ("lines__product",)
    prefetch_drawn = {"lines": _LINES}
    columns = [
        Column("number", _("Order"), link=True, strong=True, sort="number", phone="under"),
        StateColumn(phone="start"),
        Column("client", _("Client"), beside=lambda order: order.client.native_name, phone="lead"),
        Column("lines", _("For"), value=bought, muted=True),
        StateColumn("invoice.state_words", _("Payment")),
        MoneyColumn("total", _("Total"), strong=True, phone="end"),
        DateColumn("placed_at", _("Placed"), sort="placed_at", relative=True),
    ]
    filters = [
        Related("client", _("Client"), Client),
        Choice("state", _("State"), Order.State.choices),
        DateRange("placed_at", _("Placed"), moment=True),
    ]
    search = ["number__iexact", "client__company__icontains", "client__last_name__icontains"]
    sort = "-placed_at"
    create_url, create_label, create_permission = "billing_staff:order_create", _("New order"), "billing.order.create"
    tabs = [
        Tab("pending", _("Waiting"), Q(state="pending"), count=True),
        Tab("accepted", _("Accepted"), Q(state="accepted")),
        Tab("all", _("Everything"), Q()),
    ]
    bulk = [
        BulkAction("accept", _("Accept"), accept_order, ACCEPT, "check", when=lambda order: order.state == "pending"),
        BulkAction(
            "cancel",
            _("Cancel orders"),
            cancel_order,
            CANCEL,
            kind="danger",
            form_class=ReasonForm,
            when=lambda order: order.state in ("pending", "accepted"),
        ),
    ]
    empty = (_("No orders here"), _("They appear when somebody orders in the shop."))

    def search_condition(self, text):
        """Each order once, although the labels of its lines are searched too."""
        lines = matching(OrderLine.objects.all(), text)
        return super().search_condition(text) | among("pk", lines.values_list("order_id", flat=True))


#: How staff had the order invoiced, as the snapshot keeps it (older ones say True or False).
_INVOICED = {
    "none": _("None: the first period is free of charge"),
    False: _("None: the first period is free of charge"),
    "draft": _("As a draft, to be issued by hand"),
}


class OrderDetail(StaffDetailView):
    """The agreement as it was seen, and what became of it."""

    model = Order
    permission = VIEW
    select = ("client", "invoice")
    template_name = "billing/staff/order/detail.html"
    crumbs = [(_("Orders"), "billing_staff:order_list")]
    verbs = [
        Verb(
            "accept",
            _("Accept"),
            "billing_staff:order_accept",
            ACCEPT,
            "primary",
            "check",
            lambda o: o.state == "pending",
        ),
        Verb(
            "reopen",
            _("Let it wait again…"),
            "billing_staff:order_reopen",
            ACCEPT,
            "",
            "rotate",
            lambda o: o.state != "pending",
        ),
        Verb(
            "cancel",
            _("Cancel…"),
            "billing_staff:order_cancel",
            CANCEL,
            "danger",
            "",
            lambda o: o.state in ("pending", "accepted") and not o.is_served,
        ),
        Verb(
            "end",
            _("Cancel with what runs…"),
            "billing_staff:order_end",
            END,
            "danger",
            "",
            lambda o: o.state in ("pending", "accepted") and o.is_served,
        ),
        Verb(
            "fraud",
            _("Mark as fraud…"),
            "billing_staff:order_fraud",
            CANCEL,
            "danger",
            "shield-lock",
            lambda o: o.state in ("pending", "accepted"),
        ),
    ]

    def ready_verbs(self, obj):
        """What runs is ended by those only who may cancel orders too."""
        found = super().ready_verbs(obj)
        return found if self.request.actor.may(CANCEL) else [verb for verb in found if verb.key != "end"]

    def seen(self, order) -> list:
        """The totals as they stood on the page when the client agreed."""
        shown = order.snapshot
        agreed = ", ".join(f"{_AGREED.get(key, key)} {version}" for key, version in shown.get("agreed", {}).items())
        rows = [(_("Net"), shown.get("net")), (_("Tax"), shown.get("tax")), (_("Total"), shown.get("total"))]
        told = [(label, money_staff(Money(Decimal(text), order.currency))) for label, text in rows if text]
        return [*told, (_("Agreed to"), agreed or "–"), *self.settled(shown.get("terms"), order.currency)]

    def seen_line(self, line: dict, currency: str) -> tuple:
        """(line, its cycle in words, what it was to cost that day)."""
        amount = line.get("today") or line.get("unit")
        return line, dict(Cycle.choices).get(line.get("cycle"), ""), Money(Decimal(amount), currency) if amount else None

    def settled(self, terms, currency) -> list:
        """What staff settled otherwise than the shop does."""
        if not terms:
            return []
        listed = ", ".join(f"{row['product']} {row['unit']} {currency}" for row in terms["list_prices"])
        rows = [
            (_("Set up"), _("At once") if terms["begin_now"] else _("When the order is accepted") if terms.get("waits") else ""),
            (_("Invoice"), _INVOICED.get(terms["invoice"], "")),
            (_("Mail to the client"), "" if terms["mail"] else _("None")),
            (_("Price in the catalogue"), listed),
            (_("Why"), terms["reason"]),
        ]
        return [(label, text) for label, text in rows if text]

    def more_context(self, order):
        """Lines with the subscriptions they created; the snapshot."""
        return {
            "lines": order.lines.select_related("product", "subscription__product").prefetch_related("subscription__items"),
            "seen": [self.seen_line(line, order.currency) for line in order.snapshot.get("lines", [])],
            "seen_facts": self.seen(order),
        }


class OrderAccept(StaffVerbView):
    """What waits for staff begins."""

    model = Order
    permission = ACCEPT
    title = _("Accept this order")
    explain = _("What is set up by staff or on order begins now, paid or not. What waits for payment still waits.")
    button = _("Accept the order")
    action = staticmethod(accept_order)
    done = _("Accepted.")


class OrderCancel(StaffVerbView):
    """Before anything runs."""

    model = Order
    permission = CANCEL
    title = _("Cancel this order")
    explain = _(
        "Nothing of it will be set up, and its unpaid invoice is withdrawn. Money already paid becomes the client's credit."
    )
    button = _("Cancel the order")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(cancel_order)
    done = _("Cancelled.")


class OrderEnd(OrderCancel):
    """Though something runs."""

    permission = END
    title = _("Cancel this order with what runs of it")
    explain = _(
        "What runs of it ends at once, accounts on servers are deleted as the settings say, and the rest will not be set up. Time "
        "not used is given back as credit where the settings say so."
    )
    action = staticmethod(end_order)


class OrderReopen(StaffVerbView):
    """Accepted, cancelled or taken for fraud by mistake."""

    model = Order
    permission = ACCEPT
    title = _("Let this order wait again")
    explain = _(
        "It waits for acceptance as before, and what runs of it goes on. What was cancelled with it is invoiced anew at the prices "
        "agreed to and waits again; what was suspended as fraud is served. What has ended does not begin again."
    )
    button = _("Let it wait again")
    form_class = ReasonForm
    action = staticmethod(reopen_order)
    done = _("It waits again.")


class OrderFraud(StaffVerbView):
    """Not meant, or paid with what belongs to somebody else."""

    model = Order
    permission = CANCEL
    title = _("Mark this order as fraud")
    explain = _(
        "What waits is cancelled and its unpaid invoice withdrawn; what runs already is suspended for abuse. Money that came "
        "in stays where it is: refund it by itself."
    )
    button = _("Mark as fraud")
    kind = "danger"
    form_class = ReasonForm
    action = staticmethod(mark_fraud)
    done = _("Marked as fraud.")
