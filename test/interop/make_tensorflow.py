"""Writes what TensorFlow and its Keras write, honest below `clean` and not below `bad`; prints one path a line, with the folder it stands in.

Nothing bad is run: the graphs are traced and saved, never called.
"""

import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

keras = tf.keras
layers = keras.layers
folder = pathlib.Path(sys.argv[1])
clean = folder / "clean"
bad = folder / "bad"
clean.mkdir(parents=True)
bad.mkdir()


class Loops(tf.Module):
    def __init__(self):
        super().__init__()
        self.weights = tf.Variable(tf.random.normal([4, 3]))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def __call__(self, x):
        y = tf.zeros([tf.shape(x)[0], 3])
        for i in tf.range(3):
            y += tf.nn.relu(x @ self.weights) * tf.cast(i, tf.float32)
        return tf.cond(tf.reduce_sum(y) > 0, lambda: y, lambda: -y)


class Table(tf.Module):
    def __init__(self, file):
        super().__init__()
        lines = tf.lookup.TextFileInitializer(
            str(file), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        )
        self.table = tf.lookup.StaticHashTable(lines, -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, x):
        return self.table.lookup(x)


class Rows(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
    def __call__(self, count):
        total = tf.constant(0, tf.int64)
        for rows in tf.data.Dataset.range(count).map(lambda a: a * 2).batch(2):
            total += tf.reduce_sum(rows)
        return total


def dense():
    parts = [layers.Dense(16, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.2)]
    model = keras.Sequential([keras.Input((8,)), *parts, layers.Dense(3, activation="softmax")])
    model.compile("adam", "mse")
    return model


def convolutions():
    parts = [layers.RandomFlip(), layers.Rescaling(1 / 255), layers.Conv2D(8, 3), layers.MaxPool2D(), layers.Flatten()]
    return keras.Sequential([keras.Input((16, 16, 3)), *parts, layers.Dense(2)])


def recurrent():
    return keras.Sequential([keras.Input((10,)), layers.Embedding(50, 8), layers.Bidirectional(layers.LSTM(8))])


def attention():
    inputs = keras.Input((6, 8))
    attended = layers.MultiHeadAttention(2, 4)(inputs, inputs)
    return keras.Model(inputs, layers.Dense(2)(layers.LayerNormalization()(attended + inputs)))


def normalised():
    normalise = layers.Normalization()
    normalise.adapt(np.random.rand(10, 4).astype("float32"))
    return keras.Sequential([keras.Input((4,)), normalise, layers.Dense(1)])


def words():
    vectors = layers.TextVectorization(max_tokens=50, output_sequence_length=6)
    vectors.adapt(["a b c", "b d e"])
    return keras.Sequential([keras.Input((1,), dtype="string"), vectors, layers.Embedding(50, 4)])


def looked_up():
    lookup = layers.StringLookup()
    lookup.adapt(["x", "y"])
    return keras.Sequential([keras.Input((1,), dtype="string"), lookup])


def write_lite(saved, file):
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    file.write_bytes(converter.convert())


def write_clean():
    for make in (dense, convolutions, recurrent, attention, normalised, words, looked_up):
        name = make.__name__
        model = make()
        model.save(clean / f"{name}.keras")
        model.save(clean / f"{name}.h5")
        model.save_weights(clean / f"{name}.weights.h5")
        model.export(str(clean / f"{name}_saved"), verbose=False)
        write_lite(clean / f"{name}_saved", clean / f"{name}.tflite")
    mobile = keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), classes=2)
    mobile.save(clean / "mobilenet.keras")
    tf.saved_model.save(Loops(), str(clean / "loops"))
    vocabulary = folder / "vocabulary.txt"
    vocabulary.write_text("a\nb\n")
    tf.saved_model.save(Table(vocabulary), str(clean / "table"))
    tf.saved_model.save(Rows(), str(clean / "rows"))
    tf.train.Checkpoint(module=Loops()).save(str(clean / "checkpoint" / "c"))
    write_frozen()
    write_version_1()


def write_frozen():
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    module = Loops()
    frozen = convert_variables_to_constants_v2(module.__call__.get_concrete_function())
    (clean / "frozen.pb").write_bytes(frozen.graph.as_graph_def().SerializeToString())


def write_version_1():
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        y = tf.matmul(x, v1.get_variable("w", [4, 2]), name="y")
        saver = v1.train.Saver()
        with v1.Session(graph=graph) as session:
            session.run(v1.global_variables_initializer())
            (clean / "version_1").mkdir()
            saver.save(session, str(clean / "version_1" / "model.ckpt"))
            v1.saved_model.simple_save(session, str(clean / "version_1_saved"), {"x": x}, {"y": y})


def saved(name, function, *types):
    module = tf.Module()
    signature = [tf.TensorSpec([], each) for each in types]
    module.run = tf.function(function, input_signature=signature)
    module.run.get_concrete_function()
    tf.saved_model.save(module, str(bad / name))


def write_bad():
    saved("reads_file", lambda x: tf.io.read_file("/etc/passwd") + x, tf.string)
    saved("writes_file", lambda x: (tf.io.write_file("/tmp/probe", x), x)[1], tf.string)
    saved("python", lambda x: tf.py_function(lambda y: y, [x], tf.float32), tf.float32)
    saved("numpy", lambda x: tf.numpy_function(lambda y: y, [x], tf.float32), tf.float32)

    def in_dataset(x):
        rows = tf.data.Dataset.from_tensors(x).map(lambda name: tf.io.read_file(name))
        return rows.get_single_element()

    saved("reads_in_dataset", in_dataset, tf.string)
    with_code = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x * 2)])
    with_code.save(bad / "lambda.keras")
    with_code.save(bad / "lambda.h5")


write_clean()
write_bad()
for path in sorted(folder.rglob("*")):
    if path.is_file():
        print(path.relative_to(folder).as_posix())
