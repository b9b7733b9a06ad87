"""What the console has beside its lists, by API: people, money that came by hand, options, settings, books, mails, queues."""

from decimal import Decimal

import pytest
from django.urls import reverse

from billing.models import Account, Payment, Price, Product, ProductOption, Subscription
from clients.models import Contact, Invitation, Membership
from hostbill.core.models import Change, Message, MessageTemplate, Outgoing
from tests.api.test_reading import program_with
from tests.api.test_twins import made
from tests.billing.factories import make_order, subscription_of

assert reverse("api:entrance")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]


def test_people_of_a_client_are_invited_changed_and_removed(world, stella):
    client, body = world.client.pk, {"email": "new@example.com", "areas": ["support"]}
    asked = stella.post(f"clients/{client}/invite/", body).json()["result"]
    assert asked["url"] and stella.post(f"{asked['url']}withdraw/").json()["object"]["is_open"] is False
    assert Invitation.objects.get(pk=asked["id"]).withdrawn_at
    bob = Membership.objects.get(user=world.cast.bob)
    assert stella.patch(f"members/{bob.pk}/", {"areas": ["billing"]}).json()["areas"] == ["billing"]
    owner = Membership.objects.get(client=client, is_owner=True)
    assert stella.patch(f"members/{owner.pk}/", {"areas": ["billing"]}).json()["code"] == "owner"
    assert stella.post(f"members/{bob.pk}/remove/").status_code == 200 and not Membership.objects.filter(pk=bob.pk).exists()
    contact = Contact.objects.get(client=client)
    assert stella.patch(f"contacts/{contact.pk}/", {"name": "Books"}).json()["name"] == "Books"
    assert stella.post(f"contacts/{contact.pk}/remove/").status_code == 200 and not Contact.objects.exists()
    looker = program_with("clients.client.view")
    assert looker.get("members/").status_code == 200 and looker.post(f"members/{owner.pk}/remove/").status_code == 403


def test_money_that_came_by_hand(world, stella):
    invoice = world.objects["invoice"]
    body = {"client": world.client.pk, "amount": str(invoice.total.amount), "reference": "Rg 4711", "invoices": [invoice.pk]}
    paid = made(stella.post("payments/", body))
    assert stella.get(f"invoices/{invoice.pk}/").json()["state"] == "paid"
    assert made(stella.post("payments/", body))["id"] == paid["id"], "booked once"
    credit = made(stella.post("payments/", body | {"reference": "Gift", "amount": "5.00", "invoices": []}))
    assert credit["credited"]["amount"] == "5.00"
    account = Account.objects.get(client=world.client)
    assert stella.get("billing-accounts/", {"client": world.client.pk}).json()["data"][0]["credit"]["amount"] == str(account.credit.amount)
    assert stella.get("credit-movements/", {"account__client": world.client.pk}).json()["data"][0]["money"]["amount"] == "5.00"
    for wrong, place in (({"amount": "0"}, "amount"), ({"amount": "1.001"}, "amount"), ({"client": 10**9}, "client"),
                         ({"invoices": [10**9]}, "invoices"), ({"received_on": "2999-01-01"}, "received_on")):  # fmt: skip
        found = stella.post("payments/", body | {"reference": "x"} | wrong)
        assert found.status_code == 422 and place in found.json()["errors"], (wrong, found.content)
    assert Payment.objects.count() == 3


def test_an_option_has_choices_prices_and_rules(world, stella):
    group, other = world.objects["option_group"].pk, world.objects["product_option"].pk
    price = {"currency": "EUR", "cycle": "monthly", "amount": "2.00"}
    body = {"group": group, "name": "Disk", "key": "disk", "kind": "dropdown",
            "choices": [{"name": "10 GB", "value": "10", "prices": [price]}, {"name": "20 GB"}],
            "rules": [{"effect": "show", "source": other}]}  # fmt: skip
    option = made(stella.post("options/", body))
    assert [row["name"] for row in option["choices"]] == ["10 GB", "20 GB"] and option["rules"][0]["source"]["id"] == other
    assert option["choices"][0]["prices"][0]["amount"] in ("2", "2.00")
    changed = stella.patch(option["url"], {"hint": "In GB"}).json()
    assert changed["hint"] == "In GB" and changed["choices"] == option["choices"] and changed["rules"] == option["rules"]
    renamed = [option["choices"][0] | {"name": "Small"}, {key: option["choices"][1][key] for key in ("id", "name")}]
    assert [row["name"] for row in stella.patch(option["url"], {"choices": renamed}).json()["choices"]] == ["Small", "20 GB"]
    for wrong, place in (({"choices": [{"id": 10**9, "name": "x"}]}, "choices.0.id"), ({"choices": [{}]}, "choices.0.name"),
                         ({"choices": [{"name": "x", "prices": [price, price]}]}, "choices.0.prices"),
                         ({"choices": [{"name": "x", "prices": [price | {"amount": "-1"}]}]}, "choices.0.prices.0.amount"),
                         ({"rules": [{"effect": "x", "source": other}]}, "rules.0.effect")):  # fmt: skip
        found = stella.patch(option["url"], wrong)
        assert found.status_code == 422 and place in found.json()["errors"], (wrong, found.content)
    assert ProductOption.objects.get(pk=option["id"]).choices.count() == 2


def test_one_setting_with_its_history_and_default(stella):
    path = "settings/api/api.rate/"
    before = stella.get(path).json()
    assert stella.patch(path, {"value": 900}).json()["value"] == 900
    assert stella.patch(path, {"value": "x"}).json()["errors"]["value"] and stella.patch(path, {}).status_code == 422
    again = stella.patch(path, {"value": None}).json()
    assert again["value"] == before["default"] and [row["after"] for row in again["history"]][:2] == [before["default"], 900]
    assert stella.get("settings/api/nonsense/").status_code == 404 and program_with("core.job.view").get(path).status_code == 403


def test_the_books(world, stella):
    balance = stella.get("trial-balance/").json()
    assert balance["is_even"] and balance["rows"]
    owed = stella.get("ageing/").json()
    assert owed["total"] == owed["ledger"] and owed["rows"][0]["client"]["url"].endswith("/")
    tax = stella.get("tax-report/", {"part": "q1"}).json()
    assert tax["first"].endswith("-01-01") and tax["last"].endswith("-03-31")
    assert stella.get("tax-report/").json()["rates"]
    file = stella.get("journal-file/", {"file_format": "csv"})
    assert file.status_code == 200 and b"".join(file.streaming_content)
    assert Change.objects.filter(action="billing.journal_exported", actor_kind="api").exists()
    for path, asked in (("trial-balance/", {"first": "x"}), ("ageing/", {"currency": "XXX"}), ("tax-report/", {"part": "q5"}),
                        ("journal-file/", {"file_format": "x"}), ("tax-report/", {"year": "99999"})):  # fmt: skip
        assert stella.get(path, asked).json()["code"] == "bad_parameter", path
    assert program_with("billing.ledger.view").get("journal-file/").status_code == 403


def test_mails_are_sent_again_and_worded(world, stella):
    message = world.objects["message"]
    Message.objects.filter(pk=message.pk).update(state="sent")
    again = stella.post(f"messages/{message.pk}/resend/").json()["result"]
    assert Message.objects.get(pk=again["id"]).to_email == message.to_email
    path = "wordings/billing.invoice_issued/en/"
    words = stella.get(path).json()
    assert words["body"] and not words["is_own"] and words["placeholders"]
    assert stella.patch(path, {"subject": "Ours"}).json()["subject"] == "Ours"
    assert MessageTemplate.objects.get().body == words["body"]
    assert "body" in stella.patch(path, {"body": "{{ nonsense"}).json().get("errors", {})
    assert stella.post(f"{path}reset/").json()["subject"] == words["subject"] and not MessageTemplate.objects.exists()
    assert stella.get("wordings/x/en/").status_code == 404 and stella.get("wordings/").json()["data"]
    assert program_with("core.template.view").patch(path, {"subject": "x"}).status_code == 403


def test_queues_notices_search_and_health(world, stella):
    call = world.objects["outgoing"]
    assert stella.post(f"outgoing/{call.pk}/retry/").json()["object"]["state"] == "queued"
    Outgoing.objects.filter(pk=call.pk).update(state="done")
    assert stella.post(f"outgoing/{call.pk}/retry/").json()["code"] == "not_retryable"
    assert stella.post(f"deliveries/{world.objects['delivery'].pk}/retry/").status_code == 200
    assert "lane" in stella.post("outgoing/reopen-lane/", {"lane": "nonsense"}).json()["errors"]
    assert stella.get("health/").json()["data"] and stella.get("tonight/").json()["data"]
    assert stella.get("notices/").json()["data"] and stella.post("notices/read/").json()["unread"] == 0
    hits = stella.get("search/", {"q": "Sundarban"}).json()["data"]
    assert world.client.pk in [hit["id"] for hit in hits] and stella.get("search/").json()["data"] == []
    assert program_with("support.ticket.view").get("search/", {"q": "Sundarban Weaves"}).json()["data"] == []


def test_an_addon_goes_with_the_subscription_that_was_named(world, stella):
    parent, other = world.objects["subscription"], subscription_of(make_order(world.client))
    addon = Product.objects.create(name="IP", slug="ip", kind=parent.product.kind, group=parent.product.group)
    addon.parents.add(parent.product, other.product)
    Price.objects.create(product=addon, currency="EUR", cycle="monthly", amount=2)
    for row in (parent, other):
        row.state = "active"
        row.save()
    line = {"product": addon.pk, "cycle": "monthly", "subscription": parent.pk}
    order = stella.post("orders/", {"client": world.client.pk, "lines": [line]})
    assert order.status_code == 201, order.content
    assert Subscription.objects.get(product=addon).parent_id == parent.pk
    foreign = world.objects["transfer"].subscription_id
    wrong = stella.post("orders/", {"client": world.client.pk, "lines": [line | {"subscription": foreign}]})
    assert "lines.0.subscription" in wrong.json()["errors"]


def test_servers_are_compared_and_former_accounts_deleted(world, stella):
    former = world.objects["former_account"]
    assert stella.post("differences/compare/").json() == {"started": True}
    assert set(stella.post("differences/mend-safe/").json()) == {"mended", "refused"}
    assert stella.post(f"former-accounts/{former.pk}/remove/").status_code in (200, 422)
    assert Decimal(stella.post("tax-rates/eu/").json()["added"]) > 20 and stella.post("tax-rates/eu/").json()["added"] == 0


def test_tickets_are_merged_and_deleted(world, stella):
    kept = world.objects["ticket"]
    body = {"client": world.client.pk, "subject": "Once more", "body": "Why?", "department": kept.department_id, "priority": 2}
    other = made(stella.post("tickets/", body))
    assert stella.post(f"tickets/{kept.pk}/merge/", {"tickets": [kept.pk]}).status_code == 422, "not with itself"
    joined = stella.post(f"tickets/{kept.pk}/merge/", {"tickets": [other["id"]]}).json()["object"]
    assert "Why?" in [message["body"] for message in joined["messages"]]
    assert stella.get(f"tickets/{other['id']}/").json()["state"] == "closed"
    assert stella.post(f"tickets/{other['id']}/delete/").json()["code"] == "not_confirmed"
    reader = program_with("support.ticket.view", "support.ticket.edit")
    assert reader.post(f"tickets/{other['id']}/delete/", {"confirm": other["number"]}).status_code == 403
    assert stella.post(f"tickets/{other['id']}/delete/", {"confirm": other["number"]}).json() == {"object": None, "result": None}
    assert stella.get(f"tickets/{other['id']}/").status_code == 404
