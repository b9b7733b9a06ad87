"""WHMCS's words for ours: statuses, billing cycles, names of modules and languages. Invoices and payments have their own file.

Which id is which: a *service* and an *addon* are both a Subscription (an addon is one with a parent), a *product* is a Product, a
*user* a User, a *client* a Client; ids are primary keys."""

from django.utils.translation import gettext as _

from billing.models import Cycle
from hostbill.core.models import ModuleConfig
from hostbill.whmcs.errors import Refused

#: Ours: (as records write it, as keys of pricing write it).
CYCLES = {
    Cycle.ONE_TIME: ("One Time", "onetime"),
    Cycle.MONTHLY: ("Monthly", "monthly"),
    Cycle.QUARTERLY: ("Quarterly", "quarterly"),
    Cycle.SEMI_ANNUAL: ("Semi-Annually", "semiannually"),
    Cycle.ANNUAL: ("Annually", "annually"),
    Cycle.BIENNIAL: ("Biennially", "biennially"),
    Cycle.TRIENNIAL: ("Triennially", "triennially"),
}
FREE = "Free Account"
CLIENT_STATUS = {"active": "Active", "closed": "Closed"}
ORDER_STATUS = {"pending": "Pending", "accepted": "Active", "cancelled": "Cancelled", "fraud": "Fraud"}
SERVICE_STATUS = {
    "pending": "Pending",
    "active": "Active",
    "suspended": "Suspended",
    "cancelled": "Cancelled",
    "ended": "Terminated",
}
#: Names of gateways and panels where they differ from our drivers'.
MODULES = {"bank_transfer": "banktransfer"}
LANGUAGES = {"english": "en", "german": "de", "bengali": "bn", "amharic": "am", "arabic": "ar", "deutsch": "de"}
#: WHMCS's rights of a user in a client account, by the area that holds them here. The first of each stands for the area.
PERMISSIONS = {
    "account": ("profile", "contacts", "emails"),
    "services": ("products", "manageproducts", "productsso", "orders"),
    "billing": ("invoices", "quotes"),
    "support": ("tickets",),
}
#: Kinds of mail that a contact may get, by the areas that hold them here.
PREFERENCES = {"general": "account", "product": "services", "invoice": "billing", "support": "support"}


def cycle_words(cycle: str, *, is_free: bool = False) -> str:
    """"Monthly"; a recurring or one-time price of nothing is a "Free Account"."""
    return FREE if is_free else CYCLES[Cycle(cycle)][0]


def plain(text: str) -> str:
    """"Semi-Annually" and "semi annually" are the same word."""
    return "".join(sign for sign in text.lower() if sign.isalpha())


_BY_WORD = {plain(word): cycle for cycle, words in CYCLES.items() for word in words}
_BY_WORD |= {"freeaccount": Cycle.ONE_TIME, "free": Cycle.ONE_TIME, "yearly": Cycle.ANNUAL, "annual": Cycle.ANNUAL}


def cycle_of(text: str) -> str:
    """Our cycle. Refused for a word that nobody knows."""
    found = _BY_WORD.get(plain(text))
    if found is None:
        raise Refused(_("Invalid Billing Cycle"))
    return found


def key_of(words: dict, text: str) -> str | None:
    """Ours for WHMCS's word, whatever its case; None for an unknown one."""
    return next((key for key, word in words.items() if word.lower() == text.strip().lower()), None)


def language_of(text: str, default: str = "en") -> str:
    """Our code for "german", "German" or "de"; ``default`` when it is not spoken here."""
    name = text.strip().lower()
    return LANGUAGES.get(name) or (name if name in LANGUAGES.values() else default)


def language_words(code: str) -> str:
    """"german"."""
    return next((name for name, known in LANGUAGES.items() if known == code), code)


def module_words(driver: str) -> str:
    """A driver's name as WHMCS spells it: "banktransfer", "stripe", "cpanel"."""
    return MODULES.get(driver, driver)


def driver_of(text: str) -> str:
    """Our driver for WHMCS's name of a module."""
    name = text.strip().lower()
    return next((driver for driver, word in MODULES.items() if word == name), name)


def gateways() -> dict[str, ModuleConfig]:
    """The gateways in use by WHMCS's name, the default first. Of two with one driver the first stands for both."""
    found = {}
    for row in ModuleConfig.objects.filter(kind="gateway", is_active=True).order_by("-is_default", "pk"):
        found.setdefault(module_words(row.driver), row)
    return found


def first_gateway() -> tuple[str, str]:
    """(name, label) of the gateway that is offered first; two empty texts when there is none."""
    return next(((name, str(row)) for name, row in gateways().items()), ("", ""))


def gateway_of(text: str) -> str:
    """WHMCS's name of a gateway in use. Refused for any other."""
    name = module_words(driver_of(text))
    if name not in gateways():
        raise Refused(_("Invalid Payment Method"))
    return name
