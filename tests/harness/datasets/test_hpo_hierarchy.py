from harness.datasets.hpo_hierarchy import Hierarchy, read_hierarchy

DIAMOND = Hierarchy({}, {"leaf": ["left", "right"], "left": ["top"], "right": ["top"], "top": []})


def test_ancestors_include_the_concept_and_everything_above_it():
    assert DIAMOND.ancestors("leaf") == {"leaf", "left", "right", "top"}
    assert DIAMOND.ancestors("left") == {"left", "top"}


def test_an_unknown_concept_has_itself_as_its_only_ancestor():
    assert DIAMOND.ancestors("other") == {"other"}


def test_the_installed_ontology_leads_from_seizure_to_its_root():
    hierarchy = read_hierarchy()
    names = {hierarchy.names[concept] for concept in hierarchy.ancestors("HP:0001250")}
    assert {"Seizure", "Abnormality of the nervous system", "All"} <= names


def test_obsolete_concepts_are_left_out():
    assert not any(name.startswith("obsolete ") for name in read_hierarchy().names.values())
