"""Addresses of services, operations and servers in the console."""

from django.urls import path

from hostbill.core.crud import detail, with_history
from provisioning.views.staff import drift, operation, server, service

urlpatterns = [
    path("services/", service.ServiceList.as_view(), name="service_list"),
    *detail("services/<int:pk>/", service.ServiceDetail, "service_detail"),
    path("services/<int:pk>/panel/", service.ServicePanel.as_view(), name="service_panel"),
    path("services/<int:pk>/webmail/", service.ServiceWebmail.as_view(), name="service_webmail"),
    path("services/<int:pk>/suspend/", service.ServiceSuspend.as_view(), name="service_suspend"),
    path("services/<int:pk>/resume/", service.ServiceResume.as_view(), name="service_resume"),
    path("services/<int:pk>/force-resume/", service.ServiceForceResume.as_view(), name="service_force_resume"),
    path("services/<int:pk>/terminate/", service.ServiceTerminate.as_view(), name="service_terminate"),
    path("services/<int:pk>/plan/", service.ServicePlan.as_view(), name="service_plan"),
    path("services/<int:pk>/password/", service.ServicePassword.as_view(), name="service_password"),
    path("services/<int:pk>/start/", service.ServiceStart.as_view(), name="service_start"),
    path("services/<int:pk>/move/", service.ServiceMove.as_view(), name="service_move"),
    path("services/<int:pk>/attach/", service.ServiceAttach.as_view(), name="service_attach"),
    path("services/<int:pk>/delivered/", service.ServiceDelivered.as_view(), name="service_delivered"),
    path("services/<int:pk>/sync/", service.ServiceSync.as_view(), name="service_sync"),
    path("services/<int:pk>/looked/", service.ServiceLooked.as_view(), name="service_looked"),
    path("services/<int:pk>/relocate/", service.ServiceRelocate.as_view(), name="service_relocate"),
    path("services/former/<int:pk>/remove/", service.FormerAccountRemove.as_view(), name="former_account_remove"),
    path("operations/", operation.OperationList.as_view(), name="operation_list"),
    *detail("operations/<int:pk>/", operation.OperationDetail, "operation_detail"),
    path("operations/<int:pk>/retry/", operation.OperationRetry.as_view(), name="operation_retry"),
    path("operations/<int:pk>/done/", operation.OperationDone.as_view(), name="operation_done"),
    path("operations/<int:pk>/cancel/", operation.OperationCancel.as_view(), name="operation_cancel"),
    path("servers/", server.ServerList.as_view(), name="server_list"),
    path("servers/new/", server.ServerCreate.as_view(), name="server_create"),
    *detail("servers/<int:pk>/", server.ServerDetail, "server_detail"),
    path("servers/<int:pk>/edit/", server.ServerEdit.as_view(), name="server_edit"),
    path("servers/<int:pk>/test/", server.ServerTest.as_view(), name="server_test"),
    path("servers/<int:pk>/drain/", server.ServerDrain.as_view(), name="server_drain"),
    path("servers/<int:pk>/fill/", server.ServerFill.as_view(), name="server_fill"),
    path("servers/<int:pk>/reopen/", server.ServerReopen.as_view(), name="server_reopen"),
    path("servers/<int:pk>/delete/", server.ServerDelete.as_view(), name="server_delete"),
    path("servers/groups/", server.GroupList.as_view(), name="group_list"),
    path("servers/groups/new/", server.GroupEdit.as_view(), name="group_create"),
    *with_history("servers/groups/<int:pk>/", server.GroupEdit, "group_edit"),
    path("servers/differences/", drift.DriftList.as_view(), name="drift_list"),
    path("servers/differences/compare/", drift.DriftCompare.as_view(), name="drift_compare"),
    path("servers/differences/mend/", drift.DriftMendSafe.as_view(), name="drift_mend_safe"),
    path("servers/differences/<int:pk>/<slug:way>/", drift.DriftMend.as_view(), name="drift_mend"),
]
