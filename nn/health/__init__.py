"""The health of a training: activations and gradients by layer, while it runs."""

from nn.health.monitor import HealthMonitor
from nn.health.records import LayerRecord, ParameterRecord

__all__ = ["HealthMonitor", "LayerRecord", "ParameterRecord"]
