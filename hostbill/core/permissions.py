"""Permissions over the floor's own objects, for staff roles."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.access import Permission, register_permissions

MESSAGES = _("Messages")
SYSTEM = _("Settings and operation")

register_permissions(
    [
        Permission("core.message.view", _("Read every message sent"), area=MESSAGES),
        Permission("core.message.resend", _("Send a message again"), area=MESSAGES),
        Permission("core.template.view", _("See the wording of messages"), area=MESSAGES),
        Permission("core.template.edit", _("Change the wording of messages"), area=MESSAGES),
        Permission("core.setting.edit", _("Change settings"), area=SYSTEM),
        Permission("core.module.edit", _("Connect payment gateways and panels"), area=SYSTEM),
        Permission("core.queue.view", _("See jobs and queues"), area=SYSTEM),
        Permission("core.queue.retry", _("Retry what failed, reopen lanes"), area=SYSTEM),
        Permission("core.rule.view", _("See automation rules"), area=SYSTEM),
        Permission("core.rule.edit", _("Change automation rules"), area=SYSTEM),
        Permission("core.view.share", _("Share list views with colleagues"), area=SYSTEM),
        Permission("core.webhook.view", _("See one's own webhooks"), area=SYSTEM),
        Permission("core.webhook.edit", _("Make webhooks for oneself"), area=SYSTEM),
        Permission(
            "core.webhook.oversee", _("See everybody's webhooks and what was sent, stop and delete them"), area=SYSTEM, by_name=True
        ),
        Permission("core.activity.view", _("Read the audit log"), area=SYSTEM),
    ]
)
