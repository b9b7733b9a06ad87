"""Screens that are no plain form, by API: each writes what its page writes."""

import pytest
from django.urls import reverse

from billing.models import BankLine, Order, Product
from hostbill.core.models import Change, ModuleConfig, Rule
from provisioning.models import Server
from support.models import Ticket
from tests.api.test_reading import program_with

assert reverse("api:entrance")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]


def made(found):
    assert found.status_code == 201, found.content
    return found.json()


def test_an_order_is_placed_in_few_statements(world, stella, django_assert_max_num_queries):
    """Sign-in, price, rows, tax, number, ledger, log and events of one order: see docs/bench.md."""
    Product.objects.update(kind="hosting")
    line = {"product": world.objects["product"].pk, "cycle": "monthly", "answers": {"domain": "staff.example"}}
    made(stella.post("orders/", {"client": world.client.pk, "lines": [line]}))
    with django_assert_max_num_queries(45):
        made(stella.post("orders/", {"client": world.client.pk, "lines": [line | {"answers": {"domain": "second.example"}}]}))


def test_an_order_is_previewed_and_placed(world, stella):
    Product.objects.update(kind="hosting")
    product = world.objects["product"]
    line = {"product": product.pk, "cycle": "monthly", "answers": {"domain": "staff.example"}}
    body = {"client": world.client.pk, "lines": [line]}
    seen = stella.post("orders/preview/", body).json()
    order = made(stella.post("orders/", body))
    assert order["total"] == seen["total"] and order["lines"][0]["label"] == "staff.example"
    own = made(stella.post("orders/", body | {"lines": [line | {"answers": {"domain": "b.example"}, "amount": "1.00"}], "reason": "x"}))
    assert own["lines"][0]["unit"]["amount"] == "1.00"
    for wrong, place in (
        ({"cycle": "triennial"}, "lines.0.cycle"),
        ({"product": 10**9}, "lines.0.product"),
        ({"answers": {}}, "lines.0.answers.domain"),
        ({"options": {"nonsense": 1}}, "lines.0.options"),
        ({"amount": "x"}, "lines.0.amount"),
    ):
        found = stella.post("orders/", body | {"lines": [line | wrong]})
        assert found.status_code == 422 and place in found.json()["errors"], (wrong, found.content)
    assert "reason" in stella.post("orders/", body | {"lines": [line | {"amount": "1.00"}]}).json()["errors"]
    clerk = program_with("billing.order.create", "billing.order.view", "clients.client.view")
    assert "lines.0.amount" in clerk.post("orders/", body | {"lines": [line | {"amount": "0"}]}).json()["errors"]
    assert Change.objects.filter(action="billing.order_placed").count() >= 2 and Order.objects.filter(pk=order["id"]).exists()


def test_a_product_has_terms_prices_and_its_set_up(world, stella):
    group = world.objects["product_group"]
    prices = [{"currency": "EUR", "cycle": "monthly", "amount": "5.00", "setup": "1.00"}]
    body = {"name": "Small", "group": group.pk, "kind": "hosting", "features": ["1 GB"], "prices": prices, "trial_days": 7,
            "provisioning": {"server_group": world.objects["server_group"].pk, "plan": "start"}}  # fmt: skip
    product = made(stella.post("products/", body))
    assert product["prices"][0]["money"]["amount"] == "5.00" and product["features"] == ["1 GB"] and product["trial_days"] == 7
    changed = stella.patch(product["url"], {"name": "Smaller"}).json()
    assert changed["name"] == "Smaller" and len(changed["prices"]) == 1, "what is not sent stays"
    dearer = stella.patch(product["url"], {"prices": [prices[0] | {"amount": "6.00"}]}).json()
    assert dearer["prices"][0]["money"]["amount"] == "6.00"
    for wrong, place in (
        ({"prices": prices * 2}, "prices"),
        ({"prices": [prices[0] | {"amount": "5.001"}]}, "prices.0.amount"),
        ({"provisioning": {"nonsense": 1}}, "provisioning"),
        ({"features": "x"}, "features"),
        ({"bill_day": 40}, "bill_day"),
    ):
        found = stella.patch(product["url"], wrong)
        assert found.status_code == 422 and place in found.json()["errors"], (wrong, found.content)
    assert Product.objects.get(pk=product["id"]).provisioning["plan"] == "start"


def test_a_bundle_has_parts(world, stella):
    part = {"product": world.objects["product"].pk, "cycle": "monthly", "prices": {"EUR": {"amount": "3.00"}}}
    bundle = made(stella.post("bundles/", {"name": "Both", "parts": [part]}))
    assert bundle["items"][0]["cycle"] == "monthly"
    assert len(stella.patch(bundle["url"], {"name": "Two"}).json()["items"]) == 1
    found = stella.patch(bundle["url"], {"parts": [part | {"cycle": "triennial"}]})
    assert found.status_code == 422 and "parts.0.cycle" in found.json()["errors"]
    assert "parts" in stella.post("bundles/", {"name": "None", "parts": []}).json()["errors"]


def test_a_server_is_made_changed_and_asked(world, stella):
    connection = {"hostname": "127.0.0.1", "port": 9, "username": "root", "token": "S" * 32, "use_tls": False}
    body = {"driver": "cpanel", "name": "fra-2", "hostname": "fra-2.example", "group": world.objects["server_group"].pk}
    server = made(stella.post("servers/", body | {"connection": connection}))
    assert "S" * 32 not in stella.get(server["url"]).content.decode()
    row = Server.objects.select_related("module_config").get(pk=server["id"])
    assert row.module_config.secrets["token"] == "S" * 32
    assert stella.patch(server["url"], {"name": "fra-3"}).json()["name"] == "fra-3"
    row.module_config.refresh_from_db()
    assert row.module_config.secrets["token"] == "S" * 32, "a secret that is not sent stays"
    tested = stella.post(f"{server['url']}test/").json()["result"]
    assert tested["ok"] is False and tested["detail"]
    wrong = stella.post("servers/", body | {"name": "x", "connection": {"nonsense": 1}})
    assert wrong.status_code == 422 and any(place.startswith("connection.") for place in wrong.json()["errors"])


def test_a_module_is_made_changed_and_tells_no_secret(world, stella):
    config = {"secret_key": "sk_test_hidden", "publishable_key": "pk_test_x", "webhook_secret": "whsec_hidden"}
    module = made(stella.post("modules/", {"kind": "gateway", "driver": "stripe", "label": "Cards 2", "config": config}))
    told = stella.get(module["url"]).content.decode()
    assert "hidden" not in told and "pk_test_x" in told
    assert stella.patch(module["url"], {"label": "Cards 3"}).json()["label"] == "Cards 3"
    row = ModuleConfig.objects.get(pk=module["id"])
    assert row.secrets["secret_key"] == "sk_test_hidden"
    assert "config.nonsense" in stella.patch(module["url"], {"config": {"nonsense": 1}}).json()["errors"]
    assert "driver" in stella.post("modules/", {"kind": "x", "driver": "y", "label": "z"}).json()["errors"]
    assert program_with("billing.invoice.view").get("modules/").status_code == 403


def test_a_rule_is_made_tried_and_changed(world, stella):
    rule = Rule.objects.order_by("pk").first()
    body = {"trigger": rule.trigger, "offset_days": 12, "action": rule.action, "params": rule.params, "conditions": []}
    tried = stella.post("rules/dry-run/", body)
    assert tried.status_code == 200 and tried.json()["sentence"], tried.content
    new = made(stella.post("rules/", body))
    assert new["offset_days"] == 12 and new["sentence"] and new["is_active"]
    assert stella.patch(new["url"], {"is_active": False}).json()["is_active"] is False
    assert "objects" in stella.post(f"{new['url']}dry-run/").json()["result"]
    for wrong in ({"trigger": "x"}, {"action": "x"}, {"offset_days": 400}, {"conditions": "x"}, {"conditions": [{"field": "x"}]}):
        assert stella.patch(new["url"], wrong).status_code in (200, 422), wrong
    assert stella.post(f"{new['url']}delete/").status_code == 200 and not Rule.objects.filter(pk=new["id"]).exists()


def test_a_ticket_is_opened_with_a_file(world, stella):
    department = world.objects["department"].pk
    files = [{"name": "log.txt", "content": "ZXJyb3I="}]
    body = {"client": world.client.pk, "subject": "Move", "department": department, "body": "Tonight.", "files": files}
    ticket = made(stella.post("tickets/", body | {"service": world.objects["service"].pk}))
    file = ticket["messages"][0]["files"][0]
    assert Ticket.objects.get(pk=ticket["id"]).client_id == world.client.pk
    assert b"".join(stella.get(f"ticket-files/{file['token']}/").streaming_content) == b"error"
    assert program_with("billing.invoice.view").get(f"ticket-files/{file['token']}/").status_code == 403
    assert "client" in stella.post("tickets/", body | {"client": 10**9}).json()["errors"]


def test_bank_lines_are_suggested_left_and_booked(world, stella):
    line, invoice = BankLine.objects.get(), world.objects["invoice"]
    assert "choices" in stella.post(f"bank-lines/{line.pk}/suggest/").json()["result"]
    assert stella.post(f"bank-lines/{line.pk}/leave/", {"reason": "Interest"}).json()["object"]["state"] == "left"
    stella.post(f"bank-lines/{line.pk}/take-up/")
    assert stella.post(f"bank-lines/{line.pk}/book/").status_code == 422
    BankLine.objects.filter(pk=line.pk).update(amount=invoice.open.amount)
    booked = stella.post(f"bank-lines/{line.pk}/book/", {"invoices": [invoice.pk]})
    assert booked.status_code == 200 and booked.json()["object"]["state"] == "booked", booked.content
    assert stella.get(f"invoices/{invoice.pk}/").json()["state"] == "paid"
    assert program_with("billing.payment.view").post(f"bank-lines/{line.pk}/book/").status_code == 403


def test_a_statement_is_sent_and_imported(stella):
    table = "RGF5O1BheWVyO1RleHQ7QW1vdW50CjIwMjYtMDUtMDI7V2VhdmVzO1JnIDE7MTIsMDAK"  # Day;Payer;Text;Amount
    body = {"new_name": "Second bank", "currency": "EUR", "account": None, "file": {"name": "june.csv", "content": table}}
    statement = made(stella.post("bank-statements/", body))
    refused = stella.post(f"{statement['url']}import/", {"mapping": {"amount": "Nonsense"}})
    assert refused.status_code == 422 and "mapping" in refused.json()["errors"]
    mapping = {"booked_on": "Day", "amount": "Amount", "payer": "Payer", "text": "Text", "day": "%Y-%m-%d"}
    done = stella.post(f"{statement['url']}import/", {"mapping": mapping})
    assert done.status_code == 200, done.content
    assert done.json()["object"]["imported_at"]


def test_settings_are_read_and_written_by_topic(stella):
    topics = stella.get("settings/").json()["data"]
    assert len(topics) > 5
    keys = {row["topic"]: {one["key"] for one in stella.get(f"settings/{row['topic']}/").json()["settings"]} for row in topics}
    topic = next(name for name, found in keys.items() if "api.rate" in found)
    changed = stella.patch(f"settings/{topic}/", {"api.rate": 700})
    value = next(s["value"] for s in changed.json()["settings"] if s["key"] == "api.rate")
    assert value == 700 and Change.objects.filter(action="core.option_changed", fields__has_key="api.rate").exists()
    for wrong in ({"api.rate": "700"}, {"api.rate": True}, {"api.rate": -1}, {"nonsense": 1}, {"company.name": "x"}):
        found = stella.patch(f"settings/{topic}/", wrong)
        assert found.status_code == 422 and set(found.json()["errors"]) == set(wrong), found.content
    assert stella.get("settings/nonsense/").status_code == 404
    assert program_with("billing.invoice.view").get("settings/").status_code == 403


def test_jobs_are_seen_and_run(stella):
    job = stella.get("jobs/").json()["data"][0]
    assert stella.get(f"jobs/{job['name']}/").json()["name"] == job["name"]
    ran = stella.post(f"jobs/{job['name']}/run/")
    assert ran.status_code == 200 and ran.json()["run"]["id"], ran.content
    assert stella.get("jobs/nonsense/").status_code == 404
    assert program_with("core.queue.view").post(f"jobs/{job['name']}/run/").status_code == 403


def test_reports_are_figures(stella):
    for report in stella.get("reports/").json()["data"]:
        found = stella.get(f"reports/{report['report']}/", {"currency": "EUR"}).json()
        assert all(len(row["values"]) == len(found["columns"]) for row in found["rows"]), report
    assert stella.get("reports/income/", {"year": "1800"}).status_code == 400
    assert stella.get("reports/income/", {"currency": "XXX"}).status_code == 400
    assert stella.get("reports/nonsense/").status_code == 404


def test_a_difference_is_mended_in_its_way(world, stella):
    drift = world.objects["drift"]
    ways = stella.get(f"differences/{drift.pk}/").json()["ways"]
    assert "leave" in ways
    assert "reason" in stella.post(f"differences/{drift.pk}/mend/", {"way": "leave"}).json()["errors"]
    done = stella.post(f"differences/{drift.pk}/mend/", {"way": "leave", "reason": "Known"})
    assert done.status_code == 200 and done.json()["object"]["left_at"], done.content


def test_many_at_once_each_for_itself(world, stella):
    rows = [{"company": f"C{n}", "email": f"c{n}@x.example", "country": "DE", "language": "de", "currency": "EUR"} for n in range(3)]
    rows[1]["email"] = "nonsense"
    body = {"create": rows}
    found = stella.post("clients/bulk/", body, **{"Idempotency-Key": "many"}).json()
    assert [row["status"] for row in found["results"]] == [201, 422, 201] and (found["done"], found["failed"]) == (2, 1)
    assert found["results"][1]["problem"]["errors"]["email"]
    again = stella.post("clients/bulk/", body, **{"Idempotency-Key": "many"}).json()
    assert [row["id"] for row in again["results"]] == [row["id"] for row in found["results"]], "done once"
    ids = [row["id"] for row in found["results"] if row["id"]]
    closed = stella.post("clients/bulk/", {"verb": "close", "ids": [*ids, 10**9], "values": {"reason": "Test"}}).json()
    assert [row["status"] for row in closed["results"]][-1] == 404
    for wrong in ({}, {"verb": "close"}, {"verb": "x", "ids": [1]}, {"verb": "close", "ids": [1, 1]}, {"create": []}, {"create": [1]},
                  {"verb": "close", "ids": list(range(101))}, {"create": rows, "ids": [1]}, {"verb": [], "ids": [1]}):  # fmt: skip
        assert stella.post("clients/bulk/", wrong).status_code == 422, wrong
    reader = program_with("clients.client.view")
    assert reader.post("clients/bulk/", body).status_code == 403


def test_others_are_told_whole_within_a_budget(world, stella, django_assert_max_num_queries):
    path = f"invoices/{world.objects['invoice'].pk}/"
    found = stella.get(path, {"expand": "client,lines.subscription.product"}).json()
    assert found["client"]["email"] == world.client.email and found["client"]["name"]
    assert found["lines"][0]["subscription"]["product"]["slug"]
    listed = stella.get("invoices/", {"expand": "client"}).json()["data"]
    assert all(row["client"]["number"] for row in listed)
    for wrong in ("nonsense", "lines", "number", "client.client.client.client", ",".join(f"x{n}" for n in range(6))):
        refused = stella.get(path, {"expand": wrong})
        assert refused.status_code == 400 and list(refused.json()["errors"]) == ["expand"], wrong
    narrow = program_with("billing.invoice.view")
    assert narrow.get(path, {"expand": "client"}).status_code == 403 and narrow.get(path).status_code == 200
    with django_assert_max_num_queries(40):
        stella.get("invoices/", {"expand": "client"})


def test_what_was_read_of_a_promotion_can_be_sent_back(world, stella):
    body = {"name": "Spring", "code": "SPRING", "kind": "fixed", "who": "all", "amounts": [{"currency": "EUR", "value": "5.00"}]}
    promotion = made(stella.post("promotions/", body))
    sent = stella.patch(promotion["url"], {"amounts": promotion["amounts"]})
    assert sent.status_code == 200 and sent.json()["amounts"] == promotion["amounts"], sent.content
