"""What is above a concept of the Human Phenotype Ontology, by its `is_a` lines."""

from dataclasses import dataclass

from harness.datasets.hpo import obo_file, read_terms


@dataclass(frozen=True)
class Hierarchy:
    """Concepts with their names and the concepts directly above them, by id."""

    names: dict[str, str]
    parents: dict[str, list[str]]

    def ancestors(self, concept: str) -> set[str]:
        """Return the concept and all that is above it."""
        found, waiting = set(), [concept]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self.parents.get(current, [])
        return found


def read_hierarchy() -> Hierarchy:
    """Return the hierarchy of the installed release, without obsolete concepts."""
    terms = [term for term in read_terms(obo_file()) if not term.obsolete]
    return Hierarchy(
        {term.id: term.name for term in terms}, {term.id: term.parents for term in terms}
    )
