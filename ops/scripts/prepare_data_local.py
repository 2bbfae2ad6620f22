"""Write the small demo tables to data/; the same as `churn-saver prepare-data`."""

import sys

from churn_saver.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "prepare-data")
    main()
