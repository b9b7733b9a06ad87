"""What keys are called in words: acts of the log, events, their handlers, jobs, calls to the outside, fields, kinds of objects.

Keys stand in the database and in the code; people read labels. Each app registers its own in `<app>/labels.py`."""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: What can be named.
ACT, EVENT, HANDLER, JOB, CALL, FIELD = "act", "event", "handler", "job", "call", "field"

_labels: dict[str, dict] = {ACT: {}, EVENT: {}, HANDLER: {}, JOB: {}, CALL: {}, FIELD: {}}


def register_labels(family: str, labels: dict) -> None:
    """Make the words of keys known: {key: label}."""
    _labels[family].update(labels)


def label_of(family: str, key: str) -> str:
    """In words; of a key that nobody named, its last part: `plugin.tea_made` is "Tea made"."""
    found = _labels[family].get(key)
    return str(found) if found else key.rpartition(".")[2].replace("_", " ").capitalize()


def field_label(model, column, name: str) -> str:
    """What people call a field that an act changed: its own label, else what its app calls all of this name (``billing.paid_at``).

    ``column`` is None for what an act tells of and no row holds, such as the roles of a colleague."""
    if column is not None and isinstance(column.verbose_name, Promise):
        return str(column.verbose_name)
    known = _labels[FIELD].get(f"{model._meta.app_label}.{column.name if column else name}") if model else None
    return str(known or (column.verbose_name if column else name))


def choices(family: str) -> list[tuple[str, str]]:
    """(key, label) of every named key; for forms."""
    return list(_labels[family].items())


def known(family: str) -> set[str]:
    """Every named key."""
    return set(_labels[family])


def kind_of(model_label: str) -> str:
    """The kind of an object that a log names by its model (``billing.invoice``): "Invoice"."""
    try:
        name = str(apps.get_model(model_label)._meta.verbose_name)
    except (LookupError, ValueError):
        name = model_label.rpartition(".")[2]
    return name[:1].upper() + name[1:]


register_labels(
    ACT,
    {
        "core.bulk_started": _("Act on many rows started"),
        "core.bulk_stopped": _("Act on many rows stopped"),
        "core.delivery_retried": _("Event handed over again"),
        "core.job_started": _("Job started by hand"),
        "core.lane_reopened": _("Lane reopened"),
        "core.list_exported": _("List exported"),
        "core.message_resent": _("Message sent again"),
        "core.module_changed": _("Connection changed"),
        "core.module_created": _("Connection made"),
        "core.option_changed": _("Setting changed"),
        "core.outgoing_retried": _("Call tried again"),
        "core.rule_changed": _("Rule changed"),
        "core.rule_created": _("Rule made"),
        "core.rule_deleted": _("Rule deleted"),
        "core.test_mail_sent": _("Test mail sent"),
        "core.view_changed": _("Shared view changed"),
        "core.view_deleted": _("Shared view deleted"),
        "core.view_shared": _("View shared"),
        "core.webhook_changed": _("Webhook changed"),
        "core.webhook_created": _("Webhook made"),
        "core.webhook_deleted": _("Webhook deleted"),
        "core.webhook_replayed": _("Webhook: delivery sent again"),
        "core.webhook_secret_changed": _("Webhook: new secret"),
        "core.webhook_stopped": _("Webhook stopped by itself"),
        "core.webhook_switched_off": _("Webhook switched off"),
        "core.webhook_switched_on": _("Webhook switched on"),
        "core.webhook_tested": _("Webhook tried"),
        "core.wording_changed": _("Wording of a mail changed"),
        "core.wording_reset": _("Wording of a mail set back"),
    },
)
register_labels(
    JOB,
    {
        "core.run_rules": _("Act by the rules: remind, suspend, end, close"),
        "core.prune": _("Forget what nobody needs any more"),
        "core.forget_exports": _("Forget old exports"),
    },
)
register_labels(
    CALL,
    {
        "core.message": _("Send a mail"),
        "core.bulk_run": _("Act on many rows of a list"),
        "core.export": _("Write a list to a file"),
        "core.webhook": _("Tell a webhook"),
    },
)
register_labels(EVENT, {"core.webhook_stopped": _("Webhook stopped")})
register_labels(HANDLER, {"core.webhooks": _("Tell webhooks")})
register_labels(
    FIELD,
    {
        "core.action": _("Action"), "core.client_id": _("Client"), "core.code": _("Code"),
        "core.conditions": _("Conditions"), "core.config": _("Connection"), "core.driver": _("Driver"),
        "core.is_active": _("In use"), "core.is_default": _("Offered first"), "core.kind": _("Kind"),
        "core.label": _("Name"), "core.name": _("Name"), "core.offset_days": _("Days before or after"),
        "core.old_secret": _("Secret before"), "core.old_secret_until": _("Secret before holds until"),
        "core.order": _("Place in the sequence"), "core.params": _("Details"), "core.secret": _("Secret"),
        "core.secrets": _("Secrets"), "core.stopped_reason": _("Why it stopped"),
        "core.test_error": _("Error of the test"), "core.tested_at": _("Tested"), "core.trigger": _("Date"),
        "core.body": _("Body"), "core.language": _("Language"), "core.lane": _("Lane"), "core.subject": _("Subject"),
        "core.updated_by": _("Changed by"),
    },
)  # fmt: skip
