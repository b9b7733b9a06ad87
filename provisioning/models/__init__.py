from .operation import Operation, OperationAttempt
from .server import Server, ServerGroup
from .service import Service
from .usage import Drift, UsageSample

__all__ = ["Drift", "Operation", "OperationAttempt", "Server", "ServerGroup", "Service", "UsageSample"]
