"""The demo's options, addon and bundle: each kind of choice once, a rule between two of them."""

from decimal import Decimal

from billing.actions.bundle import Part, save_bundle
from billing.actions.product import create_product
from billing.actions.product_option import Choice, Rule, create_option_group, save_option
from billing.models import Bundle, OptionGroup, Product, ProductGroup, ProductOption
from hostbill.core.access import SYSTEM

CYCLES = {"monthly": 1, "quarterly": 3, "semi_annual": Decimal("5.5"), "annual": 10, "biennial": 19, "triennial": 27}
#: Dollars for each euro in the demo's prices.
DOLLARS = Decimal("1.10")


def prices(month: str, setup: str = "0") -> dict:
    """{(currency, cycle): (amount, set-up fee)} from the price of a month in euros."""
    found = {}
    for currency, rate in (("EUR", Decimal(1)), ("USD", DOLLARS)):
        for cycle, paid in CYCLES.items():
            pair = (Decimal(month) * rate * paid, Decimal(setup) * rate)
            found[currency, cycle] = tuple(amount.quantize(Decimal("0.01")) for amount in pair)
    return found


def load() -> None:
    """Running it again changes nothing that is there."""
    if not OptionGroup.objects.exists():
        _options()
    if not Product.objects.filter(slug="care").exists():
        _addons()
    if not Bundle.objects.exists():
        _bundle()


def _option(group, key: str, kind: str, name: str, choices: list[Choice], rules=(), **fields) -> ProductOption:
    option = ProductOption(group=group, key=key, kind=kind, name=name, sort=group.options.count(), **fields)
    return save_option(option, choices=choices, rules=list(rules), actor=SYSTEM)


def _options() -> None:
    products = Product.objects.filter(group__slug="web-hosting")
    group = create_option_group(name="Hosting extras", products=products, actor=SYSTEM)
    _option(group, "php_memory_mb", "dropdown", "Memory for PHP", [
        Choice("256 MB", "256", is_default=True), Choice("512 MB", "512", prices=prices("1.50")),
        Choice("1 GB", "1024", prices=prices("4.00")),
    ], hint="For each site.")  # fmt: skip
    backups = _option(group, "backup_days", "radio", "Backups kept", [
        Choice("As in the plan", "0", is_default=True), Choice("90 days", "90", prices=prices("2.50")),
        Choice("One year", "365", prices=prices("6.00")),
    ])  # fmt: skip
    year = backups.choices.get(name="One year")
    _option(group, "backup_place", "dropdown", "Second place for backups", [Choice("Helsinki", "hel"), Choice("Turin", "trn")],
            [Rule("show", backups, year), Rule("require", backups, year)])  # fmt: skip
    _option(group, "staging_sites", "quantity", "Staging copies", [Choice("Staging copies", prices=prices("1.00"))],
            unit="copy|copies", max_quantity=10)  # fmt: skip
    _option(group, "own_address", "yes_no", "Own IPv4 address", [Choice("Own IPv4 address", "yes", prices=prices("2.00", "5.00"))],
            hint="Only where something asks for it.")  # fmt: skip


def _addons() -> None:
    plans = list(Product.objects.filter(group__slug="web-hosting"))
    shelf, _made = ProductGroup.objects.get_or_create(
        slug="addons", defaults={"name": "Addons", "tagline": "To go with a plan.", "sort": 9, "is_hidden": True}
    )
    common = {"group": shelf, "kind": "other", "parents": plans, "actor": SYSTEM}
    create_product(
        name="Care", slug="care", tagline="We keep WordPress and its plugins up to date.", follows_parent=True, sort=0,
        prices=prices("9.00"), **common,
    )  # fmt: skip
    yearly = {key: pair for key, pair in prices("3.00").items() if key[1] in ("annual", "biennial")}
    create_product(name="Company certificate", slug="company-certificate", tagline="With your company's name in it.", sort=1,
                   prices=yearly, **common)  # fmt: skip


def _bundle() -> None:
    grow, care = Product.objects.filter(slug="grow").first(), Product.objects.filter(slug="care").first()
    if grow is None or care is None:
        return
    parts = [
        Part(grow, "annual", prices={"EUR": (Decimal("90.00"), Decimal(0)), "USD": (Decimal("99.00"), Decimal(0))}),
        Part(care, "annual", prices={"EUR": (Decimal("60.00"), Decimal(0)), "USD": (Decimal("66.00"), Decimal(0))}),
    ]
    bundle = Bundle(name="Studio start", slug="studio-start", tagline="Grow with Care for a year, for less than both.")
    save_bundle(bundle, parts=parts, actor=SYSTEM)
