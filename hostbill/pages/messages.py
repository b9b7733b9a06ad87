"""Staff's view of mail: everything ever sent, and the wording of what will be."""

import base64
import hashlib

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db.models import Q
from django.forms import BooleanField, Form, Textarea
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from hostbill.core import brand, letterhead, own_wording
from hostbill.core.access import StaffView, require
from hostbill.core.compose import Wording, error_page
from hostbill.core.crud import BulkAction, Choice, Column, DateColumn, StaffListView, StateColumn, Tab, Text
from hostbill.core.errors import AppError
from hostbill.core.models import Message, MessageTemplate
from hostbill.core.notices import all_notices, get_notice
from hostbill.core.notify import Recipient, resend
from hostbill.core.ui.fields import FreeText
from hostbill.core.wording import WordingError
from hostbill.pages.links import object_url

#: The mail stands in a frame that may run nothing and load nothing.
FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
DRAFT_SECONDS = 3600


def _label(kind: str) -> str:
    try:
        return str(get_notice(kind).label)
    except LookupError:
        return kind


class MessageList(StaffListView):
    """The log of every message."""

    model = Message
    permission = "core.message.view"
    template_name = "pages/messages/list.html"
    title = gettext_lazy("Messages")
    columns = [
        Column("subject", gettext_lazy("Subject"), link=True, strong=True, phone="full"),
        StateColumn(),
        Column("to", gettext_lazy("To"), phone="full"),
        Column("kind", gettext_lazy("Kind"), value=lambda row: _label(row.kind), muted=True, phone="hide"),
        DateColumn("created_at", gettext_lazy("Written"), relative=True),
    ]
    filters = [
        Choice("kind", gettext_lazy("Kind"), [(notice.kind, notice.label) for notice in all_notices()]),
        Text("to_email", gettext_lazy("Address")),
    ]
    search = ["to_email__icontains", "to_name__icontains", "subject__icontains"]
    sort = "-id"
    tabs = [
        Tab("all", gettext_lazy("Everything"), Q()),
        Tab("waiting", gettext_lazy("Waiting"), Q(state="queued"), count=True),
        Tab("failed", gettext_lazy("Not delivered"), Q(state__in=["failed", "bounced"]), count=True),
    ]
    bulk = [
        BulkAction(
            "resend",
            gettext_lazy("Send again"),
            lambda message, *, actor: resend(message, actor),
            "core.message.resend",
            "send",
            confirm=gettext_lazy("The same words go to the same people once more."),
            when=lambda message: message.state != "queued",
        )
    ]
    empty = (
        gettext_lazy("No messages yet"),
        gettext_lazy("Every mail to clients and staff is listed here, with its words."),
    )

    def get_queryset(self):
        """The bodies stay in the database: a list shows none."""
        return super().get_queryset().defer("html", "text")

    def may_see_wording(self) -> bool:
        """Whether the link to the wording is shown."""
        return self.request.actor.may("core.template.view")


def _about(message) -> str:
    """What the mail is about: the noun and its number; nothing for a mail about nothing in particular."""
    try:
        noun = apps.get_model(message.subject_kind)._meta.verbose_name
    except (LookupError, ValueError):
        return ""
    return f"{capfirst(noun)} {message.subject_id}"


class MessageDetail(StaffView, View):
    """One message: what was said, to whom, and how it went."""

    permission = "core.message.view"

    def get(self, request, pk):
        """The page around the frame that shows the mail."""
        message = _visible(request, pk)
        context = {
            "message": message,
            "page_title": message.subject,
            "crumbs": [(_("Messages"), reverse("message_list"))],
            "label": _label(message.kind),
            "template_url": reverse("template_edit", args=[message.kind, message.language]),
            "about": _about(message),
            "about_url": object_url(message.subject_kind, message.subject_id),
            "resends": message.resends.all(),
            "may_resend": request.actor.may("core.message.resend") and message.state != "queued",
        }
        return render(request, "pages/messages/detail.html", context)


class MessageBody(StaffView, View):
    """The mail itself, alone, for the frame."""

    permission = "core.message.view"

    def get(self, request, pk):
        """HTML under a policy of its own."""
        return _framed(_visible(request, pk).html, request.GET.get("scheme", ""))


class MessageResend(StaffView, View):
    """Send the same words again."""

    permission = "core.message.resend"

    def post(self, request, pk):
        """Queue a copy and go to it."""
        message = _visible(request, pk)
        try:
            again = resend(message, request.actor)
        except AppError as error:
            messages.error(request, error.message)
            return redirect(message)
        messages.success(request, _("It is sent again to %(to)s.") % {"to": again.to})
        return redirect(again)


class TemplateList(StaffView, View):
    """All notices, and in which languages staff have their own words."""

    permission = "core.template.view"

    def get(self, request):
        """Grouped by the app that sends them."""
        own = {}
        for row in MessageTemplate.objects.all():
            own.setdefault(row.kind, []).append(row)
        groups = {}
        for notice in all_notices():
            groups.setdefault(notice.kind.split(".")[0], []).append({"notice": notice, "own": own.get(notice.kind, [])})
        context = {
            "page_title": _("Wording of messages"),
            "crumbs": [(_("Messages"), reverse("message_list"))],
            "groups": [(GROUPS.get(name, name), rows) for name, rows in groups.items()],
            "language": settings.LANGUAGE_CODE,
        }
        return render(request, "pages/messages/templates.html", context)


GROUPS = {
    "billing": gettext_lazy("Invoices and payments"),
    "clients": gettext_lazy("Accounts and logins"),
    "provisioning": gettext_lazy("Services"),
    "support": gettext_lazy("Tickets"),
    "core": gettext_lazy("The system itself"),
}


class TemplateForm(Form):
    """Subject and body of a notice."""

    subject = FreeText(label=gettext_lazy("Subject"), max_length=250)
    body = FreeText(
        label=gettext_lazy("Body"),
        widget=Textarea(attrs={"rows": 22, "class": "mono", "spellcheck": "true"}),
        help_text=gettext_lazy(
            "Markdown. Placeholders in double braces; a line like [[button]] says where that part stands."
        ),
    )
    is_active = BooleanField(label=gettext_lazy("Use these words"), required=False)

    @property
    def words(self) -> Wording:
        """What was entered."""
        return Wording(self.cleaned_data["subject"], self.cleaned_data["body"])


class TemplateEdit(StaffView, View):
    """The editor: words on the left, the mail as it will look on the right."""

    permission = "core.template.view"

    def get(self, request, kind, language):
        """The words in use."""
        notice = _notice(kind, language)
        words, own = own_wording.wording_of(notice, language)
        form = TemplateForm(
            initial={"subject": words.subject, "body": words.body, "is_active": own.is_active if own else True}
        )
        return self._page(request, notice, language, form, own, words)

    def post(self, request, kind, language):
        """Keep the words, or send them to oneself."""
        require(request.actor, "core.template.edit")
        notice = _notice(kind, language)
        form = TemplateForm(request.POST)
        if form.is_valid():
            try:
                return self._act(request, notice, language, form)
            except WordingError as error:
                form.add_error(error.field, error.message)
        own = own_wording.wording_of(notice, language)[1]
        return self._page(request, notice, language, form, own, None)

    def _act(self, request, notice, language, form):
        if request.POST.get("act") == "test":
            reader = Recipient(request.user.email, request.actor.label)
            own_wording.send_test(notice.kind, language, form.words, reader, actor=request.actor)
            messages.success(request, _("A test is on its way to %(email)s.") % {"email": reader.email})
            own = own_wording.wording_of(notice, language)[1]
            return self._page(request, notice, language, form, own, form.words)
        own_wording.save_wording(
            notice.kind,
            language,
            subject=form.words.subject,
            body=form.words.body,
            is_active=form.cleaned_data["is_active"],
            actor=request.actor,
        )
        messages.success(request, _("Saved. The next mail of this kind uses these words."))
        return redirect("template_edit", kind=notice.kind, language=language)

    def _page(self, request, notice, language, form, own, words):
        context = {
            "notice": notice,
            "form": form,
            "own": own,
            "page_title": notice.label,
            "crumbs": [(_("Messages"), reverse("message_list")), (_("Wording"), reverse("template_list"))],
            "tabs": [
                {"label": name, "url": reverse("template_edit", args=[notice.kind, code]), "current": code == language}
                for code, name in settings.LANGUAGES
            ],
            "placeholders": [*notice.context.items(), *COMMON.items()],
            "preview_url": reverse("template_preview", args=[notice.kind, language]),
            "reset_url": reverse("template_reset", args=[notice.kind, language]),
            "may_edit": request.actor.may("core.template.edit"),
            "preview": _store_draft(request, notice, language, words) if words else None,
        }
        return render(request, "pages/messages/template.html", context)


COMMON = {
    "hello": gettext_lazy("greeting with the reader's name"),
    "recipient.name": gettext_lazy("the reader's name"),
    "company.name": gettext_lazy("our name"),
    "company.email": gettext_lazy("our e-mail for customers"),
    "company.phone": gettext_lazy("our phone"),
    "site_url": gettext_lazy("address of this site"),
}


class TemplatePreview(StaffView, View):
    """Renders a draft: POST keeps it for an hour and answers the frame, GET with its token shows it."""

    permission = "core.template.view"

    def post(self, request, kind, language):
        """The part of the page that holds the frame, or what is wrong."""
        notice = _notice(kind, language)
        words = Wording(request.POST.get("subject", "")[:500], request.POST.get("body", "")[:20_000])
        return render(
            request, "pages/messages/preview.html", {"preview": _store_draft(request, notice, language, words)}
        )

    def get(self, request, kind, language):
        """The draft as a mail."""
        _notice(kind, language)
        html = cache.get(_draft_key(request, request.GET.get("draft", "")))
        if html is None:
            return _framed(error_page(_("This preview is gone. Change a letter to see it again.")))
        return _framed(html, request.GET.get("scheme", ""))


class TemplateReset(StaffView, View):
    """Back to the shipped words."""

    permission = "core.template.edit"

    def post(self, request, kind, language):
        """Forget staff's words."""
        own_wording.reset_wording(_notice(kind, language).kind, language, actor=request.actor)
        messages.success(request, _("The words that come with HostBill are used again."))
        return redirect("template_edit", kind=kind, language=language)


def _store_draft(request, notice, language, words: Wording) -> dict:
    """Render a draft and keep it where only this person finds it."""
    try:
        composed = own_wording.preview(notice, words, language)
    except WordingError as error:
        return {"error": error.message, "subject": words.subject}
    token = hashlib.sha256(composed.html.encode()).hexdigest()[:24]
    cache.set(_draft_key(request, token), composed.html, DRAFT_SECONDS)
    url = f"{reverse('template_preview', args=[notice.kind, language])}?draft={token}"
    return {"url": url, "subject": composed.subject, "text": composed.text}


def _draft_key(request, token: str) -> str:
    return f"mail-draft:{request.actor.user_id}:{hashlib.sha256(token.encode()).hexdigest()}"


def _visible(request, pk) -> Message:
    return get_object_or_404(Message.objects.visible_to(request.actor), pk=pk)


def _notice(kind: str, language: str):
    if language not in dict(settings.LANGUAGES):
        raise Http404
    try:
        return get_notice(kind)
    except LookupError:
        raise Http404 from None


#: How a mail says what it looks like on a dark screen, and what makes that always or never so.
DARK = "@media (prefers-color-scheme: dark)"
SCHEMES = {"dark": "@media all", "light": "@media not all"}


def _framed(html: str, scheme: str = "") -> HttpResponse:
    """A mail as a document of its own: no script, nothing loaded, shown only in our frames; the sign put in place.
    ``scheme``: "light" or "dark" whatever the screen is."""
    html = html.replace(DARK, SCHEMES.get(scheme, DARK))
    sign = base64.b64encode(letterhead.head().png).decode()
    response = HttpResponse(html.replace(f"cid:{brand.MARK_CID}", f"data:image/png;base64,{sign}"))
    response["Content-Security-Policy"] = FRAME_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


urls = [
    path("staff/messages/", MessageList.as_view(), name="message_list"),
    path("staff/messages/wording/", TemplateList.as_view(), name="template_list"),
    path("staff/messages/wording/<str:kind>/<str:language>/", TemplateEdit.as_view(), name="template_edit"),
    path(
        "staff/messages/wording/<str:kind>/<str:language>/preview/", TemplatePreview.as_view(), name="template_preview"
    ),
    path("staff/messages/wording/<str:kind>/<str:language>/reset/", TemplateReset.as_view(), name="template_reset"),
    path("staff/messages/<int:pk>/", MessageDetail.as_view(), name="message_detail"),
    path("staff/messages/<int:pk>/body/", MessageBody.as_view(), name="message_body"),
    path("staff/messages/<int:pk>/resend/", MessageResend.as_view(), name="message_resend"),
]
