"""Ages and sizes as people write them: 90d, 5GB."""

from __future__ import annotations

import re
from datetime import timedelta

_AGE = re.compile(r"(\d{1,5})\s*([mhdw])", re.IGNORECASE)
_AGES = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([KMGT]?)B?", re.IGNORECASE)
_SIZES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def age_of(text: str) -> timedelta:
    """What an age like "90d" means; m, h, d and w are minutes, hours, days and weeks. Raises ValueError."""
    match = _AGE.fullmatch(text.strip())
    if match is None:
        raise ValueError("write an age like 90d, 12h or 4w")
    return int(match[1]) * _AGES[match[2].lower()]


def bytes_of(text: str) -> int:
    """What a size like "5GB" means in bytes; K, M, G and T are powers of a thousand. Raises ValueError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError("write a size like 5GB or 500MB")
    return round(float(match[1]) * _SIZES[match[2].upper()])
