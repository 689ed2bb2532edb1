"""`python -m operate`, the former name of `cutover`. It works for one release more, with the former words."""

import sys

from operate.cli import main
from operate.former import translate

sys.exit(main(translate(sys.argv[1:])))
