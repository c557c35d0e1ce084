"""Why commissioning cannot go on: a key of `words.TEXTS` with its values, so that it can be said in either language."""

from typing import Any

from hardware.commissioning import words


class RefusalError(ValueError):
    """Its text is English; `said(language)` is the sentence in a language."""

    def __init__(self, key: str, **values: Any):
        self.key = key
        self.values = values
        super().__init__(words.say("en")(key, **values))

    def said(self, language: words.Language) -> str:
        """The sentence."""
        return words.say(language)(self.key, **self.values)
