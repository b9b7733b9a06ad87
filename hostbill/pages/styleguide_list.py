"""What the style guide shows of lists and histories: the generic screen itself over rows that are in no database."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from clients.views.staff.client import ClientList
from hostbill.core import clock
from hostbill.core.crud.filters import Amount, Choice, DateRange, Text, YesNo
from hostbill.core.crud.listing import Tab
from hostbill.core.crud.paging import Page
from hostbill.core.money import Money

LONG = "Donau-Energieberatungsgesellschaft für Nachhaltigkeit mbH & Co. KGaA"
PEOPLE = [
    {"company": LONG, "city": "Donaudampfschifffahrtsgesellschaftshausen", "country": "DE"},
    {"first_name": "Tanvir", "last_name": "Hossain", "native_name": "তানভীর হোসেন", "city": "খুলনা", "country": "BD"},
    {"company": "محمصة حداد للقهوة المختصة", "city": "بيروت", "country": "LB", "status": "closed"},
    {"first_name": "Selam", "last_name": "Tadesse", "native_name": "ሰላም ታደሰ", "city": "አዲስ አበባ", "country": "ET"},
    {"first_name": "X", "last_name": "", "city": "", "country": "IS"},
]


def people() -> list[Client]:
    """Clients with long names, in other scripts, with next to nothing."""
    since, mail = clock.now() - timedelta(days=400), "a-very-long-name.of-somebody@mail.very-long-name.example"
    return [
        Client(pk=number, number=f"C{number:06}", email=mail, created_at=since, **values)
        for number, values in enumerate(PEOPLE, start=1)
    ]


class SampleList(ClientList):
    """The list of clients over people of no database, with every kind of filter and one in force."""

    filters = [
        Choice("status", _("Status"), Client.Status.choices),
        Text("city", _("Place")),
        DateRange("created_at", _("Since")),
        Amount("pk", _("Amount")),
        YesNo("tax_exempt", _("Pays no tax")),
    ]
    tabs = [Tab("all", _("Everything"), Q()), Tab("closed", _("Closed"), Q(status="closed"), count=True, tone="bad")]
    keeps = True
    shown: tuple = ()

    def make_page(self):
        """One page of the samples, as if it were one of many."""
        page = Page(list(self.shown), previous_url="?", next_url="?")
        page.total, page.more = 1000, True
        self.all_tabs = [self.tab_item(tab, "1,000+" if tab.count else None) for tab in self.tabs]
        return page

    @cached_property
    def previewed(self):
        """No row of a database is asked for."""

    def peek(self, client) -> dict:
        """The panel of one of them."""
        facts = [(column.label, column.html(client, "", None)) for column in self.every_column]
        look = {"title": client.name, "state": client.state_words, "url": "#", "facts": facts, "close_url": "?"}
        return {**look, "more": [(_("Balance"), Money(Decimal("9876543210.99"), "ETB"))], "verbs": []}


def sample_list(request) -> dict:
    """Context of components/list.html; ``?preview=2`` opens the second row."""
    view = SampleList()
    view.setup(request)
    view.shown = people()
    asked = {str(client.pk): client for client in view.shown}.get(request.GET.get("preview"))
    return {**view.get_context(), "peek": view.peek(asked) if asked else None}


def sample_history() -> list[SimpleNamespace]:
    """Acts as `core.crud.changes.entries` tells them."""
    def act(words, who, lines=(), reason="", made=False):
        change = SimpleNamespace(action=words, action_words=words, object_label=LONG, actor_label=who, ip="2001:db8::7334",
                                 at=clock.now(), reason=reason)  # fmt: skip
        return SimpleNamespace(change=change, made=made, lines=[SimpleNamespace(**line) for line in lines])

    name = {"label": _("Company"), "before": "محمصة حداد", "after": LONG}
    many = [{"label": f"{_('Line')} {number}", "before": "–", "after": "তানভীর হোসেন"} for number in range(12)]
    return [
        act(_("Client was changed"), "তানভীর হোসেন", [name], reason=_("Asked for by phone, and again by mail, and again.")),
        act(_("Client was made"), "HostBill", many, made=True),
        act(_("Signed in"), LONG),
    ]


class Prices(forms.Form):
    """Figures in more currencies than are shown at once."""

    CURRENCIES = ("EUR", "BDT", "ETB", "JPY", "KWD")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for currency in self.CURRENCIES:
            for part, label in (("price", _("Price")), ("setup", _("Set-up"))):
                self.fields[f"{currency}_{part}"] = forms.DecimalField(label=f"{label} {currency}", required=False)
        self.initial = {"EUR_price": "5.95", "BDT_price": "98765432.10"}

    def rows(self) -> list:
        """As {% money_rows %} wants them."""
        return [(currency, [self[f"{currency}_price"], self[f"{currency}_setup"]]) for currency in self.CURRENCIES]
