"""What is dear and the same for every test is done once per process; each test still meets the real thing."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from whitenoise.base import WhiteNoise

_read = WhiteNoise.update_files_dictionary
_files: dict = {}


def _read_once(self, root, prefix):
    """Each client of a test reads the whole folder of static files anew, some 1,400: here one does it for all."""
    key = root, prefix
    if key not in _files:
        _read(self, root, prefix)
        _files[key] = dict(self.files)
    self.files.update(_files[key])


def spare() -> None:
    """Static files are read once; passwords are hashed by the same Argon2, with the least work that it can do."""
    WhiteNoise.update_files_dictionary = _read_once
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1
