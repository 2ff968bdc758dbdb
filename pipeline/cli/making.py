"""The settings that decide how pictures are made, as options of every command that makes some."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from pipeline.cli.arguments import Parser, add_settings, configuration_from
from pipeline.config.loader import Configuration, naming


def add_making(parser: Parser) -> None:
    add_settings(parser)
    parser.add_argument("--workers", type=int, metavar="N", help="pictures made at the same time")
    parser.add_argument("--offline", action="store_true", help="no service, no key: draw on this machine")
    parser.add_argument("--exact", action="store_true", help="see where a slide is free in a render by LibreOffice")
    parser.add_argument("--style", metavar="NAME", help="the look of the pictures, a preset of prompts/styles")
    parser.add_argument("--project", metavar="LABEL", help="the label the history and budgets know this under")
    parser.add_argument("--prompt-model", metavar="MODEL", help="who writes the prompts: service/model, or a model")
    parser.add_argument("--image-model", metavar="MODEL", help="who makes the pictures: service/model, or a model")


def making_configuration(options: argparse.Namespace, more: Mapping[str, Any] | None = None) -> Configuration:
    """What the options say; `more` are dotted keys that not every command has."""
    given: dict[str, Any] = {
        **(more or {}),
        "style": options.style,
        "workers.image_workers": options.workers,
        "project": options.project,
        **naming("prompts", options.prompt_model),
        **naming("images", options.image_model),
    }
    if options.exact:
        given["layout.ink"] = "rendered"
    if options.offline:
        given |= {"prompts.provider": "offline", "images.provider": "offline", "images.chain": ()}
    return configuration_from(options, given)
