"""Training: `fit` and what goes with it.

history = nn.fit(model, (x, y), nn.CrossEntropyLoss(), optimizer, epochs=20, validation=(xd, yd))
print(history)
history.plot()
"""

from nn.training.callbacks import Callback, EarlyStopping, State
from nn.training.checkpoints import Checkpoint, load_checkpoint
from nn.training.evaluation import evaluate, predict
from nn.training.fitting import fit
from nn.training.history import History
from nn.training.logs import CSVLog, TensorBoard

__all__ = [
    "CSVLog",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "History",
    "State",
    "TensorBoard",
    "evaluate",
    "fit",
    "load_checkpoint",
    "predict",
]
