"""What the signed link and the client area share: a quote to be read, signed or declined."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from billing.actions.quote import note_look
from billing.actions.quote_acceptance import Signing, accept_quote, decline_quote
from billing.forms.quote import DeclineForm, SignForm
from billing.models import Quote
from billing.options import QUOTE_AGREEMENT
from billing.queries.deposit import first_part
from billing.queries.pay_link import pay_url
from billing.queries.quote_document import quote_file_name, quote_pdf
from hostbill.core.access import Actor
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from hostbill.core.ui.words import money


def agreement_for(quote: Quote) -> str:
    """What is agreed to, in the reader's language or as the host has written it."""
    own = QUOTE_AGREEMENT.value.strip()
    return own or _("I accept quote %(number)s over %(total)s and order what it offers.") % {
        "number": quote,
        "total": money(quote.total),
    }


def pdf_of(quote: Quote, disposition: str = "attachment") -> HttpResponse:
    """The document."""
    response = HttpResponse(quote_pdf(quote), content_type="application/pdf")
    response["Content-Disposition"] = f'{disposition}; filename="{quote_file_name(quote)}"'
    return response


class QuotePage:
    """A view of one quote; `quote` is found by the class that mixes this in, `way` says how."""

    template_name = ""
    way = ""

    def get(self, request, *args, **kwargs):
        """To read; the look is noted unless it is a colleague's."""
        if not request.user.is_staff and self.quote.state in ("delivered", "on_hold"):
            note_look(self.quote)
        return self.page(self.sign_form(), DeclineForm())

    def post(self, request, *args, **kwargs):
        """Sign or decline; a second click finds what the first one did."""
        if request.POST.get("verb") == "decline":
            return self.decline(DeclineForm(request.POST))
        form = self.sign_form(request.POST)
        if self.quote.state == Quote.State.ACCEPTED:
            return redirect(request.path)
        if not form.is_valid():
            return self.page(form, DeclineForm(), status=422)
        agent = request.headers.get("User-Agent", "")
        signing = Signing(form.cleaned_data["name"], agreement_for(self.quote), self.way, agent, form.cleaned_data["answers"])
        try:
            accept_quote(self.quote, signing, actor=self.signer)
        except AppError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
            return self.page(form, DeclineForm(), status=422)
        return redirect(request.path)

    @property
    def signer(self):
        """Who answers, with the network address, which visitors do not have by themselves."""
        actor = self.request.actor
        address = self.request.META.get("REMOTE_ADDR")
        return actor if actor.ip else Actor(kind=actor.kind, user_id=actor.user_id, label=actor.label, ip=address)

    def decline(self, form):
        """No, and why."""
        if not form.is_valid():
            return self.page(self.sign_form(), form, status=422)
        try:
            decline_quote(self.quote, actor=self.signer, **form.cleaned_data)
        except AppError as error:
            messages.error(self.request, error.message)
        return redirect(self.request.path)

    def sign_form(self, data=None):
        """The signature."""
        return SignForm(data, quote=self.quote, agreement=agreement_for(self.quote))

    def page(self, form, decline, status=200):
        """Lines, sums, and what can be done."""
        quote = self.quote
        invoice = quote.invoice
        taxes = [(row["name"], row["percent"], Money(Decimal(row["tax"]), quote.currency)) for row in quote.taxes]
        context = {
            "object": quote,
            "quote": quote,
            "page_title": _("Quote %(number)s") % {"number": quote},
            "state_words": quote.state_words,
            "lines": quote.lines.select_related("product"),
            "taxes": taxes,
            "deposit": first_part(quote) if quote.deposit_kind else None,
            "rest": quote.total - first_part(quote) if quote.deposit_kind else None,
            "form": form,
            "decline_form": decline,
            "signature": getattr(quote, "signature", None),
            "pay_url": pay_url(invoice) if invoice and invoice.state == "issued" else "",
            "invoice": invoice,
            "newer": self.newer(),
            "pdf_url": self.pdf_url(),
        }
        return render(self.request, self.template_name, context | self.more(), status=status)

    def newer(self) -> Quote | None:
        """The version that has taken its place, if it was given out."""
        return Quote.objects.filter(replaces=self.quote, number__isnull=False).first()

    def more(self) -> dict:
        """More context."""
        return {}
