"""Webhooks of an account in the client area, for those who manage it."""

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clients.forms.webhook import NewWebhookForm, SecretForm, WebhookForm
from clients.views import webhook_page
from clients.views.portal.profile import account_tabs
from hostbill.core.crud import (
    Column,
    PortalDetailView,
    PortalEditView,
    PortalListView,
    PortalVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.models import WebhookDelivery, WebhookEndpoint
from hostbill.core.webhooks import endpoints

LIST = (_("Webhooks"), "clients_portal:webhook_list")


class OfAccount:
    """Mixin: for those who manage the account; nothing for colleagues of ours in the client's place, who would see what is sent."""

    area = "account"
    client_path = "client_id"
    model = WebhookEndpoint
    visit_closed = True


class WebhookList(OfAccount, PortalListView):
    """Where programs are told, and whether it works."""

    title = LIST[0]
    columns = [
        Column("label", _("What it is for"), link=True, strong=True, second=lambda row: row.target_url, phone="lead"),
        StateColumn(phone="start"),
        Column("user", _("Person"), phone="under"),
    ]
    select = ("user",)
    link_related = False
    row_url = "clients_portal:webhook_detail"
    sort = "-pk"
    tabs = [Tab("all", _("Everything"), Q())]
    template_name = "clients/portal/webhook/list.html"
    create_url, create_label = "clients_portal:webhook_create", _("New webhook")
    empty = (_("No webhooks"), _("A webhook tells a program of yours at once what happens in your account."))

    def get_context(self):
        """Beside the other pages of the account."""
        return {**super().get_context(), "account_tabs": account_tabs(self.request, "webhooks")}


class WebhookCreate(webhook_page.ShownOnce, OfAccount, PortalEditView):
    """Make one; its secret is shown in the answer."""

    form_class = NewWebhookForm
    title = _("webhook")
    explain = _("It is told what happens in this account, as far as you may see it yourself.")
    button = _("Make the webhook")
    crumbs = [LIST]
    page_name = "clients_portal:webhook_detail"

    def form_options(self):
        """Offers what this person may see of the account."""
        return {"actor": self.request.actor, "client_id": self.request.client.pk}

    def act(self, values):
        """For the account."""
        return endpoints.create_endpoint(**values, client=self.request.client, actor=self.request.actor)


class WebhookEdit(OfAccount, PortalEditView):
    """Change where it goes and what it is told."""

    form_class = WebhookForm
    explain = _("From now on it stands for you: it is told what you may see.")
    crumbs = [LIST]
    update_action = staticmethod(endpoints.change_endpoint)

    def form_options(self):
        """What this person may see, and what is chosen."""
        return {"actor": self.request.actor, "client_id": self.request.client.pk, "kept": self.obj.events}

    def after_url(self, result):
        """Its page in the client area."""
        return reverse("clients_portal:webhook_detail", args=[result.pk])

    def back_url(self, obj):
        """The same."""
        return self.after_url(obj)


class WebhookDetail(OfAccount, PortalDetailView):
    """One, with what it is told."""

    select = ("user",)
    template_name = "clients/webhook/detail.html"
    crumbs = [LIST]
    tabs = [
        ("", _("Overview"), "clients_portal:webhook_detail"),
        ("deliveries", _("Deliveries"), "clients_portal:webhook_deliveries"),
    ]
    verbs = [
        Verb("test", _("Send a test"), "clients_portal:webhook_test", icon="send", kind="primary", when=lambda row: row.is_on, post=True),
        Verb("on", _("Switch on"), "clients_portal:webhook_on", kind="primary", when=lambda row: not row.is_on, post=True),
        Verb("edit", _("Change"), "clients_portal:webhook_edit", icon="edit"),
        Verb("rotate", _("New secret…"), "clients_portal:webhook_rotate", icon="key"),
        Verb("off", _("Switch off…"), "clients_portal:webhook_off", when=lambda row: row.is_on),
        Verb("delete", _("Delete…"), "clients_portal:webhook_delete", kind="danger"),
    ]
    verbs_in_line = 3

    def facts(self, obj):
        """Whose it is, and how it is signed."""
        facts = [(_now("Address"), obj.target_url), (_now("Person"), obj.user.label)]
        return facts + webhook_page.rotation(obj)

    def more_context(self, obj):
        """Its events, and the last ones sent."""
        return {
            "events": webhook_page.event_words(obj.events),
            "page": webhook_page.recent(obj, self.request),
            "delivery_route": "clients_portal:webhook_delivery_detail",
        }


class WebhookDeliveries(WebhookDetail):
    """What was sent to it."""

    template_name = "clients/webhook/deliveries.html"


class WebhookVerb(OfAccount, PortalVerbView):
    """Base of its verbs."""

    select = ("user",)
    crumbs = [LIST]

    def after_url(self, result):
        """Its page in the client area."""
        return reverse("clients_portal:webhook_detail", args=[self.obj.pk])

    def back_url(self, obj):
        """The same."""
        return self.after_url(obj)


class WebhookTest(WebhookVerb):
    """Try it."""

    title = _("Send a test")
    explain = _("An event of the type webhook.test is sent at once.")
    button = _("Send it")
    action = staticmethod(endpoints.send_test)
    done = _("The test is on its way.")

    def after_url(self, result):
        """Where its fate is seen."""
        return reverse("clients_portal:webhook_deliveries", args=[self.obj.pk])


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
    page_name = "clients_portal:webhook_detail"


class WebhookDelete(WebhookVerb):
    """Away with it."""

    title = _("Delete this webhook")
    explain = _("With all that was sent to it.")
    button = _("Delete")
    kind = "danger"
    action = staticmethod(endpoints.delete_endpoint)
    done = _("Deleted.")

    def after_url(self, result):
        """The others."""
        return reverse("clients_portal:webhook_list")


class DeliveryDetail(OfAccount, PortalDetailView):
    """One: its words, its tries."""

    model = WebhookDelivery
    client_path = "endpoint__client_id"
    select = ("endpoint",)
    template_name = "clients/webhook/delivery.html"
    verbs = [
        Verb("replay", _("Send again"), "clients_portal:webhook_delivery_replay", kind="primary", icon="rotate",
             when=lambda row: row.is_over and row.endpoint.is_on, post=True),
    ]  # fmt: skip

    def title(self, obj):
        return obj.type

    def trail(self, obj):
        """By its endpoint."""
        listed = reverse("clients_portal:webhook_deliveries", args=[obj.endpoint_id])
        return [(str(LIST[0]), reverse(LIST[1])), (str(obj.endpoint), listed), (obj.type, "")]

    def facts(self, obj):
        """What tells it from others."""
        link = format_html('<code class="mono">{}</code>', obj.message_id)
        facts = [(_now("webhook-id"), link), (_now("Written"), obj.created_at)]
        return [*facts, (_now("Tries"), obj.tries), (_now("Sent again"), obj.replays)]

    def more_context(self, obj):
        """Body and tries."""
        return {"body": webhook_page.shown_body(obj, self.request.actor), "tries": webhook_page.tries(obj)}


class DeliveryReplay(OfAccount, PortalVerbView):
    """Send it again."""

    model = WebhookDelivery
    client_path = "endpoint__client_id"
    select = ("endpoint",)
    title = _("Send again")
    explain = _("The same words are sent under the same webhook-id, so that a receiver that has them can tell.")
    button = _("Send again")
    action = staticmethod(endpoints.replay)
    done = _("It is on its way again.")

    def after_url(self, result):
        """The same delivery."""
        return reverse("clients_portal:webhook_delivery_detail", args=[self.obj.pk])

    def back_url(self, obj):
        """The same."""
        return self.after_url(obj)
