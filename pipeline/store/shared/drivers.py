"""Places named by URL: which driver reaches each, how patiently, and what is said where it does not.

Each fault that passes is retried by exactly one layer: by this one, where a driver's own retries can be turned off
(s3fs and botocore), or it has none (SFTP, files); by the driver where they cannot (gcsfs, azure).
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import fsspec
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from pipeline.errors import FileAccessError, UsageError

T = TypeVar("T")
Sleep = Callable[[float], None]

_CONNECT_S, _READ_S = 10.0, 60.0
# gcsfs knows one bound only, for a whole request.
_REQUEST_S = 300.0
_TRIES = 5
_LONGEST_WAIT_S = 8.0


@dataclass(frozen=True, slots=True)
class Driver:
    """How fsspec is asked for places with this scheme. `puts_whole`: a write is there when it is over, or never."""

    package: str
    options: Mapping[str, Any] = field(default_factory=dict)
    tries: int = 1
    puts_whole: bool = True


_AZURE = Driver("adlfs", {"connection_timeout": 10, "read_timeout": 60, "use_listings_cache": False})
_GOOGLE = Driver("gcsfs", {"requests_timeout": _REQUEST_S, "use_listings_cache": False})
_SFTP = Driver(
    "paramiko",
    {"timeout": _CONNECT_S, "banner_timeout": _CONNECT_S, "auth_timeout": _CONNECT_S},
    tries=_TRIES,
    puts_whole=False,
)
_S3 = Driver(
    "s3fs",
    {
        "use_listings_cache": False,
        "config_kwargs": {
            "connect_timeout": _CONNECT_S,
            "read_timeout": _READ_S,
            "retries": {"total_max_attempts": 1},
        },
    },
    _TRIES,
)
_FILES = Driver("fsspec", tries=1, puts_whole=False)
_DRIVERS = {"file": _FILES, "s3": _S3, "gs": _GOOGLE, "az": _AZURE, "abfs": _AZURE, "sftp": _SFTP}

# Where the errors of drivers come from that are not OSErrors; any other exception is a bug of ours.
_FOREIGN = frozenset({"adlfs", "aiobotocore", "aiohttp", "azure", "botocore", "fsspec", "gcsfs", "google", "paramiko"})
# Those of them that pass, by name: no driver is imported that is not needed.
_PASSING = frozenset({"HTTPClientError", "ClientPayloadError", "ResponseParserError", "SSHException", "EOFError"})
_FINAL = frozenset({"AuthenticationException", "BadHostKeyException"})
_FINAL_OS = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
_FINAL_ERRNO = frozenset({errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.ENAMETOOLONG, errno.ENOSPC, errno.EROFS})
_LONGEST_REASON = 160


def scheme_of(url: str) -> str:
    """The scheme of `url`, `file` for a path. Raises UsageError for one that no driver is for."""
    scheme = url.partition("://")[0].lower() if "://" in url else "file"
    if scheme not in _DRIVERS:
        known = ", ".join(f"{one}://" for one in _DRIVERS)
        raise UsageError(f"{shown(url)}: {scheme}:// is no place that can be reached; write a path, or one of {known}")
    return scheme


def driver_of(url: str) -> Driver:
    """Raises UsageError."""
    return _DRIVERS[scheme_of(url)]


def shown(url: str) -> str:
    """`url` as it may be told: without whom it is opened as, and without what a signed address ends in."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def at(url: str, deed: str, do: Callable[[Any, str], T], *, sleep: Sleep = time.sleep) -> T:
    """What `do(file system, path)` gives for the place `url`; tried again while what stands in the way may pass.

    Raises FileNotFoundError as it came, and FileAccessError: `url` cannot be `deed`. UsageError where the driver of
    such a place is not installed, or there is none.
    """
    driver = driver_of(url)
    tries = Retrying(
        stop=stop_after_attempt(driver.tries),
        wait=wait_random_exponential(multiplier=0.5, max=_LONGEST_WAIT_S),
        retry=retry_if_exception(_passes),
        before_sleep=lambda _: _reopen(url),
        sleep=sleep,
        reraise=True,
    )
    try:
        return tries(lambda: do(*_opened(url, driver)))
    except FileNotFoundError:
        raise
    except Exception as error:
        if not _is_foreign(error):
            raise
        raise FileAccessError(f"{shown(url)}: cannot be {deed} ({_reason(error)}); {_remedy(error)}") from error


def _opened(url: str, driver: Driver) -> tuple[Any, str]:
    """The file system and the path in it: one already open, where fsspec has one that fits this process and thread."""
    options = dict(driver.options)
    if driver is _SFTP:
        from pipeline.store.shared.sftp import KNOWN_HOSTS  # noqa: PLC0415 - its driver is an extra of the extra

        options["host_key_policy"] = KNOWN_HOSTS
    try:
        # As fsspec's own way in does it, which takes "::" in a name for two places in one.
        opener = fsspec.get_filesystem_class(scheme_of(url))
        system = opener(**options, **opener._get_kwargs_from_urls(url))  # noqa: SLF001 - drivers override these two
        path: str = opener._strip_protocol(url)  # noqa: SLF001
    except ImportError as error:
        raise UsageError(
            f"{shown(url)}: needs {driver.package}: pip install 'deck-illustrator[fleet]' {driver.package}"
        ) from error
    except ValueError as error:
        raise UsageError(f"{shown(url)}: not the address of a place") from error
    if driver is _S3:
        system.retries = 1
    return system, path


def _reopen(url: str) -> None:
    """A connection that broke is not used again."""
    if driver_of(url) is _SFTP:
        fsspec.get_filesystem_class("sftp").clear_instance_cache()


def _names(error: BaseException) -> set[str]:
    return {one.__name__ for one in type(error).__mro__}


def _is_foreign(error: BaseException) -> bool:
    return isinstance(error, (OSError, EOFError)) or any(
        one.__module__.partition(".")[0] in _FOREIGN for one in type(error).__mro__
    )


def _passes(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return not isinstance(error, _FINAL_OS) and error.errno not in _FINAL_ERRNO
    names = _names(error)
    return _is_foreign(error) and bool(names & _PASSING) and not names & _FINAL


def _reason(error: Exception) -> str:
    """In one line. What drivers say of errors of their own may hold addresses that are secrets, so only their names."""
    if not isinstance(error, OSError):
        return type(error).__name__
    told = " ".join((error.strerror or str(error.args[0] if error.args else "") or type(error).__name__).split())
    return told[:_LONGEST_REASON]


def _remedy(error: Exception) -> str:
    if isinstance(error, PermissionError) or "Credentials" in type(error).__name__ or _names(error) & _FINAL:
        return "give this machine an account that may"
    return "look after that place, or the way to it, and run again"
