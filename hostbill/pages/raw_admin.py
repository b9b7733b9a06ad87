"""Django's own admin, for looking at rows in an emergency: superusers only, through the usual sign-in with its second
factor and limits."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import path

from hostbill.core.access import to_sign_in


def may_enter(request) -> bool:
    """Roles do not matter here: the admin asks no permission of ours and calls no action."""
    return request.user.is_active and request.user.is_superuser


def sign_in(request, extra_context=None):
    """In place of the admin's own form, which knows neither second factor nor limits."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    if not may_enter(request):
        raise PermissionDenied
    return redirect("admin:index")


admin.site.has_permission = may_enter
admin.site.login = sign_in

urls = [path("raw-admin/", admin.site.urls)]
