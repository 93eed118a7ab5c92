"""One net of each family is used as a person does; all of them are `python -m tests.sweep --pytorch`."""

from __future__ import annotations

import pytest

from tests.pytorch.usable import use
from tests.sweep import SPECS, nets_of

FAMILIES = (
    "autoencoder.net:ConvolutionalAutoencoder",
    "char_encoder.net:CharEncoder",
    "densenet.net:DenseNet121",
    "googlenet.net:GoogLeNet",
    "lenet5.net:LeNet5",
    "mobilenet.net:MobileNet_025",
    "mobilenet_v3.net:MobileNetV3_Small",
    "raw_audio.net:M5",
    "resnet.net:ResNet18",
    "shufflenet.net:ShuffleNetV2_050",
    "siamese.net:Siamese",
    "squeezenet.net:SqueezeNet1_1",
    "style_transfer.net:StyleTransfer",
    "swin.net:SwinTiny",
    "unet3d.net:UNet3D_Padded",
    "vit.net:ViT_Ti16",
    "wavenet.net:WaveNet",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_module_learns_and_is_compiled_and_exported(family: str) -> None:
    spec, _, name = family.partition(":")
    (net,) = [net for net in nets_of(SPECS / spec) if net.name == name]
    used = use(net)

    assert used.agrees, used
    assert used.idle == ()
    assert used.arrays == len(net.module().state_dict())
