"""Clients by the WHMCS API: made, found, changed, closed, deleted; contacts, mails, cancelled services."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from billing.actions.cancellation import cancel_subscription
from billing.models import Account
from clients.models import Client, ClientGroup, User
from clients.options import WHMCS_PASSWORDS
from hostbill.core import clock
from hostbill.core.errors import AppError
from hostbill.core.models import Message
from hostbill.core.options import set_option
from hostbill.whmcs.actions.stats import NEEDS
from tests.billing.factories import active_subscription, make_order, make_product, pay
from tests.factories import ClientFactory
from tests.whmcs.calls import call, clerk
from tests.whmcs.direct import cost

pytestmark = pytest.mark.django_db
LENA = {
    "firstname": "Lena",
    "lastname": "Brandt",
    "email": "lena@brandt.example",
    "address1": "Norderstrasse 12",
    "city": "Flensburg",
    "state": "SH",
    "postcode": "24939",
    "country": "de",
    "phonenumber": "0461 555010",
}


@pytest.fixture
def stella(cast):
    return cast.stella_actor


class TestAddClient:
    def test_a_client_with_the_login_that_owns_it(self, stella):
        group = ClientGroup.objects.create(name="Schools")
        more = {"companyname": "Brandt GmbH", "password2": "Lantern-Meadow-42", "groupid": group.pk, "notes": "Calls on Mondays",
                "language": "german", "currency": 1, "tax_id": "DE123456788", "marketingoptin": "1"}  # fmt: skip
        found = call(stella, "AddClient", **LENA, **more)
        client = Client.objects.get(pk=found["clientid"])
        owner = User.objects.get(pk=found["owner_id"])
        assert (client.company, client.country.code, client.currency, client.language) == ("Brandt GmbH", "DE", "EUR", "de")
        assert client.group == group and client.notes.sticky().get().body == "Calls on Mondays"
        assert owner.check_password("Lantern-Meadow-42") and client.memberships.get().is_owner
        assert client.consents.get().kind == "marketing"
        assert Message.objects.get(to_email=owner.email).kind == "clients.login_made"

    def test_without_a_password_a_link_is_mailed_unless_nobody_is_to_be_written_to(self, stella):
        call(stella, "AddClient", **LENA)
        assert Message.objects.get(to_email="lena@brandt.example").kind == "clients.password_reset"
        call(stella, "AddClient", **{**LENA, "email": "quiet@brandt.example"}, noemail="true")
        assert not Message.objects.filter(to_email="quiet@brandt.example").exists()

    def test_an_owner_who_is_there(self, cast, stella):
        found = call(stella, "AddClient", **LENA, owner_user_id=cast.charlie.pk)
        assert found["owner_id"] == cast.charlie.pk
        assert cast.charlie.memberships.count() == 2

    @pytest.mark.parametrize(
        "changes,words",
        [
            ({"firstname": ""}, "You did not enter your first name"),
            ({"city": ""}, "You did not enter your city"),
            ({"email": "nobody"}, "mail"),
            ({"country": "XX"}, "XX"),
            ({"currency": "999999"}, "Invalid Currency ID"),
            ({"email": "alice@weaves.example"}, "address"),
            ({"password2": "12345678"}, "password"),
            ({"password2": ["a", "b"]}, "single value"),
            ({"groupid": 4711}, "Client Group ID Not Found"),
            ({"owner_user_id": 999999}, "Invalid User ID requested"),
        ],
    )
    def test_refusals_leave_nothing_behind(self, stella, changes, words):
        before = Client.objects.count(), User.objects.count()
        with pytest.raises(AppError, match=words):
            call(stella, "AddClient", **{**LENA, **changes})
        assert (Client.objects.count(), User.objects.count()) == before

    def test_skipvalidation_takes_less(self, stella):
        found = call(stella, "AddClient", companyname="Short Ltd.", email="short@short.example", skipvalidation="true")
        assert Client.objects.get(pk=found["clientid"]).name == "Short Ltd."

    def test_rights(self, cast):
        with pytest.raises(PermissionDenied):
            call(clerk("clients.client.view"), "AddClient", **LENA)


class TestDetails:
    KEYS = (
        "userid id client_id owner_user_id uuid firstname lastname fullname companyname email address1 address2 city fullstate state "
        "postcode countrycode country phonenumber tax_id email_preferences statecode countryname phonecc phonenumberformatted "
        "telephoneNumber billingcid notes currency currency_code defaultgateway groupid status credit taxexempt latefeeoveride "
        "overideduenotices separateinvoices disableautocc emailoptout marketing_emails_opt_in overrideautoclose allowSingleSignOn "
        "email_verified language isOptedInToMarketingEmails lastlogin customfields users"
    ).split()

    def test_about_fifty_keys_twice(self, cast, stella):
        found = call(stella, "GetClientsDetails", clientid=cast.alice_client.pk)
        assert not set(self.KEYS) - set(found["client"])
        assert found["email"] == found["client"]["email"] == cast.alice_client.email
        assert found["client"]["countryname"] == "Bangladesh" and found["client"]["phonecc"] == 880
        assert found["client"]["phonenumberformatted"] == "+880.1711555014"
        assert found["client"]["users"]["user"][0] == {
            "id": cast.alice.pk, "name": "Alice Hossain", "email": "alice@weaves.example", "is_owner": True}  # fmt: skip
        assert "stats" not in found
        assert not Account.objects.filter(client=cast.alice_client).exists()

    def test_by_address_with_stats(self, cast, stella):
        active_subscription(cast.alice_client)
        make_order(cast.alice_client)
        stats = call(stella, "GetClientsDetails", email="ALICE@weaves.example", stats="true")["stats"]
        assert (stats["productsnumactive"], stats["productsnumtotal"]) == (1, 2)
        assert (stats["numpaidinvoices"], stats["numunpaidinvoices"], stats["numdueinvoices"]) == (1, 1, 1)
        assert stats["paidinvoicesamount"] == stats["grossRevenue"] == "€10.00 EUR"

    def test_credit_is_told_to_who_may_see_it(self, cast, stella):
        client = cast.alice_client.pk
        assert call(stella, "GetClientsDetails", clientid=client)["credit"] == "0.00"
        assert call(clerk("clients.client.view"), "GetClientsDetails", clientid=client)["client"]["credit"] == ""
        with pytest.raises(PermissionDenied):
            call(clerk(*NEEDS.replace("billing.quote.view", "").split()), "GetStats")

    def test_nobody(self, stella):
        for sent in ({"clientid": 999999}, {"email": "nobody@nowhere.example"}):
            with pytest.raises(AppError, match="Client Not Found"):
                call(stella, "GetClientsDetails", **sent)

    def test_hashes_are_shown_where_a_setting_says_so(self, cast, stella):
        with pytest.raises(AppError, match="not shown"):
            call(stella, "GetClientPassword", userid=cast.alice_client.pk)
        set_option(WHMCS_PASSWORDS, True, stella)
        assert call(stella, "GetClientPassword", userid=cast.alice_client.pk) == {"password": User.objects.get(pk=cast.alice.pk).password}
        with pytest.raises(AppError, match="Client Not Found"):
            call(stella, "GetClientPassword", email=cast.stella.email)


class TestList:
    def test_pages_search_and_order(self, cast, stella):
        asked = partial(call, stella, "GetClients", orderby="id", sorting="DESC")
        assert cost(partial(asked, limitnum=1)) == cost(partial(asked, limitnum=2)) <= 3
        found = asked(limitnum=1)
        assert (found["totalresults"], found["startnumber"], found["numreturned"]) == (2, 0, 1)
        assert found["clients"]["client"][0]["id"] == cast.charlie_client.pk
        assert set(found["clients"]["client"][0]) == set("id firstname lastname companyname email datecreated groupid status".split())
        found = call(stella, "GetClients", search="weaves hossain")
        assert [row["id"] for row in found["clients"]["client"]] == [cast.alice_client.pk]
        assert call(stella, "GetClients", status="Closed")["clients"]["client"] == []
        assert call(stella, "GetClients", status="Nonsense")["numreturned"] == 0

    def test_groups(self, stella):
        ClientGroup.objects.create(name="Schools", discount_percent="12.5")
        found = call(stella, "GetClientGroups")
        assert found["totalresults"] == 1 and found["groups"]["group"][0]["discountpercent"] == "12.50"

    def test_no_domains(self, cast, stella):
        assert call(stella, "GetClientsDomains", clientid=cast.alice_client.pk)["domains"] == {"domain": []}


class TestUpdate:
    def test_what_was_sent_and_nothing_else(self, cast, stella):
        sent = {"firstname": "Alicia", "city": "Dhaka", "notes": "New", "taxexempt": "1", "separateinvoices": "1", "disableautocc": "on"}
        call(stella, "UpdateClient", clientid=cast.alice_client.pk, **sent)
        client = Client.objects.get(pk=cast.alice_client.pk)
        assert (client.first_name, client.city, client.last_name, client.phone) == ("Alicia", "Dhaka", "Hossain", cast.alice_client.phone)
        assert client.tax_profile.is_exempt and client.billing_account.separate_invoices and not client.billing_account.auto_charge
        call(stella, "UpdateClient", clientemail=client.email, taxexempt="0", companyname="")
        client = Client.objects.get(pk=client.pk)
        assert client.company == "" and not client.tax_profile.is_exempt

    def test_closing_and_opening(self, cast, stella):
        call(stella, "UpdateClient", clientid=cast.alice_client.pk, status="Closed", separateinvoices="1")
        assert Client.objects.get(pk=cast.alice_client.pk).is_closed
        call(stella, "UpdateClient", clientid=cast.alice_client.pk, status="Active")
        assert not Client.objects.get(pk=cast.alice_client.pk).is_closed
        assert call(stella, "CloseClient", clientid=cast.alice_client.pk) == {"clientid": cast.alice_client.pk}
        assert Client.objects.get(pk=cast.alice_client.pk).is_closed

    @pytest.mark.parametrize("sent,words", [({"status": "Inactive"}, "Active or Closed"), ({"currency": "USD"}, "currency"),
                                            ({"country": "Narnia"}, "NARNIA"), ({"email": "x"}, "mail")])  # fmt: skip
    def test_refusals(self, cast, stella, sent, words):
        with pytest.raises(AppError, match=words):
            call(stella, "UpdateClient", clientid=cast.alice_client.pk, **{"firstname": "Changed", **sent})
        assert Client.objects.get(pk=cast.alice_client.pk).first_name == "Alice"

    def test_tax_needs_its_own_right(self, cast):
        with pytest.raises(PermissionDenied):
            call(clerk("clients.client.view", "clients.client.edit"), "UpdateClient", clientid=cast.alice_client.pk, taxexempt="1")


class TestDelete:
    def test_one_with_whom_nothing_was_done(self, stella):
        client = ClientFactory()
        call(stella, "DeleteClient", clientid=client.pk, deleteusers="true")
        assert not Client.objects.filter(pk=client.pk).exists()

    def test_its_logins_too_when_they_reach_nothing_else(self, cast, stella):
        call(stella, "DeleteClient", clientid=cast.alice_client.pk, deleteusers="true")
        assert not User.objects.filter(pk__in=[cast.alice.pk, cast.bob.pk]).exists()
        assert User.objects.filter(pk=cast.charlie.pk).exists()

    def test_what_has_documents_is_kept(self, cast, stella):
        make_order(cast.alice_client)
        with pytest.raises(AppError, match="close the account"):
            call(stella, "DeleteClient", clientid=cast.alice_client.pk)
        assert Client.objects.filter(pk=cast.alice_client.pk).exists()


class TestMailsAndCancellations:
    def test_mails_of_the_client(self, cast, stella, drain):
        order = make_order(cast.alice_client)
        drain(30)
        found = call(stella, "GetEmails", clientid=cast.alice_client.pk)
        assert found["numreturned"] == 1 and order.invoice.number in found["emails"]["email"][0]["subject"]
        assert call(stella, "GetEmails", clientid=cast.alice_client.pk, date=clock.today())["numreturned"] == 1
        assert call(stella, "GetEmails", clientid=cast.alice_client.pk, date=clock.today() - timedelta(days=1))["numreturned"] == 0
        assert call(stella, "GetEmails", clientid=cast.alice_client.pk, subject="nonsense")["numreturned"] == 0

    def test_cancelled_services(self, cast, stella):
        kept, going, gone = (active_subscription(cast.alice_client) for _ in range(3))
        cancel_subscription(going, when="end", reason="Too dear", actor=stella)
        cancel_subscription(gone, when="now", reason="Not needed", actor=stella)
        rows = call(stella, "GetCancelledPackages")["packages"]["package"]
        assert {(row["relid"], row["type"], row["reason"]) for row in rows} == {
            (going.pk, "End of Billing Period", "Too dear"), (gone.pk, "Immediate", "Not needed")}  # fmt: skip


class TestContacts:
    def test_added_changed_listed_removed(self, cast, stella):
        pk = call(stella, "AddContact", clientid=cast.alice_client.pk, firstname="Rina", lastname="Das", email="rina@weaves.example",
                  email_preferences={"invoice": "1", "support": "1"})["contactid"]  # fmt: skip
        row = call(stella, "GetContacts", userid=cast.alice_client.pk)["contacts"]["contact"][0]
        assert (row["id"], row["firstname"], row["lastname"]) == (pk, "Rina", "Das")
        assert (row["invoiceemails"], row["supportemails"], row["generalemails"]) == (1, 1, 0)
        call(stella, "UpdateContact", contactid=pk, lastname="Roy", email_preferences={"support": "0", "general": "1"})
        row = call(stella, "GetContacts", email="RINA@weaves.example")["contacts"]["contact"][0]
        assert (row["lastname"], row["invoiceemails"], row["supportemails"], row["generalemails"]) == ("Roy", 1, 0, 1)
        assert call(stella, "DeleteContact", contactid=pk) == {"contactid": pk}
        assert call(stella, "GetContacts")["numreturned"] == 0
        with pytest.raises(AppError, match="Contact ID Not Found"):
            call(stella, "DeleteContact", contactid=pk)

    def test_the_same_address_twice(self, cast, stella):
        sent = {"clientid": cast.alice_client.pk, "firstname": "Rina", "email": "rina@weaves.example"}
        call(stella, "AddContact", **sent)
        with pytest.raises(AppError, match="already"):
            call(stella, "AddContact", **sent)


def test_what_a_clerk_may_not_see_is_not_found(cast):
    order = make_order(cast.alice_client, make_product())
    pay(order.invoice)
    stats = call(clerk("clients.client.view"), "GetClientsDetails", clientid=cast.alice_client.pk, stats="1")["stats"]
    assert stats["numpaidinvoices"] == 0 and stats["grossRevenue"] == "€0.00 EUR" and stats["productsnumtotal"] == 0
