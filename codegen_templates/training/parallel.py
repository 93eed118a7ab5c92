"""One process or several (torchrun): the device of each, gradients in step, and whole states for checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.nn.parallel import DistributedDataParallel
from torch.optim import Optimizer

from stopping import WRONG_USE, Stop

_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


@dataclass(frozen=True)
class Processes:
    """This process among all of them, and its device."""

    device: torch.device
    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this one writes the files and speaks to the user."""
        return self.rank == 0

    def __str__(self) -> str:
        threads = torch.get_num_threads()
        each = (
            f"{self.device}, {threads} threads"
            if self.device.type == "cpu"
            else str(self.device)
        )
        return each if self.count == 1 else f"{self.count} processes, each on {each}"

    def sum(self, values: Tensor) -> Tensor:
        """The sum of all processes' values, in place."""
        if self.count > 1:
            dist.all_reduce(values)
        return values

    def gather(self, value: Any) -> list[Any]:
        """Every process's value, in the order of the ranks."""
        if self.count == 1:
            return [value]
        values: list[Any] = [None] * self.count
        dist.all_gather_object(values, value)
        return values


@contextmanager
def processes(device: str) -> Iterator[Processes]:
    """Join the other processes, if torchrun started any.

    Args:
        device: `auto` takes CUDA where it is there; with several processes each takes the GPU of its rank.

    Raises:
        Stop: there is no such device.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    here = _device(
        device, int(os.environ.get("LOCAL_RANK", "0")) if count > 1 else None
    )
    if "WORLD_SIZE" not in os.environ:
        yield Processes(here)
        return
    dist.init_process_group("nccl" if here.type == "cuda" else "gloo")
    try:
        yield Processes(here, dist.get_rank(), count)
    finally:
        dist.destroy_process_group()


def _device(name: str, local_rank: int | None) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        if device.type == "cuda" and device.index is None and local_rank is not None:
            device = torch.device("cuda", local_rank)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise Stop(f"there is no device {name}: {reason}", WRONG_USE) from error
    if device.type == "cuda":
        torch.cuda.set_device(device)
    return device


def refuse_impossible(here: Processes, *, sharded: bool, sync_bn: bool) -> None:
    """See that the processes can share what the flags ask for.

    Raises:
        Stop: they cannot.
    """
    if sharded and not dist.is_initialized():
        how = "torchrun --nproc-per-node 2 train.py --fsdp"
        raise Stop(f"--fsdp shards over the processes of torchrun: {how}", WRONG_USE)
    if sync_bn and here.device.type != "cuda":
        reason = f"--sync-bn needs CUDA, and the device is {here.device}"
        raise Stop(reason, WRONG_USE)


def spread(model: nn.Module, here: Processes, *, sharded: bool) -> nn.Module:
    """The model as it is trained: alone, a copy in every process, or sharded over them."""
    if sharded:
        shard(model)
        return model
    if here.count > 1:
        return DistributedDataParallel(
            model,
            device_ids=[here.device] if here.device.type == "cuda" else None,
            broadcast_buffers=False,  # `agree` does, for sharded models too
        )
    return model


def agree(model: nn.Module, here: Processes) -> None:
    """Give all processes the first one's buffers of numbers with a point, as the running means of batch norm are.

    Each has counted its own part of the batch into them.
    """
    if here.count == 1:
        return
    buffers = [each for each in model.buffers() if each.is_floating_point()]
    if not buffers:
        return
    together = torch.cat([each.flatten() for each in buffers])
    dist.broadcast(together, 0)
    parts = together.split([each.numel() for each in buffers])
    for buffer, part in zip(buffers, parts, strict=True):
        buffer.copy_(part.view_as(buffer))


def shard(model: nn.Module) -> None:
    """Shard a model in place over all processes, child by child (FSDP2)."""
    for child in model.children():
        if not isinstance(child, (nn.ModuleList, nn.ModuleDict)) and any(
            True for _ in child.parameters()
        ):
            fully_shard(child)
    fully_shard(model)


def exchange(model: nn.Module, wanted: bool) -> AbstractContextManager[None]:
    """Whether gradients are averaged over the processes: wanted in the last backward pass before an update alone."""
    if isinstance(model, FSDPModule):
        model.set_requires_gradient_sync(wanted)
    if isinstance(model, DistributedDataParallel) and not wanted:
        return model.no_sync()
    return nullcontext()


def weights_of(model: nn.Module) -> dict[str, Any]:
    """A model's state dict, gathered from all processes where it is sharded."""
    if isinstance(model, FSDPModule):
        return get_model_state_dict(model, options=_WHOLE)
    return model.state_dict()


def set_model_weights(model: nn.Module, weights: dict[str, Any]) -> None:
    """Take over what `weights_of` gave."""
    if isinstance(model, FSDPModule):
        set_model_state_dict(model, weights, options=_WHOLE)
    else:
        model.load_state_dict(weights)


def whole_states(model: nn.Module, optimizer: Optimizer) -> dict[str, Any]:
    """The states of model and optimiser, gathered from all processes where the model is sharded."""
    sharded = isinstance(model, FSDPModule)
    state = (
        get_optimizer_state_dict(model, optimizer, options=_WHOLE)
        if sharded
        else optimizer.state_dict()
    )
    return {"model": weights_of(model), "optimizer": state}


def set_states(model: nn.Module, optimizer: Optimizer, states: dict[str, Any]) -> None:
    """Take over what `whole_states` gave."""
    set_model_weights(model, states["model"])
    if isinstance(model, FSDPModule):
        set_optimizer_state_dict(model, optimizer, states["optimizer"], options=_WHOLE)
    else:
        optimizer.load_state_dict(states["optimizer"])
