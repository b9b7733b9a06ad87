"""What the console's and the client area's pages of webhooks share."""

import json

from django.conf import settings
from django.db.models import Q
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hostbill.core import clock
from hostbill.core.access import Actor
from hostbill.core.crud import Column, DateColumn, NumberColumn, StateColumn, Tab, paging
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.models import WebhookDelivery, WebhookEndpoint
from hostbill.core.webhooks.catalogue import all_types, may_read
from hostbill.core.webhooks.endpoints import OVERSEE

#: Deliveries on a page of an endpoint.
SHOWN = 30
TABS = [
    Tab("all", _("Everything"), Q()),
    Tab("open", _("On their way"), Q(state__in=["held", "waiting"]), count=True),
    Tab("failed", _("Given up"), Q(state="failed"), count=True),
]


def delivery_columns() -> list:
    """Of lists of deliveries."""
    return [
        Column("type", _("Event"), link=True, strong=True, second=lambda row: row.message_id, phone="lead"),
        StateColumn(phone="start"),
        Column("status", _("Answer"), muted=True),
        NumberColumn("tries", _("Tries"), phone="hide"),
        NumberColumn("ms", _("Milliseconds"), phone="hide"),
        DateColumn("created_at", _("Written"), relative=True, phone="end"),
    ]


def rotation(endpoint: WebhookEndpoint) -> list[tuple]:
    """Until when the secret before signs too, as facts."""
    until = endpoint.old_secret_until
    return [(_now("The secret before signs until"), until)] if until and until > clock.now() else []


def event_words(names) -> list[tuple[str, str]]:
    """(public name, in words) of chosen events."""
    words = {found.name: found.label for found in all_types()}
    return [(name, words.get(name, "")) for name in names]


def recent(endpoint: WebhookEndpoint, request) -> paging.Page:
    """One page of what was sent to it, newest first."""
    rows = WebhookDelivery.objects.filter(endpoint=endpoint).defer("body")
    page = paging.take(rows, paging.Order("pk", descending=True), request.GET, SHOWN)
    page.previous_label, page.next_label = _now("Later"), _now("Earlier")
    return page


def tries(delivery: WebhookDelivery) -> list[dict]:
    """Its tries, as exchanges."""
    return [
        {
            "method": "POST",
            "url": attempt.url,
            "request": "",
            "status": attempt.status,
            "response": attempt.answer,
            "error": attempt.trouble if attempt.status is None else "",
            "trouble": attempt.trouble,
            "technical": attempt.technical,
            "ms": attempt.ms,
            "at": attempt.at,
        }
        for attempt in delivery.attempts.order_by("pk")
    ]


def shown_body(delivery: WebhookDelivery, actor: Actor) -> str:
    """The body to be read, for those who may; what is sent has no line breaks."""
    if not (may_read(actor, delivery) or actor.may(OVERSEE)):
        return _now("You may not see what this event is about.")
    return json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)


class ShownOnce:
    """Mixin of forms that make a secret: the answer to the form shows it, the only time. A redirect would have to keep it."""

    shown_template = ""
    page_name = ""

    def post(self, request, *args, **kwargs):
        """Do it and show the secret."""
        self.current()
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            endpoint = self.act(dict(form.cleaned_data))
        except AppError as error:
            add_error(form, error)
            return self.show(form, status=422)
        title = _now("The secret of your webhook")
        context = {
            "page_title": title,
            "crumbs": [(label, reverse(route)) for label, route in self.crumbs] + [(title, "")],
            "frame": self.frame,
            "endpoint": endpoint,
            "rotated": endpoint.old_secret_until,
            "back": reverse(self.page_name, args=[endpoint.pk]),
            "site": settings.SITE_URL,
        }
        return render(request, "clients/webhook/secret.html", context)
