"""Holds a license until the standard input ends or the license is lost."""

import select
import sys

from leasehold_license import LeaseholdError, with_license

try:
    with with_license(sys.argv[1], wait_seconds=int(sys.argv[2])) as license:
        print("held", flush=True)
        while not select.select([sys.stdin], [], [], 0.05)[0]:
            license.check()
except LeaseholdError as error:
    print(error, flush=True)
    sys.exit(3)
