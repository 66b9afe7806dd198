"""`python -m publicgsb_sdk.codegen aviation.airports -o gsb_types/`."""

import sys

from publicgsb_sdk.codegen.command import main

sys.exit(main())
