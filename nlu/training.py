"""The training's public door: data, model, server command and report. The work is in rasa_training and report."""

from nlu.examples import read_examples
from nlu.rasa_training import (
    Names,
    TrainingFailed,
    ensure_model,
    model_key,
    rasa_command,
    training_data,
)
from nlu.report import intents_report

__all__ = [
    "Names",
    "TrainingFailed",
    "ensure_model",
    "intents_report",
    "model_key",
    "rasa_command",
    "read_examples",
    "training_data",
]
