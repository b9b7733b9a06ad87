"""Events that nobody could handle."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hostbill.core import events, labels
from hostbill.core.audit import audit
from hostbill.core.crud import (
    BulkAction,
    Column,
    DateColumn,
    NumberColumn,
    StaffDetailView,
    StaffListView,
    StateColumn,
    Tab,
)
from hostbill.core.crud.named import Named, family, with_words
from hostbill.core.errors import AppError
from hostbill.core.failures import explain, short
from hostbill.core.labels import EVENT, HANDLER
from hostbill.core.models import Delivery

from .places import RETRY, VIEW, Retry, parts, pretty


def delivery_state(row) -> tuple:
    """How a delivery stands, in words."""
    if row.state == Delivery.State.DEAD:
        return ("failed", _("Given up"), short("crashed", row.error)[:160])
    if row.state == Delivery.State.DONE:
        return ("ok", _("Done"))
    return ("attention", _("Will be tried again"), short("crashed", row.error)[:160]) if row.error else ("pending", _("Waiting"))


def retry_delivery(row, *, actor):
    """Let the handler try again. AppError when it is done."""
    if row.state == Delivery.State.DONE:
        raise AppError(_("It is done."), code="not_retryable")
    events.retry_delivery(row.pk)
    audit(actor, "core.delivery_retried", row)


class DeliveryList(StaffListView):
    """Events that a handler could not take."""

    model = Delivery
    permission = VIEW
    row_url = "delivery_detail"
    title = gettext_lazy("Jobs and queues")
    template_name = "pages/queues/outgoing.html"
    select = ("event",)
    columns = [
        Column(
            "handler",
            gettext_lazy("What"),
            value=lambda row: row.handler_words,
            strong=True,
            link=True,
            second=lambda row: row.handler,
        ),
        Column(
            "event", gettext_lazy("After"), value=lambda row: row.event.words, second=lambda row: row.event, muted=True
        ),
        StateColumn("state", gettext_lazy("State"), value=delivery_state),
        NumberColumn("attempts", gettext_lazy("Tries")),
        DateColumn("next_try_at", gettext_lazy("Next try"), relative=True),
        DateColumn("event.created_at", gettext_lazy("Happened"), relative=True),
    ]
    filters = [
        Named("handler", gettext_lazy("What"), family(HANDLER)),
        Named("event__name", gettext_lazy("After"), family(EVENT)),
    ]
    search = ["handler__iexact"]
    sort = "-pk"
    tabs = [
        Tab("dead", gettext_lazy("Given up"), Q(state="dead"), count=True, tone="bad"),
        Tab("waiting", gettext_lazy("Waiting"), Q(state="waiting"), count=True),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [BulkAction("retry", gettext_lazy("Try again now"), retry_delivery, permission=RETRY, icon="rotate")]
    empty = (gettext_lazy("Nothing here"), gettext_lazy("Every event was handled."))

    def get_queryset(self):
        """All; the permission guards the page."""
        return Delivery.objects.all()

    def search_condition(self, text):
        """By the handler and the event, and what they are called."""
        handler = with_words("handler", labels.choices(HANDLER), text)
        return handler | with_words("event__name", labels.choices(EVENT), text)

    def get_context(self):
        """With the other queues as tabs."""
        return {**super().get_context(), "part_items": parts(self.request)}


class DeliveryDetail(StaffDetailView):
    """One event for one handler: what happened, why it was not taken."""

    model = Delivery
    permission = VIEW
    select = ("event",)
    template_name = "pages/queues/delivery_row.html"
    crumbs = [(gettext_lazy("Events not handled"), "delivery_list")]

    def get_queryset(self):
        """All; the permission guards the page."""
        return Delivery.objects.select_related("event")

    def title(self, row):
        return row.handler_words

    def facts(self, row):
        """The event and its tries."""
        return [
            (_("Event"), row.event.words),
            (_("Name of the event"), row.event.name),
            (_("Name of the handler"), row.handler),
            (_("Happened"), row.event.created_at),
            (_("Tries"), row.attempts),
            (_("Next try"), row.next_try_at if row.state == "waiting" else None),
            (_("Done"), row.done_at),
            (_("Request"), row.event.request_id or "–"),
        ]

    def more_context(self, row):
        """The event's ids, and the others who were told of it."""
        return {
            "row": row,
            "state_words": delivery_state(row)[:2],
            "told": explain("crashed", row.error),
            "payload": pretty(row.event.payload),
            "may_retry": self.request.actor.may(RETRY) and row.state != "done",
            "others": [
                (other, delivery_state(other)) for other in row.event.deliveries.exclude(pk=row.pk).order_by("pk")[:30]
            ],
        }


class DeliveryRetry(Retry):
    """A delivery."""

    model, action, back = Delivery, staticmethod(retry_delivery), "delivery_detail"
