"""Trains LeNet-5 on scikit-learn's scanned digits, through the PyTorch source that netdsl generates.

    python specs/samples/train_lenet5.py

writes `lenet5.safetensors` and ten held-out scans, one a digit, as PNG beside this file. The scans are 8x8 pixels
with 17 greys, light ink on black; they pass the same rule as the pictures of `netdsl run`. A fifth of them, drawn
by a fixed seed with equal shares of every digit, is held out and never trained on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.nn import functional

import netdsl
from netdsl.pictures import fit

HERE = Path(__file__).parent
SPEC = HERE.parent / "lenet5.net"
SEED = 0
EPOCHS = 40
BATCH = 64


def scans() -> tuple[list[Image.Image], np.ndarray]:
    """All scans as pictures with bytes for greys, and the digits that they show."""
    digits = load_digits()
    greys = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    return [Image.fromarray(grey, mode="L") for grey in greys], digits.target


def shifted(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The batch, every picture moved by up to two cells each way."""
    padded = functional.pad(images, (2, 2, 2, 2))
    down, right = torch.randint(0, 5, (2, len(images)), generator=generator).tolist()
    moved = [padded[i, :, d : d + 32, r : r + 32] for i, (d, r) in enumerate(zip(down, right, strict=True))]
    return torch.stack(moved)


def train(images: torch.Tensor, labels: torch.Tensor) -> torch.nn.Module:
    """LeNet-5, trained with momentum and a cosine schedule."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    module = netdsl.load(SPEC, net="LeNet5").only().module()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images), generator=generator).split(BATCH):
            optimizer.zero_grad()
            functional.cross_entropy(module(shifted(images[batch], generator)), labels[batch]).backward()
            optimizer.step()
        schedule.step()
    return module.eval()


def main() -> None:
    """Train, say the accuracy on the held-out scans, and write weights and samples."""
    pictures, digits = scans()
    places = np.arange(len(digits))
    known, held_out = train_test_split(places, test_size=0.2, random_state=SEED, stratify=digits)
    images = torch.from_numpy(np.stack([fit(picture, (1, 32, 32)) for picture in pictures]))
    labels = torch.from_numpy(digits)
    module = train(images[known], labels[known])
    with torch.inference_mode():
        answers = module(images[held_out]).argmax(1)
    right = int((answers == labels[held_out]).sum())
    print(f"{right} of {len(held_out)} held-out scans read right: {100 * right / len(held_out):.2f} %")
    save_file({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, HERE / "lenet5.safetensors")
    for digit in range(10):
        first = next(place for place in held_out if digits[place] == digit)
        pictures[first].save(HERE / f"digit_{digit}.png", optimize=True)


if __name__ == "__main__":
    main()
