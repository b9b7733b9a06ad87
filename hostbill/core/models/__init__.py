"""The floor's tables."""

from hostbill.core.models.bulk_run import BulkRow, BulkRun
from hostbill.core.models.change import Change
from hostbill.core.models.event import Delivery, Event
from hostbill.core.models.export import Export
from hostbill.core.models.file import File
from hostbill.core.models.idempotency import IdempotencyKey
from hostbill.core.models.job_run import JobRun
from hostbill.core.models.message import Message, MessageTemplate
from hostbill.core.models.module_config import ModuleConfig
from hostbill.core.models.outgoing import Lane, Outgoing
from hostbill.core.models.preference import Preference
from hostbill.core.models.rule import Rule, RuleRun
from hostbill.core.models.saved_view import SavedView
from hostbill.core.models.sequence import Sequence
from hostbill.core.models.setting import Setting
from hostbill.core.models.tracked import TrackedModel
from hostbill.core.models.webhook import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "BulkRow",
    "BulkRun",
    "Change",
    "Delivery",
    "Event",
    "Export",
    "File",
    "IdempotencyKey",
    "JobRun",
    "Lane",
    "Message",
    "MessageTemplate",
    "ModuleConfig",
    "Outgoing",
    "Preference",
    "Rule",
    "RuleRun",
    "SavedView",
    "Sequence",
    "Setting",
    "TrackedModel",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
