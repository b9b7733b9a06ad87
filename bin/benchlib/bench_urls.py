"""The product's addresses, and what they are measured against: two views as bare as Django allows."""

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from billing.models import Invoice
from clients.models import Client
from hostbill.urls import *  # noqa: F403
from hostbill.urls import urlpatterns

TABLE = "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"


def bare(request):
    """One indexed query, one line: the name of a client by its number."""
    number = request.GET.get("number", "C-20001")
    label = request.actor.label  # the same person is looked up as on every page
    return HttpResponse(f"{label} {Client.objects.values_list('last_name', flat=True).get(number=number)}")


def bare_list(request):
    """One indexed query, 50 rows in a plain table."""
    columns = ("number", "client__last_name", "state", "issued_on", "due_on", "total_amount", "open_amount")
    rows = Invoice.objects.filter(state="issued").order_by("due_on", "id").values_list(*columns)[:50]
    return HttpResponse(engines["django"].from_string(TABLE).render({"rows": rows}, request))


urlpatterns = [*urlpatterns, path("bench/bare/", bare), path("bench/list/", bare_list)]
