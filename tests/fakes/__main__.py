"""Both servers in the foreground, for benchmarks and for trying things by hand.

    python -m tests.fakes --prompt-seconds 0.3 --image-seconds 1.5

prints the environment to export, then serves until it is told to stop (Ctrl-C or SIGTERM).
"""

from __future__ import annotations

import argparse
import signal
import sys

from tests.fakes import AnthropicServer, OpenAIServer

STOP = {signal.SIGINT, signal.SIGTERM}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--prompt-seconds", type=float, default=0.0, help="time before each prompt (default 0)")
    parser.add_argument("--image-seconds", type=float, default=0.0, help="time before each image (default 0)")
    arguments = parser.parse_args()
    # Blocked before any thread starts, so that the signal waits here and not in a handler's thread.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    with (
        AnthropicServer(latency_s=arguments.prompt_seconds) as prompts,
        OpenAIServer(latency_s=arguments.image_seconds) as images,
    ):
        sys.stdout.write(
            f"export ANTHROPIC_BASE_URL={prompts.base_url} ANTHROPIC_API_KEY={prompts.api_key}\n"
            f"export OPENAI_BASE_URL={images.base_url} OPENAI_API_KEY={images.api_key}\n"
        )
        sys.stdout.flush()
        signal.sigwait(STOP)


if __name__ == "__main__":
    main()
