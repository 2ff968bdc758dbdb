"""The commands for services: which models and services there are, trying keys, learning what is new."""

from __future__ import annotations

import argparse
import sys

from pipeline.cli.arguments import Parser, add_settings, configuration_from, parser_of
from pipeline.config.loader import Configuration
from pipeline.engine.clock import SystemClock
from pipeline.errors import ExitCode, UsageError
from pipeline.reporting.models_table import describe_models, describe_refresh, models_json, refresh_json
from pipeline.reporting.providers_table import checks_json, describe_checks, describe_services, services_json
from pipeline.runs.services import checking_keys, refreshing
from pipeline.runs.services.looking_round import list_models, list_services
from pipeline.services.models import KINDS
from pipeline.store.choices import set_disabled
from pipeline.store.listings import clear_listings

_MODELS = """\
List the models there are: what a picture costs, which shapes and qualities they have, whether you can use them.
Nothing is called.

  %(prog)s models refresh   ask services what they list: new models, prices, shutdown dates; it costs nothing
"""
_REFRESH = """\
Ask the services you can use what models they list, with prices and shutdown dates where they tell them. The calls are
free. What they say is remembered; within six hours no service is asked again. `models` shows it, and a model of yours
that is shut down soon is told of before a run.
"""
_PROVIDERS = """\
List the services: whether you can use each, whose key that is and where it was found, how many models it has. Nothing
is called.

  %(prog)s providers check [NAME]   try the keys with a call that costs nothing
  %(prog)s providers disable NAME   never use a service, until it is switched on again
  %(prog)s providers enable NAME    switch it on again
"""
_CHECK = """\
Try the key of a service, or of all you can use, with a call that costs nothing, and say what it found. Ends with code 6
where a key is refused.
"""
_ENABLE = "Use a service again that was switched off. This is remembered."
_DISABLE = "Never use a service, whatever the settings say, until `providers enable`. This is remembered."


def models_parser() -> Parser:
    parser = parser_of("models", _MODELS)
    add_settings(parser)
    parser.add_argument("--type", choices=KINDS, help="models for pictures, or for prompts")
    parser.add_argument("--service", metavar="NAME", help="of this service alone")
    return parser


def run_models(options: argparse.Namespace) -> ExitCode:
    configuration = configuration_from(options, {})
    found = list_models(configuration, options.type, options.service, SystemClock())
    _tell_notices(configuration)
    print(models_json(found) if options.json else describe_models(found))
    return ExitCode.OK


def refresh_parser() -> Parser:
    parser = parser_of("models refresh", _REFRESH)
    add_settings(parser)
    parser.add_argument("--service", metavar="NAME", help="ask this service alone, with or without a key")
    parser.add_argument("--clear", action="store_true", help="forget what was learned, and ask nobody")
    return parser


def run_refresh(options: argparse.Namespace) -> ExitCode:
    configuration = configuration_from(options, {})
    if options.clear:
        if options.service is not None:
            raise UsageError("--clear forgets what all services listed; leave out --service")
        clear_listings(configuration.home)
        print(refresh_json([], ExitCode.OK) if options.json else "What services listed is forgotten.")
        return ExitCode.OK
    rows = refreshing.refresh(configuration, options.service, SystemClock())
    code = refreshing.exit_code_of(rows)
    print(refresh_json(rows, code) if options.json else describe_refresh(rows))
    return code


def providers_parser() -> Parser:
    parser = parser_of("providers", _PROVIDERS)
    add_settings(parser)
    return parser


def run_providers(options: argparse.Namespace) -> ExitCode:
    configuration = configuration_from(options, {})
    rows = list_services(configuration)
    _tell_notices(configuration)
    print(services_json(rows) if options.json else describe_services(rows))
    return ExitCode.OK


def check_parser() -> Parser:
    parser = parser_of("providers check", _CHECK)
    add_settings(parser)
    parser.add_argument("name", nargs="?", metavar="NAME", help="default: all services you can use")
    return parser


def run_check(options: argparse.Namespace) -> ExitCode:
    rows = checking_keys.check_keys(configuration_from(options, {}), options.name, SystemClock())
    code = checking_keys.exit_code_of(rows)
    print(checks_json(rows, code) if options.json else describe_checks(rows))
    return code


def enable_parser() -> Parser:
    return _switch_parser("enable", _ENABLE)


def disable_parser() -> Parser:
    return _switch_parser("disable", _DISABLE)


def run_enable(options: argparse.Namespace) -> ExitCode:
    return _switch(options, disabled=False)


def run_disable(options: argparse.Namespace) -> ExitCode:
    return _switch(options, disabled=True)


def _switch_parser(word: str, description: str) -> Parser:
    parser = parser_of(f"providers {word}", description)
    add_settings(parser)
    parser.add_argument("name", metavar="NAME", help="the service")
    return parser


def _switch(options: argparse.Namespace, *, disabled: bool) -> ExitCode:
    configuration = configuration_from(options, {})
    service = configuration.catalog.service(options.name, "providers").service
    set_disabled(configuration.home, service, disabled=disabled)
    rows = [row for row in list_services(configuration) if row.standing.access.service.service == service]
    print(services_json(rows) if options.json else describe_services(rows))
    return ExitCode.OK


def _tell_notices(configuration: Configuration) -> None:
    """After the keys were looked for: the keyring may have failed only then."""
    for notice in configuration.credentials.notices:
        print(notice, file=sys.stderr)
