"""The README's table of services, from the catalog.

    python -m samples.build_services_table

writes it anew between its two markers.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.images.pricing import usd_by_size
from pipeline.services.catalog import Catalog, load_catalog
from pipeline.services.entries import Service
from pipeline.services.models import KINDS, Kind, Price

README = Path(__file__).parents[1] / "README.md"
BEGINS, ENDS = "<!-- services -->\n", "<!-- /services -->"
_HEAD = ("service", "setting", "variables", "models", "price")
_USUAL_PIXELS = 1024 * 1024
# Which setting takes a service, what it is then for.
_SECTIONS = {"image": ("images", "pictures"), "text": ("prompts", "prompts")}


def services_table(catalog: Catalog) -> str:
    """One row a service: what to write, which variables it needs, how many models it has, what they cost in US dollars.

    Prices are what the catalog's models cost from the cheapest to the dearest, at the qualities and resolutions it
    names; where it names sizes in pixels, at about 1024x1024.
    """
    rows = [_HEAD, ("---",) * len(_HEAD), *map(_row, catalog.services.values())]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _row(service: Service) -> tuple[str, ...]:
    kinds = [kind for kind in KINDS if any(endpoint.type == kind for endpoint in service.endpoints.values())]
    return (
        service.title,
        "<br>".join(_setting(service, kind) for kind in kinds),
        "<br>".join(_variables(service)),
        "<br>".join(_models(service, kind) for kind in kinds),
        "<br>".join(_prices(service, kind) for kind in kinds),
    )


def _setting(service: Service, kind: Kind) -> str:
    """The line of YAML; with a model where the service has none of its own to take."""
    section, _ = _SECTIONS[kind]
    model = "" if service.default_model(kind) else ", model: …"
    return f"`{section}: {{provider: {service.service}{model}}}`"


def _variables(service: Service) -> Iterable[str]:
    if service.base_url is None:
        yield f"`{service.address_variable}`"
    if service.key is not None and not service.key.is_optional:
        yield f"`{service.key.variables[0]}`"
    elif service.base_url is not None:
        yield f"none; it is looked for at `{service.base_url}`"


def _models(service: Service, kind: Kind) -> str:
    """How many for what, and the one that is taken unasked."""
    _, purpose = _SECTIONS[kind]
    count = len(service.listed(kind))
    others = "any other" if kind in service.unknown else ""
    if count == 0:
        return f"{purpose}: those it has"
    told = f"{purpose}: {count}, `{service.default_model(kind)}` unasked"
    return f"{told}, {others}" if others else told


def _prices(service: Service, kind: Kind) -> str:
    prices = [model.price for model in service.listed(kind).values() if model.price is not None]
    if kind == "image":
        return _span([usd for price in prices for usd in _per_picture(price)], "a picture")
    read = _span([price.tokens.text_in for price in prices if price.tokens], "a million tokens read")
    written = _span([price.tokens.text_out for price in prices if price.tokens], "written")
    return f"{read}, {written}" if read != _UNKNOWN else _UNKNOWN


def _per_picture(price: Price) -> list[float]:
    """What one picture may cost; of those paid by the megapixel, the first."""
    listed = usd_by_size(price, 1.0, _USUAL_PIXELS) or price.table
    if listed:
        return list(listed.values())
    known = (price.image, price.first_megapixel, price.megapixel)
    return [usd for usd in known if usd is not None][:1]


_UNKNOWN = "–"


def _span(prices: list[float], unit: str) -> str:
    if not prices:
        return _UNKNOWN
    low, high = min(prices), max(prices)
    if high == 0:
        return "free"
    return f"${_rounded(low)} {unit}" if low == high else f"${_rounded(low)}–{_rounded(high)} {unit}"


def _rounded(usd: float) -> str:
    """Two figures that count, without a zero too many: 0.0047, 0.16, 10."""
    return f"{usd:.2g}" if usd < 10 else f"{usd:.0f}"


if __name__ == "__main__":
    before, begins, rest = README.read_text(encoding="utf-8").partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    README.write_text(before + begins + services_table(load_catalog()) + ends + after, encoding="utf-8")
