"""Services, addons, upgrades and modules by the WHMCS API, and the whole story on a panel."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from billing.models import Invoice, Order, Product, Stay, Subscription
from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.models import ModuleConfig
from provisioning.models import Service
from tests.billing.factories import active_subscription, make_product, make_tax_rate, pay
from tests.provisioning.conftest import Whm
from tests.provisioning.factories import buy_hosting, make_group, make_hosting, make_server
from tests.whmcs.calls import call, clerk
from tests.whmcs.direct import cost

pytestmark = pytest.mark.django_db
KEYS = (
    "id qty clientid orderid ordernumber pid regdate name translated_name groupname translated_groupname domain dedicatedip serverid "
    "servername serverip serverhostname suspensionreason firstpaymentamount recurringamount paymentmethod paymentmethodname billingcycle "
    "nextduedate status username password subscriptionid promoid overideautosuspend overidesuspenduntil ns1 ns2 assignedips notes "
    "diskusage disklimit bwusage bwlimit lastupdate customfields configoptions"
).split()


@pytest.fixture
def stella(cast):
    return cast.stella_actor


@pytest.fixture(autouse=True)
def gateway(db):
    return ModuleConfig.objects.create(kind="gateway", driver="bank_transfer", label="Bank transfer", is_default=True)


@pytest.fixture
def server(sandbox, db):
    sandbox.control("whm", "reset", {})
    return make_server(sandbox, make_group(), nameservers=["ns1.panel.example", "ns2.panel.example"])


def shown(stella, pk) -> dict:
    return call(stella, "GetClientsProducts", serviceid=pk)["products"]["product"][0]


class TestLists:
    def test_all_keys_and_as_many_queries_for_many_rows(self, cast, stella):
        rows = [active_subscription(cast.alice_client)]
        asked = partial(call, stella, "GetClientsProducts", clientid=cast.alice_client.pk)
        one = cost(asked)
        rows += [active_subscription(cast.alice_client) for _number in range(3)]
        active_subscription(cast.charlie_client)
        assert cost(asked) == one <= 8
        found = asked()
        assert (found["totalresults"], found["clientid"]) == (4, str(cast.alice_client.pk))
        row = found["products"]["product"][0]
        assert list(row) == KEYS
        assert (row["id"], row["status"], row["billingcycle"], row["recurringamount"]) == (rows[0].pk, "Active", "Monthly", "10.00")
        assert (row["firstpaymentamount"], row["nextduedate"], row["paymentmethod"]) == (
            "10.00", f"{rows[0].next_due_on:%Y-%m-%d}", "banktransfer")  # fmt: skip
        assert call(stella, "GetClientsProducts", pid=rows[1].product_id)["numreturned"] == 1
        assert call(stella, "GetClientsProducts", domain="nowhere.example")["numreturned"] == 0
        assert call(stella, "GetClientsProducts", username2="nobody")["numreturned"] == 0

    def test_rights_and_foreign_ids(self, cast, stella):
        with pytest.raises(PermissionDenied):
            call(clerk("clients.client.view"), "GetClientsProducts")
        with pytest.raises(AppError, match="Client ID Not Found"):
            call(stella, "GetClientsProducts", clientid=999999)
        for name in ("ModuleSuspend", "ModuleUnsuspend", "ModuleCreate", "ModuleTerminate", "ModuleChangePackage", "UpdateClientProduct"):
            with pytest.raises(AppError, match="Service ID Not Found"):
                call(stella, name, serviceid=999999)


class TestUpdateClientProduct:
    def test_price_and_label(self, cast, stella):
        row = active_subscription(cast.alice_client)
        call(stella, "UpdateClientProduct", serviceid=row.pk, recurringamount="7.50", domain="shop one", notes="ignored")
        row.refresh_from_db()
        assert (row.price_amount, row.label, row.price_is_override) == (Decimal("7.50"), "shop one", True)
        call(stella, "UpdateClientProduct", serviceid=row.pk, recurringamount="7.50", billingcycle="monthly", pid=row.product_id)

    def test_states(self, cast, stella):
        row = active_subscription(cast.alice_client)
        for status, state in (("Suspended", "suspended"), ("suspended", "suspended"), ("Active", "active"), ("Cancelled", "ended")):
            call(stella, "UpdateClientProduct", serviceid=row.pk, status=status, suspendreason="Asked for")
            row.refresh_from_db()
            assert row.state == state
        with pytest.raises(AppError, match="cannot become"):
            call(stella, "UpdateClientProduct", serviceid=row.pk, status="Active")

    @pytest.mark.parametrize(
        "sent", [{"nextduedate": "2031-01-01"}, {"billingcycle": "Annually"}, {"firstpaymentamount": "1"}, {"serviceusername": "other"}]
    )
    def test_what_would_move_money_or_accounts_is_not_swallowed(self, cast, stella, sent):
        row = active_subscription(cast.alice_client)
        with pytest.raises(AppError, match=f"{next(iter(sent))} cannot be set"):
            call(stella, "UpdateClientProduct", serviceid=row.pk, **sent)

    def test_not_suspended_until_a_day(self, cast, stella, move_clock):
        row = active_subscription(cast.alice_client)
        move_clock(40)
        until = clock.today() + timedelta(days=9)
        call(stella, "UpdateClientProduct", serviceid=row.pk, overideautosuspend="1", overidesuspenduntil=until)
        assert {stay.until for stay in Stay.objects.filter(invoice__lines__subscription=row)} == {until}

    def test_each_part_needs_its_right(self, cast):
        row = active_subscription(cast.alice_client)
        looker = clerk("billing.subscription.view")
        for sent in ({"recurringamount": "1"}, {"status": "Suspended"}, {"status": "Terminated"}, {"domain": "x"}):
            with pytest.raises(PermissionDenied):
                call(looker, "UpdateClientProduct", serviceid=row.pk, **sent)

    def test_an_addon(self, cast, stella):
        row, addon = active_subscription(cast.alice_client), make_product()
        addon.parents.add(row.product)
        sent = {"clientid": cast.alice_client.pk, "paymentmethod": "banktransfer", "addonid": addon.pk, "serviceid": row.pk}
        pk = call(stella, "AddOrder", **sent)["addonids"]
        assert call(stella, "UpdateClientAddon", id=pk, status="Active", recurring="4.00") == {"id": int(pk)}
        added = Subscription.objects.get(pk=pk)
        assert (added.state, added.price_amount) == ("active", Decimal(4))
        with pytest.raises(AppError, match="Addon ID Not Found"):
            call(stella, "UpdateClientAddon", id=row.pk, status="Active")


class TestUpgrade:
    def test_looked_at_and_done(self, cast, stella, drain):
        make_tax_rate("19")
        row, bigger = active_subscription(cast.alice_client), make_product(prices={"monthly": ("30.00", "0")})
        sent = {"serviceid": row.pk, "paymentmethod": "banktransfer", "type": "product", "newproductid": bigger.pk}
        looked = call(stella, "UpgradeProduct", **sent, calconly="true", newproductbillingcycle="monthly")
        assert (looked["oldproductid"], looked["newproductid"], looked["price"]) == (row.product_id, bigger.pk, "€23.80 EUR")
        assert looked["daysuntilrenewal"] == looked["totaldays"] and not row.changes.exists()
        done = call(stella, "UpgradeProduct", **sent)
        invoice = Invoice.objects.get(pk=done["invoiceid"])
        assert invoice.total_amount == Decimal("23.80") and done["upgradeinprogress"] == 1
        pay(invoice)
        drain(30)
        row.refresh_from_db()
        assert row.product == bigger

    def test_refusals(self, cast, stella):
        row = active_subscription(cast.alice_client)
        sent = {"serviceid": row.pk, "paymentmethod": "banktransfer", "type": "product"}
        refused = [
            ({"newproductid": 999999}, "Product ID Not Found"),
            ({"type": "x"}, "Invalid Upgrade Type"),
            ({}, "already"),
            ({"paymentmethod": "bitcoin"}, "Invalid Payment Method"),
            ({"promocode": "X"}, "Promotion codes"),
        ]
        for changes, words in refused:
            with pytest.raises(AppError, match=words):
                call(stella, "UpgradeProduct", **{**sent, **changes})


class TestGateways:
    def test_on_off_and_changed(self, stella, gateway):
        sent = {"moduleType": "gateway", "moduleName": "banktransfer"}
        names = {row["name"]: row for row in call(stella, "GetModuleConfigurationParameters", **sent)["parameters"]}
        assert names["iban"]["fieldType"] == "text"
        call(stella, "DeactivateModule", **sent)
        gateway.refresh_from_db()
        assert not gateway.is_active
        with pytest.raises(AppError, match="not active"):
            call(stella, "UpdateModuleConfiguration", **sent)
        bank = {"account_holder": "Hosting Ltd.", "iban": "DE02120300000000202051"}
        call(stella, "ActivateModule", **sent, parameters=bank)
        call(stella, "UpdateModuleConfiguration", **sent, parameters={"account_holder": "Hosting GmbH"})
        gateway.refresh_from_db()
        assert gateway.is_active and gateway.config["account_holder"] == "Hosting GmbH" and gateway.config["iban"]

    @pytest.mark.parametrize(
        "sent,words",
        [
            ({"moduleType": "registrar", "moduleName": "enom"}, "Invalid module type"),
            ({"moduleType": "gateway", "moduleName": "enom"}, "Invalid module name"),
            ({"moduleType": "gateway", "moduleName": "banktransfer"}, "already active"),
            ({"moduleType": "gateway", "moduleName": "stripe", "parameters": {"nonsense": "1"}}, "Unknown parameter"),
        ],
    )
    def test_refusals(self, stella, sent, words):
        with pytest.raises(AppError, match=words):
            call(stella, "ActivateModule", **sent)


class TestOnThePanel:
    def test_from_the_client_to_the_deleted_account(self, cast, stella, sandbox, server, drain):
        """AddClient, AddOrder, AddInvoicePayment, AcceptOrder, suspended, back, another password and plan, deleted."""
        product, whm = make_hosting(server.group), Whm(sandbox)
        client = call(stella, "AddClient", firstname="Lena", lastname="Brandt", email="lena@brandt.example", password2="Lantern-Meadow-42",
                      country="DE", skipvalidation="1")["clientid"]  # fmt: skip
        ordered = call(stella, "AddOrder", clientid=client, pid=product.pk, domain="lena-brandt.com", billingcycle="Monthly",
                       paymentmethod="banktransfer")  # fmt: skip
        paid = {"invoiceid": ordered["invoiceid"], "transid": "BANK-1", "gateway": "banktransfer", "date": clock.today()}
        call(stella, "AddInvoicePayment", **paid)
        assert Invoice.objects.get(pk=ordered["invoiceid"]).state == "paid"
        drain(60)
        assert not whm.accounts() and shown(stella, ordered["serviceids"])["status"] == "Pending"
        wished = {"serverid": server.pk, "serviceusername": "lenabr7", "servicepassword": "Lantern-42-Meadow!"}
        call(stella, "AcceptOrder", orderid=ordered["orderid"], **wished)
        drain(60)
        assert whm.accounts()["lenabr7"]["domain"] == "lena-brandt.com"
        row = shown(stella, ordered["serviceids"])
        assert (row["status"], row["username"], row["serverid"], row["ns1"]) == ("Active", "lenabr7", server.pk, "ns1.panel.example")
        assert call(stella, "GetClientsProducts", username2="lenabr7")["numreturned"] == 1
        assert call(stella, "GetClientsProducts", domain="lena-brandt.com")["numreturned"] == 1
        assert call(stella, "GetProducts", pid=product.pk)["products"]["product"][0]["module"] == "cpanel"
        service = {"serviceid": ordered["serviceids"]}
        call(stella, "ModuleSuspend", **service, suspendreason="Unpaid elsewhere")
        drain(60)
        assert whm.accounts()["lenabr7"]["suspended"] and shown(stella, row["id"])["suspensionreason"] == "Unpaid elsewhere"
        call(stella, "ModuleUnsuspend", **service)
        drain(60)
        assert not whm.accounts()["lenabr7"]["suspended"] and shown(stella, row["id"])["status"] == "Active"
        call(stella, "ModuleChangePw", **service, servicepassword="Meadow-4711-Lantern")
        drain(60)
        assert whm.calls("passwd")
        call(stella, "ModuleChangePackage", **service)
        call(stella, "ModuleTerminate", **service)
        drain(60)
        assert "lenabr7" not in whm.accounts() and shown(stella, row["id"])["status"] == "Terminated"

    def test_refusals_in_words(self, cast, stella, server, drain):
        other, hosting = active_subscription(cast.alice_client), buy_hosting(cast.alice_client, make_hosting(server.group))
        drain(60)
        with pytest.raises(AppError, match="not assigned to a module"):
            call(stella, "ModuleChangePackage", serviceid=other.pk)
        with pytest.raises(AppError, match="an account already"):
            call(stella, "ModuleCreate", serviceid=hosting.pk)
        with pytest.raises(AppError, match="Please send servicepassword"):
            call(stella, "ModuleChangePw", serviceid=hosting.pk)
        with pytest.raises(AppError, match="12"):
            call(stella, "ModuleChangePw", serviceid=hosting.pk, servicepassword="short")
        with pytest.raises(AppError, match="Function not found"):
            call(stella, "ModuleCustom", serviceid=hosting.pk, func_name="explode")
        with pytest.raises(AppError, match="not suspended"):
            call(stella, "ModuleUnsuspend", serviceid=hosting.pk)
        call(stella, "ModuleCustom", serviceid=hosting.pk, func_name="sync")

    def test_wishes_that_cannot_be(self, cast, stella, server, drain):
        taken = buy_hosting(cast.alice_client, make_hosting(server.group))
        drain(60)
        name = Service.objects.get(subscription=taken).username
        ordered = call(stella, "AddOrder", clientid=cast.alice_client.pk, pid=make_hosting(server.group).pk, domain="second.com",
                       billingcycle="monthly", paymentmethod="banktransfer")  # fmt: skip
        for sent, words in (({"serverid": 999999}, "Server ID Not Found"), ({"serviceusername": "9lives"}, "begins with a letter"),
                            ({"serviceusername": name}, "belongs to another")):  # fmt: skip
            with pytest.raises(AppError, match=words):
                call(stella, "AcceptOrder", orderid=ordered["orderid"], **sent)
        assert Order.objects.get(pk=ordered["orderid"]).state == "pending"

    def test_the_queue_of_what_failed(self, cast, stella, sandbox, server, drain):
        Whm(sandbox).fault("createacct", "refuse", times=None)
        row = buy_hosting(cast.alice_client, make_hosting(server.group))
        drain(60)
        found = call(stella, "GetModuleQueue", moduleName="cpanel", moduleAction="CreateAccount")
        assert found["count"] == len(found["queue"]) == 1
        assert (found["queue"][0]["serviceId"], found["queue"][0]["serviceType"]) == (row.pk, "service")
        assert found["queue"][0]["lastAttemptError"]
        assert call(stella, "GetModuleQueue", relatedId=row.pk + 1)["queue"] == []

    def test_a_hosting_product_by_code(self, stella, server, db):
        gid = make_product().group_id
        pid = call(stella, "AddProduct", name="Web S", gid=gid, module="cpanel", configoption1="start", paytype="recurring",
                   autosetup="payment", pricing={"1": {"monthly": "5"}})["pid"]  # fmt: skip
        product = Product.objects.get(pk=pid)
        assert product.provisioning == {"server_group": server.group_id, "plan": "start"} and product.kind == "hosting"
