"""Error pages that still look like ours."""

from django.shortcuts import render

from hostbill.core.access import VisitRefused
from hostbill.core.api import problems


def for_program(request) -> bool:
    """Whether the answer is read by a program."""
    return request.path.startswith("/api/")


def bad_request(request, exception=None):
    """400."""
    if for_program(request):
        return problems.answer(400)
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    """403."""
    visit = isinstance(exception, VisitRefused)
    return render(request, "visit_refused.html" if visit else "403.html", status=403)


def not_found(request, exception=None):
    """404."""
    if for_program(request):
        return problems.answer(404)
    return render(request, "404.html", status=404)


def server_error(request):
    """500: without context processors that may need the database."""
    if for_program(request):
        return problems.answer(500)
    return render(None, "500.html", status=500)
