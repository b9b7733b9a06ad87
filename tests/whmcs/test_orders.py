"""Orders and the catalogue by the WHMCS API."""

from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from billing.actions.product_option import Choice, create_option_group, save_option
from billing.actions.promotion import create_promotion
from billing.models import Order, Product, ProductGroup, ProductOption, Subscription
from hostbill.core.errors import AppError
from hostbill.core.models import Message, ModuleConfig
from tests.billing.factories import make_order, make_product, make_tax_rate, pay, subscription_of
from tests.whmcs.calls import call, clerk
from tests.whmcs.direct import cost

pytestmark = pytest.mark.django_db


@pytest.fixture
def stella(cast):
    return cast.stella_actor


@pytest.fixture(autouse=True)
def gateways(db):
    ModuleConfig.objects.create(kind="gateway", driver="bank_transfer", label="Bank transfer", is_default=True)
    ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")


def place(stella, client, **sent) -> tuple[dict, Order]:
    found = call(stella, "AddOrder", clientid=client.pk, **{"paymentmethod": "banktransfer", "billingcycle": "monthly", **sent})
    return found, Order.objects.get(pk=found["orderid"])


class TestAddOrder:
    def test_one_product_waits_for_acceptance_though_it_is_paid(self, cast, stella, drain):
        for moment in ("order", "payment", "staff", "never"):
            product = make_product(setup_on=moment)
            found, order = place(stella, cast.alice_client, pid=product.pk, clientip="192.0.2.7")
            row = subscription_of(order)
            assert found == {"orderid": order.pk, "productids": str(row.pk), "serviceids": str(row.pk), "addonids": "", "domainids": "",
                             "invoiceid": order.invoice_id}  # fmt: skip
            pay(order.invoice)
            drain(30)
            row.refresh_from_db(), order.refresh_from_db()
            assert (row.state, order.state, order.invoice.total_amount) == ("pending", "pending", Decimal("10.00"))
            call(stella, "AcceptOrder", orderid=order.pk)
            row.refresh_from_db(), order.refresh_from_db()
            assert (row.state, order.state) == ("active", "accepted")

    def test_what_costs_nothing_waits_too(self, cast, stella):
        _found, order = place(stella, cast.alice_client, pid=make_product(prices={"monthly": ("0", "0")}).pk)
        assert (order.invoice.state, order.state, subscription_of(order).state) == ("paid", "pending", "pending")
        call(stella, "AcceptOrder", orderid=order.pk)
        assert subscription_of(order).state == "active"

    def test_several_with_their_own_cycles_quantities_and_prices(self, cast, stella):
        make_tax_rate("19")
        plan, extra = make_product(max_quantity=5), make_product()
        addon = make_product(setup_on="order")
        addon.parents.add(plan)
        found, order = place(stella, cast.alice_client, pid=[plan.pk, extra.pk], billingcycle=["Annually", "monthly"], qty=["2", "1"],
                             priceoverride=["", "3.50"], addons=[f"{addon.pk}", ""])  # fmt: skip
        rows = {row.product_id: row for row in Subscription.objects.filter(order_line__order=order)}
        assert (rows[plan.pk].cycle, rows[plan.pk].quantity, rows[plan.pk].price_amount) == ("annual", 2, Decimal(100))
        assert (rows[extra.pk].cycle, rows[extra.pk].price_amount) == ("monthly", Decimal("3.5"))
        assert (rows[addon.pk].parent_id, rows[addon.pk].cycle) == (rows[plan.pk].pk, "annual")
        assert found["serviceids"] == f"{rows[plan.pk].pk},{rows[extra.pk].pk}" and found["addonids"] == str(rows[addon.pk].pk)
        assert order.invoice.net_amount == Decimal("303.50") and order.invoice.tax_amount == Decimal("57.67")

    def test_an_addon_for_a_service(self, cast, stella):
        plan, addon = make_product(), make_product()
        addon.parents.add(plan)
        _found, order = place(stella, cast.alice_client, pid=plan.pk)
        call(stella, "AcceptOrder", orderid=order.pk)
        service = subscription_of(order)
        found, order = place(stella, cast.alice_client, addonid=addon.pk, serviceid=service.pk)
        assert found["serviceids"] == "" and Subscription.objects.get(pk=found["addonids"]).parent == service
        rows = call(stella, "GetClientsAddons", serviceid=service.pk)
        assert rows["totalresults"] == 1 and rows["addons"]["addon"][0]["status"] == "Pending"
        with pytest.raises(AppError, match="Service ID Not Found"):
            place(stella, cast.charlie_client, addonid=addon.pk, serviceid=service.pk)

    def test_options_by_their_ids(self, cast, stella):
        product = make_product()
        group = create_option_group(actor=stella, name="Extras", products=[product])
        disk = ProductOption(group=group, kind="quantity", name="Disk", key="disk_gb", min_quantity=0, max_quantity=100)
        choice = Choice("GB", prices={("EUR", "monthly"): (Decimal("0.10"), Decimal(0))})
        option = save_option(disk, choices=[choice], rules=[], actor=stella)
        _found, order = place(stella, cast.alice_client, pid=product.pk, configoptions={option.pk: "50"})
        row = subscription_of(order)
        assert row.items.get().quantity == 50 and order.invoice.total_amount == Decimal("15.00")
        shown = call(stella, "GetClientsProducts", serviceid=row.pk)["products"]["product"][0]
        assert shown["recurringamount"] == "15.00"
        assert shown["configoptions"]["configoption"] == [{"id": option.pk, "option": "Disk", "type": "quantity", "value": "50"}]

    def test_a_code(self, cast, stella):
        product = make_product()
        create_promotion(actor=stella, amounts={}, name="Spring", code="SPRING", kind="percent", percent=Decimal(50), periods=1)
        _found, order = place(stella, cast.alice_client, pid=product.pk, promocode="spring")
        assert order.invoice.total_amount == Decimal("5.00")
        shown = call(stella, "GetOrders", id=order.pk)["orders"]["order"][0]
        assert (shown["promocode"], shown["promotype"], shown["promovalue"]) == ("SPRING", "Percentage", "50.00")
        with pytest.raises(AppError, match="do not know this code"):
            place(stella, cast.alice_client, pid=product.pk, promocode="NOPE")

    def test_quiet_or_without_an_invoice(self, cast, stella, drain):
        place(stella, cast.alice_client, pid=make_product().pk, noemail="true")
        drain(30)
        assert not Message.objects.filter(to_email=cast.alice_client.email).exists()
        found, order = place(stella, cast.alice_client, pid=make_product().pk, noinvoice="1")
        assert found["invoiceid"] == 0 and order.invoice.state == "draft"

    @pytest.mark.parametrize(
        "sent,words",
        [
            ({"pid": 999999}, "Product ID Not Found"),
            ({}, "at least one product"),
            ({"pid": "P", "paymentmethod": "bitcoin"}, "Invalid Payment Method"),
            ({"pid": "P", "billingcycle": "fortnightly"}, "Invalid Billing Cycle"),
            ({"pid": "P", "billingcycle": "quarterly"}, "not sold in that billing cycle"),
            ({"pid": "P", "domaintype": "register", "domain": "a.example"}, "domain names"),
            ({"pid": "P", "qty": "5000"}, "quantity"),
            ({"pid": "P", "qty": "two"}, "whole number"),
            ({"pid": "P", "addonid": "P"}, "id of its service"),
        ],
    )
    def test_refusals_leave_nothing_behind(self, cast, stella, sent, words):
        product = make_product()
        sent = {name: product.pk if value == "P" else value for name, value in sent.items()}
        with pytest.raises(AppError, match=words):
            place(stella, cast.alice_client, **sent)
        assert not Order.objects.exists() and not Subscription.objects.exists()

    def test_a_closed_client_and_rights(self, cast, stella):
        product = make_product()
        call(stella, "CloseClient", clientid=cast.alice_client.pk)
        with pytest.raises(AppError, match="closed"):
            place(stella, cast.alice_client, pid=product.pk)
        with pytest.raises(PermissionDenied):
            place(clerk("clients.client.view"), cast.charlie_client, pid=product.pk)
        actor = clerk("clients.client.view", "billing.order.create", "billing.product.view")
        with pytest.raises(PermissionDenied):
            place(actor, cast.charlie_client, pid=product.pk, priceoverride="1")
        assert place(actor, cast.charlie_client, pid=product.pk)[1].state == "pending"


class TestAccepting:
    def test_unpaid_as_far_as_the_caller_may(self, cast, stella):
        order = place(stella, cast.alice_client, pid=make_product().pk)[1]
        careful = clerk("billing.order.view", "billing.order.accept")
        call(careful, "AcceptOrder", orderid=order.pk)
        assert subscription_of(order).state == "pending"
        pay(order.invoice)
        assert subscription_of(order).state == "active"
        order = place(stella, cast.alice_client, pid=make_product().pk)[1]
        with pytest.raises(PermissionDenied):
            call(careful, "AcceptOrder", orderid=order.pk, autosetup="1")

    def test_without_setting_up(self, cast, stella):
        order = place(stella, cast.alice_client, pid=make_product(setup_on="order").pk)[1]
        call(stella, "AcceptOrder", orderid=order.pk, autosetup="false")
        order.refresh_from_db()
        assert order.state == "accepted" and subscription_of(order).state == "pending"
        call(stella, "ModuleCreate", serviceid=subscription_of(order).pk)
        assert subscription_of(order).state == "active"

    def test_twice_and_never(self, cast, stella):
        order = place(stella, cast.alice_client, pid=make_product().pk)[1]
        call(stella, "AcceptOrder", orderid=order.pk)
        with pytest.raises(AppError, match="Status not Pending"):
            call(stella, "AcceptOrder", orderid=order.pk)
        with pytest.raises(AppError, match="Order ID Not Found"):
            call(stella, "AcceptOrder", orderid=999999)


class TestStates:
    def test_cancelled_fraud_pending_deleted(self, cast, stella):
        order = place(stella, cast.alice_client, pid=make_product().pk)[1]
        call(stella, "PendingOrder", orderid=order.pk)
        with pytest.raises(AppError, match="must be in Cancelled or Fraud"):
            call(stella, "DeleteOrder", orderid=order.pk)
        call(stella, "CancelOrder", orderid=order.pk)
        order.refresh_from_db(), order.invoice.refresh_from_db()
        assert (order.state, order.invoice.state, subscription_of(order).state) == ("cancelled", "cancelled", "cancelled")
        with pytest.raises(AppError, match="kept"):
            call(stella, "DeleteOrder", orderid=order.pk)
        quiet = place(stella, cast.alice_client, pid=make_product().pk, noinvoice="1")[1]
        call(stella, "CancelOrder", orderid=quiet.pk)
        call(stella, "DeleteOrder", orderid=quiet.pk)
        assert not Order.objects.filter(pk=quiet.pk).exists()
        call(stella, "PendingOrder", orderid=order.pk)
        order.refresh_from_db()
        assert (order.state, order.invoice.state, subscription_of(order).state) == ("pending", "issued", "pending")
        call(stella, "AcceptOrder", orderid=order.pk)
        call(stella, "FraudOrder", orderid=order.pk)
        order.refresh_from_db()
        assert (order.state, subscription_of(order).state) == ("fraud", "suspended")
        call(stella, "PendingOrder", orderid=order.pk)
        order.refresh_from_db()
        assert (order.state, subscription_of(order).state) == ("pending", "active")

    def test_what_runs_ends_with_its_order_for_whoever_may_end_it(self, cast, stella):
        order = place(stella, cast.alice_client, pid=make_product().pk)[1]
        call(stella, "AcceptOrder", orderid=order.pk)
        with pytest.raises(PermissionDenied):
            call(clerk("billing.order.view", "billing.order.cancel"), "CancelOrder", orderid=order.pk)
        call(stella, "CancelOrder", orderid=order.pk)
        order.refresh_from_db()
        assert (order.state, subscription_of(order).state) == ("cancelled", "ended")
        with pytest.raises(AppError, match="does not begin again"):
            call(stella, "PendingOrder", orderid=order.pk)

    def test_the_list_and_its_keys(self, cast, stella):
        asked, costs = partial(call, stella, "GetOrders", userid=cast.alice_client.pk), []
        for count in (1, 2):
            for _number in range(count):
                place(stella, cast.alice_client, pid=make_product().pk, paymentmethod="stripe", clientip="192.0.2.7")
            costs.append(cost(asked))
        assert costs[0] == costs[1] <= 10
        make_order(cast.charlie_client)
        keys = (
            "id ordernum userid contactid requestor_id admin_requestor_id date nameservers transfersecret renewals renewalsByType "
            "promocode promotype promovalue orderdata amount paymentmethod paymentmethodname invoiceid paymentstatus status ipaddress "
            "fraudmodule fraudoutput frauddata notes name currencyprefix currencysuffix lineitems"
        ).split()
        found = asked()
        row = found["orders"]["order"][0]
        assert found["totalresults"] == 3 and set(row) == set(keys)
        assert (row["paymentmethod"], row["paymentmethodname"], row["ipaddress"]) == ("stripe", "Card", "192.0.2.7")
        assert (row["status"], row["paymentstatus"], row["amount"], row["currencyprefix"]) == ("Pending", "Unpaid", "10.00", "€")
        assert set(row["lineitems"]["lineitem"][0]) == set("type relid producttype product domain billingcycle amount status".split())
        assert call(stella, "GetOrders", status="active")["numreturned"] == 0
        statuses = {entry["title"]: entry["count"] for entry in call(stella, "GetOrderStatuses")["statuses"]["status"]}
        assert statuses == {"Pending": 4, "Active": 0, "Cancelled": 0, "Fraud": 0}


class TestCatalogue:
    def test_products_with_prices(self, stella):
        products = [make_product(name="Plan no. 0", stock=5)]
        asked = partial(call, stella, "GetProducts")
        one = cost(asked)
        products += [make_product(name=f"Plan no. {number}", stock=5) for number in range(1, 4)]
        assert cost(asked) == one <= 9
        found = asked()
        assert found["totalresults"] == 4 and found["numreturned"] == 4
        row = call(stella, "GetProducts", pid=products[0].pk)["products"]["product"][0]
        keys = "pid gid type name slug product_url description module paytype allowqty quantity_available pricing customfields "
        keys += "configoptions"
        assert not set(keys.split()) - set(row)
        euro = row["pricing"]["EUR"]
        assert (euro["prefix"], euro["suffix"]) == ("€", " EUR")
        assert (euro["monthly"], euro["annually"], euro["quarterly"]) == ("10.00", "100.00", "-1.00")
        cycles = {"monthly", "quarterly", "semiannually", "annually", "biennially", "triennially"}
        assert set(euro) == {"prefix", "suffix", *(f"{sign}setupfee" for sign in "mqsabt"), *cycles}
        assert call(stella, "GetProducts", module="cpanel")["numreturned"] == 0

    def test_promotions(self, stella):
        create_promotion(actor=stella, amounts={}, name="Spring", code="SPRING", kind="percent", percent=Decimal(20), periods=None)
        create_promotion(actor=stella, amounts={"EUR": (Decimal(5), Decimal(0))}, name="Five", code="FIVE", kind="fixed", periods=1)
        assert call(stella, "GetPromotions")["totalresults"] == 2
        row = call(stella, "GetPromotions", code="five")["promotions"]["promotion"][0]
        assert (row["type"], row["value"], row["recurring"]) == ("Fixed Amount", "5.00", 0)

    def test_a_new_product(self, stella):
        group = ProductGroup.objects.create(name="Plans", slug="plans-of-api")
        pricing = {1: {"monthly": "4.00", "msetupfee": "1.00", "annually": "40.00", "quarterly": "-1.00"}}
        found = call(stella, "AddProduct", name="Small plan", gid=group.pk, type="other", paytype="recurring", pricing=pricing,
                     stockcontrol="1", qty=3, hidden="1", autosetup="order")  # fmt: skip
        product = Product.objects.get(pk=found["pid"])
        assert (product.slug, product.stock, product.is_hidden, product.setup_on) == ("small-plan", 3, True, "order")
        assert {(row.cycle, row.amount, row.setup_amount) for row in product.prices.all()} == {
            ("monthly", Decimal(4), Decimal(1)), ("annual", Decimal(40), Decimal(0))}  # fmt: skip
        with pytest.raises(AppError, match="Product Group ID Not Found"):
            call(stella, "AddProduct", name="Other", gid=999999)
        with pytest.raises(AppError, match="already exists"):
            call(stella, "AddProduct", name="Small plan", gid=group.pk)
        with pytest.raises(AppError, match="Server Group ID Not Found"):
            call(stella, "AddProduct", name="Hosting", gid=group.pk, module="cpanel")
