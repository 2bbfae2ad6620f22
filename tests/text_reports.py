"""Reports on message models as training writes them, small and made by hand."""

from typing import Any


def step(number: int, **changes: float) -> dict[str, Any]:
    """Give one gradient step, as `asdict(LessonPoint)`."""
    return {
        "step": number, "loss": 2.0 / number, "learning_rate": 0.0005, "gradient_norm": 0.4,
        "valid_loss": float("nan") if number % 2 else 1.0 / number, "valid_accuracy": float("nan"),
    } | changes  # fmt: skip


def text_report(**changes: Any) -> dict[str, Any]:
    """Give the report of a fine-tuning of four steps."""
    return {
        "stage": "sft",
        "command": "make train-sft",
        "model": {
            "base": "smollm2-135m",
            "base_version": "0123456789abcdef",
            "licence": "Apache-2.0",
            "version": "fedcba9876543210",
            "trainable": 4_884_480,
            "parameters": 139_399_488,
        },
        "data": ["20,000 pairs of <table>.csv", "no public pairs: none were prepared"],
        "figures": {"sampled_pass": 0.975, "valid_loss": 0.25},
        "kinds": [],
        "samples": [
            {
                "prompt": "warm email in English to a customer",
                "before": "I am <b>a</b> model.",
                "before_verdict": "slots",
                "after": "Hi {name}, thank you.",
                "after_verdict": "",
            }
        ],
        "curves": [step(number) for number in range(1, 5)],
        "provenance": {"seed": 7, "code": "0.1.0", "settings": {"rank": 16}},
        "seconds": 200.0,
        "notes": [],
    } | changes
