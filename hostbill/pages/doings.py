"""Screens and acts by name, for the search: "new invoice", "rules", "tax rates", a setting, a page of the help."""

from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import urlencode

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from hostbill.core import options
from hostbill.core.search import fold
from hostbill.pages.found import Hit
from hostbill.pages.frame import QUICK_CREATE, STAFF_PERSONAL, STAFF_PLACES, Place, find_url
from hostbill.pages.help import sections
from hostbill.pages.links import address

MOST_SETTINGS = 5
MOST_SECTIONS = 4
#: How much alike words are that mean the same, and between how many letters they have.
LIKENESS, FEWEST, LONGEST_WORD = 0.78, 4, 30
#: Screens that are in no menu.
MORE_PLACES = (
    Place(gettext_lazy("Subscriptions"), "billing_staff:subscription_list", "repeat", permission="billing.subscription.view"),
    Place(gettext_lazy("Credit notes"), "billing_staff:credit_note_list", "notes", permission="billing.invoice.view"),
    Place(gettext_lazy("Bank lines"), "billing_staff:bank_line_list", "receipt", permission="billing.payment.view"),
    Place(gettext_lazy("Import a bank statement"), "billing_staff:bank_statement_create", "receipt", permission="billing.payment.book"),
    Place(gettext_lazy("Quotes"), "billing_staff:quote_list", "notes", permission="billing.quote.view"),
    Place(gettext_lazy("Billable items"), "billing_staff:billable_list", "clock", permission="billing.billable.view"),
    Place(gettext_lazy("Ageing"), "billing_staff:ageing", "scale", permission="billing.ledger.view"),
    Place(gettext_lazy("Product groups"), "billing_staff:product_group_list", "package", permission="billing.product.view"),
    Place(gettext_lazy("Tax rates"), "billing_staff:tax_rate_list", "receipt", permission="billing.tax_rate.view"),
    Place(gettext_lazy("Operations on servers"), "provisioning_staff:operation_list", "bolt", permission="provisioning.service.view"),
    Place(gettext_lazy("Server groups"), "provisioning_staff:group_list", "server-2", permission="provisioning.server.view"),
    Place(gettext_lazy("Differences with servers"), "provisioning_staff:drift_list", "scale", permission="provisioning.server.view"),
    Place(gettext_lazy("Calls to other systems"), "outgoing_list", "send", permission="core.queue.view"),
    Place(gettext_lazy("Events"), "delivery_list", "list-check", permission="core.queue.view"),
    Place(gettext_lazy("Wording of mails"), "template_list", "mail", permission="core.template.view"),
    Place(gettext_lazy("Exports"), "export_list", "download"),
    Place(gettext_lazy("Notices"), "notice_list", "bell"),
    Place(gettext_lazy("Keyboard shortcuts"), "keys", "help-circle"),
    Place(gettext_lazy("Help"), "help", "help-circle"),
)  # fmt: skip
#: What people call a screen besides its name.
ALSO = {
    "rule_list": gettext_lazy("automation reminders dunning suspension late fee"),
    "job_list": gettext_lazy("cron schedule workers"),
    "module_list": gettext_lazy("gateways panels drivers plugins stripe cpanel plesk"),
    "template_list": gettext_lazy("e-mail templates texts"),
    "activity_list": gettext_lazy("log history audit changes"),
    "billing_staff:tax_rate_list": gettext_lazy("VAT"),
    "billing_staff:product_list": gettext_lazy("plans packages"),
    "billing_staff:payment_match": gettext_lazy("book bank transfer"),
    "billing_staff:bank_line_list": gettext_lazy("unmatched money transfers"),
    "billing_staff:quote_list": gettext_lazy("offers estimates proposals"),
    "billing_staff:billable_list": gettext_lazy("hours time tracking"),
    "billing_staff:ageing": gettext_lazy("overdue receivables debtors"),
    "billing_staff:bank_statement_create": gettext_lazy("CSV CAMT MT940 upload transactions"),
    "clients_staff:user_list": gettext_lazy("staff employees logins"),
    "clients_staff:role_list": gettext_lazy("permissions rights"),
    "clients_staff:api_token_list": gettext_lazy("programs REST keys bearer"),
    "whmcs:api_credential_list": gettext_lazy("programs WHMCS identifier secret roles"),
    "mfa_index": gettext_lazy("password two-factor passkey 2FA"),
    "setting_list": gettext_lazy("configuration options preferences"),
}


def doings(request, text: str) -> list[Hit]:
    """Creating things first, then screens, settings and help, whose names hold every word; all places without words."""
    words = fold(text).split()
    made = (
        [_creating(place) for place in _allowed(QUICK_CREATE, request) if _named(place, words, _("New"))]
        if words
        else []
    )
    places = [
        _going(place)
        for place in _allowed((*STAFF_PLACES, *STAFF_PERSONAL, *MORE_PLACES), request)
        if _named(place, words)
    ]
    if not words:
        return places
    return [*made, *places, *_settings(request, words), *_help(words)]


def nearly(request, text: str) -> list[Hit]:
    """The same for words that are spelt nearly like those of a screen, setting or section of the help."""
    language = get_language()
    known = {word for place, _url in _allowed((*QUICK_CREATE, *STAFF_PLACES, *STAFF_PERSONAL, *MORE_PLACES), request)
             for word in _names(place, "", language).split()}  # fmt: skip
    known |= {word for section in sections() for word in _title(section, language).split()}
    if request.actor.may("core.setting.edit"):
        known |= {word for option in options.all_options() for word in _label(option.key, language).split()}
    words = fold(text).split()
    meant = [word if word in known else next(iter(_alike(word, known)), "") for word in words]
    return doings(request, " ".join(meant)) if meant and all(meant) and meant != words else []


def _alike(word: str, known: set) -> list[str]:
    """The one known word most like it; short words are right or wrong."""
    near = [other for other in known if abs(len(other) - len(word)) < 3] if FEWEST <= len(word) <= LONGEST_WORD else []
    return get_close_matches(word, near, 1, LIKENESS)


def doings_for(request, client) -> list[Hit]:
    """Verbs of the best client found."""
    if client is None:
        return []
    verbs = (
        ("billing.invoice.create", "billing_staff:invoice_create", "file-invoice", _("New invoice for %(name)s")),
        ("billing.quote.edit", "billing_staff:quote_create", "notes", _("New quote for %(name)s")),
        ("billing.order.create", "billing_staff:order_create", "shopping-cart", _("New order for %(name)s")),
        ("support.ticket.edit", "support_staff:ticket_create", "message-plus", _("New ticket for %(name)s")),
    )
    found = [
        Hit(icon, words % {"name": client.title}, f"{find_url(route)}?{urlencode({'client': client.pk})}")
        for permission, route, icon, words in verbs
        if request.actor.may(permission) and find_url(route)
    ]
    login = address("clients_staff:client_visit", client.pk)
    if login and request.actor.may("clients.client.visit"):
        found.append(Hit("login-2", _("Log in as %(name)s") % {"name": client.title}, login, note=_("is recorded")))
    return found


def _allowed(places, request) -> list:
    """(place, its address) for those that exist and that the person may see."""
    found = [(place, find_url(place.route)) for place in places if not place.permission or request.actor.may(place.permission)]
    return [(place, url) for place, url in found if url]


def _named(pair, words, first: str = "") -> bool:
    """Whether the place is called so."""
    name = " " + _names(pair[0], first, get_language())
    return all(f" {word}" in name for word in words)


@lru_cache(2048)
def _names(place: Place, first: str, _language: str) -> str:
    """What people may call a place, in the reader's language, as it is compared. Kept: each search asks for all of them."""
    return fold(f"{first} {place.label} {ALSO.get(place.route, '')}")


@lru_cache(2048)
def _label(key: str, _language: str) -> str:
    """The same for a setting."""
    return fold(str(options.find(key).label))


@lru_cache(2048)
def _title(section, _language: str) -> str:
    """The same for a section of the help."""
    return fold(section.title)


def _creating(pair) -> Hit:
    place, url = pair
    return Hit("plus", _("New: %(what)s") % {"what": place.label}, url)


def _going(pair) -> Hit:
    place, url = pair
    return Hit(place.icon, str(place.label), url, note=_("go there"))


def _settings(request, words) -> list[Hit]:
    """Settings whose label holds all words; the screen is asked for exactly them."""
    url = find_url("setting_list")
    if not url or not request.actor.may("core.setting.edit"):
        return []
    language = get_language()
    found = [
        option
        for option in options.all_options()
        if all(word in f"{_label(option.key, language)} {fold(option.key)}" for word in words)
    ]
    return [
        Hit("adjustments-horizontal", str(option.label), f"{url}?{urlencode({'q': option.label})}", note=_("setting"))
        for option in found[:MOST_SETTINGS]
    ]


def _help(words) -> list[Hit]:
    """Sections of the help whose title holds all words."""
    language = get_language()
    found = [section for section in sections() if all(word in _title(section, language) for word in words)]
    return [
        Hit("help-circle", section.title, section.url, second=section.page, note=_("help"))
        for section in found[:MOST_SECTIONS]
    ]
