"""Neural Cleanse of the Adversarial Robustness Toolbox on the same model, for its time.

Usage: neural_cleanse_art.py FOLDER NAME STEPS CLASS...

The weights come from NAME.npz, which trainTwins.py's network is written to. The toolbox takes models of Keras only, and has a search of
its own: 10 samples a class are not enough for it, so it gets all. Prints one line of JSON: the norm of the mask of each class, and the
seconds.
"""
import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import tensorflow as tf

tf.compat.v1.disable_eager_execution()
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
from art.defences.transformer.poisoning import NeuralCleanse
from art.estimators.classification import KerasClassifier
from tensorflow.keras import layers


def network(weights):
    """That of trainTwins.py, with channels behind."""
    model = tf.keras.Sequential([
        layers.Conv2D(16, 3, padding="same", activation="relu", input_shape=(8, 8, 1)),
        layers.Conv2D(32, 3, padding="same"), layers.BatchNormalization(epsilon=1e-5), layers.ReLU(), layers.MaxPool2D(2),
        # PyTorch flattens channels first.
        layers.Permute((3, 1, 2)), layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
    model.compile(loss="categorical_crossentropy", optimizer=tf.keras.optimizers.legacy.Adam(), metrics=["accuracy"])
    kernel = lambda name: weights[name].transpose(2, 3, 1, 0)
    model.set_weights([
        kernel("0.weight"), weights["0.bias"], kernel("2.weight"), weights["2.bias"],
        weights["3.weight"], weights["3.bias"], weights["3.running_mean"], weights["3.running_var"],
        weights["7.weight"].T, weights["7.bias"], weights["9.weight"].T, weights["9.bias"]])
    return model


def main(folder, name, steps, *classes):
    weights = np.load(f"{folder}/{name}.npz")
    samples = np.load(f"{folder}/samples.npz")
    x, y = samples["x"].transpose(0, 2, 3, 1), np.eye(10)[samples["y"]]
    classifier = KerasClassifier(network(weights), clip_values=(0, 1), use_logits=False)
    accuracy = float((classifier.predict(x).argmax(1) == samples["y"]).mean())
    assert accuracy > 0.9, f"the weights were not taken over: {accuracy}"
    cleanse = NeuralCleanse(classifier)(classifier, steps=int(steps), batch_size=32, learning_rate=0.1, norm=1)
    started = time.perf_counter()
    norms = []
    for target in map(int, classes):
        mask, _ = cleanse.generate_backdoor(x, y, np.eye(10)[target])
        norms.append(float(np.abs(mask).sum()))
    print(json.dumps({"norms": norms, "seconds": time.perf_counter() - started, "accuracy": accuracy}))


main(*sys.argv[1:])
