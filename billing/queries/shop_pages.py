"""The shop's own papers: terms, imprint, privacy, help. Each is a text of ours, a page elsewhere, or made of the company's data."""

import hashlib

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hostbill.core import options, store_texts
from hostbill.core.store_texts import Link

#: Address part: (option, words). Imprint and help say something even while nothing is written.
PAPERS = {
    "imprint": (options.STORE_IMPRINT, _("Imprint")),
    "terms": (options.TERMS_URL, _("Terms")),
    "privacy": (options.STORE_PRIVACY, _("Privacy")),
    "help": (options.STORE_HELP, _("Help")),
}
ALWAYS = ("imprint", "help")


def address_of(paper: str) -> str:
    """Where it is read: elsewhere if the setting is an address, else with us."""
    return store_texts.elsewhere(PAPERS[paper][0].value.strip()) or reverse(f"store:{paper}")


def footer_links() -> list[Link]:
    """The papers that say something, then the links of the setting."""
    shown = [paper for paper, (option, _label) in PAPERS.items() if paper in ALWAYS or option.value.strip()]
    own = [Link(str(PAPERS[paper][1]), address_of(paper)) for paper in shown]
    return own + store_texts.links(options.STORE_FOOTER_LINKS.value)


def terms_version() -> str:
    """Changes with the terms: kept with each order, beside the consent."""
    return hashlib.sha256(options.TERMS_URL.value.encode()).hexdigest()[:12]
