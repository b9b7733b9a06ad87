"""Addresses of services in the client area."""

from django.urls import path

from provisioning.views.portal import service

urlpatterns = [
    path("services/", service.ServiceList.as_view(), name="service_list"),
    path("services/<int:pk>/", service.ServiceDetail.as_view(), name="service_detail"),
    path("services/<int:pk>/setup/", service.ServiceSetup.as_view(), name="service_setup"),
    path("services/<int:pk>/setup/progress/", service.ServiceSetupProgress.as_view(), name="service_setup_progress"),
    path("services/<int:pk>/panel/", service.ServicePanel.as_view(), name="service_panel"),
    path("services/<int:pk>/webmail/", service.ServiceWebmail.as_view(), name="service_webmail"),
    path("services/<int:pk>/password/", service.ServicePassword.as_view(), name="service_password"),
    path("services/<int:pk>/cancel/", service.ServiceCancel.as_view(), name="service_cancel"),
    path("services/<int:pk>/keep/", service.ServiceKeep.as_view(), name="service_keep"),
    path("subscriptions/<int:pk>/setup/", service.SubscriptionSetup.as_view(), name="subscription_setup"),
]
