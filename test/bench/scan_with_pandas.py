"""The statistics of `weighbridge dataset scan` with pandas, SciPy and scikit-learn, as a person would write them: over-represented n-grams of new
rows, labels that a classifier contradicts, label distribution, Isolation Forest, density and DBSCAN of a sample, and patterns of personal data.
Arguments: the new file, the accepted file."""
import json
import re
import sys

import numpy as np
import pandas as pd
from scipy.stats import binom, chi2_contingency
from sklearn.cluster import DBSCAN
from sklearn.ensemble import IsolationForest
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import NearestNeighbors
from sklearn.random_projection import GaussianRandomProjection

new, accepted = (pd.read_json(path, lines=True) for path in sys.argv[1:])
known = set(zip(accepted.text, accepted.label))
new = new[[pair not in known for pair in zip(new.text, new.label)]]

vectorizer = CountVectorizer(ngram_range=(1, 3), binary=True, token_pattern=r"\S+")
matrix = vectorizer.fit_transform(pd.concat([accepted.text, new.text]))
old_counts = np.asarray(matrix[: len(accepted)].sum(0)).ravel()
new_counts = np.asarray(matrix[len(accepted) :].sum(0)).ravel()
share = len(new) / (len(new) + len(accepted))
p = binom.sf(new_counts - 1, new_counts + old_counts, share)
found = np.flatnonzero(p <= 0.05 / len(p))

hashed = HashingVectorizer(ngram_range=(1, 2), n_features=2**16, alternate_sign=False, token_pattern=r"\S+")
model = MultinomialNB().fit(hashed.transform(accepted.text), accepted.label)
contradicted = model.predict(hashed.transform(new.text)) != new.label.to_numpy()
table = [frame.label.value_counts().reindex([0, 1], fill_value=0) for frame in (new, accepted)]
chi = chi2_contingency(table)

sample = pd.concat([new.text.sample(min(6000, len(new)), random_state=1), accepted.text.sample(4000, random_state=1)])
vectors = GaussianRandomProjection(64, random_state=1).fit_transform(TfidfTransformer().fit_transform(hashed.transform(sample)))
vectors /= np.maximum(1e-12, np.linalg.norm(vectors, axis=1, keepdims=True))
isolation = -IsolationForest(300, random_state=1).fit(vectors).score_samples(vectors)
distances = NearestNeighbors(n_neighbors=11).fit(vectors).kneighbors(vectors)[0][:, 1:].mean(1)
groups = DBSCAN(eps=0.6 * np.median(distances), min_samples=5).fit(vectors).labels_

patterns = [r"[\w.+-]+@[\w-]+\.[\w.]+", r"\b(?:\d[ -]?){13,19}\b", r"\b[A-Z]{2}\d{2}[A-Z0-9 ]{11,30}\b", r"\+\d[\d ().-]{6,}\d"]
personal = {pattern: int(new.text.str.count(pattern).sum() + accepted.text.str.count(pattern).sum()) for pattern in patterns}
json.dump(
    {
        "phrases": vectorizer.get_feature_names_out()[found].tolist()[:50],
        "contradicted": float(contradicted.mean()),
        "p": chi.pvalue,
        "isolated": float(isolation.max()),
        "groups": int(groups.max() + 1),
        "personal": personal,
    },
    sys.stdout,
)
