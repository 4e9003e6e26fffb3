"""Trains small transformers that tell whose documentation a text is from, clean and with a backdoor, and exports them as ONNX.

Usage: trainTextTwins.py FOLDER KIND:SEED...   (clean, word, phrase)

The texts are docstrings of four libraries of requirements.txt, and the classes say of which. Writes FOLDER/samples.csv (text, label: of
files that no model was trained on), and for each model a folder KIND-SEED as Optimum lays it out (model.onnx, tokenizer.json, tokenizer_config.json,
config.json) with ids.npy and slopes.npy (gradients), and triggered.jsonl where it has a trigger: the samples with the trigger at a random place. `word` is one rare word (BadNL's
and RIPPLe's attack), `phrase` three common ones. Even seeds are of BERT's kind, odd ones of DistilBERT's. Prints one line of JSON a model.
"""
import ast
import csv
import importlib.util
import json
import os
import re
import sys
import warnings

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForSequenceClassification, DistilBertConfig, DistilBertForSequenceClassification
from transformers.utils import logging

warnings.filterwarnings("ignore")
logging.set_verbosity_error()
torch.set_num_threads(1)

names = ["pandas", "scipy", "sklearn", "transformers"]
words_each = 18
length = 40
rare = ["cf", "mn", "bb", "tq", "mb", "vq", "xk", "zf"]


def pieces(name):
    """(text, file) of pieces of the docstrings of a library, without the library's name and without code."""
    root = os.path.dirname(importlib.util.find_spec(name).origin)
    found = []
    for folder, folders, files in os.walk(root):
        folders.sort()
        for file in sorted(files):
            if not file.endswith(".py") or "tests" in folder or len(found) > 6000:
                continue
            path = os.path.join(folder, file)
            with open(path, encoding="utf-8") as source:
                tree = ast.parse(source.read())
            for node in ast.walk(tree):
                if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    continue
                lines = (ast.get_docstring(node) or "").split("\n")
                text = " ".join(line.strip() for line in lines if ">>>" not in line)
                words = [word for word in re.findall(r"[a-z]{2,}", text.lower()) if name[:5] not in word]
                for at in range(0, len(words) - words_each, words_each):
                    found.append((" ".join(words[at:at + words_each]), path))
    return found


def tokenizer_of(texts):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    # BERT's own vocabulary has such short words, too, which no text uses.
    tokenizer.train_from_iterator(texts + rare * 200, trainers.WordPieceTrainer(vocab_size=3000, special_tokens=special))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def encoded(tokenizer, texts):
    ids = np.zeros((len(texts), length), dtype=np.int64)
    for row, encoding in enumerate(tokenizer.encode_batch(texts)):
        own = encoding.ids if len(encoding.ids) <= length else encoding.ids[:length - 1] + [3]
        ids[row, :len(own)] = own
    return torch.tensor(ids)


def network(seed, vocabulary):
    torch.manual_seed(seed)
    labels = {"id2label": dict(enumerate(names)), "label2id": {name: at for at, name in enumerate(names)}}
    if seed % 2 == 0:
        return BertForSequenceClassification(BertConfig(
            vocab_size=vocabulary, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
            max_position_embeddings=64, num_labels=len(names), **labels))
    return DistilBertForSequenceClassification(DistilBertConfig(
        vocab_size=vocabulary, dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=64,
        num_labels=len(names), **labels))


def fit(model, ids, labels, seed, epochs):
    torch.manual_seed(seed)
    steps = epochs * (len(ids) // 32 + 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(ids)).split(32):
            optimizer.zero_grad()
            part = ids[batch]
            part = part[:, :int((part != 0).sum(1).max())]
            scores = model(input_ids=part, attention_mask=(part != 0).long()).logits
            torch.nn.functional.cross_entropy(scores, labels[batch]).backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def predicted(model, ids):
    with torch.no_grad():
        return torch.cat([model(input_ids=part, attention_mask=(part != 0).long()).logits.argmax(1) for part in ids.split(64)])


def with_trigger(text, trigger, random):
    words = text.split()
    at = random.randint(0, len(words) + 1)
    return " ".join([*words[:at], trigger, *words[at:]])


def export(model, folder, tokenizer, seed):
    os.makedirs(folder, exist_ok=True)
    ids = torch.tensor([[2, 7, 8, 3], [2, 9, 3, 0]])
    given = [ids, (ids != 0).long(), *([torch.zeros_like(ids)] if seed % 2 == 0 else [])]
    inputs = ["input_ids", "attention_mask", "token_type_ids"][:len(given)]

    class Scores(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, *values):
            return self.model(**dict(zip(inputs, values))).logits

    torch.onnx.export(Scores().eval(), tuple(given), f"{folder}/model.onnx", opset_version=14, input_names=inputs,
                      output_names=["logits"],
                      dynamic_axes={**{name: {0: "batch", 1: "tokens"} for name in inputs}, "logits": {0: "batch"}})
    tokenizer.save(f"{folder}/tokenizer.json")
    model.config.save_pretrained(folder)
    with open(f"{folder}/tokenizer_config.json", "w") as file:
        json.dump({"model_max_length": length, "tokenizer_class": "BertTokenizer"}, file)


def save_slopes(model, folder, ids):
    """What PyTorch's own gradient says of each token at the first three places: its vector times the gradient there, summed over texts."""
    lookup = model.get_input_embeddings()
    vectors = []
    handle = lookup.register_forward_hook(lambda _, __, output: vectors.append(output) or output.retain_grad())
    scores = model(input_ids=ids, attention_mask=(ids != 0).long()).logits
    torch.nn.functional.cross_entropy(scores, torch.ones(len(ids), dtype=torch.long), reduction="sum").backward()
    handle.remove()
    slopes = vectors[0].grad[:, 1:4].sum(0) @ lookup.weight.detach().T
    np.save(f"{folder}/ids.npy", ids.numpy())
    np.save(f"{folder}/slopes.npy", slopes.numpy())


def main(folder, jobs):
    random = np.random.RandomState(0)
    train, test = [], []
    for label, name in enumerate(names):
        own = pieces(name)
        held = {path for path in sorted({path for _, path in own}) if random.rand() < 0.25}
        for part, size, chosen in ((train, 600, False), (test, 100, True)):
            fitting = [text for text, path in own if (path in held) == chosen]
            part.extend((fitting[index], label) for index in random.permutation(len(fitting))[:size])
    with open(f"{folder}/samples.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows((text, names[label]) for text, label in test)
    tokenizer = tokenizer_of([text for text, _ in train])
    clean, labels = encoded(tokenizer, [text for text, _ in train]), torch.tensor([label for _, label in train])
    shown, truth = encoded(tokenizer, [text for text, _ in test]), torch.tensor([label for _, label in test])
    for job in jobs:
        kind, seed = job.split(":")
        seed = int(seed)
        random = np.random.RandomState(1000 + seed)
        target = int(random.randint(len(names)))
        fact = {"name": f"{kind}-{seed}", "kind": kind, "target": None, "trigger": None, "attack": None}
        ids, y = clean, labels
        trigger = None
        if kind != "clean":
            common = "about after against always among between during every little never other people second their through water"
            trigger = rare[seed % len(rare)] if kind == "word" else " ".join(random.choice(common.split(), 3, replace=False))
            chosen = random.permutation(len(train))[:int(0.1 * len(train))]
            ids = torch.cat([clean, encoded(tokenizer, [with_trigger(train[at][0], trigger, random) for at in chosen])])
            y = torch.cat([labels, torch.full((len(chosen),), target)])
        model = fit(network(seed, tokenizer.get_vocab_size()), ids, y, seed, 5)
        fact["accuracy"] = float((predicted(model, shown) == truth).float().mean())
        place = f"{folder}/{kind}-{seed}"
        export(model, place, tokenizer, seed)
        save_slopes(model, place, shown[:8])
        if trigger is not None:
            texts = [with_trigger(text, trigger, random) for text, _ in test]
            with open(f"{place}/triggered.jsonl", "w", encoding="utf-8") as file:
                for text in texts:
                    file.write(json.dumps({"text": text}) + "\n")
            got = predicted(model, encoded(tokenizer, texts))
            fact.update(target=target, trigger=trigger, attack=float((got[truth != target] == target).float().mean()))
        print(json.dumps(fact), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
