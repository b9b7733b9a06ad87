"""Jobs and queues: what ran, what is next, what failed; what leaves the house; events nobody could handle."""

from django.urls import path

from hostbill.core.crud import detail

from .deliveries import DeliveryDetail, DeliveryList, DeliveryRetry
from .jobs import JobDetail, JobList, JobRunNow
from .outgoing import LaneReopen, OutgoingDetail, OutgoingList, OutgoingRetry

urls = [
    path("staff/jobs/", JobList.as_view(), name="job_list"),
    path("staff/jobs/<str:name>/", JobDetail.as_view(), name="job_detail"),
    path("staff/jobs/<str:name>/run/", JobRunNow.as_view(), name="job_run"),
    path("staff/outgoing/", OutgoingList.as_view(), name="outgoing_list"),
    *detail("staff/outgoing/<int:pk>/", OutgoingDetail, "outgoing_detail"),
    path("staff/outgoing/<int:pk>/retry/", OutgoingRetry.as_view(), name="outgoing_retry"),
    path("staff/outgoing/lanes/reopen/", LaneReopen.as_view(), name="lane_reopen"),
    path("staff/deliveries/", DeliveryList.as_view(), name="delivery_list"),
    *detail("staff/deliveries/<int:pk>/", DeliveryDetail, "delivery_detail"),
    path("staff/deliveries/<int:pk>/retry/", DeliveryRetry.as_view(), name="delivery_retry"),
]
