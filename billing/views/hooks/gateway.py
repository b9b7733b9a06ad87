"""Where payment gateways report: check the signature, keep the message once, answer at once."""

from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from billing.actions.gateway_event import receive_event
from hostbill.core import modules
from hostbill.core.errors import AppError
from hostbill.core.models import ModuleConfig

#: No real message is larger; more is not even read.
MAX_BYTES = 1_000_000


@method_decorator(csrf_exempt, name="dispatch")
class GatewayHookView(View):
    """POST /hooks/gateway/<id>/. Known messages are answered 200 like new ones; bad signatures 400, nothing stored."""

    http_method_names = ["post"]

    def post(self, request, pk):
        gateway = get_object_or_404(ModuleConfig, pk=pk, kind="gateway", is_active=True)
        if int(request.headers.get("Content-Length") or 0) > MAX_BYTES:
            return HttpResponse(status=413)
        driver = modules.load(gateway)
        if "webhook" not in driver.capabilities:
            return HttpResponseBadRequest("no messages expected")
        try:
            event = driver.parse_webhook(request.body, request.headers)
        except AppError:
            return HttpResponseBadRequest("bad signature")
        receive_event(gateway, event)
        return HttpResponse(status=200)
