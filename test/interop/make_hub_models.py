"""Makes model folders as people publish them on the Hugging Face Hub, with transformers itself. Random weights, seconds of work.

usage: make_hub_models.py FOLDER
"""

import json
import os
import sys

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", WANDB_DISABLED="true", CUDA_VISIBLE_DEVICES="")

import torch
import transformers as tf
from safetensors.torch import save_file

out = sys.argv[1]
torch.manual_seed(0)

MIT = """MIT License

Copyright (c) 2024 Example Labs

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction.

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.
"""

APACHE = """                                 Apache License
                           Version 2.0, January 2004
                        http://www.apache.org/licenses/
"""


def folder(name):
    path = os.path.join(out, name)
    os.makedirs(path, exist_ok=True)
    return path


def write(path, name, text):
    target = os.path.join(path, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


small = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, vocab_size=64)


def bert_classifier():
    """A model that was really trained, by the Trainer, with the card that it writes."""
    path = folder("bert-sentiment")
    base = os.path.join(out, ".base", "bert-base-uncased")
    tf.BertForSequenceClassification(tf.BertConfig(**small, num_labels=2)).save_pretrained(base)
    model = tf.BertForSequenceClassification.from_pretrained(base)
    model.config._name_or_path = "google-bert/bert-base-uncased"
    model.name_or_path = "google-bert/bert-base-uncased"
    rows = [{"input_ids": torch.randint(0, 64, (8,)), "labels": torch.tensor(i % 2)} for i in range(8)]
    arguments = tf.TrainingArguments(
        output_dir=path, max_steps=2, per_device_train_batch_size=4, learning_rate=3e-5, seed=7,
        report_to=[], save_strategy="no", logging_steps=1, use_cpu=True, disable_tqdm=True,
    )
    trainer = tf.Trainer(model=model, args=arguments, train_dataset=rows, eval_dataset=rows)
    trainer.train()
    trainer.save_model(path)
    trainer.save_state()
    metrics = trainer.evaluate()
    trainer.save_metrics("eval", metrics)
    trainer.create_model_card(
        model_name="bert-sentiment", license="apache-2.0", tasks="text-classification", dataset="imdb", dataset_tags="imdb",
        language="en", finetuned_from="google-bert/bert-base-uncased",
    )


def gpt_shards():
    path = folder("gpt-shards")
    model = tf.GPT2LMHeadModel(tf.GPT2Config(n_embd=64, n_layer=2, n_head=2, vocab_size=256, n_positions=128))
    model.save_pretrained(path, max_shard_size="200KB")
    write(path, "README.md", "---\nlicense: mit\npipeline_tag: text-generation\nlanguage: [en, de]\ndatasets: [wikitext, acme/notes]\n---\n# gpt-shards\n\n## Intended uses\nTests.\n\n## Limitations\nIt is random.\n")
    write(path, "LICENSE", MIT)
    write(path, "requirements.txt", "torch==1.13.1\ntransformers==4.40.2\n")


def whisper_tune():
    """Named by its config after its base model, with no name in its card: the trap of identity."""
    path = folder("nb-whisper")
    config = tf.WhisperConfig(d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, vocab_size=64, num_mel_bins=8, max_source_positions=16, max_target_positions=16, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, suppress_tokens=None, begin_suppress_tokens=None)
    model = tf.WhisperForConditionalGeneration(config)
    model.config._name_or_path = "openai/whisper-small"
    model.name_or_path = "openai/whisper-small"
    model.save_pretrained(path)
    write(path, "LICENSE.txt", APACHE)
    write(path, "README.md", "# nb-whisper\n\nSpeech recognition.\n")


def lora_adapter():
    path = folder("llama-lora")
    save_file({"base_model.model.q_proj.lora_A.weight": torch.zeros(4, 16), "base_model.model.q_proj.lora_B.weight": torch.zeros(16, 4)}, os.path.join(path, "adapter_model.safetensors"))
    write(path, "adapter_config.json", json.dumps({"base_model_name_or_path": "meta-llama/Llama-2-7b-hf", "revision": "8cca527612d856d7d32bd94f8103728d614eb852", "peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"], "task_type": "CAUSAL_LM"}, indent=2))
    write(path, "README.md", "---\nlicense: apache-2.0\nbase_model: meta-llama/Llama-2-7b-hf\nlibrary_name: peft\ndatasets:\n- tatsu-lab/alpaca\n---\n# LoRA\n")


def pointers():
    """A clone without Git LFS: the weights are pointers."""
    path = folder("pointers-only")
    tf.T5Config(d_model=16).save_pretrained(path)
    write(path, "model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 990345061\n")
    write(path, "README.md", "---\nlicense: cc-by-nc-4.0\npipeline_tag: translation\nmodel-index:\n- name: pointers-only\n  results:\n  - task: {type: translation}\n    dataset: {name: WMT14, type: wmt14, config: de-en, split: test}\n    metrics: [{type: bleu, value: 27.3}]\n---\n")
    write(path, ".git/config", '[remote "origin"]\n\turl = https://huggingface.co/example-labs/tiny-translate\n')
    write(path, ".git/HEAD", "ref: refs/heads/main\n")
    write(path, ".git/refs/heads/main", "0123456789abcdef0123456789abcdef01234567\n")


def vision():
    path = folder("vit-labels")
    config = tf.ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, image_size=8, patch_size=4, num_labels=3)
    tf.ViTForImageClassification(config).save_pretrained(path, safe_serialization=False)
    write(path, "README.md", "---\nlicense: other\nlicense_name: example-licence\nlicense_link: https://example.com/licence\n---\n# ViT\n\n## Model Details\n\n- **Developed by:** Example Labs\n- **Finetuned from model:** google/vit-base-patch16-224\n")


for make in (bert_classifier, gpt_shards, whisper_tune, lora_adapter, pointers, vision):
    make()
