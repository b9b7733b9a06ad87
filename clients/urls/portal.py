"""Addresses of people and accounts in the client area."""

from django.urls import path

from clients.views.portal import api_token, membership, message, profile, webhook

urlpatterns = [
    path("profile/", profile.Profile.as_view(), name="profile"),
    path("company/", profile.ClientEdit.as_view(), name="client_edit"),
    path("switch/", profile.ClientSwitch.as_view(), name="client_switch"),
    path("people/", membership.MemberList.as_view(), name="member_list"),
    path("people/invite/", membership.MemberInvite.as_view(), name="member_invite"),
    path("people/<int:pk>/", membership.MemberEdit.as_view(), name="member_edit"),
    path("people/<int:pk>/remove/", membership.MemberRemove.as_view(), name="member_remove"),
    path("people/invitations/<int:pk>/withdraw/", membership.InvitationWithdraw.as_view(), name="invitation_withdraw"),
    path("join/<str:token>/", membership.InvitationAccept.as_view(), name="invitation_accept"),
    path("messages/", message.MessageList.as_view(), name="message_list"),
    path("messages/<int:pk>/", message.MessageDetail.as_view(), name="message_detail"),
    path("webhooks/", webhook.WebhookList.as_view(), name="webhook_list"),
    path("webhooks/new/", webhook.WebhookCreate.as_view(), name="webhook_create"),
    path("webhooks/<int:pk>/", webhook.WebhookDetail.as_view(), name="webhook_detail"),
    path("webhooks/<int:pk>/deliveries/", webhook.WebhookDeliveries.as_view(), name="webhook_deliveries"),
    path("webhooks/<int:pk>/edit/", webhook.WebhookEdit.as_view(), name="webhook_edit"),
    path("webhooks/<int:pk>/test/", webhook.WebhookTest.as_view(), name="webhook_test"),
    path("webhooks/<int:pk>/off/", webhook.WebhookOff.as_view(), name="webhook_off"),
    path("webhooks/<int:pk>/on/", webhook.WebhookOn.as_view(), name="webhook_on"),
    path("webhooks/<int:pk>/rotate/", webhook.WebhookRotate.as_view(), name="webhook_rotate"),
    path("webhooks/<int:pk>/delete/", webhook.WebhookDelete.as_view(), name="webhook_delete"),
    path("webhooks/deliveries/<int:pk>/", webhook.DeliveryDetail.as_view(), name="webhook_delivery_detail"),
    path("webhooks/deliveries/<int:pk>/replay/", webhook.DeliveryReplay.as_view(), name="webhook_delivery_replay"),
    path("api-tokens/", api_token.ApiTokenList.as_view(), name="api_token_list"),
    path("api-tokens/new/", api_token.ApiTokenCreate.as_view(), name="api_token_create"),
    path("api-tokens/<int:pk>/revoke/", api_token.ApiTokenRevoke.as_view(), name="api_token_revoke"),
]
