"""Multilayer perceptrons with scikit-learn's interface, trained by `nn.fit`.

    model = make_pipeline(StandardScaler(), nn.MLPClassifier(hidden_layer_sizes=(50,)))
    GridSearchCV(model, {"mlpclassifier__alpha": [1e-4, 1e-2]}).fit(x, y)

Names, defaults and attributes are those of scikit-learn's estimators of the same names, so that one
can stand in the other's place. They need scikit-learn itself, whose base classes they have.
"""

try:
    from nn.estimators.classifier import MLPClassifier
    from nn.estimators.regressor import MLPRegressor
except ImportError as error:
    if (error.name or "").partition(".")[0] != "sklearn":
        raise
    raise ImportError(
        "nn.MLPClassifier and nn.MLPRegressor are estimators of scikit-learn, which is missing or "
        'older than 1.6. Install it: pip install -e ".[sklearn]". nn.MLP and nn.fit do without.'
    ) from error

__all__ = ["MLPClassifier", "MLPRegressor"]
