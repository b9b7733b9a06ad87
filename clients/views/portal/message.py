"""Mail we sent to the account, to read again."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from clients.views.portal.profile import account_tabs
from hostbill.core.access import PortalView
from hostbill.core.models import Message

PAGE_LENGTH = 40


class MessageView(PortalView, View):
    """Base: the mails to the chosen account."""

    area = "account"

    def mails(self):
        """Newest first."""
        return Message.objects.visible_to(self.request.actor).filter(client_id=self.request.client.pk).order_by("-pk")


class MessageList(MessageView):
    """Which mails went out."""

    def get(self, request):
        """One page."""
        page = Paginator(self.mails().defer("html", "text"), PAGE_LENGTH).get_page(request.GET.get("page"))
        context = {"page_title": _("Mail from us"), "mails": page, "account_tabs": account_tabs(request, "messages")}
        return render(request, "clients/portal/message/list.html", context)


class MessageDetail(MessageView):
    """One mail, as text."""

    def get(self, request, pk):
        """Show."""
        mail = get_object_or_404(self.mails(), pk=pk)
        crumbs = [(_("Mail from us"), reverse("clients_portal:message_list")), (mail.subject, "")]
        context = {"page_title": mail.subject, "crumbs": crumbs, "mail": mail}
        return render(request, "clients/portal/message/detail.html", context)
