"""An operation told in three words: cause, effect, next."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hostbill.core.failures import Told as Failure
from hostbill.core.failures import explain
from hostbill.core.ui.words import ago_words
from provisioning.models import Operation


@dataclass(frozen=True)
class Told:
    """Each a strong line and a note; empty when all is well."""

    cause: Failure | None = None
    effect: str = ""
    next: str = ""
    next_note: str = ""


def describe(operation: Operation) -> Told:
    """For operations that did not go straight."""
    if operation.state in ("done", "cancelled"):
        return Told()
    cause = explain(operation.error_code, operation.error) if operation.error else None
    if operation.state == "failed":
        return Told(cause, _effect(operation), _("A person decides"), _("retrying will not help by itself"))
    if operation.server_id and operation.server.stopped_since:
        return Told(cause or explain("", operation.server.last_error), _effect(operation), _("When the server takes our login again"))
    if operation.state == "unknown":
        return Told(cause, _effect(operation), _("Looks at the account first"), _soon(operation))
    if operation.error:
        return Told(cause, _effect(operation), _("Tries again"), _soon(operation))
    return Told()


def _soon(operation: Operation) -> str:
    return ago_words(operation.next_try_at) if operation.next_try_at else _("now")


def _effect(operation: Operation) -> str:
    return {
        "create": _("The client's page says “being set up”."),
        "suspend": _("The site stays online meanwhile."),
        "resume": _("The site stays offline meanwhile."),
        "terminate": _("The account stays on the server."),
        "change_plan": _("The old limits hold meanwhile."),
        "relocate": _("Everything stays on the old server."),
        "remove_old": _("The old account stays where it is; the service is not touched."),
        "set_password": _("The old password counts meanwhile."),
    }.get(operation.verb, _("Nothing is lost."))
