"""One net of each family through both targets; all of them are `python -m tests.sweep`."""

from __future__ import annotations

import pytest

from tests.sweep import SPECS, checked, nets_of

FAMILIES = (
    "lenet5.net:LeNet5",
    "lenet5.net:LeNet5_Tanh",
    "mnist.net:MNIST_MLP",
    "mnist.net:MNIST_CNN",
    "alphago.net:AlphaGo_Policy",
    "autoencoder.net:ConvolutionalAutoencoder",
    "bn_inception.net:BN_Inception",
    "char_encoder.net:CharEncoder",
    "convnext.net:ConvNeXtTiny",
    "darknet19.net:Darknet19",
    "darknet53.net:Darknet53",
    "deep_dream.net:DeepDream",
    "densenet.net:DenseNet121",
    "dilated.net:Context_Basic",
    "efficientnet.net:EfficientNetB0",
    "googlenet.net:GoogLeNet",
    "inception_v3.net:InceptionV3",
    "mobilenet.net:MobileNet_025",
    "mobilenet.net:MobileNetV2",
    "mobilenet_v3.net:MobileNetV3_Small",
    "motion_capture.net:ResTCN",
    "raw_audio.net:M34_Res",
    "regnet.net:RegNetY_400MF",
    "resnet.net:ResNet18",
    "resnet_cifar.net:ResNet20",
    "resnext.net:ResNeXt50_32x4d",
    "shufflenet.net:ShuffleNetV2",
    "siamese.net:Siamese",
    "spectrogram.net:Piczak_Short",
    "squeezenet.net:SqueezeNet1_1",
    "style_transfer.net:StyleTransfer",
    "swin.net:SwinTiny",
    "unet.net:UNet_Padded",
    "vit.net:ViT_Ti16",
    "unet3d.net:UNet3D_Padded",
    "wavenet.net:WaveNet",
    "yolo.net:YOLO_Classifier",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_both_targets_agree(family: str) -> None:
    spec, _, name = family.partition(":")
    (net,) = [net for net in nets_of(SPECS / spec) if net.name == name]
    for agreement in checked(net):
        assert agreement.agrees, agreement
