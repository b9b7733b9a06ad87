"""API tokens of the people who work here."""

from django.conf import settings
from django.db.models import Q
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clients.actions.api_token import PERMISSION, create_token, revoke_token
from clients.forms.api_token import ApiTokenForm
from clients.models import ApiToken
from hostbill.core import clock
from hostbill.core.crud import (
    BulkAction,
    Choice,
    Column,
    DateColumn,
    StaffEditView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
)
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError

LIST = (_("API tokens"), "clients_staff:api_token_list")


def usable(request) -> Q:
    """Those that open something today."""
    return Q(revoked_at=None) & (Q(expires_on=None) | Q(expires_on__gte=clock.today()))


def reach_words(token) -> str:
    """How far it goes, in a few words."""
    if token.reach != ApiToken.Reach.CHOSEN:
        return _("All the person may") if token.reach == ApiToken.Reach.ALL else _("Only read")
    count = len(token.permissions)
    return ngettext("%(count)d right", "%(count)d rights", count) % {"count": count}


def revoke_link(token):
    """The way to stop it."""
    if token.revoked_at:
        return "–"
    return format_html(
        '<a class="link" href="{}">{}</a>', reverse("clients_staff:api_token_revoke", args=[token.pk]), _("Revoke…")
    )


class ApiTokenList(StaffListView):
    """One's own; those who look after logins see everybody's."""

    model = ApiToken
    permission = PERMISSION
    title = LIST[0]
    select = ("user",)
    link_related = False
    columns = [
        Column("label", _("What it is for"), strong=True, second=lambda token: f"{token.hint}…", phone="lead"),
        StateColumn(phone="start"),
        Column("user", _("Person"), phone="under"),
        Column("reach", _("May do"), value=reach_words, phone="hide"),
        DateColumn("last_used_at", _("Last used"), relative=True, sort="last_used_at"),
        Column("last_used_ip", _("From"), muted=True, phone="hide"),
        DateColumn("expires_on", _("Valid until"), sort="expires_on"),
        Column("revoked_at", _("Stop it"), render=revoke_link, phone="end"),
    ]
    filters = [Choice("reach", _("May do"), ApiToken.Reach.choices)]
    search = ["label__icontains", "hint__startswith", "user__email__icontains"]
    sort = "-pk"
    tabs = [Tab("usable", _("In use"), usable), Tab("all", _("Everything"), Q())]
    bulk = [
        BulkAction("revoke", _("Revoke"), revoke_token, icon="ban", kind="danger",
                   confirm=_("Programs that use them are refused from now on. This cannot be undone."),
                   when=lambda token: token.revoked_at is None),
    ]  # fmt: skip
    template_name = "clients/staff/api_token/list.html"
    create_url, create_label, create_permission = "clients_staff:api_token_create", _("New token"), PERMISSION
    empty = (_("No tokens"), _("A token lets a program of yours use the API in your name."))


class ApiTokenCreate(StaffEditView):
    """Make one for oneself. The answer to the form shows its text, the only time."""

    model = ApiToken
    form_class = ApiTokenForm
    permission = PERMISSION
    title = _("API token")
    explain = _("It acts in your name, and can never do more than you may at that moment.")
    button = _("Make the token")
    crumbs = [LIST]

    def form_options(self):
        """Offers what this person may do."""
        return {"actor": self.request.actor}

    def post(self, request):
        """Make it and show it: a redirect would have to keep the text somewhere."""
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            token, text = create_token(**form.cleaned_data, actor=request.actor)
        except AppError as error:
            add_error(form, error)
            return self.show(form, status=422)
        title = _now("Your new API token")
        context = {
            "page_title": title,
            "crumbs": [(label, reverse(route)) for label, route in self.crumbs] + [(title, "")],
            "token": token,
            "text": text,
            "example": f"curl -H 'Authorization: Bearer {text}' {settings.SITE_URL}/api/v1/",
        }
        return render(request, "clients/staff/api_token/made.html", context)


class ApiTokenRevoke(StaffVerbView):
    """Stop it."""

    model = ApiToken
    permission = PERMISSION
    select = ("user",)
    title = _("Revoke this token")
    explain = _("Programs that use it are refused from now on. This cannot be undone.")
    button = _("Revoke the token")
    kind = "danger"
    crumbs = [LIST]
    action = staticmethod(revoke_token)
    done = _("Revoked.")
