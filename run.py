"""The program's door: the same as the console command `deck-illustrator`."""

import sys

from pipeline.cli import main

sys.exit(main())
