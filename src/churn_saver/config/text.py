"""ops/configs/{sft,rm,ppo_text}.yaml: how the message models are trained, and how the bank is made."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from churn_saver.config.reading import Count, NotNegative, Positive, Settings, Share

Size = Annotated[int, Field(ge=1)]
Inside = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Tokens = Annotated[int, Field(ge=8, le=2_048)]
LANGUAGES = ("en",)


class LoraSettings(Settings):
    """Low-rank adapters. Source: Hu et al., LoRA, ICLR 2022, https://arxiv.org/abs/2106.09685."""

    rank: Size
    alpha: Positive
    dropout: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
    targets: Literal["all-linear"] | Annotated[tuple[str, ...], Field(min_length=1)]


class TrainingSettings(Settings):
    """What both supervised stages share."""

    base_model: Annotated[str, Field(min_length=1)]
    language: str
    load_in_8bit: bool
    max_tokens: Tokens
    pairs: Size
    public_share: Share
    steps: Size
    batch_size: Size
    learning_rate: Positive
    warmup_share: Share
    weight_decay: NotNegative
    max_grad_norm: Positive
    bfloat16: bool
    threads: Size
    save_every: Size
    look_every: Size
    lora: LoraSettings

    @field_validator("language")
    @classmethod
    def _is_spoken(cls, language: str) -> str:
        if language not in LANGUAGES:
            raise ValueError(
                f"language {language!r} is not supported, wanted one of {', '.join(LANGUAGES)}: slots, plain "
                "sentences and the shield's words are English"
            )
        return language


class SftSettings(TrainingSettings):
    """ops/configs/sft.yaml: supervised fine-tuning."""


class RmSettings(TrainingSettings):
    """ops/configs/rm.yaml: the reward model."""

    start: Literal["sft", "base"]
    margin: NotNegative


class KlSettings(Settings):
    """How far the text policy may move from the model that it started as, and how that is kept."""

    target: Positive
    start_beta: Positive
    factor: Annotated[float, Field(gt=1, allow_inf_nan=False)]
    low: Positive
    high: Positive
    smoothing: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
    slack: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _is_a_range(self) -> "KlSettings":
        if not self.low <= self.start_beta <= self.high:
            raise ValueError(f"kl.start_beta {self.start_beta} must be within kl.low and kl.high")
        return self


class BankSettings(Settings):
    """How the bank of messages is made."""

    drafts: Size
    keep: Size
    most_alike: Share
    channels: Annotated[tuple[Literal["email", "sms", "push"], ...], Field(min_length=1)]


class PpoTextSettings(Settings):
    """ops/configs/ppo_text.yaml: reinforcement learning of the wording, and the bank."""

    iterations: Size
    responses: Size
    siblings: Annotated[int, Field(ge=2, le=100)]
    max_new_tokens: Tokens
    temperature: Positive
    epochs: Size
    minibatch: Size
    learning_rate: Positive
    value_learning_rate: Positive
    final_learning_rate: Share
    values_first: Count
    gae_lambda: Share
    clip: Inside
    value_clip: Positive | None
    entropy_coefficient: NotNegative
    max_grad_norm: Positive
    too_long: NotNegative
    look_every: Size
    look_responses: Size
    patience: Size
    bfloat16: bool
    threads: Size
    save_every: Size
    lora: LoraSettings
    kl: KlSettings
    bank: BankSettings

    @model_validator(mode="after")
    def _fits(self) -> "PpoTextSettings":
        if self.minibatch > self.responses:
            raise ValueError(f"minibatch {self.minibatch} must be at most responses = {self.responses}")
        if self.responses % self.siblings:
            raise ValueError(f"responses {self.responses} must be a multiple of siblings = {self.siblings}")
        return self
