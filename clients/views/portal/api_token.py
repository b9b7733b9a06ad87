"""API tokens of the people of a client account."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clients.actions.api_token import create_client_token, revoke_token
from clients.forms.api_token import ClientTokenForm
from clients.models import ApiToken, Area
from clients.options import CLIENT_TOKENS
from clients.views.portal.profile import account_tabs
from hostbill.core.crud import Column, DateColumn, PortalEditView, PortalListView, PortalVerbView, StateColumn
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError

AREA, LIST = "account", (_("API tokens"), "clients_portal:api_token_list")


def areas_words(token) -> str:
    """What it may use, and that it only looks."""
    areas = [str(label) for area, label in Area.choices if area in token.areas]
    return ", ".join([*areas, *([_now("only look")] if token.reach == ApiToken.Reach.READ else [])])


def revoke_link(token):
    """The way to stop it."""
    if token.revoked_at:
        return "–"
    address = reverse("clients_portal:api_token_revoke", args=[token.pk])
    spoken = _now("Revoke %(name)s") % {"name": token}
    return format_html('<a class="link" href="{}" aria-label="{}">{}</a>', address, spoken, _now("Revoke…"))


class Switched:
    """While the host lets clients have tokens."""

    visit_closed = True  # whoever looks in the client's place makes no key to it

    def dispatch(self, request, *args, **kwargs):
        """404 otherwise."""
        if not CLIENT_TOKENS.value:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class ApiTokenList(Switched, PortalListView):
    """Those of everybody in the account: who looks after it can stop them."""

    model = ApiToken
    area = AREA
    title = LIST[0]
    select = ("user",)
    columns = [
        Column("label", _("What it is for"), strong=True, second=lambda token: f"{token.hint}…", phone="lead"),
        StateColumn(phone="start"),
        Column("user", _("Person"), phone="under"),
        Column("areas", _("May use"), value=areas_words, phone="hide"),
        DateColumn("last_used_at", _("Last used"), relative=True, sort="last_used_at"),
        DateColumn("expires_on", _("Valid until"), sort="expires_on"),
        Column("revoked_at", _("Stop it"), render=revoke_link, phone="end"),
    ]
    sort = "-pk"
    template_name = "clients/portal/api_token/list.html"
    create_url, create_label = "clients_portal:api_token_create", _("New token")
    empty = (_("No tokens"), _("A token lets a program of yours see and do here what you may."))

    def get_context(self):
        """Beside the other pages of the account."""
        return super().get_context() | {"account_tabs": account_tabs(self.request, "tokens")}


class ApiTokenCreate(Switched, PortalEditView):
    """Make one for oneself. The answer to the form shows its text, the only time."""

    model = ApiToken
    area = AREA
    form_class = ClientTokenForm
    title = _("API token")
    explain = _("It acts in your name, and can never do more than you may at that moment.")
    button = _("Make the token")
    crumbs = [LIST]

    def form_options(self):
        """Offers what this person may use."""
        return {"areas": self.request.actor.areas.get(self.request.client.pk, ())}

    def post(self, request):
        """Make it and show it: a redirect would have to keep the text somewhere."""
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            token, text = create_client_token(request.client, **form.cleaned_data, actor=request.actor)
        except AppError as error:
            add_error(form, error)
            return self.show(form, status=422)
        title = _now("Your new API token")
        context = {
            "page_title": title,
            "crumbs": [(label, reverse(route)) for label, route in self.crumbs] + [(title, "")],
            "token": token,
            "may": areas_words(token),
            "text": text,
            "example": f"curl -H 'Authorization: Bearer {text}' {settings.SITE_URL}/api/v1/",
        }
        return render(request, "clients/portal/api_token/made.html", context)


class ApiTokenRevoke(Switched, PortalVerbView):
    """Stop it."""

    model = ApiToken
    area = AREA
    select = ("user",)
    title = _("Revoke this token")
    explain = _("Programs that use it are refused from now on. This cannot be undone.")
    button = _("Revoke the token")
    kind = "danger"
    crumbs = [LIST]
    success_url = LIST[1]
    action = staticmethod(revoke_token)
    done = _("Revoked.")
