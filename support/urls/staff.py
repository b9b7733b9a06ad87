"""Ticket addresses of the console."""

from django.urls import path

from hostbill.core.crud import with_history
from support.views.staff import department, ticket

urlpatterns = [
    path("tickets/", ticket.TicketList.as_view(), name="ticket_list"),
    path("tickets/new/", ticket.TicketCreate.as_view(), name="ticket_create"),
    path("tickets/files/<uuid:token>/", ticket.TicketFile.as_view(), name="ticket_file"),
    *with_history("tickets/<int:pk>/", ticket.TicketDetail, "ticket_detail"),
    path("tickets/<int:pk>/reply/", ticket.TicketReply.as_view(), name="ticket_reply"),
    path("tickets/<int:pk>/note/", ticket.TicketNote.as_view(), name="ticket_note"),
    path("tickets/<int:pk>/close/", ticket.TicketClose.as_view(), name="ticket_close"),
    path("tickets/<int:pk>/reopen/", ticket.TicketReopen.as_view(), name="ticket_reopen"),
    path("tickets/<int:pk>/assign/", ticket.TicketAssign.as_view(), name="ticket_assign"),
    path("tickets/<int:pk>/move/", ticket.TicketMove.as_view(), name="ticket_move"),
    path("tickets/<int:pk>/merge/", ticket.TicketMerge.as_view(), name="ticket_merge"),
    path("tickets/<int:pk>/delete/", ticket.TicketDelete.as_view(), name="ticket_delete"),
    path("departments/", department.DepartmentList.as_view(), name="department_list"),
    path("departments/new/", department.DepartmentEdit.as_view(), name="department_create"),
    *with_history("departments/<int:pk>/", department.DepartmentEdit, "department_edit"),
]
