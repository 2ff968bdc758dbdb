"""What a picture of ours keeps inside itself for the way back: data packed into an extension. Touches only bytes.

Programs that do not know an extension (`a:ext`, ECMA-376 part 1, 20.1.2.2.14) leave it alone or drop it.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from typing import Any

from pipeline.deck.ooxml import Element
from pipeline.deck.package.nodes import Node
from pipeline.deck.package.splicing import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepsake:
    """One kind of extension: the id PowerPoint tells it by, and the local name of the element in it.

    `most_bytes` is what no honest content comes near: a deck from a stranger may hold a bomb in what looks like ours.
    """

    uri: str
    name: str
    most_bytes: int

    def written(self, content: object) -> bytes:
        """The list of extensions that holds `content`, which JSON can say, for the end of a `p:cNvPr`."""
        packed = base64.b64encode(zlib.compress(json.dumps(content).encode(), 9)).decode()
        inside = f'<di:{self.name} xmlns:di="{self._namespace}">{packed}</di:{self.name}>'
        return f'<a:extLst><a:ext uri="{self.uri}">{inside}</a:ext></a:extLst>'.encode()

    def read(self, picture: Node, document: Document) -> Any:
        """The content `picture` keeps; None where it keeps none, or another program dropped or changed it."""
        tag = f"{{{self._namespace}}}{self.name}"
        kept = next((node for node in picture.walk() if node.tag == tag), None)
        if kept is None:
            return None
        packed = document.text[kept.open_end : kept.close_start]
        try:
            return json.loads(zlib.decompressobj().decompress(base64.b64decode(packed), self.most_bytes))
        except (binascii.Error, zlib.error, ValueError):
            return None

    def is_in(self, picture: Element) -> bool:
        """True where `picture`, as it was parsed, holds this extension."""
        return next(picture.iter(f"{{{self._namespace}}}{self.name}"), None) is not None

    @property
    def _namespace(self) -> str:
        return f"urn:deck-illustrator:{self.name}"
