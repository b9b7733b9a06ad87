"""What the shop of a history sells: one product of each sort, priced in an ugly way, in the history's currency."""

from datetime import date
from decimal import Decimal as D

from billing.actions.bundle import Part, save_bundle
from billing.actions.promotion import create_promotion
from billing.models import (
    Bundle,
    OptionChoice,
    OptionGroup,
    OptionPrice,
    Price,
    PriceList,
    Product,
    ProductOption,
    TaxRate,
)
from clients.models import ClientGroup
from hostbill.core.access import SYSTEM
from hostbill.core.money import exponent, round_amount
from tests.billing.factories import make_product

#: Products by name: fields, and {cycle: (price, set-up fee)} in units that `scaled` turns into the currency's.
PLANS = {
    "small": ({"max_quantity": 5}, {"monthly": ("9.99", "5.01"), "quarterly": ("28.57", "0"), "annual": ("99.13", "5.01")}),
    "big": ({"max_quantity": 5, "setup_on": "order"}, {"monthly": ("24.9513", "0"), "annual": ("249.95", "12.34")}),
    "calendar": ({"bill_day": 31, "charge_next_from_day": 20}, {"monthly": ("31.07", "3.33"), "quarterly": ("91.01", "0")}),
    "trial": ({"trial_days": 13}, {"monthly": ("7.77", "0"), "annual": ("77.01", "1.99")}),
    "term": ({"cycles_limit": 3, "stock": 4, "max_quantity": 3}, {"monthly": ("12.35", "0"), "annual": ("100.01", "0")}),
    "days": ({"terminate_after_days": 75, "setup_on": "staff"}, {"monthly": ("5.55", "2.22")}),
    "free": ({"setup_on": "order"}, {"monthly": ("0", "0")}),
    "once": ({"stock": 3}, {"one_time": ("50.05", "0")}),
    "addon": ({"follows_parent": True}, {"monthly": ("1.11", "0"), "quarterly": ("3.33", "0"), "annual": ("11.11", "0.77")}),
    "extra": ({}, {"monthly": ("2.99", "0"), "annual": ("29.01", "0")}),
}
#: Rows of tax: (percent, step, compound).
TAXES = {
    "none": [], "one": [("19", 1, False)], "two": [("5", 1, False), ("9.975", 2, False)], "compound": [("5", 1, False), ("9.5", 2, True)],
}  # fmt: skip
#: Whose prices contain the tax, or None for net prices.
SHELVES = ("net", "gross")


def scaled(text: str, currency: str) -> D:
    """A price in a currency without decimals is a whole number."""
    return D(text) if exponent(currency) else (D(text) * 137).quantize(D(1))


class Catalogue:
    """All products, options, codes and rates of a history."""

    def __init__(self, currency: str, taxes: str, shelf: str, countries: list[str]):
        self.currency = currency
        self.products = {name: self._product(name) for name in PLANS}
        self.addons = [self.products["addon"], self.products["extra"]]
        for addon in self.addons:
            addon.parents.set([self.products[name] for name in ("small", "big", "calendar")])
        self.plans = [row for name, row in self.products.items() if name not in ("addon", "extra")]
        self.options = self._options()
        self.bundle = self._bundle()
        self.codes = self._codes()
        if shelf == "gross":
            self._shelf()
        self.groups = self._groups()
        for country in {*countries, "FR"} - {"US"}:
            self._tax(country, TAXES[taxes])

    def _tax(self, country: str, rates: list) -> None:
        """Where prices of home are met in another country, its rate is another."""
        more = {"AT": D(1), "FR": D("0.6")}.get(country, D(0))
        for percent, step, compound in rates:
            TaxRate.objects.create(
                tax_class="standard", name=f"Tax {step}", country=country, percent=D(percent) + more, step=step, compound=compound,
                valid_from=date(2020, 1, 1),
            )  # fmt: skip

    def _groups(self) -> list[ClientGroup]:
        """Friends have a percentage, resellers a list of their own, whose prices include tax."""
        friends = ClientGroup.objects.create(name="Friends", discount_percent=D("12.5"))
        resellers = ClientGroup.objects.create(name="Resellers", discount_percent=D("3.3"))
        shelf = PriceList.objects.create(name="Resellers", currency=self.currency, includes_tax=True, client_group=resellers)
        for price in Price.objects.filter(price_list=None, product__name__in=["small", "calendar", "addon"]):
            Price.objects.create(
                product=price.product, price_list=shelf, currency=price.currency, cycle=price.cycle, setup_amount=D(0),
                amount=round_amount(price.amount * D("0.8"), self.currency),
            )  # fmt: skip
        return [friends, resellers]

    def _product(self, name: str) -> Product:
        fields, prices = PLANS[name]
        prices = {cycle: tuple(scaled(text, self.currency) for text in pair) for cycle, pair in prices.items()}
        return make_product(name=name, slug=name, prices=prices, currency=self.currency, **fields)

    def _shelf(self) -> None:
        """Prices with tax inside for all but one plan, which stays net."""
        shelf = PriceList.objects.create(name="Consumers", currency=self.currency, includes_tax=True)
        for price in Price.objects.filter(price_list=None).exclude(product=self.products["big"]):
            Price.objects.create(
                product=price.product, price_list=shelf, currency=price.currency, cycle=price.cycle, amount=price.amount,
                setup_amount=price.setup_amount,
            )  # fmt: skip

    def _options(self) -> list[ProductOption]:
        group = OptionGroup.objects.create(name="Server")
        group.products.set([self.products["small"], self.products["big"]])
        shapes = {"memory": ("dropdown", ["Less", "More"]), "disk": ("quantity", ["Disk"]), "backup": ("yes_no", ["Backup"])}
        return [self._option(group, key, *shape) for key, shape in shapes.items()]

    def _option(self, group, key, kind, choices) -> ProductOption:
        limits = {"max_quantity": 20} if kind == "quantity" else {}
        option = ProductOption.objects.create(group=group, key=key, name=key.title(), kind=kind, **limits)
        for number, name in enumerate(choices):
            choice = OptionChoice.objects.create(option=option, name=name, value=name.lower())
            for cycle, months in (("monthly", 1), ("quarterly", 3), ("annual", 12)):
                price = scaled("0.0731" if kind == "quantity" else "1.35", self.currency) * number if len(choices) > 1 else D(0)
                price = price or scaled("0.0731" if kind == "quantity" else "2.05", self.currency) * (len(choices) == 1)
                OptionPrice.objects.create(
                    choice=choice, currency=self.currency, cycle=cycle, amount=price * months,
                    setup_amount=scaled("4.01", self.currency) if kind == "yes_no" else D(0),
                )  # fmt: skip
        return option

    def chosen(self, number: int) -> dict:
        """One of twelve ways to choose options; {} for none."""
        memory, disk, backup = self.options
        found = {}
        if number % 3:
            found[str(memory.pk)] = memory.choices.all()[number % 2].pk
        if number % 2:
            found[str(disk.pk)] = number % 12 + 1
        if number % 4 == 1:
            found[str(backup.pk)] = True
        return found

    def _bundle(self) -> Bundle:
        price = {self.currency: (scaled("6.66", self.currency), scaled("1.00", self.currency))}
        parts = [Part(self.products["small"], "monthly", prices=price), Part(self.products["addon"], "monthly")]
        return save_bundle(Bundle(name="Start", slug="start"), parts=parts, actor=SYSTEM)

    def _codes(self) -> list[str]:
        amount = {self.currency: (scaled("3.33", self.currency), D(0))}
        wishes = {
            "THIRD": {"kind": "percent", "percent": D("33.3333"), "periods": 3, "includes_setup": True, "is_combinable": True},
            "EVER": {"kind": "percent", "percent": D("7.5"), "periods": None, "ends_on_change": False, "is_combinable": True},
            "OFF": {"kind": "fixed", "periods": 2, "amounts": amount},
            "OWN": {"kind": "override", "periods": None, "cycles": ["monthly"], "amounts": amount},
            "SETUP": {"kind": "free_setup"},
            "MONTHS": {"kind": "free_months", "months": 2, "max_uses": 2},
            "DISK": {"kind": "percent", "percent": D(40), "periods": 3, "includes_base": False, "ends_on_change": False},
        }
        for code, fields in wishes.items():
            create_promotion(actor=SYSTEM, name=code, code=code, **{"amounts": {}, **fields})
        return list(wishes)
