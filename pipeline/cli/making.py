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
    parser.add_argument("--exact", action="store_true", help="see where a slide is free in a render by LibreOffice")
    add_choices(parser, offline="no service, no key: draw on this machine")


def add_choices(parser: Parser, *, offline: str) -> None:
    """Which pictures, by whom, for whom; `offline` says where they are drawn without a service."""
    parser.add_argument("--offline", action="store_true", help=offline)
    parser.add_argument("--style", metavar="NAME", help="the look of the pictures, a preset of prompts/styles")
    parser.add_argument("--project", metavar="LABEL", help="the label the history and budgets know this under")
    parser.add_argument("--prompt-model", metavar="MODEL", help="who writes the prompts: service/model, or a model")
    parser.add_argument("--image-model", metavar="MODEL", help="who makes the pictures: service/model, or a model")


def making_configuration(options: argparse.Namespace, more: Mapping[str, Any] | None = None) -> Configuration:
    """What the options say; `more` are dotted keys that not every command has."""
    given = {**(more or {}), "workers.image_workers": options.workers, **choices_of(options)}
    if options.exact:
        given["layout.ink"] = "rendered"
    return configuration_from(options, given)


def choices_of(options: argparse.Namespace) -> dict[str, Any]:
    """What `add_choices` was given, by dotted keys."""
    given = {
        "style": options.style,
        "project": options.project,
        **naming("prompts", options.prompt_model),
        **naming("images", options.image_model),
    }
    if options.offline:
        given |= {"prompts.provider": "offline", "images.provider": "offline", "images.chain": ()}
    return given
