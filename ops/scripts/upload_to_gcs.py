"""Upload the prepared data sets to a folder or gs://bucket/prefix; the same as `churn-saver data upload`."""

import sys

from churn_saver.cli import main

if __name__ == "__main__":
    sys.argv[1:1] = ["data", "upload"]
    main()
