"""Invoices, quotes and promotions written by programs: with their lines, as the editors take them."""

import pytest
from django.urls import reverse

from billing.models import Invoice, Price, Promotion, Quote
from tests.api.test_reading import program_with

assert reverse("api:entrance")
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("api")]
LINE = {"description": "Move of a site", "quantity": "2", "unit_amount": "40.00"}
ADDRESS = {"company": "Brandt Keramik", "email": "lena@brandt.example", "country": "DE", "language": "de", "currency": "EUR"}


def test_an_invoice_is_drafted_changed_and_issued(world, stella):
    made = stella.post("invoices/", {"client": world.client.pk, "lines": [LINE]})
    assert made.status_code == 201, made.content
    draft = made.json()
    assert draft["state"] == "draft" and draft["net"] == {"amount": "80.00", "currency": "EUR"}
    assert stella.patch(draft["url"], {"notes": "Thank you"}).json()["lines"][0]["description"] == LINE["description"]
    changed = stella.patch(draft["url"], {"lines": [LINE, LINE | {"description": "Another", "unit_amount": "10"}]}).json()
    assert changed["net"]["amount"] == "100.00" and changed["notes"] == "Thank you" and len(changed["lines"]) == 2
    issued = stella.post(f"{draft['url']}issue/")
    assert issued.json()["object"]["state"] == "issued" and issued.json()["object"]["number"]
    refused = stella.patch(draft["url"], {"lines": [LINE]})
    assert refused.status_code == 422 and refused.json()["code"] == "not_a_draft"


def test_what_is_wrong_in_a_line_stands_under_its_place(world, stella):
    before = Invoice.objects.count()
    lines = [LINE, {"description": "x"}, {"unit_amount": 1.5, "quantity": "1", "description": "y"}, "text", LINE | {"price": "1"}]
    found = stella.post("invoices/", {"client": world.client.pk, "lines": lines})
    assert found.status_code == 422 and Invoice.objects.count() == before
    assert set(found.json()["errors"]) == {"lines.1.unit_amount", "lines.2.unit_amount", "lines.3", "lines.4.price"}
    for nothing in ([], None, "x", {"0": LINE}, [LINE] * 61):
        assert "lines" in stella.post("invoices/", {"client": world.client.pk, "lines": nothing}).json()["errors"]


def test_the_line_of_an_ordered_service_keeps_it(world, stella):
    invoice = Invoice.objects.filter(lines__subscription__isnull=False).first()
    told = stella.get(f"invoices/{invoice.pk}/").json()["lines"][0]
    assert told["origin"] and told["unit_amount"]


def test_a_quote_for_a_client_is_written_delivered_accepted_and_converted(world, stella):
    made = stella.post("quotes/", {"client": world.client.pk, "subject": "A move", "lines": [LINE]})
    assert made.status_code == 201, made.content
    quote = made.json()
    assert (quote["state"], quote["net"]["amount"], quote["client"]["id"]) == ("draft", "80.00", world.client.pk)
    assert stella.patch(quote["url"], {"subject": "The move"}).json()["lines"][0]["unit_amount"].startswith("40")
    assert stella.post(f"{quote['url']}deliver/").json()["object"]["state"] == "delivered"
    yes = stella.post(f"{quote['url']}accept/", {"name": "Lena Brandt", "told": "Letter of 3 May"})
    assert yes.status_code == 200 and yes.json()["object"]["state"] == "accepted", yes.content
    stella.post(f"{quote['url']}convert/")  # by the setting the yes has done so already
    assert stella.get(quote["url"]).json()["invoice"] and Quote.objects.get(pk=quote["id"]).invoice.net_amount == 80


@pytest.mark.parametrize("line", [[], {}, "x", True, None, -1, 10**30])
def test_answers_to_a_line_that_is_none_are_refused(world, stella, line):
    quote = stella.post("quotes/", {"client": world.client.pk, "subject": "A move", "lines": [LINE]}).json()
    stella.post(f"{quote['url']}deliver/")
    yes = {"name": "Lena Brandt", "told": "Letter of 3 May", "answers": [{"line": line, "answers": {}}]}
    refused = stella.post(f"{quote['url']}accept/", yes)
    assert refused.status_code == 422 and "answers.0" in refused.json()["errors"]
    assert Quote.objects.get(pk=quote["id"]).state == "delivered"


def test_a_quote_for_somebody_new_has_an_address(stella):
    made = stella.post("quotes/", ADDRESS | {"subject": "A move", "lines": [LINE]})
    assert made.status_code == 201, made.content
    assert made.json()["company"] == "Brandt Keramik" and made.json()["client"] is None
    changed = stella.patch(made.json()["url"], {"company": "Brandt GmbH"}).json()
    assert changed["company"] == "Brandt GmbH" and changed["language"] == "de" and changed["net"]["amount"] == "80.00"
    nobody = stella.post("quotes/", {"subject": "A move", "lines": [LINE]}).json()["errors"]
    assert {"last_name", "email"} <= set(nobody)


def test_a_product_is_quoted_in_a_cycle_in_which_it_is_sold(world, stella):
    price = Price.objects.filter(price_list=None, currency="EUR", cycle="monthly").first()
    body = {"client": world.client.pk, "subject": "Hosting"}
    line = {"product": price.product_id, "cycle": "monthly", "quantity": "1"}
    quote = stella.post("quotes/", body | {"lines": [line]})
    assert quote.status_code == 201, quote.content
    told = quote.json()["lines"][0]
    assert told["product"]["id"] == price.product_id and told["net"]["amount"] == str(price.money.amount + price.setup.amount)
    for wrong, where in (({"cycle": "triennial"}, "cycle"), ({"product": 10**9}, "cycle"), ({"quantity": "1.5"}, "quantity")):
        found = stella.post("quotes/", body | {"lines": [LINE, line | wrong]})
        assert f"lines.1.{where}" in found.json()["errors"], found.content


def test_a_quote_of_another_s_client_is_not_made_without_the_right(world):
    reader = program_with("billing.quote.view", "clients.client.view")
    assert reader.post("quotes/", {"client": world.client.pk, "lines": [LINE]}).status_code == 403


def test_a_promotion_has_amounts_by_currency(stella):
    body = {"name": "Spring", "code": "SPRING", "kind": "fixed", "who": "all"}
    made = stella.post("promotions/", body | {"amounts": [{"currency": "EUR", "value": "5.00", "minimum": "20"}]})
    assert made.status_code == 201, made.content
    assert made.json()["amounts"][0]["currency"] == "EUR" and Promotion.objects.get(code="SPRING").amounts.get().value_amount == 5
    kept = stella.patch(made.json()["url"], {"name": "May"}).json()
    assert kept["name"] == "May" and len(kept["amounts"]) == 1
    twice = stella.patch(made.json()["url"], {"amounts": [{"currency": "EUR", "value": "5"}] * 2})
    assert twice.status_code == 422 and "amounts" in twice.json()["errors"]
    wrong = stella.patch(made.json()["url"], {"amounts": [{"currency": "EUR", "value": "5.001"}, {"currency": "???"}]})
    assert set(wrong.json()["errors"]) == {"amounts.0.value", "amounts.1.currency"}


def test_a_discount_is_ended_and_a_price_removed(world, stella):
    discount, price = world.objects["discount"], world.objects["price"]
    assert stella.get(f"discounts/{discount.pk}/").json()["subscription"]["id"] == discount.subscription_id
    ended = stella.post(f"discounts/{discount.pk}/end/", {"reason": "Over"})
    assert ended.json()["object"]["ended_at"]
    assert stella.post(f"prices/{price.pk}/remove/").status_code == 200 and not Price.objects.filter(pk=price.pk).exists()


def test_documents_come_as_files(world, stella):
    client = world.client.pk
    for path in (f"invoices/{world.objects['invoice'].pk}/pdf/", f"quotes/{world.objects['quote'].pk}/pdf/",
                 f"credit-notes/{world.objects['credit_note'].pk}/pdf/", f"clients/{client}/statement/"):  # fmt: skip
        found = stella.get(path)
        assert found.status_code == 200 and found.content.startswith(b"%PDF"), path
        assert stella.get(path, Accept="application/pdf").status_code == 200
        assert stella.get(path.replace(str(path.split("/")[1]), "999999999")).status_code == 404
        assert program_with("billing.payment.view").get(path).status_code == 403
    assert stella.get(f"clients/{client}/statement/", {"from": "2026-01-01", "to": "2026-02-01"}).status_code == 200
    assert stella.get(f"clients/{client}/statement/", {"since": "2026"}).status_code == 400


def test_a_statement_is_mailed_for_the_days_that_are_sent(world, stella):
    path = f"clients/{world.client.pk}/statement-mail/"
    sent = stella.post(path, {"first_on": "2026-01-01", "last_on": "2026-03-31"})
    assert sent.status_code == 200, sent.content
    assert "first_on" in stella.post(path, {"first_on": "2026-03-01", "last_on": "2026-01-31"}).json()["errors"]
