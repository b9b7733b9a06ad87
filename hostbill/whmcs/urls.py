"""The endpoint, and the screens of its credentials."""

from django.urls import path, re_path

from hostbill.core.crud import with_history
from hostbill.whmcs import screens
from hostbill.whmcs.endpoint import api
from hostbill.whmcs.single_sign_on import single_sign_on

app_name = "whmcs"
urlpatterns = [
    path("includes/api.php", api, name="api"),
    # Programs keep the folder of the installation they were written for, and some end or join addresses with a slash too many.
    re_path(r"^[/]*(?:[\w.-]+/+){0,3}?includes/+api\.php/?$", api, name="api_elsewhere"),
    path("sso/<str:ticket>/", single_sign_on, name="single_sign_on"),
    path("staff/api-credentials/", screens.CredentialList.as_view(), name="api_credential_list"),
    path("staff/api-credentials/new/", screens.CredentialCreate.as_view(), name="api_credential_create"),
    path("staff/api-credentials/<int:pk>/revoke/", screens.CredentialRevoke.as_view(), name="api_credential_revoke"),
    path("staff/api-roles/", screens.ApiRoleList.as_view(), name="api_role_list"),
    path("staff/api-roles/new/", screens.ApiRoleEdit.as_view(), name="api_role_create"),
    *with_history("staff/api-roles/<int:pk>/", screens.ApiRoleEdit, "api_role_edit"),
    path("staff/api-roles/<int:pk>/delete/", screens.ApiRoleDelete.as_view(), name="api_role_delete"),
]
