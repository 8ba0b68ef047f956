"""The encodings against awscli's translator, over generated documents."""

from copy import deepcopy

from awscli.customizations.datapipeline import translator
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.definition.encoding import from_api, from_file, to_api, to_file
from chalicelib.domain.errors import InvalidRequest

texts = st.text(max_size=8)
names = st.text(min_size=1, max_size=6).filter(lambda name: name not in ("id", "name"))
values = texts | st.fixed_dictionaries({"ref": texts})
fields = st.dictionaries(names, values | st.lists(values, max_size=3), max_size=4)
objects = st.builds(
    lambda own, rest: {**rest, **own}, st.fixed_dictionaries({"id": texts}, optional={"name": texts}), fields
)
strings = texts | st.lists(texts, max_size=3)
parameters = st.builds(
    lambda own, rest: {**rest, **own}, st.fixed_dictionaries({"id": texts}), st.dictionaries(names, strings, max_size=3)
)
documents = st.fixed_dictionaries(
    {"objects": st.lists(objects, max_size=4)},
    optional={"parameters": st.lists(parameters, max_size=3), "values": st.dictionaries(texts, strings, max_size=3)},
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | texts | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "fields", "key", "stringValue", "refValue", "ref", "objects", "attributes"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def translated(document):
    document = deepcopy(document)
    return {
        "pipelineObjects": translator.definition_to_api_objects(document),
        "parameterObjects": translator.definition_to_api_parameters(document) or [],
        "parameterValues": translator.definition_to_parameter_values(document) or [],
    }


@settings(deadline=None)
@given(documents)
def test_a_file_becomes_what_awscli_sends(document):
    assert to_api(from_file(document)) == translated(document)


@settings(deadline=None)
@given(documents)
def test_a_definition_becomes_what_awscli_prints(document):
    definition = from_file(document)
    assert to_file(definition) == translator.api_to_definition(to_api(definition))


@settings(deadline=None)
@given(documents)
def test_the_api_form_is_kept(document):
    definition = from_file(document)
    api = to_api(definition)
    assert from_api(api["pipelineObjects"], api["parameterObjects"], api["parameterValues"]) == definition


@settings(deadline=None)
@given(anything, anything, anything)
def test_any_structure_decodes_or_is_an_invalid_request(first, second, third):
    for decode in (
        lambda: from_file(first),
        lambda: from_api(first, second, third),
        lambda: from_file({"objects": first}),
    ):
        try:
            decode()
        except InvalidRequest:
            continue
