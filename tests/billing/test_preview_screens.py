"""The time machine in the console and by API."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing.models import Preview, PreviewItem
from hostbill.core import clock
from hostbill.core.models import Change, Rule
from hostbill.core.rules import seed_defaults
from tests.billing.factories import active_subscription, make_product
from tests.factories import make_cast, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    """With logins."""
    return make_cast()


@pytest.fixture
def stella(client, cast):
    client.force_login(cast.stella)
    return client


def test_asked_watched_read_and_deleted(stella, cast, drain):
    seed_defaults()
    subscription = active_subscription(cast.charlie_client, make_product(name="Business"))
    until, url = clock.today() + timedelta(days=20), reverse("billing_staff:preview_create")
    assert stella.get(url).status_code == 200
    rule = Rule.objects.get(code="billing.suspend")
    asked = {
        "until": until.isoformat(),
        "cards": "pay",
        "product": subscription.product_id,
        "percent": "10",
        "rule": rule.pk,
        "days": "3",
    }
    answer = stella.post(url, asked)
    preview = Preview.objects.get()
    assert answer.status_code == 302 and preview.changes == {
        "prices": {str(subscription.product_id): "10"},
        "rules": {str(rule.pk): 3},
    }
    assert "Looking ahead" in stella.get(preview.get_absolute_url()).content.decode()
    drain()
    page = stella.get(preview.get_absolute_url()).content.decode()
    assert "Business: 10 %" in page
    rows = stella.get(reverse("billing_staff:preview_item_list"), {"preview": preview.pk, "tab": "all"})
    assert rows.status_code == 200 and PreviewItem.objects.filter(preview=preview, difference="changed").exists()
    assert stella.get(reverse("billing_staff:preview_list")).status_code == 200
    assert stella.post(reverse("billing_staff:preview_delete", args=[preview.pk])).status_code == 302
    assert not Preview.objects.exists() and not PreviewItem.objects.exists()
    assert set(Change.objects.filter(action__startswith="billing.preview").values_list("action", flat=True)) == {
        "billing.preview_asked", "billing.preview_deleted",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": "2001-01-01"},
        {"until": "9999-12-31"},
        {"until": "soon"},
        {"option": "billing.renewal_days_before", "value": "many"},
        {"option": "company.name", "value": "x"},
        {"percent": "a lot"},
        {"percent": "1e999"},
        {"client": "999999"},
        {"days": "99999"},
    ],
)
def test_bad_questions_are_refused_with_everything_kept(stella, cast, wrong):
    seed_defaults()
    product = make_product()
    asked = {
        "until": clock.today().isoformat(),
        "cards": "pay",
        "product": product.pk,
        "percent": "10",
        "rule": Rule.objects.first().pk,
    }
    answer = stella.post(reverse("billing_staff:preview_create"), asked | wrong)
    assert answer.status_code == 422 and not Preview.objects.exists()


def test_only_with_the_right(client, cast):
    client.force_login(make_staff("read-only"))
    assert client.get(reverse("billing_staff:preview_list")).status_code == 403
    client.force_login(cast.alice)
    assert client.get(reverse("billing_staff:preview_create")).status_code == 403
