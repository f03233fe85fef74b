"""Exceptions of the package. Each has a `code`, a short name that stays the same where words change."""

from __future__ import annotations

__all__ = ["IndexFileError", "InputError", "NotFoundError", "RefrainError", "SettingError", "TooMuchRemovedError"]


class RefrainError(Exception):
    """Base of all exceptions that the package raises on purpose.

    Attributes:
        code: the kind of error, such as ``"setting"`` or ``"not-found"``.
    """

    code: str = "error"


class SettingError(RefrainError, ValueError):
    """A keyword is out of its range, unknown, or contradicts another."""

    code = "setting"


class InputError(RefrainError, ValueError):
    """Data that cannot be read: a missing column, a row that holds no string (rows count from 0), a damaged file."""

    code = "input"


class NotFoundError(InputError, FileNotFoundError):
    """A path that does not exist, or a glob that matches nothing."""

    code = "not-found"


class TooMuchRemovedError(RefrainError):
    """More would be removed than is allowed; nothing was written."""

    code = "too-much-removed"


class IndexFileError(RefrainError):
    """An index that is missing, damaged, locked, or made with other settings."""

    code = "index"
