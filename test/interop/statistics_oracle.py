"""Prints what scikit-learn and SciPy make of the same data. Standard input: one JSON object with the tests to run."""
import json
import sys

import numpy as np
from scipy.stats import chi2, chi2_contingency, spearmanr
from sklearn.cluster import DBSCAN
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest

given = json.load(sys.stdin)
answer = {"dbscan": [], "forests": [], "chi": [], "tails": []}
for case in given["dbscan"]:
    labels = DBSCAN(eps=case["radius"], min_samples=case["least"]).fit(np.array(case["data"])).labels_
    answer["dbscan"].append(labels.tolist())
for case in given["forests"]:
    data = np.array(case["data"])

    def scores(seed):
        return -IsolationForest(n_estimators=case["trees"], max_samples=min(256, len(data)), random_state=seed).fit(data).score_samples(data)

    first, second = scores(1), scores(2)
    answer["forests"].append(
        {
            "between": spearmanr(first, second).statistic,
            "ours": spearmanr(first, np.array(case["scores"])).statistic,
            "mean": [float(first.mean()), float(np.mean(case["scores"]))],
        }
    )
for table in given["chi"]:
    result = chi2_contingency(np.array(table), correction=False)
    answer["chi"].append([result.statistic, result.dof, result.pvalue])
for x, degrees in given["tails"]:
    answer["tails"].append(chi2.sf(x, degrees))
answer["variances"] = [
    PCA(n_components=case["count"]).fit(np.array(case["data"])).explained_variance_.tolist() for case in given["axes"]
]
json.dump(answer, sys.stdout)
