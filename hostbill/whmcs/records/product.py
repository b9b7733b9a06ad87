"""What is sold: products with their prices and options, promotions."""

from django.utils.html import escape

from billing.models import DiscountKind, Product, ProductOption, Promotion, SetupOn
from billing.models.cycle import Cycle
from billing.queries.chosen import asked
from billing.queries.price import usual_prices
from hostbill.whmcs.answers import day, money
from hostbill.whmcs.currencies import prefix, suffix
from hostbill.whmcs.words import CYCLES, module_words
from provisioning.models import Server

NOT_SOLD = "-1.00"
RECURRING = [cycle for cycle in CYCLES if cycle != Cycle.ONE_TIME]
TYPES = {"hosting": "hostingaccount"}
OPTION_TYPES = {"dropdown": 1, "radio": 2, "yes_no": 3, "quantity": 4}
PROMOTION_TYPES = {
    DiscountKind.PERCENT: "Percentage",
    DiscountKind.FIXED: "Fixed Amount",
    DiscountKind.OVERRIDE: "Price Override",
    DiscountKind.FREE_SETUP: "Free Setup",
    DiscountKind.FREE_MONTHS: "Free Months",
}


def modules_by_group() -> dict[int, str]:
    """The panel's module of each server group that has servers, by WHMCS's name."""
    rows = Server.objects.order_by("-pk").values_list("group_id", "module_config__driver")
    return {group: module_words(driver) for group, driver in rows}


def module_of(product: Product, modules: dict[int, str]) -> str:
    """"cpanel", "plesk", or nothing."""
    return modules.get((product.provisioning or {}).get("server_group"), "")


def product_record(product: Product, modules: dict[int, str]) -> dict:
    """A row of GetProducts; with prices, group and options prefetched."""
    prices = usual_prices(product)
    currencies = sorted({currency for currency, _cycle in prices})
    return {
        "pid": product.pk,
        "gid": product.group_id,
        "type": TYPES.get(product.kind, "other"),
        "name": product.name,
        "slug": product.slug,
        "product_url": product.get_store_url(),
        "description": _described(product),
        "module": module_of(product, modules),
        "paytype": pay_type(prices),
        "allowqty": int(product.max_quantity > 1),
        "quantity_available": product.stock or 0,
        "stockcontrol": product.stock is not None,
        "stocklevel": product.stock or 0,
        "hidden": product.is_hidden,
        "retired": product.is_retired,
        "autosetup": {SetupOn.ORDER: "order", SetupOn.PAYMENT: "payment", SetupOn.STAFF: "on"}.get(product.setup_on, ""),
        "pricing": {currency: _pricing(prices, currency) for currency in currencies},
        "customfields": {"customfield": []},
        "configoptions": {"configoption": _options(product, prices)},
    }


def _described(product: Product) -> str:
    """What the shop says: the text, then the features a line each, as HTML."""
    lines = [product.description or product.tagline, *product.features]
    return "<br />\n".join(escape(line) for line in lines if line)


def pay_type(prices: dict) -> str:
    """recurring, onetime or free."""
    if not any(price.amount or price.setup_amount for price in prices.values()):
        return "free"
    return "recurring" if any(cycle in RECURRING for _currency, cycle in prices) else "onetime"


def _pricing(prices: dict, currency: str) -> dict:
    """A product that is paid once has its price in the place of the monthly one, as in WHMCS."""
    found = {"prefix": prefix(currency), "suffix": suffix(currency)}
    places = {cycle: prices.get((currency, cycle)) for cycle in RECURRING}
    if not any(places.values()):
        places[Cycle.MONTHLY] = prices.get((currency, Cycle.ONE_TIME))
    for cycle, price in places.items():
        found[f"{CYCLES[cycle][1][0]}setupfee"] = money(price.setup_amount) if price else "0.00"
    for cycle, price in places.items():
        found[CYCLES[cycle][1]] = money(price.amount) if price else NOT_SOLD
    return found


def _options(product: Product, prices: dict) -> list[dict]:
    """What can be chosen, with each choice's prices."""
    by_way = {way: {row.option.pk: row for row in asked(product, *way)} for way in prices}
    found = {}
    for rows in by_way.values():
        found.update({pk: row.option for pk, row in rows.items()})
    return [_option(option, by_way) for option in sorted(found.values(), key=lambda row: (row.sort, row.pk))]


def _option(option: ProductOption, by_way: dict) -> dict:
    offers = {}
    for way, rows in by_way.items():
        for offer in rows[option.pk].offers if option.pk in rows else ():
            offers.setdefault(offer.choice, {})[way] = offer
    return {
        "id": option.pk,
        "name": option.name,
        "type": OPTION_TYPES[option.kind],
        "options": {"option": [_choice(choice, ways) for choice, ways in offers.items()]},
    }


def _choice(choice, ways: dict) -> dict:
    """With prices by currency, in the keys of a product's."""
    pricing = {}
    for (currency, cycle), offer in ways.items():
        row = pricing.setdefault(currency, {"prefix": prefix(currency), "suffix": suffix(currency)})
        key = "monthly" if cycle == Cycle.ONE_TIME else CYCLES[cycle][1]
        row[f"{key[0]}setupfee"], row[key] = money(offer.setup), money(offer.money)
    first = next(iter(ways.values()))
    words = {"name": choice.name, "rawName": choice.name}
    return {"id": choice.pk, **words, "recurring": money(first.money), "required": "", "pricing": pricing}


def promotion_record(row: Promotion) -> dict:
    """A row of GetPromotions; amounts, products and required products prefetched."""
    amount = next(iter(row.amounts.all()), None)
    value = row.percent if row.percent is not None else amount.value_amount if amount else row.months
    return {
        "id": row.pk,
        "code": row.code,
        "type": PROMOTION_TYPES[row.kind],
        "recurring": int(row.periods != 1),
        "value": money(value),
        "cycles": ",".join(CYCLES[Cycle(cycle)][0] for cycle in row.cycles),
        "appliesto": ",".join(str(product.pk) for product in row.products.all()),
        "requires": ",".join(str(product.pk) for product in row.required_products.all()),
        "requiresexisting": 0,
        "startdate": day(row.starts_on),
        "expirationdate": day(row.ends_on),
        "maxuses": row.max_uses or 0,
        "uses": row.used_count,
        "lifetimepromo": int(not row.ends_on_change),
        "applyonce": 0,
        "newsignups": int(row.who == Promotion.Who.NEW),
        "existingclient": int(row.who == Promotion.Who.EXISTING),
        "onceperclient": int(row.once_per_client),
        "recurfor": row.periods or 0,
        "upgrades": 0,
        "upgradeconfig": "",
        "notes": row.notes,
    }
