"""The three pages of the queues, and what they share."""

import json
import re

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from hostbill.core.access import StaffView
from hostbill.core.errors import AppError

VIEW, RETRY = "core.queue.view", "core.queue.retry"
#: Names of values that are never shown.
SECRET = re.compile(r"secret|password|token|url\b|link", re.I)


def parts(request) -> list:
    """The three pages as tabs."""
    places = (
        (_("Jobs"), "job_list"),
        (_("Outgoing"), "outgoing_list"),
        (_("Events not handled"), "delivery_list"),
    )
    return [
        {"label": label, "url": reverse(route), "current": request.path == reverse(route)} for label, route in places
    ]


def pretty(value) -> str:
    """JSON to be read, without what opens something; empty for nothing."""
    return json.dumps(_veiled(value), indent=2, ensure_ascii=False, default=str) if value else ""


def _veiled(value):
    if isinstance(value, dict):
        return {key: _("hidden") if SECRET.search(str(key)) else _veiled(inner) for key, inner in value.items()}
    return [_veiled(inner) for inner in value] if isinstance(value, list) else value


class Retry(StaffView, View):
    """One row is tried again now."""

    permission = RETRY
    http_method_names = ["post"]
    model = None
    action = None
    back = ""

    def post(self, request, pk):
        """Refusals are told."""
        row = get_object_or_404(self.model, pk=pk)
        try:
            type(self).action(row, actor=request.actor)
            messages.success(request, _("It is tried again now."))
        except AppError as error:
            messages.info(request, error.message)
        return redirect(self.back, pk)
