"""``/includes/api.php``: one address for all actions."""

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.http import Http404
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from hostbill.core import clock
from hostbill.core.api import limits
from hostbill.core.api.problems import Problem
from hostbill.core.errors import AppError, OutsideError
from hostbill.core.scope import request_id
from hostbill.whmcs import actions  # noqa: F401 - fills the table
from hostbill.whmcs.action import ACTIONS, Call
from hostbill.whmcs.catalogue import DOCUMENTED
from hostbill.whmcs.door import Shut, admit
from hostbill.whmcs.sent import Unreadable, read
from hostbill.whmcs.shapes import answer
from hostbill.whmcs.values import Values

log = structlog.get_logger(__name__)


@csrf_exempt
def api(request):
    """Every call of every program. Whatever it sends, the answer has ``result``."""
    reserved: dict = {}
    headers: dict = {}
    with translation.override("en"), timezone.override(clock.seller_zone()):
        try:
            reserved, values = _read(request)
            found, status = _run(request, reserved, values, headers), 200
        except (Shut, Unreadable) as error:
            headers |= getattr(error, "headers", {})
            found, status = _error(error.message), error.status
        except PermissionDenied:
            found, status = _error("Access Denied"), 403
    response = answer(found, action=reserved.get("action", ""), kind=reserved.get("responsetype", "").lower(), status=status)
    for name, value in headers.items():
        response[name] = value
    response["Cache-Control"] = "private, no-store"
    return response


def _read(request) -> tuple[dict, dict]:
    if request.method not in ("GET", "POST"):
        raise Unreadable("Send it by POST", 405)
    reserved, values = read(request)
    if not reserved.get("action"):
        raise Unreadable("Empty action request")
    return reserved, values


def _error(message) -> dict:
    return {"result": "error", "message": str(message)}


def _run(request, reserved: dict, values: dict, headers: dict) -> dict:
    """The answer's keys. Raises Shut, PermissionDenied."""
    credential, request.actor = admit(request, reserved)
    _count(credential, headers)
    key = reserved["action"].lower()
    documented, action = DOCUMENTED.get(key), ACTIONS.get(key)
    if documented is None and action is None:
        return _error("Command Not Found")
    if not credential.allows(documented.name if documented else action.name):
        raise Shut(f'Invalid Permissions: API action "{key[:60]}" is not allowed')
    if action is None:
        return _error(documented.refusal)
    if any(not request.actor.may(permission) for permission in action.needs):
        raise PermissionDenied
    return _do(action, Call(request.actor, Values(values), request))


def _count(credential, headers: dict) -> None:
    try:
        headers |= limits.count(None, f"credential:{credential.pk}")
    except Problem as problem:
        raise Shut("Too many requests", 429, problem.headers) from problem


def _do(action, call: Call) -> dict:
    """In one transaction: an action that refuses in the middle has done nothing."""
    try:
        for name in action.required:
            if not call.values.found.get(name):
                return _error(f"{name} is required")
        with transaction.atomic():
            return {"result": "success"} | action.do(call)
    except (Shut, PermissionDenied):
        raise
    except (AppError, OutsideError) as error:
        return _error(error.message)
    except ValidationError as error:
        return _error(" ".join(error.messages))
    except Http404:
        return _error("There is no such object, or these credentials may not see it")
    except (DataError, IntegrityError, OverflowError) as error:
        log.warning("whmcs_call_contradicts", action=action.name, why=type(error).__name__)
        return _error("A value does not fit, or contradicts what is there")
    except Exception:
        log.exception("whmcs_call_broke", action=action.name)
        raise Shut(f"Something broke on our side, see request {request_id()}", 500) from None
