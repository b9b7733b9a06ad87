"""Addresses of people and accounts in the console."""

from django.urls import path

from clients.views.staff import api_token, client, group, membership, merge, user, visit

urlpatterns = [
    path("clients/", client.ClientList.as_view(), name="client_list"),
    path("clients/new/", client.ClientCreate.as_view(), name="client_create"),
    path("clients/<int:pk>/", client.ClientDetail.as_view(), name="client_detail"),
    path("clients/<int:pk>/edit/", client.ClientEdit.as_view(), name="client_edit"),
    path("clients/<int:pk>/note/", client.ClientNote.as_view(), name="client_note"),
    path("clients/<int:pk>/close/", client.ClientClose.as_view(), name="client_close"),
    path("clients/<int:pk>/reopen/", client.ClientReopen.as_view(), name="client_reopen"),
    path("clients/<int:pk>/merge/", merge.ClientMerge.as_view(), name="client_merge"),
    path("clients/<int:pk>/invite/", membership.ClientInvite.as_view(), name="client_invite"),
    path("clients/<int:pk>/contact/", membership.ClientContact.as_view(), name="client_contact"),
    path("clients/<int:pk>/mail/", client.ClientMail.as_view(), name="client_mail"),
    path("clients/<int:pk>/visit/", visit.ClientVisit.as_view(), name="client_visit"),
    path("visit/end/", visit.ClientVisitEnd.as_view(), name="client_visit_end"),
    path("clients/<int:pk>/group/", group.ClientGroupSet.as_view(), name="client_regroup"),
    path("clients/groups/", group.GroupList.as_view(), name="client_group_list"),
    path("clients/groups/new/", group.GroupEdit.as_view(), name="client_group_create"),
    path("clients/groups/<int:pk>/", group.GroupEdit.as_view(), name="client_group_edit"),
    path("members/<int:pk>/", membership.MemberRights.as_view(), name="member_edit"),
    path("members/<int:pk>/remove/", membership.MemberRemove.as_view(), name="member_remove"),
    path("invitations/<int:pk>/withdraw/", membership.InvitationWithdraw.as_view(), name="invitation_withdraw"),
    path("contacts/<int:pk>/remove/", membership.ContactRemove.as_view(), name="contact_remove"),
    path("users/", user.UserList.as_view(), name="user_list"),
    path("users/new/", user.UserCreate.as_view(), name="user_create"),
    path("users/<int:pk>/", user.UserEdit.as_view(), name="user_edit"),
    path("api-tokens/", api_token.ApiTokenList.as_view(), name="api_token_list"),
    path("api-tokens/new/", api_token.ApiTokenCreate.as_view(), name="api_token_create"),
    path("api-tokens/<int:pk>/revoke/", api_token.ApiTokenRevoke.as_view(), name="api_token_revoke"),
    path("roles/", user.RoleList.as_view(), name="role_list"),
    path("roles/new/", user.RoleEdit.as_view(), name="role_create"),
    path("roles/<int:pk>/", user.RoleEdit.as_view(), name="role_edit"),
    path("roles/<int:pk>/delete/", user.RoleDelete.as_view(), name="role_delete"),
]
