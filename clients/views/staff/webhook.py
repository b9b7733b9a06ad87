"""Webhooks in the console: one's own; for those who look after them everybody's."""

from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clients.forms.webhook import NewWebhookForm, SecretForm, WebhookForm
from clients.models import Client
from clients.views import webhook_page
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    StaffDetailView,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.models import WebhookDelivery, WebhookEndpoint
from hostbill.core.webhooks import endpoints
from hostbill.core.webhooks.catalogue import TEST, all_types

VIEW, EDIT, OVERSEE = "core.webhook.view", endpoints.EDIT, endpoints.OVERSEE
LIST = (_("Webhooks"), "clients_staff:webhook_list")


def events_words(endpoint) -> str:
    """How many it asks for."""
    count = len(endpoint.events)
    return ngettext("%(count)d event", "%(count)d events", count) % {"count": count}


class WebhookList(StaffListView):
    """Where programs are told, and whether it works."""

    model = WebhookEndpoint
    permission = VIEW
    title = LIST[0]
    select = ("user",)
    link_related = False
    columns = [
        Column("label", _("What it is for"), link=True, strong=True, second=lambda row: row.target_url, phone="lead"),
        StateColumn(phone="start"),
        Column("events", _("Events"), value=events_words, phone="end"),
        Column("user", _("Person"), phone="under"),
        Column("client_name", _("Client"), value=lambda row: row.client_name or "–", muted=True, phone="hide"),
        DateColumn("created_at", _("Made"), muted=True, phone="hide"),
    ]
    search = ["label__icontains", "target_url__icontains", "user__email__icontains"]
    sort = "-pk"
    tabs = [
        Tab("all", _("Everything"), Q()),
        Tab("stopped", _("Stopped"), Q(stopped_at__isnull=False), count=True, tone="bad"),
        Tab("clients", _("Of clients"), Q(client_id__isnull=False)),
    ]
    bulk = [
        BulkAction("off", _("Switch off"), endpoints.switch_off, permission=EDIT, icon="ban",
                   confirm=_("Programs behind them are told nothing any more."), when=lambda row: row.is_on),
    ]  # fmt: skip
    template_name = "clients/staff/webhook/list.html"
    create_url, create_label, create_permission = "clients_staff:webhook_create", _("New webhook"), EDIT
    empty = (_("No webhooks"), _("A webhook tells a program of yours at once what happens here."))

    def get_queryset(self):
        """With the client's name: the floor knows clients by their number only."""
        person = Concat("first_name", Value(" "), "last_name")
        names = Client.objects.filter(pk=OuterRef("client_id")).annotate(words=Coalesce(NullIf("company", Value("")), person))
        return super().get_queryset().annotate(client_name=Subquery(names.values("words")))


class WebhookCreate(webhook_page.ShownOnce, StaffEditView):
    """Make one for oneself; its secret is shown in the answer."""

    model = WebhookEndpoint
    form_class = NewWebhookForm
    permission = EDIT
    title = _("webhook")
    explain = _("It is told what you may see yourself at that moment.")
    button = _("Make the webhook")
    crumbs = [LIST]
    page_name = "clients_staff:webhook_detail"
    create_action = staticmethod(endpoints.create_endpoint)

    def form_options(self):
        """Offers what this person may see."""
        return {"actor": self.request.actor}


class WebhookEdit(StaffEditView):
    """Change where it goes and what it is told: one's own only."""

    model = WebhookEndpoint
    form_class = WebhookForm
    permission = EDIT
    crumbs = [LIST]
    update_action = staticmethod(endpoints.change_endpoint)

    def get_queryset(self):
        """One's own: others' events are not led elsewhere."""
        return super().get_queryset().filter(user_id=self.request.actor.user_id, client_id=None)

    def form_options(self):
        """What this person may see, and what is chosen."""
        return {"actor": self.request.actor, "kept": self.obj.events}


def own_only(endpoint) -> bool:
    """What only the owner may do has its own button on the page."""
    return endpoint.client_id is None


class WebhookDetail(StaffDetailView):
    """One, with what it is told."""

    model = WebhookEndpoint
    permission = VIEW
    select = ("user",)
    template_name = "clients/webhook/detail.html"
    crumbs = [LIST]
    tabs = [
        ("", _("Overview"), "clients_staff:webhook_detail"),
        ("deliveries", _("Deliveries"), "clients_staff:webhook_deliveries"),
    ]
    verbs = [
        Verb("test", _("Send a test"), "clients_staff:webhook_test", EDIT, "primary", "send", lambda row: row.is_on, post=True),
        Verb("on", _("Switch on"), "clients_staff:webhook_on", EDIT, kind="primary", when=lambda row: not row.is_on, post=True),
        Verb("edit", _("Change"), "clients_staff:webhook_edit", EDIT, icon="edit", when=own_only),
        Verb("rotate", _("New secret…"), "clients_staff:webhook_rotate", EDIT, icon="key", when=own_only),
        Verb("off", _("Switch off…"), "clients_staff:webhook_off", EDIT, when=lambda row: row.is_on),
        Verb("delete", _("Delete…"), "clients_staff:webhook_delete", EDIT, kind="danger"),
    ]
    verbs_in_line = 3

    def ready_verbs(self, obj):
        """Without what is the owner's alone."""
        found = super().ready_verbs(obj)
        mine = endpoints.is_mine(self.request.actor, obj)
        if mine:
            return found
        keys = {"test", "on", "off", "delete"} if self.request.actor.may(OVERSEE) else set()
        return [verb for verb in found if verb.key in keys]

    def facts(self, obj):
        """Whose it is, and how it is signed."""
        client = Client.objects.filter(pk=obj.client_id).first() if obj.client_id else None
        facts = [(_now("Address"), obj.target_url), (_now("Person"), obj.user.label)]
        facts += [(_now("Client"), client.name, client.get_absolute_url())] if client else []
        return facts + webhook_page.rotation(obj)

    def more_context(self, obj):
        """Its events, and the last ones sent."""
        return {
            "events": webhook_page.event_words(obj.events),
            "page": webhook_page.recent(obj, self.request),
            "delivery_route": "clients_staff:webhook_delivery_detail",
        }


class WebhookDeliveries(WebhookDetail):
    """What was sent to it."""

    template_name = "clients/webhook/deliveries.html"


class WebhookVerb(StaffVerbView):
    """Base of its verbs."""

    model = WebhookEndpoint
    permission = EDIT
    select = ("user",)


class WebhookTest(WebhookVerb):
    """Try it."""

    title = _("Send a test")
    explain = _("An event of the type webhook.test is sent at once.")
    button = _("Send it")
    action = staticmethod(endpoints.send_test)
    done = _("The test is on its way.")

    def after_url(self, result):
        """Where its fate is seen."""
        return reverse("clients_staff:webhook_deliveries", args=[self.obj.pk])


class WebhookOff(WebhookVerb):
    """Stop telling it."""

    title = _("Switch this webhook off")
    explain = _("Nothing is written for it any more. What would be tried again meanwhile is given up; you can send it once more later.")
    button = _("Switch off")
    action = staticmethod(endpoints.switch_off)
    done = _("Switched off.")


class WebhookOn(WebhookVerb):
    """Tell it again."""

    title = _("Switch this webhook on")
    explain = _("From now on it is told again. What was not taken can be sent once more from its deliveries.")
    button = _("Switch on")
    action = staticmethod(endpoints.switch_on)
    done = _("Switched on.")


class WebhookRotate(webhook_page.ShownOnce, WebhookVerb):
    """A new secret; shown in the answer."""

    form_class = SecretForm
    title = _("A new secret")
    explain = _("For 24 hours messages are signed with the old one too, so that nothing is refused while you change it over there.")
    button = _("Make a new secret")
    action = staticmethod(endpoints.rotate_secret)
    page_name = "clients_staff:webhook_detail"

    def get_queryset(self):
        """One's own."""
        return super().get_queryset().filter(user_id=self.request.actor.user_id, client_id=None)


class WebhookDelete(WebhookVerb):
    """Away with it."""

    title = _("Delete this webhook")
    explain = _("With all that was sent to it. The log of acts stays.")
    button = _("Delete")
    kind = "danger"
    action = staticmethod(endpoints.delete_endpoint)
    done = _("Deleted.")
    success_url = "clients_staff:webhook_list"


class DeliveryList(StaffListView):
    """What was sent to all the endpoints that this person sees."""

    model = WebhookDelivery
    permission = VIEW
    title = _("Deliveries of webhooks")
    select = ("endpoint",)
    link_related = False
    columns = [*webhook_page.delivery_columns(), Column("endpoint", _("Webhook"), muted=True, phone="hide")]
    filters = [Choice("type", _("Event"), [(found.name, found.name) for found in all_types()] + [(TEST, TEST)])]
    search = ["message_id__startswith", "type__startswith"]
    sort = "-pk"
    tabs = webhook_page.TABS
    bulk = [BulkAction("replay", _("Send again"), endpoints.replay, permission=EDIT, icon="rotate",
                       confirm=_("The same words are sent under the same webhook-id."), when=lambda row: row.is_over)]  # fmt: skip
    empty = (_("Nothing was sent yet"), _("As soon as an event happens that a webhook asks for, it stands here."))

    @property
    def trail(self):
        """Below the webhooks."""
        return [(label, reverse(route)) for label, route in (LIST,)]

    def get_queryset(self):
        """The bodies stay in the database: a list shows none."""
        return super().get_queryset().defer("body")


class DeliveryDetail(StaffDetailView):
    """One: its words, its tries."""

    model = WebhookDelivery
    permission = VIEW
    select = ("endpoint",)
    template_name = "clients/webhook/delivery.html"
    verbs = [
        Verb("replay", _("Send again"), "clients_staff:webhook_delivery_replay", EDIT, kind="primary", icon="rotate",
             when=lambda row: row.is_over and row.endpoint.is_on, post=True),
    ]  # fmt: skip

    def title(self, obj):
        return obj.type

    def trail(self, obj):
        """By its endpoint."""
        listed = reverse("clients_staff:webhook_deliveries", args=[obj.endpoint_id])
        return [(str(LIST[0]), reverse(LIST[1])), (str(obj.endpoint), listed), (obj.type, "")]

    def facts(self, obj):
        """What tells it from others."""
        link = format_html('<code class="mono">{}</code>', obj.message_id)
        facts = [(_now("webhook-id"), link), (_now("Written"), obj.created_at)]
        return [*facts, (_now("Tries"), obj.tries), (_now("Sent again"), obj.replays)]

    def more_context(self, obj):
        """Body and tries."""
        return {"body": webhook_page.shown_body(obj, self.request.actor), "tries": webhook_page.tries(obj)}


class DeliveryReplay(StaffVerbView):
    """Send it again."""

    model = WebhookDelivery
    permission = EDIT
    select = ("endpoint",)
    title = _("Send again")
    explain = _("The same words are sent under the same webhook-id, so that a receiver that has them can tell.")
    button = _("Send again")
    action = staticmethod(endpoints.replay)
    done = _("It is on its way again.")
