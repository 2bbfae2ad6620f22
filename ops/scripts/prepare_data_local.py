"""Write the small demo tables to data/; the same as `churn-saver prepare-data`."""

import sys

from churn_saver.cli import app

if __name__ == "__main__":
    app(["prepare-data", *sys.argv[1:]])
