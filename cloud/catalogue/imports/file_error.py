"""Why a whole file cannot be read: a key of `words.TEXTS` with its values, to be said in either language."""

from collections.abc import Mapping


class FileError(ValueError):
    """A file that is refused as a whole; the text is the English sentence."""

    def __init__(self, key: str, **values: object) -> None:
        from cloud.catalogue.imports.words import SAYS  # noqa: PLC0415 -- the words are needed for the sentence alone

        super().__init__(SAYS["en"](key, **values))
        self.key = key
        self.values: Mapping[str, str] = {name: str(value) for name, value in values.items()}
