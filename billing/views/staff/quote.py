"""Quotes in the console."""

from decimal import Decimal

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.actions.quote import (
    default_valid_until,
    delete_quote,
    deliver_quote,
    duplicate_quote,
    hold_quote,
    kill_quote,
    lose_quote,
    resume_quote,
    revise_quote,
    revoke_quote_link,
    send_quote_again,
)
from billing.actions.quote_acceptance import Signing, accept_quote
from billing.actions.quote_conversion import convert_quote, invoice_rest
from billing.forms.quote import NoteForm, ResumeForm, StaffSignForm, WhyForm
from billing.models import Quote
from billing.queries.deposit import first_part
from billing.queries.quote_link import quote_url
from billing.views.quote_page import pdf_of
from clients.models import Client
from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.crud import (
    Amount,
    BulkAction,
    Choice,
    Code,
    Column,
    DateColumn,
    DateRange,
    MoneyColumn,
    Related,
    StaffDetailView,
    StaffListView,
    StaffVerbView,
    StateColumn,
    Tab,
    Verb,
)
from hostbill.core.models import Message
from hostbill.core.money import Money

VIEW, EDIT, ACCEPT = "billing.quote.view", "billing.quote.edit", "billing.quote.accept"
LIST = "billing_staff:quote_list"
#: Verbs that stand as buttons; the others are in the menu.
FIRST = ("edit", "deliver", "convert", "rest", "accept")


def is_draft(quote) -> bool:
    """Whether it can still be changed."""
    return quote.state == "draft"


def is_open(quote) -> bool:
    """Whether an answer is waited for."""
    return quote.state in ("delivered", "on_hold", "expired")


def can_be_accepted(quote) -> bool:
    """Whether staff may note a yes."""
    return quote.state in ("delivered", "on_hold") and not quote.is_lapsed


def can_be_resumed(quote) -> bool:
    """Whether it may hold again."""
    return quote.state in ("on_hold", "expired", "lost")


def can_be_revised(quote) -> bool:
    """Whether another version may take its place."""
    return quote.state in ("delivered", "on_hold", "expired", "lost")


def waits_for_invoice(quote) -> bool:
    """Signed and not invoiced."""
    return quote.state == "accepted" and quote.converted_at is None


def has_rest(quote) -> bool:
    """Whether the deposit left something that is not invoiced."""
    return quote.rest_invoice is not None and quote.rest_invoice.state == "draft"


def can_be_ended(quote) -> bool:
    """Whether it can be given up for good."""
    return quote.state in ("delivered", "on_hold", "expired", "lost")


class QuoteList(StaffListView):
    """Those whose last day comes next first."""

    model = Quote
    permission = VIEW
    title = gettext_lazy("Quotes")
    select = ("client",)
    places_template = "billing/staff/places/invoices.html"
    columns = [
        Column("__str__", gettext_lazy("Quote"), link=True, strong=True, second=lambda quote: quote.subject, phone="under"),
        StateColumn(phone="start"),
        Column("client", gettext_lazy("For"), value=lambda quote: quote.addressee_name, phone="lead"),
        DateColumn("valid_until", gettext_lazy("Valid until"), sort="valid_until"),
        DateColumn("last_look_at", gettext_lazy("Looked at"), sort="last_look_at"),
        MoneyColumn("total", gettext_lazy("Total"), strong=True, phone="end"),
        DateColumn("issued_on", gettext_lazy("Delivered"), sort="issued_on", shown=False),
        DateColumn("accepted_at", gettext_lazy("Accepted"), sort="accepted_at", shown=False),
        MoneyColumn("net", gettext_lazy("Net"), muted=True, shown=False, phone="hide"),
        Column("lost_reason", gettext_lazy("Reason"), shown=False),
    ]
    filters = [
        Related("client", gettext_lazy("Client"), Client),
        Choice("state", gettext_lazy("State"), Quote.State.choices),
        DateRange("valid_until", gettext_lazy("Valid until")),
        DateRange("issued_on", gettext_lazy("Delivered")),
        Amount("total_amount", gettext_lazy("Total")),
        Code("currency", gettext_lazy("Currency")),
    ]
    search = ["number__startswith", "subject__icontains", "company__icontains", "last_name__icontains", "email__istartswith",
              "client__company__icontains", "client__last_name__icontains"]  # fmt: skip
    sort = "valid_until"
    tabs = [
        Tab("open", gettext_lazy("Delivered"), Q(state="delivered"), count=True),
        Tab("drafts", gettext_lazy("Drafts"), Q(state="draft"), count=True),
        Tab("hold", gettext_lazy("On hold"), Q(state="on_hold")),
        Tab("waiting", gettext_lazy("Not invoiced"), Q(state="accepted", converted_at=None), count=True, tone="bad"),
        Tab("accepted", gettext_lazy("Accepted"), Q(state="accepted")),
        Tab("lost", gettext_lazy("Lost"), Q(state__in=["lost", "dead", "expired"])),
        Tab("all", gettext_lazy("Everything"), Q()),
    ]
    bulk = [
        BulkAction("send", gettext_lazy("Mail again"), send_quote_again, EDIT, "send", when=lambda quote: quote.can_be_signed),
        BulkAction("dead", gettext_lazy("Give up"), kill_quote, EDIT, "circle-x", kind="danger", form_class=WhyForm,
                   confirm=gettext_lazy("They cannot be signed any more, for good."), when=can_be_ended),
    ]  # fmt: skip
    create_url, create_label, create_permission = "billing_staff:quote_create", gettext_lazy("New quote"), EDIT
    empty = (gettext_lazy("No quotes here"), gettext_lazy("Write one for a client, or for somebody who is none yet."))


class QuoteDetail(StaffDetailView):
    """What is offered, who has looked at it, what was answered, and what became of it."""

    model = Quote
    permission = VIEW
    select = ("client", "invoice", "rest_invoice", "order", "replaces")
    template_name = "billing/staff/quote/detail.html"
    crumbs = [(gettext_lazy("Quotes"), LIST)]
    verbs = [
        Verb("edit", gettext_lazy("Edit the draft"), "billing_staff:quote_edit", EDIT, "primary", "pencil", is_draft),
        Verb("deliver", gettext_lazy("Deliver…"), "billing_staff:quote_deliver", EDIT, "", "send", is_draft),
        Verb("convert", gettext_lazy("Make the invoice…"), "billing_staff:quote_convert", ACCEPT, "primary", "file-invoice",
             waits_for_invoice),
        Verb("rest", gettext_lazy("Invoice the rest…"), "billing_staff:quote_rest", ACCEPT, "primary", "file-invoice", has_rest),
        Verb("accept", gettext_lazy("Note a yes…"), "billing_staff:quote_accept", ACCEPT, "primary", "check", can_be_accepted),
        Verb("revise", gettext_lazy("New version…"), "billing_staff:quote_revise", EDIT, "", "pencil", can_be_revised),
        Verb("resume", gettext_lazy("Let it hold again…"), "billing_staff:quote_resume", EDIT, "", "calendar", can_be_resumed),
        Verb("send", gettext_lazy("Mail it again"), "billing_staff:quote_send", EDIT, "", "mail",
             lambda quote: quote.can_be_signed, post=True),
        Verb("duplicate", gettext_lazy("Duplicate…"), "billing_staff:quote_duplicate", EDIT, "", "copy"),
        Verb("hold", gettext_lazy("Put on hold…"), "billing_staff:quote_hold", EDIT, "", "hourglass",
             lambda quote: quote.state == "delivered"),
        Verb("lose", gettext_lazy("Mark as lost…"), "billing_staff:quote_lose", EDIT, "", "circle-x", is_open),
        Verb("revoke", gettext_lazy("Revoke the links…"), "billing_staff:quote_revoke", EDIT, "danger", "lock",
             lambda quote: bool(quote.number)),
        Verb("dead", gettext_lazy("Give it up…"), "billing_staff:quote_dead", EDIT, "danger", "circle-x", can_be_ended),
        Verb("delete", gettext_lazy("Delete the draft…"), "billing_staff:quote_delete", EDIT, "danger", "trash", is_draft),
    ]  # fmt: skip

    def title(self, quote):
        """With its noun."""
        return _("Quote %(number)s") % {"number": quote} if quote.number else str(quote)

    def more_context(self, quote):
        """Lines, sums, signature, versions and mails."""
        first = first_part(quote) if quote.deposit_kind else None
        versions = Quote.objects.filter(number=quote.number).exclude(pk=quote.pk) if quote.number else Quote.objects.none()
        verbs = self.ready_verbs(quote)
        return {
            "first_verbs": [verb for verb in verbs if verb.key in FIRST],
            "menu_verbs": [verb for verb in verbs if verb.key not in FIRST],
            "lines": quote.lines.select_related("product"),
            "taxes": [(row["name"], row["percent"], Money(Decimal(row["tax"]), quote.currency)) for row in quote.taxes],
            "deposit": first,
            "rest": quote.total - first if first else None,
            "signature": getattr(quote, "signature", None),
            "link": quote_url(quote) if quote.state in ("delivered", "on_hold", "accepted") else "",
            "versions": versions.order_by("version"),
            "later_draft": quote.later_versions.filter(state="draft").first(),
            "mails": Message.objects.visible_to(self.request.actor)
            .filter(subject_kind="billing.quote", subject_id=quote.pk)
            .defer("html", "text")
            .order_by("-pk")[:20],
        }


class QuotePdf(StaffView, View):
    """The document."""

    permission = VIEW
    api_file = "application/pdf"

    def get(self, request, pk):
        """Shown in the browser; drafts too, marked as such by the document itself."""
        return pdf_of(get_object_or_404(Quote.objects.visible_to(request.actor), pk=pk), "inline")


class QuoteVerb(StaffVerbView):
    """One act on a quote."""

    model = Quote
    permission = EDIT
    select = ("client", "invoice", "rest_invoice")


class QuoteDeliver(QuoteVerb):
    """Without opening the editor."""

    title = gettext_lazy("Deliver this quote")
    explain = gettext_lazy("It gets its number, is mailed with its PDF and a link to sign it, and cannot be changed any more.")
    button = gettext_lazy("Deliver the quote")
    action = staticmethod(deliver_quote)
    done = gettext_lazy("Delivered.")


class QuoteSend(QuoteVerb):
    """The same mail once more."""

    title = gettext_lazy("Mail the quote again")
    explain = gettext_lazy("The same mail with its PDF and the link to sign it goes to the client once more.")
    button = gettext_lazy("Send")
    action = staticmethod(send_quote_again)
    done = gettext_lazy("The quote is on its way.")


class QuoteHold(QuoteVerb):
    """Put aside for a while."""

    title = gettext_lazy("Put this quote on hold")
    explain = gettext_lazy("It cannot be signed until it holds again; its page says that you look at it again.")
    button = gettext_lazy("Put on hold")
    form_class = WhyForm
    action = staticmethod(hold_quote)


class QuoteResume(QuoteVerb):
    """It holds again."""

    title = gettext_lazy("Let this quote hold again")
    explain = gettext_lazy("At the prices and tax it was delivered with.")
    button = gettext_lazy("Let it hold")
    form_class = ResumeForm
    action = staticmethod(resume_quote)

    def get_initial(self):
        """As long as a new one, unless its own day is still to come."""
        return {"valid_until": self.obj.valid_until if self.obj.valid_until >= clock.today() else default_valid_until()}


class QuoteLose(QuoteVerb):
    """They said no."""

    title = gettext_lazy("Mark this quote as lost")
    button = gettext_lazy("Mark as lost")
    form_class = NoteForm
    action = staticmethod(lose_quote)


class QuoteDead(QuoteVerb):
    """Nothing comes of it."""

    title = gettext_lazy("Give this quote up")
    explain = gettext_lazy("It cannot be signed any more, for good; its number stays.")
    button = gettext_lazy("Give it up")
    kind = "danger"
    form_class = WhyForm
    action = staticmethod(kill_quote)


class QuoteDelete(QuoteVerb):
    """Throw a draft away."""

    title = gettext_lazy("Delete this draft")
    explain = gettext_lazy("It never had a number, so no gap is left.")
    button = gettext_lazy("Delete the draft")
    kind = "danger"
    action = staticmethod(delete_quote)
    success_url = LIST
    done = gettext_lazy("Deleted.")


class QuoteDuplicate(QuoteVerb):
    """The same once more, as a draft."""

    title = gettext_lazy("Duplicate this quote")
    explain = gettext_lazy("Makes a draft with the same lines, for the same people.")
    button = gettext_lazy("Make the draft")
    action = staticmethod(duplicate_quote)
    done = gettext_lazy("A draft is made.")

    def after_url(self, draft):
        """To its editor."""
        return reverse("billing_staff:quote_edit", args=[draft.pk])


class QuoteRevise(QuoteDuplicate):
    """A change of what was delivered."""

    title = gettext_lazy("New version of this quote")
    explain = gettext_lazy("Makes a draft with the same lines. Once delivered it takes the place of this one, under the same number.")
    action = staticmethod(revise_quote)


class QuoteRevoke(QuoteVerb):
    """Links that went astray."""

    title = gettext_lazy("Revoke the links to this quote")
    explain = gettext_lazy("Every link given out so far stops working. Mail it again to give out a new one.")
    button = gettext_lazy("Revoke the links")
    kind = "danger"
    action = staticmethod(revoke_quote_link)
    done = gettext_lazy("Revoked.")


class QuoteAccept(QuoteVerb):
    """A yes that came by phone or letter."""

    permission = ACCEPT
    title = gettext_lazy("Note that this quote is accepted")
    explain = gettext_lazy("For a yes that came otherwise than by its page. What you enter is kept as evidence, with your name.")
    button = gettext_lazy("Note the yes")
    form_class = StaffSignForm
    template_name = "billing/staff/quote/accept.html"
    done = gettext_lazy("Accepted.")

    def form_options(self):
        """The questions of its products belong to it."""
        return {"quote": self.obj}

    def get_initial(self):
        """Nothing from the address."""
        return {}

    def action(self, quote, *, name, told, answers, actor):
        """As a signature of its own kind."""
        return accept_quote(quote, Signing(name, told, "staff", "", answers), actor=actor)


class QuoteConvert(QuoteVerb):
    """What did not work with the signature, or waits for staff by the setting."""

    permission = ACCEPT
    title = gettext_lazy("Make the invoice of this quote")
    explain = gettext_lazy("Its invoice is issued and its products are ordered, once, however often this is asked for.")
    button = gettext_lazy("Make the invoice")
    action = staticmethod(convert_quote)
    done = gettext_lazy("Invoiced.")


class QuoteRest(QuoteVerb):
    """It is delivered."""

    permission = ACCEPT
    title = gettext_lazy("Invoice the rest")
    explain = gettext_lazy("The draft of the rest is issued: all lines, less the deposit.")
    button = gettext_lazy("Issue the invoice")
    action = staticmethod(invoice_rest)
    done = gettext_lazy("Issued.")
