"""Answers statistical questions with SciPy: JSON lines in, a JSON line out for each."""

import json
import sys

import numpy as np
from scipy import special, stats
from scipy.spatial import distance


def answer(question):
    kind = question["kind"]
    if kind in ("ks", "mw", "wasserstein"):
        a, b = np.array(question["a"]), np.array(question["b"])
        if kind == "ks":
            result = stats.ks_2samp(a, b, method="exact")
            return [result.statistic, result.pvalue]
        if kind == "mw":
            result = stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True)
            return [result.statistic, result.pvalue]
        return [stats.wasserstein_distance(a, b)]
    if kind == "kolmogorov":
        return [special.kolmogorov(question["x"])]
    if kind == "js":
        return [distance.jensenshannon(question["a"], question["b"], base=2)]
    if kind == "chi2":
        result = stats.chi2_contingency([question["a"], question["b"]], correction=False)
        return [result[0], result[1]]
    if kind == "mcnemar":
        return [stats.binomtest(question["worse"], question["worse"] + question["better"], 0.5, alternative="greater").pvalue]
    if kind == "upper":
        hits, trials = question["hits"], question["trials"]
        return [stats.beta.ppf(question["level"], hits + 1, trials - hits)]
    if kind == "normal":
        return [stats.norm.sf(question["x"])]
    if kind == "quantile":
        return [stats.norm.isf(question["x"])]
    if kind == "bh":
        return list(stats.false_discovery_control(question["p"], method="bh"))
    raise ValueError(kind)


for line in sys.stdin:
    print(json.dumps([float(value) for value in answer(json.loads(line))]))
