"""All components on one page, with data that hurts: long names, other scripts, no rows, large amounts."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib import messages
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from django_countries import countries

from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.money import Money
from hostbill.core.ui.fields import DayField, MoneyField, SearchSelect
from hostbill.pages.styleguide_list import Prices, sample_history, sample_list

NAMES = [
    ("Sundarban Weaves Ltd.", "তানভীর হোসেন"),
    ("Donau-Energieberatungsgesellschaft für Nachhaltigkeit mbH & Co. KGaA", ""),
    ("محمصة حداد للقهوة المختصة", ""),
    ("Selam Tadesse", "ሰላም ታደሰ"),
    ("Nordic Glass ApS", ""),
]
AMOUNTS = [("186.40", "EUR"), ("14250", "ETB"), ("9876543210.99", "USD"), ("-1180", "JPY"), ("0.125", "KWD")]
STATES = [
    ("failed", _("Overdue 24 days"), _("3 reminders")),
    ("paused", _("Suspended since 3 May"), _(": invoice 2027-1042 is unpaid")),
    ("late", _("34 min late"), ""),
    ("attention", _("Card declined"), _(", next try tomorrow 06:00")),
    ("pending", _("Due in 2 days"), _(", card will be charged")),
    ("running", _("Being set up"), _(", usually under a minute")),
    ("ok", _("Well"), ""),
    ("draft", _("Draft"), _(", waits for a purchase order")),
    ("ended", _("Ended 2 March"), ""),
]
EXCHANGES = [
    {
        "method": "GET",
        "url": "https://fra-cp-03.example:2087/json-api/accountsummary?user=sundarb",
        "request": "Authorization: whm hostbill:[hidden]",
        "status": 200,
        "response": '{"metadata": {"result": 0, "reason": "Account does not exist."}}',
        "ms": 84,
        "error": None,
    },
    {
        "method": "POST",
        "url": "https://fra-cp-03.example:2087/json-api/createacct",
        "request": "username=sundarb\ndomain=sundarbanweaves.example\nplan=business-l\npassword=[hidden]",
        "status": None,
        "response": "",
        "ms": 30000,
        "error": "no answer within 30 s; the outcome is unknown",
    },
]

TOLD = {
    "means": _("The server already has an account of this name."),
    "todo": _("Choose another user name, or take the account over."),
    "technical": "createacct: (XID 8kx3ab) Sorry, a group for that username already exists. " * 4,
}
VERBS = [
    {"label": "Rechnungsbenachrichtigungseinstellungen", "url": "#", "icon": "settings", "post": False, "kind": ""},
    {"label": "تعليق الخدمة", "url": "#", "icon": "player-pause-filled", "post": False, "kind": "danger"},
]


class SampleForm(forms.Form):
    """Every kind of field."""

    name = forms.CharField(label=_("Name"), initial="İstanbul Kitapçılık ve Yayıncılık A.Ş.")
    email = forms.EmailField(label=_("E-mail"), help_text=_("Receipts and access go here."), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    country = forms.ChoiceField(
        label=_("Country, to search in"),
        choices=lambda: [("", _("Choose")), *countries],
        widget=SearchSelect,
        required=False,
    )
    day = DayField(label=_("Day"), required=False)
    amount = MoneyField(label=_("Amount"), currency="EUR", help_text=_("Typed as you write it: 1,234.50 or 1.234,50."))
    note = forms.CharField(label=_("Note"), widget=forms.Textarea, required=False)
    method = forms.ChoiceField(
        label=_("Payment"),
        choices=[("card", _("Card")), ("transfer", _("Bank transfer"))],
        widget=forms.RadioSelect,
        initial="card",
    )
    files = forms.FileField(label=_("Proof"), required=False)
    terms = forms.BooleanField(label=_("I accept the terms and the data processing contract."))


def sample_chart() -> list:
    """A month of takings with one large day."""
    return [(f"{day} May", Decimal(900 + (day * 733) % 3100 + (4000 if day == 1 else 0))) for day in range(1, 32)]


class Styleguide(StaffView, TemplateView):
    """``?toast=1`` shows toasts; ``?lang=ar`` is up to the language menu."""

    template_name = "pages/styleguide.html"

    def get_template_names(self):
        """The panel alone when htmx asks for a row's preview."""
        alone = self.request.htmx and self.request.htmx.target == "list-peek"
        return ["pages/styleguide/peek.html" if alone else self.template_name]

    def get_context_data(self, **kwargs):
        if self.request.GET.get("toast"):
            messages.success(self.request, _("Invoice 2027-1042 was sent to 3 people."))
            messages.error(self.request, _("The card was declined: the bank says that it was reported stolen."))
        now = clock.now()
        amounts = [Money(Decimal(amount), currency) for amount, currency in AMOUNTS]
        wrong = SampleForm(
            {
                "name": "",
                "email": "not an address",
                "country": "DE",
                "language": "de",
                "amount": "12,x",
                "method": "card",
            }
        )
        return super().get_context_data(
            page_title=_("Style guide"),
            page_sub=_("Every component, with data that hurts."),
            crumbs=[(_("Home"), "/staff/"), (_("Style guide"), "")],
            now=now,
            past=now - timedelta(minutes=34),
            future=now + timedelta(days=2),
            today=clock.today(),
            rows=[
                {"name": name, "native": native, "state": state, "amount": amount}
                for (name, native), state, amount in zip(NAMES, STATES, amounts, strict=False)
            ],
            states=STATES,
            amounts=amounts,
            form=SampleForm(prefix="ok"),
            wrong=wrong,
            exchanges=EXCHANGES,
            chart_month=sample_chart(),
            chart_line=[(f"{day} Apr", 34 + day // 7) for day in range(1, 31)],
            chart_stack=[(f"{month}", [4 * month, 20 - month, 3]) for month in range(1, 13)],
            tones=["", "ok", "warn", "bad", "info", "brand"],
            alerts=["info", "ok", "warn", "bad", "note"],
            colours=["brand", "brand-soft", "ok-soft", "warn-soft", "bad-soft", "info-soft", "surface-2"],
            tab_items=[
                {"label": _("Open"), "url": "#", "count": 214, "current": True},
                {"label": _("Overdue"), "url": "#", "count": "41", "tone": "bad"},
                {"label": _("Rechnungsbenachrichtigungseinstellungen"), "url": "#"},
            ],
            steps=[
                {"label": _("Payment received"), "state": "done", "at": "14:02"},
                {
                    "label": _("Hosting being created"),
                    "state": "now",
                    "note": _("About 20 seconds left."),
                    "progress": 70,
                },
                {"label": _("Certificate"), "state": "next"},
            ],
            fact_pairs=[
                (_("Client"), "Donau-Energieberatungsgesellschaft für Nachhaltigkeit mbH", "/staff/"),
                (_("Paid until"), clock.today()),
                (_("Price"), amounts[0]),
                (_("Address"), "2001:0db8:85a3:0000:0000:8a2e:0370:7334"),
                (_("Nothing"), None),
            ],
            files=[{"name": "bank-slip-10-May.pdf", "url": "#", "size": 86016}],
            big=9_876_543_210_987,
            list=sample_list(self.request),
            acts=sample_history(),
            prices=Prices(prefix="prices"),
            told=TOLD,
            verbs=VERBS,
            nothing=[],
            **kwargs,
        )


urls = [path("staff/styleguide/", Styleguide.as_view(), name="styleguide")]
