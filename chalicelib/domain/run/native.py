"""Which activities run without a machine unless their author asks for one. Pure; judges objects as they are written."""

from collections.abc import Callable, Mapping

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.steps import is_table_step


def is_native(item: PipelineObject) -> bool:
    """Whether we do the work of the activity ourselves.

    item   effective, expressions not evaluated: what only an interval decides cannot decide this
    """
    judge = _JUDGES.get(item.type or "")
    return judge is not None and judge(item)


def _always(_: PipelineObject) -> bool:
    return True


def _all_steps_known(item: PipelineObject) -> bool:
    """Commands around the steps need the cluster that they were written for."""
    steps = item.texts("step")
    commands = item.texts("preStepCommand") + item.texts("postStepCommand")
    return bool(steps) and not commands and all(map(is_table_step, steps))


def _has_no_scripts(item: PipelineObject) -> bool:
    return not item.refs("preActivityTaskConfig") and not item.refs("postActivityTaskConfig")


_JUDGES: Mapping[str, Callable[[PipelineObject], bool]] = {
    "CopyActivity": _always,
    "RedshiftCopyActivity": _always,
    "SqlActivity": _always,
    "InferenceActivity": _always,
    "LambdaActivity": _always,
    "GlueJobActivity": _always,
    "AthenaQueryActivity": _always,
    "EmrActivity": _all_steps_known,
    "HiveCopyActivity": _has_no_scripts,
}
