"""Whatever people read has words: every act in the source, every event, handler, job and call that is registered."""

import re

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from hostbill.core import clock, events, jobs, labels, outgoing
from hostbill.core.crud.changes import SILENT
from hostbill.core.models import Change, Delivery, Event, Lane, ModuleConfig, Outgoing, TrackedModel
from tests.architecture.source import PRODUCT, python_files
from tests.factories import make_staff

AUDITED = re.compile(r"""(?:audit|_tell)\(\s*[\w.]+,\s*"([a-z]+\.[a-z_]+)\"""", re.S)
#: What acts tell of beside the fields of a row.
TOLD_WITHOUT_A_COLUMN = {"billing.countries", "billing.discount", "billing.events", "billing.net", "clients.roles", "support.merged"}
OURS = ("core.", "clients.", "billing.", "provisioning.", "support.")


def ours(keys) -> set[str]:
    """Without those that other tests register."""
    return {key for key in keys if key.startswith(OURS)}


def test_every_act_in_the_source_has_words():
    acts = {key for path in python_files(*PRODUCT) for key in AUDITED.findall(path.read_text())}
    assert len(acts) > 100
    assert acts - labels.known(labels.ACT) == set()


def test_acts_put_together_from_states_have_words():
    from billing.models import Dispute, Refund
    from provisioning.models import Operation

    acts = {f"billing.refund_{state}" for state in ("succeeded", "failed")} & {
        f"billing.refund_{s}" for s in Refund.State
    }
    acts |= {f"billing.dispute_{state}" for state in Dispute.State}
    verbs = [verb for verb, _label in Operation.VERB_CHOICES]
    acts |= {f"provisioning.{verb}_{end}" for verb in verbs for end in ("requested", "done", "failed")}
    assert acts - labels.known(labels.ACT) == set()


def test_everything_registered_has_words():
    handlers = {name for listeners in events._listeners.values() for name in listeners}
    assert ours(events.event_types()) - labels.known(labels.EVENT) == set()
    assert ours(handlers) - labels.known(labels.HANDLER) == set()
    assert ours(job.name for job in jobs.all_jobs()) - labels.known(labels.JOB) == set()
    assert ours(outgoing._kinds) - labels.known(labels.CALL) == set()


def test_no_words_for_what_is_gone():
    handlers = {name for listeners in events._listeners.values() for name in listeners}
    assert labels.known(labels.HANDLER) - handlers == set()
    assert labels.known(labels.EVENT) - set(events.event_types()) == set()
    assert labels.known(labels.JOB) - {job.name for job in jobs.all_jobs()} == set()
    assert labels.known(labels.CALL) - set(outgoing._kinds) == set()


def test_a_key_that_nobody_named_is_still_readable():
    assert labels.label_of(labels.ACT, "plugin.tea_made") == "Tea made"
    assert labels.kind_of("billing.taxrate") == "Tax rate"
    assert labels.kind_of("plugin.teapot") == "Teapot"


@pytest.fixture
def stella(client, db):
    """Signed in, may do everything."""
    client.force_login(make_staff("owner"))
    return client


def body(client, url, **params) -> str:
    return client.get(url, params).content.decode()


def test_queues_show_words_and_are_filtered_by_them(stella):
    Outgoing.objects.create(kind="billing.charge", key="c1", object_id=1, state="failed")
    Outgoing.objects.create(kind="core.message", key="m1", object_id=1, state="failed")
    event = Event.objects.create(name="billing.invoice_issued", payload={"invoice_id": 1})
    Delivery.objects.create(event=event, handler="billing.mail_on_invoice_issued", state="dead")
    calls = body(stella, reverse("outgoing_list"), tab="all", kind="billing.charge")
    assert "Charge a saved card" in calls and "billing.charge c1" in calls and "core.message m1" not in calls
    assert "is</span><strong><bdi>Charge a saved card" in calls
    assert "core.message m1" in body(stella, reverse("outgoing_list"), tab="all", q="send a mail")
    deliveries = body(stella, reverse("delivery_list"), tab="all")
    assert "Mail the invoice" in deliveries and "Invoice issued" in deliveries


def test_the_activity_log_shows_words_and_is_filtered_by_them(stella):
    for action in ("billing.invoice_issued", "billing.order_placed"):
        Change.objects.create(
            at=clock.now(), action=action, actor_kind="system", actor_label="HostBill", object_kind="billing.taxrate"
        )
    url = reverse("activity_list")
    page = stella.get(url, {"tab": "all", "action": "billing.invoice_issued"})
    assert [row.action for row in page.context["page"].rows] == ["billing.invoice_issued"]
    assert "Tax rate" in page.content.decode()
    by_hand = stella.get(url, {"tab": "all", "action": "Order pl"})
    assert [row.action for row in by_hand.context["page"].rows] == ["billing.order_placed"]
    searched = stella.get(url, {"tab": "all", "q": "invoice issued"})
    assert [row.action for row in searched.context["page"].rows] == ["billing.invoice_issued"]


def test_lanes_are_called_by_the_system_they_lead_to(stella):
    gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Cards", config={})
    for lane in (f"gateway:{gateway.pk}", "server:987654", "core.export"):
        Lane.objects.create(name=lane, stopped=lane.startswith("gateway"), reason="refused")
        Outgoing.objects.create(kind="billing.charge", key=lane, object_id=1, state="failed", lane=lane)
    page = stella.get(reverse("outgoing_list"), {"tab": "all"})
    rows = {row.lane: row.lane_words for row in page.context["page"].rows}
    assert rows == {f"gateway:{gateway.pk}": "Cards", "server:987654": "server:987654", "core.export": "Exports"}
    assert "Calls to Cards are stopped" in page.content.decode()
    narrowed = stella.get(reverse("outgoing_list"), {"tab": "all", "lane": f"gateway:{gateway.pk}"})
    assert [chip.value for chip in narrowed.context["chips"]] == ["Cards"]
    assert len(narrowed.context["page"].rows) == 1


def test_every_field_that_history_shows_has_a_label_that_is_translated():
    models = [model for model in apps.get_models() if issubclass(model, TrackedModel) and model._meta.label.startswith(OURS)]
    columns = [(model, column) for model in models for column in model._meta.concrete_fields]
    shown = [(model, column) for model, column in columns if not column.primary_key and column.name not in SILENT]
    assert len(shown) > 500
    known = labels.known(labels.FIELD)
    bare = [
        f"{model._meta.label_lower}.{column.name}"
        for model, column in shown
        if not isinstance(column.verbose_name, Promise) and f"{model._meta.app_label}.{column.name}" not in known
    ]
    assert bare == [], "Give them a verbose_name, or a label in register_labels(FIELD, ...) of the app's labels.py"


def test_no_labels_for_fields_that_are_gone():
    names = {f"{model._meta.app_label}.{column.name}" for model in apps.get_models() for column in model._meta.concrete_fields}
    assert labels.known(labels.FIELD) - names == TOLD_WITHOUT_A_COLUMN


def test_a_field_is_told_in_the_reader_s_language():
    invoice, user = apps.get_model("billing.invoice"), apps.get_model("clients.user")
    column = invoice._meta.get_field("open_amount")
    assert labels.field_label(invoice, column, "open_amount") == "Still to pay"
    with translation.override("de"):
        assert labels.field_label(invoice, column, "open_amount") == "Noch zu zahlen"
        assert labels.field_label(user, None, "roles") == "Rollen"
