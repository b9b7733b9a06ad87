"""Addresses that payment gateways call."""

from django.urls import path

from billing.views.hooks import gateway

app_name = "billing_hooks"

urlpatterns = [
    path("gateway/<int:pk>/", gateway.GatewayHookView.as_view(), name="gateway"),
]
