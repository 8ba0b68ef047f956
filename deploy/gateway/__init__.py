"""API Gateway of one stage: from its settings and the API's methods to a template, or to the calls that bring it there.

Knows neither how functions are deployed nor what they do.
"""

from deploy.gateway.agreement import check
from deploy.gateway.fragments import chalice_settings, function_environment, template_fragments
from deploy.gateway.plan import plan, plan_beside_the_stack
from deploy.gateway.removal import removal
from deploy.gateway.steps import Step

__all__ = [
    "Step",
    "chalice_settings",
    "check",
    "function_environment",
    "plan",
    "plan_beside_the_stack",
    "removal",
    "template_fragments",
]
