"""The errors that cross layers. Views turn AppError into words for the reader; workers act on the two driver errors."""


class AppError(Exception):
    """A use case refused. ``message`` may be shown to the person; ``code`` is stable for the API; ``field`` names the form field."""

    def __init__(self, message, *, code="refused", field=None, **details):
        super().__init__(str(message))
        self.message = message
        self.code = code
        self.field = field
        self.details = details


class IllegalTransition(AppError):
    """The object is not in a state from which this is possible."""

    def __init__(self, obj, target):
        super().__init__(
            f"{obj._meta.verbose_name} {obj.pk} cannot go from {obj.state} to {target}", code="illegal_transition"
        )
        self.obj = obj
        self.target = target


class OutsideError(Exception):
    """A call to another system went wrong. ``message``: words for people; ``technical``: the raw line, for support; ``code``: its
    name in `core.failures`. As text both, words first."""

    def __init__(self, message, *, code="", technical=""):
        super().__init__("\n".join(filter(None, (str(message), str(technical)))))
        self.message, self.technical, self.code = str(message), str(technical), code


class DriverError(OutsideError):
    """The outside system said no, or could not be reached before it did anything.

    ``permanent``: asking again cannot help. ``retry_after``: seconds to wait. ``stop_lane``: no further call to this
    remote system until staff have looked (revoked token, blocked address), since each one makes it worse.
    """

    def __init__(self, message, *, permanent, code="", retry_after=None, stop_lane=False, technical=""):
        super().__init__(message, code=code, technical=technical)
        self.permanent = permanent
        self.retry_after = retry_after
        self.stop_lane = stop_lane


class OutcomeUnknown(OutsideError):
    """The call was sent and the answer was lost or unreadable: it may have worked. Look before sending again."""
