"""A quote by its signed link: read, sign and decline it without signing in, and nothing else."""

from django.http import Http404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.generic import View

from billing.queries.quote_link import quote_of_token, quote_token
from billing.views.quote_page import QuotePage, pdf_of


class ByToken:
    """The quote that the link was made for; a tampered or revoked link is not found."""

    @cached_property
    def quote(self):
        """The row, or 404."""
        found = quote_of_token(self.kwargs["token"])
        if found is None:
            raise Http404
        return found


@method_decorator(never_cache, name="dispatch")
class QuoteView(ByToken, QuotePage, View):
    """For whoever got the mail."""

    template_name = "billing/store/quote.html"
    way = "link"

    def pdf_url(self):
        """The document, by the same link."""
        return reverse("store:quote_pdf", args=[self.kwargs["token"]])

    def more(self):
        """Nothing of the shop; a newer version by its own link."""
        newer = self.newer()
        return {"minimal": True, "newer_url": reverse("store:quote", args=[quote_token(newer)]) if newer else ""}


@method_decorator(never_cache, name="dispatch")
class QuotePdf(ByToken, View):
    """The document."""

    def get(self, request, token):
        """As a download."""
        return pdf_of(self.quote)
