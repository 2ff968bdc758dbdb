"""Digital signatures: is a package signed, and what goes so that it is not any more (ECMA-376 part 2, 13)."""

from __future__ import annotations

from pipeline.deck.package.parts import CONTENT_TYPES, Package, relationships_name
from pipeline.deck.package.relations import without_overrides, without_relationships

_ORIGIN = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
_CONTENT_TYPES = "application/vnd.openxmlformats-package.digital-signature-"
_FOLDER = "_xmlsignatures/"


def is_signed(package: Package) -> bool:
    return any(one.reltype == _ORIGIN for one in package.rels.values())


def drop_signature(package: Package) -> None:
    """Have the package saved without its signature's parts, the relationship to them and their content types.

    Raises SpliceError where the package's own relationships cannot be edited.
    """
    gone = frozenset(name for name in package.archive.namelist() if _belongs_to_signature(package, name))
    roots = relationships_name(package.partname)
    package.lost_signature = True
    package.dropped = gone
    package.replaced[roots] = without_relationships(package.read(roots), lambda _, reltype: reltype == _ORIGIN)
    package.replaced[f"/{CONTENT_TYPES}"] = without_overrides(
        package.read(CONTENT_TYPES), lambda partname: partname.removeprefix("/") in gone
    )


def _belongs_to_signature(package: Package, name: str) -> bool:
    return name.casefold().startswith(_FOLDER) or package.content_type_of(name).startswith(_CONTENT_TYPES)
