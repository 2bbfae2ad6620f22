"""Turn the classifier of the package alt-profanity-check into plain numbers that the shield can use.

    python -m venv scratch && scratch/bin/pip install alt-profanity-check==1.9.1
    scratch/bin/python ops/scripts/export_toxicity.py src/churn_saver/defaults/toxicity

The package keeps its weights as joblib, that is pickle, which can run code: so it is opened here, in an
environment of its own, and never in ours. What comes out is a vocabulary and coefficients (npz), a manifest
with their hash and source, the licence, and scores of sentences for the test that ours are the same.
"""

import argparse
import hashlib
import importlib
import json
from importlib.metadata import distribution
from pathlib import Path

import numpy as np

PACKAGE = "alt-profanity-check"
SOURCE = "https://pypi.org/project/alt-profanity-check/"
WEIGHTS, MANIFEST, LICENCE = "weights.npz", "manifest.json", "LICENSE.txt"


def main() -> None:
    """Open the package's files and write ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where weights, manifest and licence go")
    parser.add_argument("--sentences", type=Path, help="JSON lines with a text each, to score for the test")
    parser.add_argument("--scores", type=Path, help="where their scores go, JSON")
    options = parser.parse_args()
    package = importlib.import_module("profanity_check.profanity_check")
    vectorizer, model = package.vectorizer, package.model
    options.folder.mkdir(parents=True, exist_ok=True)

    # CalibratedClassifierCV gives the mean over its folds of 1 / (1 + exp(a·margin + b)).
    folds = model.calibrated_classifiers_
    curves = [fold.calibrators[0] for fold in folds]
    words = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.get)
    np.savez_compressed(
        options.folder / WEIGHTS,
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        idf=vectorizer.idf_.astype(np.float32),
        weights=np.stack([fold.estimator.coef_[0] for fold in folds]).astype(np.float32),
        intercepts=np.array([fold.estimator.intercept_[0] for fold in folds]),
        slopes=np.array([curve.a_ for curve in curves]),
        offsets=np.array([curve.b_ for curve in curves]),
    )
    raw = (options.folder / WEIGHTS).read_bytes()
    found = distribution(PACKAGE)
    notice = next(file for file in found.files or [] if file.name == "LICENSE")
    (options.folder / LICENCE).write_text(Path(str(found.locate_file(notice))).read_text())
    manifest = {
        "schema": 1,
        "files": {WEIGHTS: {"sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw)}},
        "source": f"{PACKAGE} {found.version}, {SOURCE}",
        "licence": f"MIT, {LICENCE}",
        "made_by": "ops/scripts/export_toxicity.py",
    }
    (options.folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    if options.sentences and options.scores:
        texts = [json.loads(line)["text"] for line in options.sentences.read_text().splitlines()]
        scores = [round(float(score), 9) for score in package.predict_prob(texts)]
        options.scores.write_text(json.dumps(scores) + "\n")


if __name__ == "__main__":
    main()
