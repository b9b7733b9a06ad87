"""A person's own settings in the client area."""

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from clients.actions.client import update_client
from clients.actions.user import update_profile
from clients.forms.client import ClientForm, SwitchForm
from clients.forms.user import ProfileForm
from clients.options import CLIENT_TOKENS
from clients.queries.actor import SESSION_KEY
from clients.queries.look import remember_look
from hostbill.core.access import PortalView
from hostbill.core.errors import AppError
from hostbill.core.webhooks.options import FOR_CLIENTS


def account_tabs(request, current):
    """The pages of the account, as far as the person may use them."""
    manages = request.actor.may_in_area(request.client.pk, "account")
    pages = [
        ("profile", _("You"), "clients_portal:profile", True),
        ("company", _("Company and address"), "clients_portal:client_edit", manages),
        ("tax", _("VAT number"), "portal_tax", manages),
        ("people", _("People"), "clients_portal:member_list", manages),
        ("messages", _("Mail from us"), "clients_portal:message_list", manages),
        ("webhooks", _("Webhooks"), "clients_portal:webhook_list", manages and FOR_CLIENTS.value and not request.actor.behind),
        ("tokens", _("API tokens"), "clients_portal:api_token_list", manages and CLIENT_TOKENS.value and not request.actor.behind),
    ]
    return [
        {"label": label, "url": reverse(route), "current": key == current} for key, label, route, may in pages if may
    ]


class Profile(PortalView, View):
    """Name, language, time zone, theme; and the ways to password, second factor and sessions."""

    visit_closed = True  # the page is about whoever signed in

    def get(self, request):
        """The form as it is now."""
        return self._page(ProfileForm(instance=request.user))

    def post(self, request):
        """Save; the chosen language holds at once."""
        form = ProfileForm(request.POST, instance=request.user)
        if form.is_valid():
            update_profile(request.user, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("Saved."))
            response = redirect("clients_portal:profile")
            remember_look(response, request.user)
            return response
        return self._page(form)

    def _page(self, form):
        context = {"page_title": _("Your profile"), "form": form, "account_tabs": account_tabs(self.request, "profile")}
        return render(self.request, "clients/portal/profile/edit.html", context)


class ClientEdit(PortalView, View):
    """The account's name, address and tax number."""

    area = "account"
    visit_permission = "clients.client.edit"

    def get(self, request):
        """The form as it is now."""
        return self._page(ClientForm(instance=request.client))

    def post(self, request):
        """Save."""
        form = ClientForm(request.POST, instance=request.client)
        if form.is_valid():
            try:
                update_client(request.client, actor=request.actor, **form.cleaned_data)
            except AppError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
            else:
                messages.success(request, _("Saved. New invoices carry this address."))
                return redirect("clients_portal:client_edit")
        return self._page(form)

    def _page(self, form):
        context = {
            "page_title": _("Company and address"),
            "form": form,
            "account_tabs": account_tabs(self.request, "company"),
            "may_ask": self.request.actor.may_in_area(self.request.client.pk, "support"),
        }
        return render(self.request, "clients/portal/client/edit.html", context)


class ClientSwitch(LoginRequiredMixin, View):
    """Look at another of one's accounts."""

    http_method_names = ["post"]

    def post(self, request):
        """Remember the choice and go home: the page one was on belongs to the other account."""
        form = SwitchForm(request.POST)
        if not form.is_valid() or form.cleaned_data["client"] not in request.actor.client_ids:
            raise Http404
        request.session[SESSION_KEY] = form.cleaned_data["client"]
        return HttpResponseRedirect(reverse("portal_home"))
