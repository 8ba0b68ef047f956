"""The two encodings of a definition: the JSON file people write and the lists the API carries.

They agree with what awscli makes of them, member by member: fields of a file sorted by name, arrays as repeated fields,
a dict whose only member is `ref` a reference, one value a scalar and several an array on the way back.
A wrong shape is refused with every fault found, each naming its place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from chalicelib.domain.definition.model import (
    Definition,
    Field,
    ParameterAttribute,
    ParameterObject,
    ParameterValue,
    PipelineObject,
    Value,
)
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.values import Ref

Plain = dict[str, object]
_MOST_FAULTS = 20
_OBJECTS, _PARAMETERS, _VALUES = "pipelineObjects", "parameterObjects", "parameterValues"


def from_file(document: object) -> Definition:
    """The definition in a parsed JSON file; top-level members other than objects, parameters, values are ignored.

    Raises  InvalidRequest naming every place whose shape is wrong
    """
    faults: list[str] = []
    if not isinstance(document, Mapping):
        raise InvalidRequest(f"A definition is an object with 'objects', not {_shape(document)}")
    if "objects" not in document:
        raise InvalidRequest("A definition needs 'objects': a list of objects, each with an 'id'")
    objects = [_object_of_file(place, item, faults) for place, item in _members(document["objects"], "objects", faults)]
    parameters = [
        _parameter_of_file(place, item, faults)
        for place, item in _members(document.get("parameters", ()), "parameters", faults)
    ]
    values = tuple(_values_of_file(document.get("values", {}), faults))
    return _sound(Definition(tuple(objects), tuple(parameters), values), faults)


def to_file(definition: Definition) -> Plain:
    """The definition as `get-pipeline-definition` prints it."""
    return {
        "objects": [_file_object(item) for item in definition.objects],
        "parameters": [
            _gathered({"id": item.id}, ((each.key, each.value) for each in item.attributes))
            for item in definition.parameters
        ],
        "values": _gathered({}, ((item.id, item.value) for item in definition.values)),
    }


def from_api(objects: object, parameters: object = (), values: object = ()) -> Definition:
    """The definition in the API's lists; None stands for an absent list.

    Raises  InvalidRequest naming every place whose shape is wrong
    """
    faults: list[str] = []
    decoded = Definition(
        tuple(_api_object(place, item, faults) for place, item in _members(objects, _OBJECTS, faults)),
        tuple(_api_parameter(place, item, faults) for place, item in _members(parameters, _PARAMETERS, faults)),
        tuple(_api_value(place, item, faults) for place, item in _members(values, _VALUES, faults)),
    )
    return _sound(decoded, faults)


def to_api(definition: Definition) -> dict[str, list[Plain]]:
    """`pipelineObjects`, `parameterObjects` and `parameterValues`, as the API answers them."""
    return {
        _OBJECTS: [object_to_api(item) for item in definition.objects],
        _PARAMETERS: [
            {"id": item.id, "attributes": [{"key": each.key, "stringValue": each.value} for each in item.attributes]}
            for item in definition.parameters
        ],
        _VALUES: [{"id": item.id, "stringValue": item.value} for item in definition.values],
    }


def object_to_api(item: PipelineObject) -> Plain:
    """One object as the API answers it."""
    return {"id": item.id, "name": item.name, "fields": [_field_to_api(each) for each in item.fields]}


def _field_to_api(field: Field) -> Plain:
    if isinstance(field.value, Ref):
        return {"key": field.key, "refValue": field.value.id}
    return {"key": field.key, "stringValue": field.value}


def _file_object(item: PipelineObject) -> Plain:
    pairs = ((each.key, _file_value(each.value)) for each in item.fields)
    return _gathered({"id": item.id, "name": item.name}, pairs)


def _file_value(value: Value) -> object:
    return {"ref": value.id} if isinstance(value, Ref) else value


def _gathered(into: Plain, pairs: Iterable[tuple[str, object]]) -> Plain:
    for key, value in pairs:
        present = into.get(key)
        if key not in into:
            into[key] = value
        elif isinstance(present, list):
            present.append(value)
        else:
            into[key] = [present, value]
    return into


def _object_of_file(place: str, item: Mapping[str, object], faults: list[str]) -> PipelineObject:
    identity = _text(item, "id", place, faults)
    name = _text(item, "name", place, faults) if "name" in item else identity
    keys = sorted(key for key in item if key not in ("id", "name"))
    fields = (_field_of_file(key, item[key], f"{place} '{identity}'", faults) for key in keys)
    return PipelineObject(identity, name, tuple(field for found in fields for field in found))


def _field_of_file(key: str, written: object, place: str, faults: list[str]) -> Iterator[Field]:
    for each in written if isinstance(written, list) else (written,):
        if isinstance(each, str):
            yield Field(key, each)
        elif isinstance(each, Mapping) and list(each) == ["ref"] and isinstance(each["ref"], str):
            yield Field(key, Ref(each["ref"]))
        else:
            faults.append(f'{place}: \'{key}\' must be a string or {{"ref": "id"}}, not {_shape(each)}')


def _parameter_of_file(place: str, item: Mapping[str, object], faults: list[str]) -> ParameterObject:
    identity = _text(item, "id", place, faults)
    attributes = [
        ParameterAttribute(key, each)
        for key in sorted(item)
        if key != "id"
        for each in _texts(item[key], f"{place} '{identity}': '{key}'", faults)
    ]
    return ParameterObject(identity, tuple(attributes))


def _values_of_file(written: object, faults: list[str]) -> Iterator[ParameterValue]:
    if not isinstance(written, Mapping):
        faults.append(f"values: must be an object of parameter ids and values, not {_shape(written)}")
        return
    for key, value in written.items():
        for each in _texts(value, f"values: '{key}'", faults):
            yield ParameterValue(str(key), each)


def _texts(written: object, place: str, faults: list[str]) -> Iterator[str]:
    for each in written if isinstance(written, list) else (written,):
        if isinstance(each, str):
            yield each
        else:
            faults.append(f"{place} must be a string or a list of strings, not {_shape(each)}")


def _api_object(place: str, item: Mapping[str, object], faults: list[str]) -> PipelineObject:
    fields = (_api_field(at, each, faults) for at, each in _members(item.get("fields"), f"{place}.fields", faults))
    return PipelineObject(
        _text(item, "id", place, faults),
        _text(item, "name", place, faults),
        tuple(field for found in fields for field in found),
    )


def _api_field(place: str, item: Mapping[str, object], faults: list[str]) -> Iterator[Field]:
    key = _text(item, "key", place, faults)
    given = [(name, item[name]) for name in ("stringValue", "refValue") if item.get(name) is not None]
    if len(given) != 1:
        faults.append(f"{place} '{key}': give one of stringValue and refValue; {len(given)} were given")
        return
    [(name, value)] = given
    if not isinstance(value, str):
        faults.append(f"{place} '{key}': {name} must be a string, not {_shape(value)}")
        return
    yield Field(key, value if name == "stringValue" else Ref(value))


def _api_parameter(place: str, item: Mapping[str, object], faults: list[str]) -> ParameterObject:
    attributes = [
        ParameterAttribute(_text(each, "key", at, faults), _text(each, "stringValue", at, faults))
        for at, each in _members(item.get("attributes"), f"{place}.attributes", faults)
    ]
    return ParameterObject(_text(item, "id", place, faults), tuple(attributes))


def _api_value(place: str, item: Mapping[str, object], faults: list[str]) -> ParameterValue:
    return ParameterValue(_text(item, "id", place, faults), _text(item, "stringValue", place, faults))


def _members(written: object, place: str, faults: list[str]) -> Iterator[tuple[str, Mapping[str, object]]]:
    if not isinstance(written, Sequence | None) or isinstance(written, str | bytes):
        faults.append(f"{place}: must be a list, not {_shape(written)}")
        return
    for index, item in enumerate(written or ()):
        if isinstance(item, Mapping):
            yield f"{place}[{index}]", item
        else:
            faults.append(f"{place}[{index}]: must be an object, not {_shape(item)}")


def _text(item: Mapping[str, object], key: str, place: str, faults: list[str]) -> str:
    value = item.get(key)
    if isinstance(value, str):
        return value
    wrong = "needs" if value is None else f"must be a string, not {_shape(value)}:"
    faults.append(f"{place}: {wrong} '{key}'")
    return ""


def _shape(value: object) -> str:
    if value is None:
        return "null"
    names: Mapping[type, str] = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list"}
    return names.get(type(value), "an object")


def _sound(definition: Definition, faults: Sequence[str]) -> Definition:
    if not faults:
        return definition
    different = [*dict.fromkeys(faults)]
    more = len(different) - _MOST_FAULTS
    shown = "; ".join(fault[:300] for fault in different[:_MOST_FAULTS])
    raise InvalidRequest(f"{shown}; and {more} more" if more > 0 else shown)
