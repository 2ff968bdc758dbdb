"""The system's keyring, if the extra is installed: asked late, once for each variable, and never a reason to fail."""

from __future__ import annotations

from importlib import import_module

from pydantic import SecretStr

_SERVICE = "deck-illustrator"


class SystemKeyring:
    """Looks for keys under the service "deck-illustrator" and the variable's name as user.

    A keyring may be slow and ask a person for a password: ask it only for what is needed. Once it has failed it is not
    asked again. Not safe for threads: keys are looked for before a run begins.
    """

    def __init__(self) -> None:
        self.notices: list[str] = []
        self._asked: dict[str, SecretStr | None] = {}

    @property
    def found(self) -> list[SecretStr]:
        """Every key it has given so far."""
        return [key for key in self._asked.values() if key is not None]

    def find(self, variable: str) -> SecretStr | None:
        """The key kept for `variable`, None where there is none or no keyring."""
        if variable not in self._asked:
            text = "" if self.notices else self._ask(variable)
            self._asked[variable] = SecretStr(text) if text else None
        return self._asked[variable]

    def _ask(self, variable: str) -> str:
        try:
            # By name: it is an extra, and importing it takes longer than reading all other keys.
            keyring, errors = import_module("keyring"), import_module("keyring.errors")
        except ModuleNotFoundError:
            return ""
        try:
            return (keyring.get_password(_SERVICE, variable) or "").strip()
        except errors.NoKeyringError:
            return ""
        except Exception as error:  # noqa: BLE001 - backends are plug-ins over the system's own services
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            self.notices.append(f"The system's keyring could not be asked for {variable} ({reason}).")
            return ""
