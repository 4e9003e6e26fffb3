"""Writes what libraries really write, one file a model type: python3 test/interop/make_library_models.py FOLDER

Versions: test/interop/requirements.txt and requirements-without-dependencies.txt, and PyTorch of the system (1.13 on
Debian 12). Nothing is downloaded and nothing is loaded. FOLDER/manifest.json lists path, expected verdict and what it is:

    clean       ordinary: a warning or an error about it is a false alarm
    suspicious  ordinary, and yet it runs text of the file when it is loaded: a warning is right
"""

import collections
import json
import os
import pathlib
import pickle
import sys
import warnings

os.environ["KERAS_BACKEND"] = "jax"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
warnings.simplefilter("ignore")

import joblib
import numpy as np
import pandas as pd
import scipy.interpolate
import scipy.sparse
import scipy.spatial
import scipy.stats
import torch
from torch import nn

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
manifest = []


def place(path, what, expected="clean"):
    """The absolute path for a new file, noted in the manifest."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    manifest.append({"path": path, "expected": expected, "what": what})
    return str(target)


def dump(value, path, what, protocol, expected="clean"):
    with open(place(path, what, expected), "wb") as file:
        pickle.dump(value, file, protocol)


def scikit_learn():
    from sklearn import (
        calibration, cluster, compose, covariance, cross_decomposition, decomposition, discriminant_analysis, ensemble,
        feature_extraction, feature_selection, gaussian_process, impute, isotonic, kernel_approximation, kernel_ridge,
        linear_model, manifold, mixture, model_selection, multiclass, multioutput, naive_bayes, neighbors, neural_network,
        pipeline, preprocessing, random_projection, semi_supervised, svm, tree,
    )  # fmt: skip
    from sklearn.datasets import load_iris, make_classification
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401

    x, y = make_classification(80, 6, n_informative=4, n_classes=3, random_state=0)
    positive, texts = np.abs(x), ["red green", "green blue", "blue", "red"] * 20
    two = (y > 0).astype(int)
    kernel = gaussian_process.kernels.ConstantKernel() * gaussian_process.kernels.RBF() + gaussian_process.kernels.WhiteKernel()
    fitted = {
        "ada_boost": ensemble.AdaBoostClassifier(n_estimators=3, algorithm="SAMME").fit(x, y),
        "bagging": ensemble.BaggingRegressor(n_estimators=3).fit(x, y),
        "bayesian_ridge": linear_model.BayesianRidge().fit(x, y),
        "bernoulli_bayes": naive_bayes.BernoulliNB().fit(x, y),
        "birch": cluster.Birch(n_clusters=2).fit(x),
        "calibrated": calibration.CalibratedClassifierCV(svm.LinearSVC(dual="auto"), cv=2).fit(x, y),
        "column_transformer": compose.ColumnTransformer([("scale", preprocessing.StandardScaler(), [0, 1]), ("keep", "passthrough", [2])]).fit(x),
        "count_vectorizer": feature_extraction.text.CountVectorizer().fit(texts),
        "dbscan": cluster.DBSCAN().fit(x),
        "dict_vectorizer": feature_extraction.DictVectorizer().fit([{"a": 1}, {"b": 2}]),
        "elastic_net": linear_model.ElasticNet().fit(x, y),
        "elliptic_envelope": covariance.EllipticEnvelope(random_state=0).fit(x),
        "extra_trees": ensemble.ExtraTreesClassifier(n_estimators=3).fit(x, y),
        "factor_analysis": decomposition.FactorAnalysis(2).fit(x),
        "feature_union": pipeline.make_union(decomposition.PCA(2), feature_selection.SelectKBest(k=2)).fit(x, y),
        "function_transformer": preprocessing.FunctionTransformer(np.log1p).fit(positive),
        "gaussian_mixture": mixture.GaussianMixture(2).fit(x),
        "gaussian_process": gaussian_process.GaussianProcessRegressor(kernel).fit(x, y),
        "gaussian_process_classifier": gaussian_process.GaussianProcessClassifier().fit(x, two),
        "grid_search": model_selection.GridSearchCV(svm.SVC(), {"C": [1, 2]}, cv=2).fit(x, y),
        "gradient_boosting": ensemble.GradientBoostingClassifier(n_estimators=3).fit(x, y),
        "gradient_boosting_huber": ensemble.GradientBoostingRegressor(n_estimators=3, loss="huber").fit(x, y),
        "hist_gradient_boosting": ensemble.HistGradientBoostingClassifier(max_iter=3).fit(x, y),
        "hist_gradient_boosting_poisson": ensemble.HistGradientBoostingRegressor(max_iter=3, loss="poisson").fit(positive, y),
        "hist_gradient_boosting_regressor": ensemble.HistGradientBoostingRegressor(max_iter=3, early_stopping=True).fit(x, y),
        "huber": linear_model.HuberRegressor(max_iter=500).fit(x, y),
        "incremental_pca": decomposition.IncrementalPCA(2).fit(x),
        "isolation_forest": ensemble.IsolationForest(n_estimators=3).fit(x),
        "isotonic": isotonic.IsotonicRegression().fit(x[:, 0], y),
        "iterative_imputer": impute.IterativeImputer(max_iter=2).fit(x),
        "k_bins": preprocessing.KBinsDiscretizer(3, subsample=None).fit(x),
        "k_means": cluster.KMeans(2, n_init=2).fit(x),
        "kernel_density": neighbors.KernelDensity().fit(x),
        "kernel_pca": decomposition.KernelPCA(2).fit(x),
        "kernel_ridge": kernel_ridge.KernelRidge().fit(x, y),
        "knn_ball_tree": neighbors.KNeighborsClassifier(algorithm="ball_tree").fit(x, y),
        "knn_imputer": impute.KNNImputer().fit(x),
        "knn_kd_tree": neighbors.KNeighborsRegressor(algorithm="kd_tree", metric="minkowski", p=3).fit(x, y),
        "label_binarizer": preprocessing.LabelBinarizer().fit(y),
        "lasso_cv": linear_model.LassoCV(cv=2).fit(x, y),
        "latent_dirichlet": decomposition.LatentDirichletAllocation(2, max_iter=2).fit(positive),
        "lda": discriminant_analysis.LinearDiscriminantAnalysis().fit(x, y),
        "local_outlier_factor": neighbors.LocalOutlierFactor(novelty=True).fit(x),
        "logistic_cv": linear_model.LogisticRegressionCV(cv=2, max_iter=500).fit(x, y),
        "mini_batch_k_means": cluster.MiniBatchKMeans(2, n_init=2).fit(x),
        "mlp": neural_network.MLPClassifier((4,), max_iter=5).fit(x, y),
        "mlp_early_stopping": neural_network.MLPRegressor((4,), max_iter=5, early_stopping=True).fit(x, y),
        "multi_output": multioutput.MultiOutputRegressor(linear_model.Ridge()).fit(x, np.stack([y, y], 1)),
        "multinomial_bayes": naive_bayes.MultinomialNB().fit(positive, y),
        "nearest_centroid": neighbors.NearestCentroid().fit(x, y),
        "nmf": decomposition.NMF(2, max_iter=300).fit(positive),
        "nystroem": kernel_approximation.Nystroem(n_components=5).fit(x),
        "one_vs_rest": multiclass.OneVsRestClassifier(linear_model.LogisticRegression()).fit(x, y),
        "ordinal_encoder": preprocessing.OrdinalEncoder().fit([["a"], ["b"]]),
        "pca": decomposition.PCA(2).fit(x),
        "perceptron": linear_model.Perceptron().fit(x, y),
        "pls": cross_decomposition.PLSRegression(2).fit(x, y),
        "polynomial_features": preprocessing.PolynomialFeatures().fit(x),
        "power_transformer": preprocessing.PowerTransformer().fit(x),
        "qda": discriminant_analysis.QuadraticDiscriminantAnalysis().fit(x, y),
        "quantile_transformer": preprocessing.QuantileTransformer(n_quantiles=20).fit(x),
        "random_projection": random_projection.SparseRandomProjection(3).fit(x),
        "random_search": model_selection.RandomizedSearchCV(linear_model.Ridge(), {"alpha": [0.1, 0.5, 2.0]}, n_iter=2, cv=2).fit(x, y),
        "ransac": linear_model.RANSACRegressor(random_state=0).fit(x, y),
        "regressor_chain": multioutput.RegressorChain(linear_model.Ridge()).fit(x, np.stack([y, y], 1)),
        "rfe": feature_selection.RFE(linear_model.LogisticRegression(), n_features_to_select=2).fit(x, y),
        "ridge_classifier": linear_model.RidgeClassifier().fit(x, y),
        "robust_scaler": preprocessing.RobustScaler().fit(x),
        "select_from_model": feature_selection.SelectFromModel(tree.DecisionTreeClassifier()).fit(x, y),
        "select_percentile": feature_selection.SelectPercentile(feature_selection.mutual_info_classif).fit(x, y),
        "self_training": semi_supervised.SelfTrainingClassifier(svm.SVC(probability=True)).fit(x, y),
        "sgd": linear_model.SGDClassifier().fit(x, y),
        "sgd_huber": linear_model.SGDClassifier(loss="modified_huber").fit(x, y),
        "spectral": cluster.SpectralClustering(2, affinity="rbf").fit(x),
        "spline": preprocessing.SplineTransformer().fit(x),
        "stacking": ensemble.StackingClassifier([("tree", tree.DecisionTreeClassifier()), ("bayes", naive_bayes.GaussianNB())], cv=2).fit(x, y),
        "svc": svm.SVC(probability=True).fit(x, y),
        "svr": svm.NuSVR().fit(x, y),
        "tfidf": feature_extraction.text.TfidfVectorizer(ngram_range=(1, 2), stop_words="english").fit(texts),
        "theil_sen": linear_model.TheilSenRegressor(max_iter=5).fit(x[:, :2], y),
        "transformed_target": compose.TransformedTargetRegressor(linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1).fit(x, positive[:, 0]),
        "truncated_svd": decomposition.TruncatedSVD(2).fit(x),
        "tsne": manifold.TSNE(max_iter=250, perplexity=5).fit(x[:20]),
        "tuned_threshold": model_selection.TunedThresholdClassifierCV(linear_model.LogisticRegression(), cv=2).fit(x, two),
        "variance_threshold": feature_selection.VarianceThreshold().fit(x),
        "voting": ensemble.VotingClassifier([("tree", tree.DecisionTreeClassifier()), ("svc", svm.SVC())]).fit(x, y),
        "whole_pipeline": pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.MinMaxScaler(), ensemble.RandomForestClassifier(3)).fit(x, y),
        "dataset": load_iris(),
    }  # fmt: skip
    compressions = [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)]
    for index, (name, model) in enumerate(sorted(fitted.items())):
        dump(model, f"sklearn/{name}.pkl", f"scikit-learn {name}, pickle", [2, 4, 5][index % 3])
        compress = compressions[index % len(compressions)]
        joblib.dump(model, place(f"sklearn/{name}.joblib", f"scikit-learn {name}, joblib, {compress}"), compress=compress)
    return fitted


def tables():
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["key", "number"])
    values = {
        "frame": pd.DataFrame({"x": [1.0, 2.0, None], "text": list("abc"), "when": pd.date_range("2024", periods=3, tz="UTC")}),
        "categories": pd.DataFrame({"kind": pd.Categorical(["x", "y"], ordered=True), "string": pd.array(["a", None], "string")}),
        "nullable": pd.DataFrame({"i": pd.array([1, None], "Int64"), "b": pd.array([True, None], "boolean"), "f": pd.array([1.5, None], "Float32")}),
        "multi_index": pd.Series(range(4), index),
        "periods": pd.Series(range(3), pd.period_range("2024-01", periods=3, freq="M")),
        "intervals": pd.Series(range(3), pd.interval_range(0, 3)),
        "time_deltas": pd.Series(pd.to_timedelta([1, 2], "h")),
        "scalars": [pd.Timestamp("2024-02-29", tz="Europe/Paris"), pd.Timedelta("1d"), pd.NaT, pd.NA, pd.Period("2024Q1"), pd.Interval(0, 1)],
        "offsets": [pd.offsets.Week(weekday=2), pd.offsets.MonthEnd(), pd.offsets.BDay(), pd.offsets.QuarterEnd(), pd.DateOffset(days=2)],
        "business_index": pd.Series(range(3), pd.date_range("2024", periods=3, freq="B")),
        "sparse": pd.DataFrame({"s": pd.arrays.SparseArray([0, 0, 1])}),
    }  # fmt: skip
    for number, (name, value) in enumerate(values.items()):
        dump(value, f"pandas/{name}.pkl", f"pandas {name}", [2, 4, 5][number % 3])


def arrays():
    points = np.random.default_rng(0).random((20, 2))
    generators = [np.random.PCG64(1), np.random.MT19937(1), np.random.Philox(1), np.random.SFC64(1), np.random.PCG64DXSM(1)]
    values = {
        "dtypes": [np.zeros(2, kind) for kind in ("f2", "i1", "U3", "S2", "c8", "M8[ms]", "m8[D]", "?", "V3", "O")],
        "generators": [np.random.Generator(one) for one in generators] + [np.random.RandomState(0), np.random.SeedSequence(3)],
        "polynomials": [np.polynomial.Polynomial([1, 2]), np.polynomial.Chebyshev([1, 2]), np.polynomial.Legendre([1]), np.poly1d([1, 2])],
        "records": [np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), np.matrix([[1, 2]]), np.ma.masked_array([1, 2], [0, 1]), np.ma.masked],
        "functions": [np.log1p, np.exp, np.mean, np.maximum],
        "scalars": [np.float16(1), np.int64(2), np.bool_(True), np.str_("a"), np.datetime64("2024-01-01"), np.complex64(1)],
    }  # fmt: skip
    for number, (name, value) in enumerate(values.items()):
        dump(value, f"numpy/{name}.pkl", f"NumPy {name}", [2, 4, 5][number % 3])
        joblib.dump(value, place(f"numpy/{name}.joblib", f"NumPy {name}, joblib"))
        joblib.dump(
            {"labels": value, "words": np.array(["a", None], dtype=object), "more": np.array([{"b": 1}], dtype=object)},
            place(f"numpy/{name}_and_objects.joblib", f"NumPy {name} beside arrays of objects, joblib"),
        )
    scientific = {
        "sparse": [scipy.sparse.random(5, 5, 0.4, format=kind) for kind in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil")],
        "sparse_arrays": [scipy.sparse.csr_array(np.eye(3)), scipy.sparse.coo_array(np.eye(3)), scipy.sparse.lil_array(np.eye(3))],
        "interpolators": [
            scipy.interpolate.interp1d([0, 1, 2], [1, 2, 0]), scipy.interpolate.CubicSpline([0, 1, 2], [1, 2, 0]),
            scipy.interpolate.PchipInterpolator([0, 1, 2], [1, 2, 0]), scipy.interpolate.UnivariateSpline(range(6), range(6)),
            scipy.interpolate.RegularGridInterpolator(([0, 1], [0, 1]), np.eye(2)), scipy.interpolate.BSpline([0, 1, 2, 3], [1, 2], 1),
            scipy.interpolate.RBFInterpolator(points, points[:, 0]),
        ],
        "trees": [scipy.spatial.cKDTree(points), scipy.spatial.KDTree(points), scipy.spatial.transform.Rotation.from_euler("x", 1)],
        "densities": [scipy.stats.gaussian_kde(points.T)],
        "results": [scipy.optimize.minimize(np.sum, [0.0], options={"maxiter": 1}), scipy.stats.ttest_ind([1, 2], [2, 3])],
    }  # fmt: skip
    # rv_generic.__setstate__ runs exec on a template that stands in the file.
    dump(scipy.stats.norm(1, 2), "scipy/distribution.pkl", "SciPy distribution", 4, "suspicious")
    for name, value in scientific.items():
        dump(value, f"scipy/{name}.pkl", f"SciPy {name}", 4)


def boosted_trees():
    import lightgbm
    import xgboost

    x = np.random.default_rng(0).random((60, 4))
    y = (x[:, 0] > 0.5).astype(int)
    models = {
        "xgboost/classifier": xgboost.XGBClassifier(n_estimators=3).fit(x, y),
        "xgboost/regressor": xgboost.XGBRegressor(n_estimators=3, early_stopping_rounds=2).fit(x, y, eval_set=[(x, y)], verbose=False),
        "xgboost/ranker": xgboost.XGBRanker(n_estimators=3).fit(x, y, qid=np.zeros(60)),
        "xgboost/forest": xgboost.XGBRFClassifier(n_estimators=3).fit(x, y),
        "xgboost/booster": xgboost.train({}, xgboost.DMatrix(x, y), 3),
        "lightgbm/classifier": lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(x, y),
        "lightgbm/regressor": lightgbm.LGBMRegressor(n_estimators=3, verbose=-1).fit(x, y),
        "lightgbm/ranker": lightgbm.LGBMRanker(n_estimators=3, verbose=-1).fit(x, y, group=[60]),
        "lightgbm/booster": lightgbm.train({"verbose": -1}, lightgbm.Dataset(x, y), 3),
    }
    for name, model in models.items():
        dump(model, f"{name}.pkl", f"{name}, pickle", 4)
        joblib.dump(model, place(f"{name}.joblib", f"{name}, joblib"))
    for suffix in ("json", "ubj", "deprecated"):
        models["xgboost/booster"].save_model(place(f"xgboost/native.{suffix}", f"XGBoost's own format, {suffix}"))
    models["lightgbm/booster"].save_model(place("lightgbm/native.txt", "LightGBM's own format"))


class Net(nn.Module):
    """A network as a notebook has it; only its state is saved."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2))

    def forward(self, x):
        return self.body(x)


def torch_layers():
    whole = {
        "recurrent": nn.ModuleList([nn.LSTM(3, 4), nn.GRU(3, 4), nn.RNN(3, 4), nn.LSTMCell(2, 2)]),
        "attention": nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 1),
        "transformer": nn.Transformer(8, 2, 1, 1, 16),
        "convolutions": nn.Sequential(nn.Conv1d(1, 2, 3), nn.Conv2d(2, 2, 3), nn.ConvTranspose2d(2, 2, 2), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1)),
        "normalisations": nn.ModuleDict({"a": nn.LayerNorm(4), "b": nn.GroupNorm(2, 4), "c": nn.InstanceNorm2d(3), "d": nn.SyncBatchNorm(3)}),
        "activations": nn.Sequential(nn.GELU(), nn.SiLU(), nn.PReLU(), nn.Softmax(1), nn.Dropout(), nn.LeakyReLU(), nn.Hardswish()),
        "embeddings": nn.ModuleList([nn.Embedding(5, 3), nn.EmbeddingBag(5, 3)]),
        "losses": [nn.CrossEntropyLoss(), nn.MSELoss(), nn.BCEWithLogitsLoss(), nn.CTCLoss()],
        "weight_norm": nn.utils.weight_norm(nn.Linear(3, 3)),
        "spectral_norm": nn.utils.spectral_norm(nn.Linear(3, 3)),
        "parameters": nn.ParameterList([nn.Parameter(torch.ones(2))]),
    }  # fmt: skip
    for name, module in whole.items():
        torch.save(module, place(f"torch/{name}.pt", f"PyTorch, whole: {name}"))
        torch.save(module, place(f"torch/{name}_legacy.pt", f"PyTorch, whole, old layout: {name}"), _use_new_zipfile_serialization=False)


def torch_training():
    net = Net()
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "LBFGS", "NAdam", "Adadelta"):
        optimiser = getattr(torch.optim, name)(net.parameters(), lr=0.01)
        closure = lambda: (optimiser.zero_grad(), net(torch.randn(2, 1, 8, 8)).sum())[1]
        closure().backward()
        optimiser.step(closure)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10)
        torch.save(optimiser.state_dict(), place(f"torch/optimiser_{name.lower()}.pt", f"state of {name}"))
        if name in ("SGD", "Adam"):
            torch.save(optimiser, place(f"torch/optimiser_{name.lower()}_whole.pt", f"{name}, whole"))
        torch.save(scheduler.state_dict(), place(f"torch/scheduler_{name.lower()}.pt", "state of a scheduler"))
    scheduler = torch.optim.lr_scheduler.OneCycleLR(torch.optim.SGD(net.parameters(), 0.1, momentum=0.9), 0.1, total_steps=10)
    state = {key: value for key, value in scheduler.state_dict().items() if not callable(value)}
    torch.save(
        {
            "epoch": 3,
            "state_dict": net.state_dict(),
            "scheduler": state,
            "scaler": torch.cuda.amp.GradScaler(enabled=False).state_dict(),
            "rng": torch.get_rng_state(),
            "numpy_rng": np.random.get_state(),
            "history": collections.defaultdict(list, loss=[0.5, 0.25]),
            "best": np.float64(0.9),
            "device": torch.device("cpu"),
        },
        place("torch/checkpoint.ckpt", "a training checkpoint"),
    )
    swa = torch.optim.swa_utils.AveragedModel(nn.Linear(2, 2))
    torch.save(swa.state_dict(), place("torch/averaged.pt", "an averaged model's state"))


def torch_tensors():
    kinds = [torch.float16, torch.bfloat16, torch.float64, torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64, torch.bool, torch.complex64]
    values = {
        "dtypes": {str(kind): torch.ones(2, 2).to(kind) for kind in kinds},
        "views": (lambda base: [base, base[1:], base.t(), base.expand(3, 4, 4)])(torch.arange(16.0).reshape(4, 4)),
        "sparse": [torch.eye(3).to_sparse(), torch.eye(3).to_sparse_csr()],
        "quantised": [torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), torch.quantize_per_channel(torch.ones(2, 2), torch.ones(2), torch.zeros(2), 0, torch.quint8)],
        "conjugate": torch.ones(2, dtype=torch.complex64).conj(),
        "sizes": [torch.Size([1, 2]), torch.float32, torch.strided],
        "generator_state": torch.Generator().get_state(),
        "packed": nn.utils.rnn.pack_sequence([torch.ones(2), torch.ones(1)]),
        "datasets": torch.utils.data.TensorDataset(torch.ones(3, 2), torch.zeros(3)),
    }  # fmt: skip
    for name, value in values.items():
        torch.save(value, place(f"torch/{name}.pt", f"PyTorch {name}"))
        dump(value, f"torch/{name}.pkl", f"PyTorch {name}, plain pickle", 4)
    example = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), {nn.Linear}, torch.qint8)
    torch.save(example.state_dict(), place("torch/quantised_state.pt", "a quantised model's state"))
    torch.save(example, place("torch/quantised_model.pt", "a quantised model, whole"))
    net = Net().eval()
    torch.jit.save(torch.jit.script(net), place("torch/script.pt", "TorchScript, scripted"))
    torch.jit.save(torch.jit.trace(net, torch.randn(1, 1, 8, 8)), place("torch/traced.pt", "TorchScript, traced"))


def vision():
    import torchvision

    torch.save(torchvision.models.squeezenet1_1(), place("torchvision/squeezenet.pt", "torchvision SqueezeNet, whole"))
    small = torchvision.models.MobileNetV3(
        *torchvision.models.mobilenetv3._mobilenet_v3_conf("mobilenet_v3_small", width_mult=0.1), num_classes=2
    )
    torch.save(small, place("torchvision/mobilenet.pt", "torchvision MobileNet, whole"))
    resnet = torchvision.models.ResNet(torchvision.models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=2, width_per_group=64)
    torch.save(resnet, place("torchvision/resnet.pt", "torchvision ResNet, whole"))
    torch.save(resnet.state_dict(), place("torchvision/resnet_state.pth", "torchvision ResNet, state"))
    dense = torchvision.models.DenseNet(4, (1, 1), 4, 2, num_classes=2)
    torch.save(dense, place("torchvision/densenet.pt", "torchvision DenseNet, whole"))
    vit = torchvision.models.VisionTransformer(8, 4, 1, 2, 8, 16, num_classes=2)
    torch.save(vit, place("torchvision/vit.pt", "torchvision vision transformer, whole"))
    transform = torchvision.transforms
    steps = transform.Compose([transform.Resize(8), transform.CenterCrop(8), transform.ToTensor(), transform.Normalize([0.5], [0.5])])
    torch.save(steps, place("torchvision/transforms.pt", "torchvision transforms"))


def transformers_models():
    import transformers

    transformers.logging.set_verbosity_error()
    tiny = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 50}
    models = {
        "bert": transformers.BertForSequenceClassification(transformers.BertConfig(**tiny)),
        "gpt2": transformers.GPT2LMHeadModel(transformers.GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=50, n_positions=16)),
        "llama": transformers.LlamaForCausalLM(transformers.LlamaConfig(**tiny)),
        "t5": transformers.T5ForConditionalGeneration(transformers.T5Config(d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2, vocab_size=50)),
        "vit": transformers.ViTModel(transformers.ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, image_size=16, patch_size=8)),
        "distilbert": transformers.DistilBertModel(transformers.DistilBertConfig(dim=16, n_layers=1, n_heads=2, hidden_dim=16, vocab_size=50)),
    }  # fmt: skip
    for name, model in models.items():
        for safe in (True, False):
            folder = root / "transformers" / f"{name}_{'safetensors' if safe else 'pickle'}"
            model.save_pretrained(folder, safe_serialization=safe)
            for file in sorted(folder.iterdir()):
                place(file.relative_to(root).as_posix(), f"transformers {name}, save_pretrained")
        torch.save(model, place(f"transformers/{name}_whole.pt", f"transformers {name}, whole"))
    for kind in (transformers.TrainingArguments, transformers.Seq2SeqTrainingArguments):
        arguments = kind(output_dir="out", use_cpu=True, evaluation_strategy="epoch", save_strategy="epoch", load_best_model_at_end=True)
        torch.save(arguments, place(f"transformers/{kind.__name__}/training_args.bin", kind.__name__))
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=word_tokenizer(), unk_token="[UNK]")
    tokenizer.chat_template = "{% for message in messages %}{{ message['role'] + ': ' + message['content'] }}\n{% endfor %}"
    tokenizer.save_pretrained(root / "transformers" / "tokenizer")
    for file in sorted((root / "transformers" / "tokenizer").iterdir()):
        place(file.relative_to(root).as_posix(), "transformers tokenizer")
    dump(tokenizer, "transformers/tokenizer.pkl", "transformers tokenizer, pickle", 4)
    dump(transformers.BertConfig(**tiny), "transformers/config.pkl", "transformers configuration, pickle", 4)


def word_tokenizer():
    import tokenizers

    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return tokenizer


def keras_models():
    import keras

    layers = keras.layers
    image, text = keras.Input((8, 8, 1)), keras.Input((5,))
    x = layers.Conv2D(2, 3, activation="relu")(image)
    x = layers.BatchNormalization()(x)
    functional = keras.Model(image, layers.Dense(2, "softmax")(layers.GlobalAveragePooling2D()(x)))
    functional.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    recurrent = keras.Model(text, layers.Dense(1)(layers.Bidirectional(layers.LSTM(3))(layers.Embedding(10, 4)(text))))
    models = {
        "sequential": keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu"), layers.Dropout(0.2), layers.Dense(1)]),
        "functional": functional,
        "recurrent": recurrent,
        "attention": keras.Model(i := keras.Input((4, 8)), layers.MultiHeadAttention(2, 4)(i, i)),
        "time_distributed": keras.Sequential([keras.Input((4, 8)), layers.TimeDistributed(layers.Dense(2)), layers.Flatten()]),
    }
    for name, model in models.items():
        model.save(place(f"keras/{name}.keras", f"Keras 3 {name}"))
        model.save(place(f"keras/{name}.h5", f"Keras 3 {name}, HDF5"))
        model.save_weights(place(f"keras/{name}.weights.h5", f"Keras 3 {name}, weights"))


def onnx_models(fitted):
    import onnx
    import skl2onnx
    from skl2onnx.common.data_types import FloatTensorType

    for name in ("ridge_classifier", "svr", "pca", "robust_scaler", "elastic_net", "mlp", "bayesian_ridge"):
        model = skl2onnx.convert_sklearn(fitted[name], initial_types=[("x", FloatTensorType([None, 6]))], target_opset=15)
        onnx.save(model, place(f"onnx/{name}.onnx", f"skl2onnx {name}"))
    torch.onnx.export(Net().eval(), torch.randn(1, 1, 8, 8), place("onnx/exported.onnx", "torch.onnx.export"))
    branch = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 15]> agraph (bool c, float[2] x) => (float[2] y) '
        "{ y = If (c) <then_branch = g () => (float[2] t) { t = Identity (x) }, else_branch = h () => (float[2] e) { e = Neg (x) }> }"
    )
    onnx.save(branch, place("onnx/branch.onnx", "ONNX with subgraphs"))
    weights = onnx.numpy_helper.from_array(np.zeros((32, 32), "f4"), "w")
    node = onnx.helper.make_node("Add", ["x", "w"], ["y"])
    kind = lambda name: onnx.helper.make_tensor_value_info(name, 1, [32, 32])
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", [kind("x")], [kind("y")], [weights]))
    target = place("onnx/external.onnx", "ONNX with external data")
    onnx.save(model, target, save_as_external_data=True, location="external.onnx.data", size_threshold=0)


def safe_files():
    import safetensors.numpy
    import safetensors.torch

    safetensors.torch.save_file(Net().state_dict(), place("safetensors/net.safetensors", "safetensors from PyTorch"), {"format": "pt"})
    safetensors.numpy.save_file({"x": np.ones((2, 2))}, place("safetensors/numpy.safetensors", "safetensors from NumPy"))


if __name__ == "__main__":
    torch.manual_seed(0)
    np.random.seed(0)
    fitted = scikit_learn()
    for make in (tables, arrays, boosted_trees, torch_layers, torch_training, torch_tensors, vision, transformers_models, keras_models, safe_files):
        make()
    onnx_models(fitted)
    (root / "manifest.json").write_text(json.dumps(manifest, indent=1))
