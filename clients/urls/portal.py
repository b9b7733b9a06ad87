"""Addresses of people and accounts in the client area."""

from django.urls import path

from clients.views.portal import membership, message, profile

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
]
