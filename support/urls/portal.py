"""Ticket addresses of the client area."""

from django.urls import path

from support.views.portal import ticket

urlpatterns = [
    path("tickets/", ticket.TicketList.as_view(), name="ticket_list"),
    path("tickets/new/", ticket.TicketCreate.as_view(), name="ticket_create"),
    path("tickets/files/<uuid:token>/", ticket.TicketFile.as_view(), name="ticket_file"),
    path("tickets/<int:pk>/", ticket.TicketDetail.as_view(), name="ticket_detail"),
    path("tickets/<int:pk>/reply/", ticket.TicketReply.as_view(), name="ticket_reply"),
    path("tickets/<int:pk>/close/", ticket.TicketClose.as_view(), name="ticket_close"),
]
