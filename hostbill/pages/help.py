"""Help for the people in the console: short answers, each a section of one page, found by the search."""

from dataclasses import dataclass

from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from hostbill.core.access import StaffView
from hostbill.pages.frame import STAFF_PLACES, find_url, shown


@dataclass(frozen=True)
class Section:
    """One answer. ``route``: the screen it is about; ``route_label``: words of the link to it."""

    key: str
    title: str
    text: str
    route: str = ""

    @property
    def url(self) -> str:
        """Where it can be read."""
        return f"{find_url('help')}#{self.key}"

    @property
    def screen_url(self) -> str:
        """The screen it is about."""
        return find_url(self.route) if self.route else ""

    @property
    def page(self) -> str:
        """What the search shows beside the title."""
        return _("Help")


SECTIONS = (
    Section(
        "lists",
        gettext_lazy("Make a list your own"),
        gettext_lazy(
            "Filter, search, sort and choose columns; then keep it under a name with “Save this view”, for yourself or for all "
            "colleagues. Space shows a row without leaving the list. Select rows to act on many at once: large selections go on "
            "in the background, with the result of each row. Export gives what the list shows, as CSV or for Excel."
        ),
        "billing_staff:invoice_list",
    ),
    Section(
        "search",
        gettext_lazy("Find anything"),
        gettext_lazy(
            "Press Ctrl-K (or /) on any page. Names, domains, addresses of mails, invoice numbers, amounts that are still to "
            "pay, transaction ids of gateways and screens are found; marks and small mistakes in spelling do not matter. "
            "A number finds its invoice, order, ticket or client first. Begin with > to see only things to do."
        ),
        "search",
    ),
    Section(
        "bank",
        gettext_lazy("Book a bank transfer"),
        gettext_lazy(
            "Open Payments and book what the statement shows: amount, day and reference. Invoices that fit are offered. When "
            "the invoice is paid, services suspended for it come back by themselves. What is too much becomes credit."
        ),
        "billing_staff:payment_match",
    ),
    Section(
        "refund",
        gettext_lazy("Give money back"),
        gettext_lazy(
            "Open the payment and choose the refund there. Money taken by card goes back through the gateway; the books are "
            "reversed in the same step, and the invoice is open again or refunded, as you choose."
        ),
        "billing_staff:payment_list",
    ),
    Section(
        "cancel-invoice",
        gettext_lazy("Correct a wrong invoice"),
        gettext_lazy(
            "An issued invoice is never changed or deleted: cancel it, with the reason, and write a new one. It keeps its "
            "number, and what was paid on it becomes the client's credit."
        ),
        "billing_staff:invoice_list",
    ),
    Section(
        "suspended",
        gettext_lazy("Why a service is suspended, and how it comes back"),
        gettext_lazy(
            "Rules say when reminders, suspension and termination follow an unpaid invoice. The service's page names the "
            "invoice. As soon as it is paid, or cancelled, the service is resumed; nobody needs to do it by hand."
        ),
        "rule_list",
    ),
    Section(
        "rules",
        gettext_lazy("Change reminders, suspension and termination"),
        gettext_lazy(
            "Each rule is one sentence: so many days before or after this date, if these conditions hold, do that. It acts "
            "once per object and date. Look at what it would do now before you switch it on."
        ),
        "rule_list",
    ),
    Section(
        "server",
        gettext_lazy("When a server does not answer"),
        gettext_lazy(
            "After several failures calls to it rest for a while and are tried again; after a refused login they stop "
            "until somebody looks. Mend the access, test the connection on the server's page, then let calls run again: "
            "what waited is done in its order. New accounts go to other servers of the group meanwhile."
        ),
        "provisioning_staff:server_list",
    ),
    Section(
        "operations",
        gettext_lazy("When an operation failed or its answer was lost"),
        gettext_lazy(
            "The operation shows what was sent and what came back. After a lost answer HostBill looks at the server first and "
            "never blindly does it twice. Retry it when the cause is gone, or settle it when you did it by hand."
        ),
        "provisioning_staff:operation_list",
    ),
    Section(
        "differences",
        gettext_lazy("Accounts on a server that differ from the books"),
        gettext_lazy(
            "Every night what exists on the servers is compared with what is sold. Accounts that nobody pays for, and paid ones "
            "that are missing, are listed under Differences with servers."
        ),
        "provisioning_staff:drift_list",
    ),
    Section(
        "mails",
        gettext_lazy("Read and send mails again, and change their wording"),
        gettext_lazy(
            "Messages keeps every mail as it was sent, with its fate. A mail that came back can be sent again to a corrected "
            "address. Wording has each mail in each language, with the words of HostBill to go back to."
        ),
        "message_list",
    ),
    Section(
        "people",
        gettext_lazy("Give a colleague access"),
        gettext_lazy(
            "Add the person, then choose roles: a role is a set of rights, and you can make your own. What anybody does is "
            "kept in the activity log, with the values before and after."
        ),
        "clients_staff:user_list",
    ),
    Section(
        "taxes",
        gettext_lazy("Change a tax rate"),
        gettext_lazy(
            "Add a new rate with the day from which it holds and leave the old one: invoices take the rate of their own day, "
            "and issued ones stay as they are."
        ),
        "billing_staff:tax_rate_list",
    ),
)


def sections() -> tuple:
    """All answers."""
    return SECTIONS


class HelpView(StaffView, TemplateView):
    """All answers on one page. Open to all staff: it shows nothing but words."""

    permission = ""
    template_name = "pages/help.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(sections=SECTIONS, page_title=_("Help"), **kwargs)


#: Groups of (title, [(keys, what they do)]).
KEYS = (
    (
        gettext_lazy("Everywhere"),
        (
            (("Ctrl", "K"), gettext_lazy("Search or jump to anything")),
            (("/",), gettext_lazy("The same")),
            (("?",), gettext_lazy("Show these keys")),
            (("Esc",), gettext_lazy("Close what is open")),
        ),
    ),
    (
        gettext_lazy("In lists"),
        (
            (("J",), gettext_lazy("Next row")),
            (("K",), gettext_lazy("Row before")),
            (("Enter",), gettext_lazy("Open the row")),
            (("Space",), gettext_lazy("Look at the row here")),
            (("X",), gettext_lazy("Select the row")),
            (("A",), gettext_lazy("Select all on the page")),
            (("S",), gettext_lazy("Search in the list")),
            (("F",), gettext_lazy("Filter")),
            (("C",), gettext_lazy("Choose columns")),
            (("V",), gettext_lazy("Save this view")),
            (("E",), gettext_lazy("Export")),
            (("[", "]"), gettext_lazy("View before, next view")),
            (("P", "N"), gettext_lazy("Page before, next page")),
        ),
    ),
    (
        gettext_lazy("In the search"),
        (
            (("↑", "↓"), gettext_lazy("Move")),
            (("Enter",), gettext_lazy("Open")),
            (("Ctrl", "Enter"), gettext_lazy("Open in a new tab")),
            (("Tab",), gettext_lazy("Search everywhere, or one kind only")),
            ((">",), gettext_lazy("Typed first: things to do only")),
        ),
    ),
)


def key_groups(request) -> list:
    """All keys, with those that go to the places this person sees."""
    places = [(("G", place.key.upper()), place.label) for place in shown(STAFF_PLACES, request) if place.key]
    return [*KEYS, (_("Go to"), places)]


class KeysView(StaffView, TemplateView):
    """The shortcuts as a page; the console shows the same in a dialog."""

    permission = ""

    def get_template_names(self):
        return ["pages/keys_list.html" if self.request.GET.get("dialog") else "pages/keys.html"]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            key_groups=key_groups(self.request), page_title=_("Keyboard shortcuts"), **kwargs
        )


urls = [path("staff/help/", HelpView.as_view(), name="help"), path("staff/keys/", KeysView.as_view(), name="keys")]
