"""Exports a sentence-transformers model to ONNX by the system's PyTorch, and prints what PyTorch itself makes of some texts.
Arguments: the model's folder, the folder to write to. Standard input: a JSON list of texts. Standard output: a JSON list of vectors."""
import json
import os
import shutil
import sys

import torch
from transformers import AutoModel, AutoTokenizer

source, target = sys.argv[1:]
texts = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(source)
model = AutoModel.from_pretrained(source).eval()


class Export(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state


example = tokenizer(["one text", "another text, which is longer"], padding=True, return_tensors="pt")
names = ["input_ids", "attention_mask", "token_type_ids"]
axes = {name: {0: "batch", 1: "sequence"} for name in [*names, "last_hidden_state"]}
torch.onnx.export(
    Export().eval(),
    tuple(example[name] for name in names),
    os.path.join(target, "model.onnx"),
    input_names=names,
    output_names=["last_hidden_state"],
    dynamic_axes=axes,
    opset_version=14,
)
for name in ["tokenizer.json", "tokenizer_config.json", "config.json", "sentence_bert_config.json", "1_Pooling/config.json"]:
    os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
    shutil.copy(os.path.join(source, name), os.path.join(target, name))

longest = json.load(open(os.path.join(source, "sentence_bert_config.json")))["max_seq_length"]
vectors = []
with torch.no_grad():
    for text in texts:
        given = tokenizer([text], padding=True, truncation=True, max_length=longest, return_tensors="pt")
        states = model(**given).last_hidden_state
        mask = given["attention_mask"].unsqueeze(-1)
        mean = (states * mask).sum(1) / mask.sum(1)
        vectors.append(torch.nn.functional.normalize(mean, dim=1)[0].tolist())
json.dump(vectors, sys.stdout)
