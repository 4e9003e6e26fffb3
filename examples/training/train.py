"""Fine-tunes the churn classifier from a checkpoint: python training/train.py training/train.yaml"""

import csv
import sys

import torch
import yaml
from safetensors.torch import save_file
from torch import nn

FEATURES = ["tenure_months", "monthly_charge", "support_calls"]
CONTRACTS = ["monthly", "yearly", "two-year"]


class ChurnClassifier(nn.Module):
    def __init__(self, hidden: int = 16):
        super().__init__()
        self.encoder = nn.Linear(len(FEATURES) + len(CONTRACTS), hidden)
        self.head = nn.Linear(hidden, 2)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.head(torch.relu(self.encoder(rows)))


def read_rows(path: str) -> tuple[torch.Tensor, torch.Tensor]:
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    features = [
        [float(row[name]) for name in FEATURES] + [float(row["contract"] == name) for name in CONTRACTS]
        for row in rows
    ]
    return torch.tensor(features), torch.tensor([int(row["churned"]) for row in rows])


def main(config_path: str) -> None:
    with open(config_path) as file:
        config = yaml.safe_load(file)
    torch.manual_seed(config["training"]["seed"])
    model = ChurnClassifier()
    checkpoint = torch.load("models/downloaded/pytorch_model.bin", weights_only=False)
    model.load_state_dict(checkpoint["state_dict"], strict=False)

    features, labels = read_rows(config["data"]["train"])
    optimizer = torch.optim.AdamW(model.parameters(), lr=config["training"]["learning_rate"])
    for _ in range(config["training"]["epochs"]):
        loss = nn.functional.cross_entropy(model(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_file(model.state_dict(), f"{config['model']['output_dir']}/model.safetensors")


if __name__ == "__main__":
    main(sys.argv[1])
