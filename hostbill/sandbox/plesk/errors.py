"""Error codes of the Plesk API."""


class PleskError(Exception):
    """An operation was refused: `code` as documented, text for people."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code, self.text = code, text


class SystemError_(PleskError):
    """The whole packet was refused (login, version, schema)."""


WRONG_PASSWORD, EXISTS, PROTOCOL, PERMISSION, DATA_EXISTS = 1001, 1002, 1005, 1006, 1007
MISSING, SCHEMA, OWNER_MISSING, UNSUPPORTED, IP_MISSING, INVALID = 1013, 1014, 1015, 1017, 1018, 1019
FAILED, LIMIT, BAD_KEY = 1023, 1024, 11003
