"""Which part replaces which (替代): chains followed to their end, circles found. Pure."""

from collections.abc import Mapping


def last_of(successors: Mapping[str, str], part: str) -> str:
    """The part at the end of a chain; the part itself when nothing replaces it, or when the chain is a circle."""
    return chain_from(successors, part)[-1]


def chain_from(successors: Mapping[str, str], part: str) -> list[str]:
    """A part and what replaces it, step by step. A circle is followed once."""
    chain, seen = [part], {part}
    while (part := successors.get(part, "")) and part not in seen:
        chain.append(part)
        seen.add(part)
    return chain


def circles(successors: Mapping[str, str]) -> set[str]:
    """The parts that, replaced again and again, come back to themselves."""
    found: set[str] = set()
    done: set[str] = set()
    for start in successors:
        path: list[str] = []
        places: dict[str, int] = {}
        part = start
        while part and part not in done:
            if part in places:
                found.update(path[places[part] :])
                break
            places[part] = len(path)
            path.append(part)
            part = successors.get(part, "")
        done.update(path)
    return found
