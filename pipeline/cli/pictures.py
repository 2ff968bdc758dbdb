"""The command that makes pictures without a deck."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.cli.arguments import Parser, add_overwriting, add_settings, configuration_from, parser_of
from pipeline.config.loader import naming
from pipeline.errors import ExitCode
from pipeline.reporting.pictures import describe_failures, describe_pictures, pictures_json
from pipeline.reporting.rows import PictureRow, PicturesReport
from pipeline.runs.generating import Around, Outcome, PictureWish, exit_code_of, generate
from pipeline.runs.picture_files import PictureFiles

_GENERATE = """\
Make pictures without a deck. The prompt is sent as it is. The services, their limits and their fallbacks are those of
the settings; `--model` asks one model in place of them.

  %(prog)s generate "a lynx in the snow" -o lynx.png
  %(prog)s generate "a lynx in the snow" -o lynx.png --n 3 --size 16:9     lynx-1.png, lynx-2.png, lynx-3.png
  %(prog)s generate "a lynx in the snow" -o lynx --model openai/gpt-image-2.6-flare --quality low
"""


def generate_parser() -> Parser:
    parser = parser_of("generate", _GENERATE)
    parser.add_argument("prompt", metavar="PROMPT", help="what the picture shows")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        required=True,
        help=".png, .jpg or .webp; without one of them, the kind of file that came",
    )
    add_overwriting(parser, "overwrite existing pictures")
    parser.add_argument("--model", metavar="MODEL", help="service/model, or a model; `models --type image` lists them")
    parser.add_argument("--size", metavar="SIZE", help="1536x1024, 16:9, or a word of the model's own; default: square")
    parser.add_argument("--quality", metavar="WORD", help="a quality the model has; default: medium")
    parser.add_argument("--n", type=int, default=1, metavar="N", help="how many pictures; default: 1")
    parser.add_argument("--offline", action="store_true", help="no service, no key: draw on this machine")
    add_settings(parser)
    return parser


def run_generate(options: argparse.Namespace) -> ExitCode:
    given = {"images.quality": options.quality, **naming("images", options.model)}
    if options.offline:
        given |= {"images.provider": "offline", "images.chain": ()}
    configuration = configuration_from(options, given)
    wish = PictureWish(prompt=options.prompt, size=options.size, count=options.n)
    wish.check()
    files = PictureFiles(options.output, wish.count, may_overwrite=options.force)
    around = Around(shelf=files, tell=lambda line: print(line, file=sys.stderr, flush=True))
    outcomes = generate(wish, configuration, around)
    report = PicturesReport(
        exit_code=exit_code_of(outcomes), prompt=wish.prompt, rows=tuple(_row(outcome, files) for outcome in outcomes)
    )
    if options.json:
        print(pictures_json(report))
    elif told := describe_pictures(report):
        print(told)
    for line in describe_failures(report):
        print(f"error: {line}", file=sys.stderr)
    return report.exit_code


def _row(outcome: Outcome, files: PictureFiles) -> PictureRow:
    image, error = outcome.image, outcome.error
    return PictureRow(
        number=outcome.number,
        path=files.paths.get(outcome.number) if image else None,
        provider=image.provider if image else "",
        model=image.model if image else "",
        cost_usd=image.cost_usd if image else sum(call.cost_usd for call in outcome.failed_calls),
        problem=str(error) if error else "",
        failed_calls=outcome.failed_calls,
    )
