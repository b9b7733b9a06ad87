"""Business options: declared in code, stored as rows, edited on one generated screen, every change logged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import available_timezones

from babel.numbers import is_currency
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from hostbill.core import clock, store_texts
from hostbill.core.audit import audit
from hostbill.core.models import Setting
from hostbill.core.scope import memory

_options: dict[str, Option] = {}
_MEMORY = "options"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Option:
    """``type``: int, bool, str, Decimal, or "text", "choice", "email", "secret", "time_zone", "colour", "currency", "country" or
    "picture" (set on its own screen only). ``check(text)`` raises ValidationError for what this option alone forbids."""

    key: str
    type: object
    default: object
    label: str
    help: str = ""
    group: str = ""
    min: object = None
    max: object = None
    choices: tuple | None = None
    required: bool = False
    check: object = None

    def __post_init__(self):
        _options[self.key] = self

    @property
    def value(self):
        """The stored value, else the default. Read once per request or task."""
        stored = _stored().get(self.key)
        return self.default if stored is None else self._typed(stored)

    def _typed(self, stored):
        return Decimal(stored) if self.type is Decimal else stored

    def clean(self, raw):
        """The typed value of what somebody entered. Raises ValidationError with words for the field."""
        if self.type == "picture":
            return raw or None
        if self.type is bool:
            return bool(raw) and raw not in ("false", "0", "off")
        if raw in (None, ""):
            if self.required:
                raise ValidationError(_("This is needed."))
            return 0 if self.type is int else "" if self.type is not Decimal else Decimal(0)
        if self.type in (int, Decimal):
            return self._clean_number(raw)
        return self._clean_text(str(raw).strip())

    def _clean_number(self, raw):
        try:
            value = self.type(str(raw).strip())
        except (ValueError, ArithmeticError):
            raise ValidationError(_("Enter a number.")) from None
        if isinstance(value, Decimal) and not value.is_finite():
            raise ValidationError(_("Enter a number."))
        if self.min is not None and value < self.min:
            raise ValidationError(_("At least %(least)s.") % {"least": self.min})
        if self.max is not None and value > self.max:
            raise ValidationError(_("At most %(most)s.") % {"most": self.max})
        return value

    def _clean_text(self, value):
        if "\x00" in value or (self.type != "text" and "\n" in value):
            raise ValidationError(_("This holds a character that cannot be used here."))
        if self.type == "email":
            validate_email(value)
        if self.choices and value not in {str(key) for key, _label in self.choices}:
            raise ValidationError(_("Choose one of the list."))
        if self.type == "time_zone" and value not in available_timezones():
            raise ValidationError(_("Not a time zone, such as Europe/Berlin."))
        if self.type == "colour" and not COLOUR.fullmatch(value):
            raise ValidationError(_("Not a colour, such as #4f46e5."))
        if self.type == "currency" and not is_currency(value):
            raise ValidationError(_("Not a currency, such as EUR."))
        if self.type == "country" and value not in countries:
            raise ValidationError(_("Not a country, such as DE."))
        if self.check:
            self.check(value)
        return value


def _stored() -> dict:
    cache = memory()
    if cache is None:
        return _read()
    if _MEMORY not in cache:
        cache[_MEMORY] = _read()
    return cache[_MEMORY]


def _read() -> dict:
    rows = Setting.objects.values_list("key", "value", "secret")
    return {key: secret if secret is not None else value for key, value, secret in rows}


def all_options() -> list[Option]:
    """Every declared option, in the order of declaration."""
    return list(_options.values())


def find(key: str) -> Option:
    """Raises KeyError."""
    return _options[key]


def set_option(option: Option, value, actor) -> None:
    """Store a value (checked), and log who changed it. Secret values are logged as changed, never shown."""
    value = option.clean(value)
    with transaction.atomic():
        before = option.value
        if before == value:
            return
        stored = str(value) if isinstance(value, Decimal) else value
        columns = {"secret": stored} if option.type == "secret" else {"value": stored}
        Setting.objects.update_or_create(key=option.key, defaults=columns)
        shown = ["[hidden]", "[hidden]"] if option.type == "secret" else [before, value]
        audit(actor, "core.option_changed", changes={option.key: shown})
    _forget()


def reset_option(option: Option, actor) -> None:
    """Back to the default of the program; nothing happens when it stands there."""
    with transaction.atomic():
        before = option.value
        deleted, _rows = Setting.objects.filter(key=option.key).delete()
        if deleted:
            shown = ["[hidden]", "[hidden]"] if option.type == "secret" else [before, option.default]
            audit(actor, "core.option_changed", changes={option.key: shown}, reason="reset")
    _forget()


def _forget() -> None:
    """The next reading in this request asks the table."""
    cache = memory()
    if cache is not None:
        cache.pop(_MEMORY, None)


_COMPANY = _("Company")
COMPANY_NAME = Option(
    "company.name",
    str,
    "Nordhost",
    _("Company name"),
    _("Shown to customers and on invoices."),
    _COMPANY,
    required=True,
)
COMPANY_LEGAL_NAME = Option(
    "company.legal_name", str, "", _("Legal name"), _("On invoices, when it differs."), _COMPANY
)
COMPANY_ADDRESS1 = Option("company.address1", str, "", _("Street and number"), group=_COMPANY)
COMPANY_POSTCODE = Option("company.postcode", str, "", _("Postcode"), group=_COMPANY)
COMPANY_CITY = Option("company.city", str, "", _("City"), group=_COMPANY)
COMPANY_COUNTRY = Option("company.country", "country", "DE", _("Country"), "", _COMPANY)
COMPANY_TAX_ID = Option("company.tax_id", str, "", _("VAT or tax number"), group=_COMPANY)
COMPANY_REGISTER = Option(
    "company.register", str, "", _("Register entry"), _("Printed at the foot of documents."), _COMPANY
)
COMPANY_EMAIL = Option("company.email", "email", "", _("E-mail for customers"), group=_COMPANY)
COMPANY_PHONE = Option("company.phone", str, "", _("Phone"), group=_COMPANY)
COMPANY_BANK = Option("company.bank", str, "", _("Bank"), group=_COMPANY)
COMPANY_IBAN = Option("company.iban", str, "", _("IBAN"), group=_COMPANY)
COMPANY_BIC = Option("company.bic", str, "", _("BIC"), group=_COMPANY)
COMPANY_TIME_ZONE = Option(
    "company.time_zone",
    "time_zone",
    "UTC",
    _("Time zone"),
    _("Billing days begin and end in this zone."),
    _COMPANY,
    required=True,
)
COMPANY_CURRENCY = Option(
    "company.currency",
    "currency",
    "EUR",
    _("Base currency"),
    _("For reports and for new customers."),
    _COMPANY,
    required=True,
)
_BRAND = _("Brand")
BRAND_COLOUR = Option("brand.colour", "colour", "#4f46e5", _("Brand colour"), group=_BRAND)
BRAND_LOGO = Option("brand.logo", "picture", None, _("Logo"), _("Instead of the sign and the name."), _BRAND)
BRAND_LOGO_DARK = Option(
    "brand.logo_dark", "picture", None, _("Logo on dark ground"), _("Where readers prefer dark pages."), _BRAND
)
BRAND_ICON = Option("brand.icon", "picture", None, _("Icon"), _("Square: the sign on browser tabs and phones."), _BRAND)
BRAND_SOCIAL = Option(
    "brand.social",
    "picture",
    None,
    _("Picture for links"),
    _("Shown where the shop is shared; 1200 by 630 is best."),
    _BRAND,
)
STORE_TAGLINE = Option("store.tagline", str, "Hosting with the price of next year on it", _("Shop title"), group=_BRAND)
STORE_INTRO = Option(
    "store.intro", "text", "Choose a plan, pay, and be online in about a minute.", _("Shop introduction"), group=_BRAND
)
STORE_FACTS = Option(
    "store.facts",
    "text",
    "",
    _("Promises"),
    _(
        "One a line as “Title: sentence”, such as “Falkenstein and Helsinki: Your data stays in the EU.” Empty: four that HostBill keeps."
    ),
    _BRAND,
    check=store_texts.check_facts,
)
_PAGE_HELP = _("The text (Markdown), or the address of a page elsewhere that begins with https://.")
TERMS_URL = Option(
    "store.terms_text",
    "text",
    "",
    _("Terms of service"),
    _("Shown on the terms page; customers accept them when they order."),
    _BRAND,
)
STORE_IMPRINT = Option("store.imprint", "text", "", _("Imprint"), _PAGE_HELP, _BRAND)
STORE_PRIVACY = Option("store.privacy", "text", "", _("Privacy"), _PAGE_HELP, _BRAND)
STORE_HELP = Option("store.help", "text", "", _("Help"), _PAGE_HELP, _BRAND)
STORE_FOOTER_LINKS = Option(
    "store.footer_links",
    "text",
    "",
    _("More links at the foot"),
    _("One a line as “Label | https://address”."),
    _BRAND,
    check=store_texts.check_links,
)

_MAIL = _("Mail")
MAIL_FROM_NAME = Option("mail.from_name", str, "", _("Sender name"), _("Empty: the company name."), _MAIL)
MAIL_FROM_EMAIL = Option(
    "mail.from_email", "email", "", _("Sender address"), _("Empty: HOSTBILL_FROM_EMAIL of the environment."), _MAIL
)
MAIL_REPLY_TO = Option(
    "mail.reply_to", "email", "", _("Answers go to"), _("Empty: the company's e-mail for customers."), _MAIL
)
MAIL_FOOTER = Option(
    "mail.footer", "text", "", _("Foot of every mail"), _("Stands under the company's address."), _MAIL
)

_LISTS = _("Lists")
LIST_EXPORT_DAYS = Option(
    "list.export_days",
    int,
    7,
    _("Keep exported files for days"),
    _("Files made from lists are deleted afterwards."),
    _LISTS,
    min=1,
    max=90,
)

LIST_BUNDLE_FILES = Option(
    "list.bundle_files",
    int,
    2000,
    _("Most files in one ZIP"),
    _("When the files of many rows are downloaded at once, such as the PDFs of invoices."),
    _LISTS,
    min=10,
    max=20_000,
)

_API = _("API")
API_RATE = Option(
    "api.rate",
    int,
    600,
    _("Requests a minute"),
    _("For each token. Programs that ask more often are told to wait."),
    _API,
    min=10,
    max=100_000,
)

clock.use_zone_from(lambda: COMPANY_TIME_ZONE.value)
