"""Credentials and roles of the WHMCS API in the console, beside the API tokens."""

from django.conf import settings
from django.db.models import Q
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from clients.actions.api_credential import (
    PERMISSION,
    ROLE_PERMISSION,
    create_api_role,
    create_credential,
    delete_api_role,
    revoke_credential,
    update_api_role,
)
from clients.models import ApiCredential, ApiRole
from hostbill.core.crud import (
    BulkAction,
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
from hostbill.whmcs.forms import ApiRoleForm, CredentialForm

LIST = (_("API credentials"), "whmcs:api_credential_list")
ROLES = (_("API roles"), "whmcs:api_role_list")


def role_words(credential) -> str:
    """What it may call."""
    return ", ".join(role.name for role in credential.roles.all())


def revoke_link(credential):
    """The way to stop it."""
    if credential.revoked_at:
        return "–"
    url = reverse("whmcs:api_credential_revoke", args=[credential.pk])
    return format_html('<a class="link" href="{}">{}</a>', url, _("Revoke…"))


def delete_link(role):
    """The way to be rid of it."""
    return format_html('<a class="link" href="{}">{}</a>', reverse("whmcs:api_role_delete", args=[role.pk]), _("Delete…"))


class CredentialList(StaffListView):
    """One's own; those who look after logins see everybody's."""

    model = ApiCredential
    permission = PERMISSION
    title = LIST[0]
    select = ("user",)
    prefetch = ("roles",)
    link_related = False
    columns = [
        Column("label", _("What it is for"), strong=True, second=lambda row: f"{row.identifier[:8]}…", phone="lead"),
        StateColumn(phone="start"),
        Column("user", _("Person"), phone="under"),
        Column("roles", _("API roles"), value=role_words, phone="hide"),
        DateColumn("last_used_at", _("Last used"), relative=True, sort="last_used_at"),
        Column("last_used_ip", _("From"), muted=True, phone="hide"),
        Column("revoked_at", _("Stop it"), render=revoke_link, phone="end"),
    ]
    search = ["label__icontains", "identifier__startswith", "user__email__icontains"]
    sort = "-pk"
    tabs = [Tab("usable", _("In use"), Q(revoked_at=None)), Tab("all", _("Everything"), Q())]
    bulk = [
        BulkAction("revoke", _("Revoke"), revoke_credential, icon="ban", kind="danger",
                   confirm=_("Programs that use them are refused from now on. This cannot be undone."),
                   when=lambda credential: credential.revoked_at is None),
    ]  # fmt: skip
    template_name = "whmcs/staff/api_credential/list.html"
    create_url, create_label, create_permission = "whmcs:api_credential_create", _("New credentials"), PERMISSION
    empty = (_("No credentials"), _("With them a program written for WHMCS works with HostBill, in your name."))


class CredentialCreate(StaffEditView):
    """Make them for oneself. The answer to the form shows the secret, the only time."""

    model = ApiCredential
    form_class = CredentialForm
    permission = PERMISSION
    title = _("API credentials")
    explain = _("They act in your name, and can never do more than you may at that moment.")
    button = _("Make the credentials")
    crumbs = [LIST]

    def form_options(self):
        """Offers the roles that this person sees."""
        return {"actor": self.request.actor}

    def post(self, request):
        """Make them and show them: a redirect would have to keep the secret somewhere."""
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            credential, secret = create_credential(**form.cleaned_data, actor=request.actor)
        except AppError as error:
            add_error(form, error)
            return self.show(form, status=422)
        title = _now("Your new API credentials")
        context = {
            "page_title": title,
            "crumbs": [(label, reverse(route)) for label, route in self.crumbs] + [(title, "")],
            "credential": credential,
            "secret": secret,
            "address": settings.SITE_URL + reverse("whmcs:api"),
            "roles": role_words(credential),
        }
        return render(request, "whmcs/staff/api_credential/made.html", context)


class CredentialRevoke(StaffVerbView):
    """Stop it."""

    model = ApiCredential
    permission = PERMISSION
    select = ("user",)
    title = _("Revoke these credentials")
    explain = _("Programs that use them are refused from now on. This cannot be undone.")
    button = _("Revoke the credentials")
    kind = "danger"
    crumbs = [LIST]
    action = staticmethod(revoke_credential)
    done = _("Revoked.")


class ApiRoleList(StaffListView):
    """What credentials may call."""

    model = ApiRole
    permission = PERMISSION
    title = ROLES[0]
    columns = [
        Column("name", _("Role"), link=True, strong=True),
        Column("action_words", _("May call")),
        DateColumn("updated_at", _("Changed")),
        Column("pk", _("Delete it"), render=delete_link, phone="end"),
    ]
    search = ["name__icontains"]
    sort = "name"
    template_name = "whmcs/staff/api_role/list.html"
    create_url, create_label, create_permission = "whmcs:api_role_create", _("New role"), ROLE_PERMISSION
    empty = (_("No roles"), _("A role says which actions of the WHMCS API may be called."))


class ApiRoleEdit(StaffEditView):
    """A role and its actions."""

    model = ApiRole
    form_class = ApiRoleForm
    permission = ROLE_PERMISSION
    title = _("API role")
    explain = _("Besides, nobody's credentials do what the person may not do.")
    crumbs = [LIST, ROLES]
    success_url = "whmcs:api_role_list"
    create_action = staticmethod(create_api_role)
    update_action = staticmethod(update_api_role)

    def form_options(self):
        """The role itself: not a model form, since actions are one column."""
        return {"instance": self.current()}


class ApiRoleDelete(StaffVerbView):
    """Delete a role that no credential in use has."""

    model = ApiRole
    permission = ROLE_PERMISSION
    title = _("Delete this role")
    explain = _("Only a role that no credential in use has can be deleted.")
    button = _("Delete the role")
    kind = "danger"
    action = staticmethod(delete_api_role)
    success_url = "whmcs:api_role_list"
    done = _("Deleted.")
