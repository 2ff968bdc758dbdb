"""Values that satisfy a JSON schema: by the property's type and name, and steady for the same seed."""

from __future__ import annotations

import hashlib
from typing import Any

SUBJECTS = (
    *("a paper boat crossing a quiet harbour", "an old brass telescope on a balcony", "a gardener watering seedlings"),
    *("a suspension bridge over a misty river", "a row of glass jars on a wooden shelf", "a lighthouse at dusk"),
    *("two hikers reading a trail marker", "a greenhouse full of ferns", "a potter shaping wet clay"),
    *("a winding staircase seen from above", "a tram climbing a steep street", "a beekeeper lifting a frame"),
    *("a compass resting on a folded map", "a watchmaker at a tidy bench", "a flock of cranes over a marsh"),
    "an orchard in early spring",
)
SETTINGS = (
    *("in soft morning light", "under a wide pale sky", "against a plain warm background", "with long gentle shadows"),
    *("after a summer rain", "lit from one tall window", "with a shallow depth of field", "in clear winter air"),
)
VIEWS = (
    *("seen from slightly above", "viewed at eye level", "framed by open space on the left", "in a calm wide view"),
    *("close up with a blurred distance", "centred and simple", "in three quarter view", "from a low angle"),
)


def invent(schema: dict[str, Any], seed: str, name: str = "", root: dict[str, Any] | None = None) -> Any:
    """One value of `schema`. `name` is the property it is for; `root` holds the definitions $ref points into."""
    root = schema if root is None else root
    if "$ref" in schema:
        return invent(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], seed, name, root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][_pick(seed + name, len(schema["enum"]))]
    for choices in (schema.get("anyOf"), schema.get("allOf")):
        if choices:
            return invent(choices[0], seed, name, root)
    return _of_type(schema, seed, name, root)


def _of_type(schema: dict[str, Any], seed: str, name: str, root: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            properties: dict[str, Any] = schema.get("properties", {})
            return {key: invent(value, seed, key, root) for key, value in properties.items()}
        case "array":
            return [invent(schema.get("items", {"type": "string"}), seed, name, root)]
        case "boolean":
            return True
        case "integer" | "number":
            return _pick(seed + name, 10)
        case "null":
            return None
        case _:
            return _sentence(seed, name)


def _sentence(seed: str, name: str) -> str:
    subject = SUBJECTS[_pick(seed + "subject", len(SUBJECTS))]
    if "reason" in name:
        return "The slide has an idea that a picture can carry."
    if "alt" in name:
        return subject[0].upper() + subject[1:] + "."
    setting, view = SETTINGS[_pick(seed + "setting", len(SETTINGS))], VIEWS[_pick(seed + "view", len(VIEWS))]
    return f"{subject[0].upper()}{subject[1:]} {setting}, {view}."


def _pick(seed: str, count: int) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") % count
