"""The product's addresses, and what they are measured against: a view that runs one indexed query and answers one line."""

from django.http import HttpResponse
from django.urls import path

from clients.models import Client
from hostbill.urls import *  # noqa: F403
from hostbill.urls import urlpatterns


def bare(request):
    """The name of one client by its number."""
    number = request.GET.get("number", "C-20001")
    return HttpResponse(Client.objects.values_list("last_name", flat=True).get(number=number))


urlpatterns = [*urlpatterns, path("bench/bare/", bare)]
