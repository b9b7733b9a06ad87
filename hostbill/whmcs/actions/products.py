"""The catalogue: products, promotions."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from billing import kinds
from billing.actions.product import create_product
from billing.forms.product import ProductForm, provisioning_form
from billing.models import Product, ProductGroup, Promotion, SetupOn
from billing.models.cycle import Cycle
from billing.queries.chosen import WITH_OPTIONS
from hostbill.whmcs.action import Call, action
from hostbill.whmcs.answers import listed, paged
from hostbill.whmcs.checked import checked
from hostbill.whmcs.currencies import currency_of
from hostbill.whmcs.errors import Refused
from hostbill.whmcs.records.product import RECURRING, modules_by_group, product_record, promotion_record
from hostbill.whmcs.values import Values
from hostbill.whmcs.words import CYCLES, driver_of
from provisioning.models import Server, ServerGroup

SETUPS = {"order": SetupOn.ORDER, "payment": SetupOn.PAYMENT, "on": SetupOn.STAFF, "": SetupOn.NEVER}


@action("GetProducts", "Orders", needs="billing.product.view", optional="pid gid module limitstart limitnum",
        missing="no custom fields; prices are the usual ones, not those of a client group")  # fmt: skip
def get_products(call: Call) -> dict:
    """What is sold, in the shop's order; all of it, unless a page is asked for."""
    values, modules = call.values, modules_by_group()
    rows = Product.objects.visible_to(call.actor).filter(is_retired=False)
    if values.text("pid"):
        rows = rows.filter(pk__in=_numbers(values, "pid"))
    if values.text("gid"):
        rows = rows.filter(group_id__in=_numbers(values, "gid"))
    if values.text("module"):
        name = values.text("module").lower()
        rows = rows.filter(provisioning__server_group__in=[group for group, module in modules.items() if module == name])
    rows = rows.select_related("group").prefetch_related("prices", WITH_OPTIONS)
    page = Values({"limitnum": "250", **values.found})
    return paged(page, rows, "products", "product", lambda row: product_record(row, modules))


def _numbers(values: Values, name: str) -> list[int]:
    """Several ids with commas between."""
    return [Values({name: part}).whole(name) for part in values.text(name).split(",") if part.strip()]


@action("GetPromotions", "Orders", needs="billing.promotion.view", optional="code",
        missing="a promotion with amounts in several currencies shows the first")  # fmt: skip
def get_promotions(call: Call) -> dict:
    """All codes, or one."""
    rows = Promotion.objects.prefetch_related("amounts", "products", "required_products").order_by("-pk")
    if call.values.text("code"):
        rows = rows.filter(code__iexact=call.values.text("code"))
    found = [promotion_record(row) for row in rows]
    return {"totalresults": len(found), **listed("promotions", "promotion", found)}


@action(
    "AddProduct",
    "Products",
    needs="billing.product.edit",
    required="name gid",
    optional="slug type stockcontrol qty paytype hidden showdomainoptions tax isFeatured proratabilling description shortdescription "
    "tagline color welcomeemail proratadate proratachargenextmonth subdomain autosetup module servergroupid configoption1 configoption2 "
    "configoption3 configoption4 configoption5 configoption6 order pricing recommendations ondemandrenewalconfigurationoverride "
    "ondemandrenewalsenabled ondemandrenewalperiodmonthly ondemandrenewalperiodquarterly ondemandrenewalperiodsemiannually "
    "ondemandrenewalperiodannually ondemandrenewalperiodbiennially ondemandrenewalperiodtriennially",
    missing="of the module settings configoption1 counts, as the plan's name; no on-demand renewals, recommendations, colour, subdomain; "
    "the welcome mail is one for all products; tax off is refused: choose a tax class in the console",
)
@transaction.atomic
def add_product(call: Call) -> dict:
    """A product with its prices."""
    values = call.values
    kind = _kind(values)
    form = ProductForm(_fields(values, kind))
    fields = checked(form)
    fields["provisioning"] = _set_up(values, kind)
    fields["bill_day"] = values.whole("proratadate") if values.flag("proratabilling") else None
    fields["charge_next_from_day"] = values.whole("proratachargenextmonth") if values.flag("proratabilling") else None
    product = create_product(actor=call.actor, prices=_prices(values), **fields)
    return {"pid": product.pk}


def _kind(values: Values) -> str:
    """Hosting when it is set up on a panel, else something without a set-up."""
    known = [key for key, _label in kinds.choices()]
    is_hosting = values.text("type", "hostingaccount") in ("hostingaccount", "reselleraccount") and values.text("module")
    return "hosting" if is_hosting and "hosting" in known else "other"


def _fields(values: Values, kind: str) -> dict:
    group = ProductGroup.objects.filter(pk=values.whole("gid")).first()
    if group is None:
        raise Refused(_("Product Group ID Not Found"))
    if values.has("tax") and not values.flag("tax"):
        raise Refused(_("Whether a product is taxed follows from its tax class: choose it in the console"))
    setup = SETUPS.get(values.text("autosetup").lower(), SetupOn.STAFF)
    return {
        "name": values.text("name"),
        "slug": values.text("slug"),
        "group": group.pk,
        "kind": kind,
        "tagline": values.text("tagline") or values.text("shortdescription"),
        "description": values.text("description"),
        "features": "",
        "faq": "",
        "setup_on": setup if kind == "hosting" or setup != SetupOn.NEVER else SetupOn.PAYMENT,
        "tax_class": "standard",
        "stock": str(values.whole("qty", 0)) if values.flag("stockcontrol") else "",
        "sort": str(values.whole("order", 0)),
        "is_featured": values.flag("isFeatured"),
        "is_hidden": values.flag("hidden"),
    }


def _set_up(values: Values, kind: str) -> dict:
    """The answers of the kind: for hosting the server group and the plan."""
    if kind != "hosting":
        return {}
    wanted, driver = values.whole("servergroupid"), driver_of(values.text("module"))
    rows = ServerGroup.objects.filter(pk=wanted) if wanted else ServerGroup.objects.filter(
        pk__in=Server.objects.filter(module_config__driver=driver).values("group_id")
    )  # fmt: skip
    group = rows.order_by("pk").first()
    if group is None:
        raise Refused(_("Server Group ID Not Found"))
    if not group.servers.filter(module_config__driver=driver).exists():
        raise Refused(_("The servers of this group have another module"))
    data = {"setup-server_group": str(group.pk), "setup-plan": values.text("configoption1")}
    return checked(provisioning_form(kind, data))


def _prices(values: Values) -> dict:
    """``pricing[currency][cycle]`` and the set-up fees beside them; below zero means: not sold so."""
    found, kind = {}, values.text("paytype", "free").lower()
    for number, row in values.pairs("pricing").items():
        sent, currency = Values(row if isinstance(row, dict) else {}), currency_of(str(number))
        for cycle in RECURRING:
            name = CYCLES[cycle][1]
            amount = sent.amount(name)
            if amount is not None and amount >= 0:
                key = Cycle.ONE_TIME if kind == "onetime" else cycle
                found.setdefault((currency, key), (amount, max(sent.amount(f"{name[0]}setupfee", Decimal(0)), Decimal(0))))
    if kind == "free" and not found:
        found = {(currency_of(""), Cycle.ONE_TIME): (Decimal(0), Decimal(0))}
    return found
