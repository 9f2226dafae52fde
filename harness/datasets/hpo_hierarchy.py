"""Read the hierarchy of the Human Phenotype Ontology from its `is_a` lines."""

from dataclasses import dataclass

from harness.datasets.hpo import obo_file, read_terms


@dataclass(frozen=True)
class Hierarchy:
    """The concepts of the ontology."""

    names: dict[str, str]  # by id
    parents: dict[str, list[str]]  # the ids of the concepts directly above, by id

    def ancestors(self, concept: str) -> set[str]:
        """Return the ids of a concept and of all concepts above it."""
        visited, pending = set(), [concept]
        while pending:
            current = pending.pop()
            if current not in visited:
                visited.add(current)
                pending += self.parents.get(current, [])
        return visited


def read_hierarchy() -> Hierarchy:
    """Return the hierarchy of the installed release, without obsolete concepts."""
    terms = [term for term in read_terms(obo_file()) if not term.obsolete]
    return Hierarchy(
        {term.id: term.name for term in terms}, {term.id: term.parents for term in terms}
    )
