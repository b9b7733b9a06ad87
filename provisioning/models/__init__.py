from .former import FormerAccount
from .operation import ELSEWHERE, Operation, OperationAttempt
from .server import Server, ServerGroup
from .service import Service
from .usage import Drift, UsageSample

__all__ = [
    "ELSEWHERE",
    "Drift",
    "FormerAccount",
    "Operation",
    "OperationAttempt",
    "Server",
    "ServerGroup",
    "Service",
    "UsageSample",
]
