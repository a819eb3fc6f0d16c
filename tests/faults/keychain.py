"""A keychain for a command under test: it holds what the file named in KEYCHAIN_OF_THE_TEST holds."""

import os
from pathlib import Path

from keyring.backend import KeyringBackend


class Keychain(KeyringBackend):
    """One secret, whoever asks."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """The secret."""
        return Path(os.environ["KEYCHAIN_OF_THE_TEST"]).read_text(encoding="utf-8")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Nothing is ever stored."""
