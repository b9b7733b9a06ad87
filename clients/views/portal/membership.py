"""People with a login: list, invite, change, remove; and accepting an invitation."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from clients.actions.membership import (
    accept_invite,
    change_rights,
    find_invitation,
    invite_member,
    remove_member,
    withdraw_invitation,
)
from clients.actions.user import create_user
from clients.forms.membership import InviteForm, JoinForm, RightsForm
from clients.models import Invitation, Membership, User
from clients.queries.actor import SESSION_KEY, actor_of
from clients.views.portal.profile import account_tabs
from hostbill.core.access import PortalView
from hostbill.core.errors import AppError

BACKEND = "django.contrib.auth.backends.ModelBackend"


class PeopleView(PortalView, View):
    """Base: the chosen account's people, with the account area."""

    area = "account"

    def member(self):
        """The membership of the URL, or 404."""
        rows = Membership.objects.visible_to(self.request.actor).filter(client=self.request.client)
        return get_object_or_404(rows.select_related("user", "client"), pk=self.kwargs["pk"])

    def act(self, form, action):
        """Run the action; True when it agreed, else its refusal stands in the form."""
        try:
            action()
        except AppError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return False
        return True


class MemberList(PeopleView):
    """Who may sign in, and who was asked."""

    def get(self, request):
        """Show."""
        context = {
            "page_title": _("People with a login"),
            "members": request.client.memberships.select_related("user"),
            "invitations": request.client.invitations.open(),
            "account_tabs": account_tabs(request, "people"),
        }
        return render(request, "clients/portal/membership/list.html", context)


class MemberInvite(PeopleView):
    """Ask somebody by mail."""

    def get(self, request):
        """The empty form."""
        return self._page(InviteForm())

    def post(self, request):
        """Send the invitation."""
        form = InviteForm(request.POST)
        if form.is_valid() and self.act(
            form, lambda: invite_member(request.client, actor=request.actor, **form.cleaned_data)
        ):
            messages.success(request, _("The invitation is on its way to %(email)s.") % form.cleaned_data)
            return redirect("clients_portal:member_list")
        return self._page(form)

    def _page(self, form):
        context = {"page_title": _("Invite somebody"), "form": form, "button": _("Send the invitation")}
        return render(self.request, "clients/portal/membership/form.html", context)


class MemberEdit(PeopleView):
    """What a member may use."""

    def get(self, request, pk):
        """The rights as they are."""
        member = self.member()
        return self._page(member, RightsForm(initial={"areas": list(member.granted_areas)}))

    def post(self, request, pk):
        """Set them."""
        member, form = self.member(), RightsForm(request.POST)
        if form.is_valid() and self.act(form, lambda: change_rights(member, actor=request.actor, **form.cleaned_data)):
            messages.success(request, _("Saved."))
            return redirect("clients_portal:member_list")
        return self._page(member, form)

    def _page(self, member, form):
        context = {"page_title": member.user.label, "form": form, "button": _("Save"), "member": member}
        return render(self.request, "clients/portal/membership/form.html", context)


class MemberRemove(PeopleView):
    """Take access away."""

    http_method_names = ["post"]

    def post(self, request, pk):
        """Remove, or say why not."""
        try:
            remove_member(self.member(), actor=request.actor)
            messages.success(request, _("Removed."))
        except AppError as error:
            messages.error(request, error.message)
        return redirect("clients_portal:member_list")


class InvitationWithdraw(PeopleView):
    """Make an invitation stop working."""

    http_method_names = ["post"]

    def post(self, request, pk):
        """Withdraw."""
        rows = Invitation.objects.visible_to(request.actor).filter(client=request.client)
        withdraw_invitation(get_object_or_404(rows, pk=pk), actor=request.actor)
        messages.success(request, _("The invitation is withdrawn."))
        return redirect("clients_portal:member_list")


class InvitationAccept(View):
    """The page behind an invitation's link, for people with and without a login."""

    def get(self, request, token):
        """What is offered; a form for those who have no login yet."""
        return self._answer(token, None)

    def post(self, request, token):
        """Accept."""
        return self._answer(token, request.POST)

    def _answer(self, token, data):
        try:
            invitation = find_invitation(token)
        except AppError as error:
            return render(self.request, "clients/portal/membership/gone.html", {"error": error.message}, status=410)
        known = User.objects.filter(email=invitation.email).first()
        if known is None:
            return self._newcomer(token, invitation, data)
        if not self.request.user.is_authenticated:
            return redirect_to_login(self.request.get_full_path())
        if known.pk != self.request.user.pk:
            return self._page(invitation, None, wrong_person=True)
        return self._accept(token, known) if data is not None else self._page(invitation, None)

    def _newcomer(self, token, invitation, data):
        """Create the login with the invited address, which the mail has proved, and accept."""
        form = JoinForm(data, email=invitation.email)
        if data is None or not form.is_valid():
            return self._page(invitation, form)
        user = create_user(
            invitation.email,
            form.cleaned_data["password"],
            name=form.cleaned_data["name"],
            language=get_language(),
        )
        login(self.request, user, backend=BACKEND)
        return self._accept(token, user)

    def _accept(self, token, user):
        membership = accept_invite(token, user=user, actor=actor_of(user))
        self.request.session[SESSION_KEY] = membership.client_id
        messages.success(self.request, _("Welcome. You are in the account of %(name)s.") % {"name": membership.client.name})
        return redirect("portal_home")

    def _page(self, invitation, form, wrong_person=False):
        context = {
            "page_title": _("Invitation to %(name)s") % {"name": invitation.client.name},
            "invitation": invitation,
            "name_in_sentence": invitation.client.name.rstrip("."),  # "Ltd." ends a sentence too
            "form": form,
            "wrong_person": wrong_person,
        }
        return render(self.request, "clients/portal/membership/accept.html", context)
