"""Words of other frameworks to ours: what somebody means who writes `Conv2D`, `padding` or `return`."""

from __future__ import annotations

import re

_RANK = re.compile(r"[123]d")

# A word without capitals, `_` and rank (`MaxPool2d` is `maxpool`) to what it may mean, the likeliest first.
_MEANINGS: dict[str, tuple[str, ...]] = {
    word: tuple(meanings.split())
    for words, meanings in {
        # layers
        "convolution convolutional conv convlayer depthwiseconv separableconv dwconv": "conv",
        "linear dense fullyconnected fullconnected innerproduct connected affine gemm matmul": "fc",
        "batchnorm batchnormalization batchnormalisation norm syncbatchnorm bnorm": "bn",
        "localresponsenorm localresponsenormalization crossmaplrn": "lrn",
        "maxpooling maxpool pooling pool": "maxpool",
        "avgpooling averagepooling averagepool avgpool meanpool": "avgpool",
        "globalaveragepooling globalavgpool globalaveragepool gap gavgpool": "global_avgpool",
        "globalmaxpooling globalmaxpool adaptivemaxpool gmp": "global_maxpool",
        "adaptiveaveragepool adaptivepool": "adaptive_avgpool",
        "convtranspose convtransposed transposedconv transposeconv deconv deconvolution deconvolutional": "upconv",
        "upsampling interpolate resize": "upsample",
        "depthtospace subpixel": "pixel_shuffle",
        "spacetodepth focus": "pixel_unshuffle",
        "leakyrelu leaky lrelu": "leaky_relu",
        "rectify rectifier rectifiedlinear": "relu",
        "logistic": "sigmoid",
        "swish": "silu",
        "hswish": "hard_swish",
        "hsigmoid": "hard_sigmoid",
        "stochasticdepth droppathway": "drop_path",
        "chunk": "split",
        "narrow": "slice",
        "shuffle": "channel_shuffle",
        "eltwise elementwise shortcut residual skip sum plus": "add",
        "concatenate concatenation cat merge route torchcat filterconcat": "concat",
        "multiply times": "mul",
        "subtract minus": "sub",
        "zeropad zeropadding reflectionpad reflectpad replicationpad constantpad": "pad",
        "cropping centercrop": "crop",
        "view squeeze": "flatten reshape",
        "transpose swapaxes movedim movedimension": "permute",
        "multiheadattention mha selfattention multiheadselfattention msa scaleddotproductattention": "attention",
        "encoderdecoderattention": "cross_attention",
        "passthrough noop": "identity",
        "alphadropout spatialdropout": "dropout",
        "embedding embeddings lookuptable tokenembedding wordembedding": "embed",
        "positionalencoding positionalembedding positionembedding posembed": "positions",
        "bilstm blstm lstmcell cudnnlstm": "lstm",
        "bigru grucell": "gru",
        "simplernn rnncell elman": "rnn",
        "normalise normalization normalisation rescaling": "normalize",
        # parameters
        "padding border bordermode padsize": "pad",
        "filters filter outchannels numoutput noutput outplanes features nfilters maps": "channels units",
        "kernelsize ksize filtersize windowsize window poolsize kernelshape receptivefield k": "kernel",
        "strides step steps subsample subsampling": "stride",
        "dilationrate dilations holes atrous dilate": "dilation",
        "group ngroups numgroups cardinality": "groups",
        "usebias biasterm withbias": "bias",
        "outfeatures width neurons hiddenunits outputs outputdim": "units channels",
        "p prob probability droprate dropoutratio keepprob": "rate",
        "epsilon": "eps",
        "negativeslope": "slope alpha",
        "outputpadding": "output_pad",
        "ceilmode roundup": "ceil",
        "countincludepad includepadding": "count_pad",
        "dim dimension": "axis",
        "localsize": "size",
        "hiddensize nhidden hiddendim": "units",
        "numlayers nlayers": "layers",
        "bidir birnn": "bidirectional",
        "vocab vocabsize numembeddings": "vocabulary",
        "embeddingdim embeddim embeddingsize": "channels",
        "maxlen maxlength": "length",
        "paddingidx padidx padtoken": "padding",
        "scale": "affine",
        "variance stddev stdev": "std",
        # totals
        "parameters param nparams numparams weights": "params",
        "mac madds multadds mults": "macs",
        "flop operations": "flops",
        "memory size": "bytes kernel",
    }.items()
    for word in words.split()
}

# What is no layer here, and what to write instead.
_STATEMENTS: dict[str, str] = {
    word: advice
    for words, advice in {
        "return yield out": "`output name` says which tensor leaves the net; without it the last line's does",
        "input inputs inputlayer placeholder data": "a net declares its input, channels first and without the"
        " batch: `input image: 3x224x224`",
        "sequential modulelist": "a group in braces is a sequence: `{ conv 3x3 x64 -> relu }`",
        "lr learningrate optimizer loss epochs epoch batch batchsize momentum weightdecay schedule scheduler adam sgd"
        " crossentropy": "how a net learns stands in `train { … }`: `optimizer sgd lr=0.1`",
        "print": "`netdsl check` prints a table of all shapes",
        "assert": "`:: 64x56x56` behind a layer asserts the shape that it leaves",
        "repeat": "a repetition stands behind a group: `{ conv 3x3 x64 -> relu } * 3`",
        "def func function class": "a block stands at the top of a file: `block unit(width) { … }`",
        "elif elseif": "it is written `else if … { … }`",
        "while switch case": "`for i in range(n) { … }` and `if … { … } else { … }` decide before the net is built",
        "activation": "activations have names of their own: `relu`, `tanh`, `sigmoid`",
    }.items()
    for word in words.split()
}

_PARAMETERS: dict[str, str] = {
    word: advice
    for words, advice in {
        "inchannels infeatures inputdim inplanes numfeatures inputsize indim normalizedshape": "what comes in is known"
        " from the tensor: leave it out",
        "activation act nonlinearity": "an activation is a step of its own: `… -> relu`",
        "inputshape batchinputshape": "the net declares its shape: `input image: 3x224x224`",
        "inplace device dtype dataformat": "how it is run is no matter of the net: leave it out",
        "trainable requiresgrad freeze": "weights that training leaves alone are `frozen=true`",
        "kernelinitializer weightinit weightfiller initializer": "how weights begin is `init=he`, `init=zeros`, …",
        "biasinitializer biasfiller": "what biases are at first is `bias_init=0.1`",
        "kernelregularizer weightdecay l2": "it stands in `train { … }`: `optimizer sgd lr=0.1 weight_decay=5e-4`",
        "lr learningrate lrmult": "how a net learns stands in `train { … }`: `optimizer sgd lr=0.1`",
        "batchnormalize batchnorm": "a normalisation is a step of its own: `… -> bn -> relu`",
        "name": "a label stands in front: `name: …`",
        "paddingmode": "padding is zeros; a layer before it adds other cells: `pad 1 mode=reflect`, `pad 1 mode=edge`",
        "trackrunningstats": "running averages are always kept; `group_norm` and `instance_norm` need no batch",
        "returnsequences": "every place's state comes out; `slice -1 axis=length` behind it takes the last one",
        "batchfirst": "the batch is never written: leave it out",
        "num repeat times": "a repetition stands behind a group: `{ … } * 2`",
    }.items()
    for word in words.split()
}

_VALUES = {
    "True": "`true` is written small",
    "False": "`false` is written small",
    "TRUE": "`true` is written small",
    "FALSE": "`false` is written small",
    "None": "there is no empty value: `false` says no, and `identity` is a layer that does nothing",
    "none": "as a value there is no `none`: `false` says no, and `identity` is a layer that does nothing",
    "null": "there is no empty value: `false` says no, and `identity` is a layer that does nothing",
    "self": "the tensor that came into a block is `in`: `in.channels`",
    "valid": "no padding is the default: leave it out",
    "SAME": "`same` is written small",
    "glorot": "it is written `init=xavier`",
    "kaiming": "it is written `init=he`",
    "msra": "it is written `init=he`",
    "Same": "`same` is written small",
    "inf": "numbers are finite",
    "int": "`//` divides whole numbers, `floor(…)` rounds down",
    "print": "`netdsl check` prints a table of all shapes",
}

# Words that parameters of other frameworks take, to ours.
_WORDS = {
    "replicate": "edge",
    "replication": "edge",
    "border": "edge",
    "reflection": "reflect",
    "mirror": "reflect",
    "zeros": "constant",
    "linear": "bilinear",
    "trilinear": "bilinear",
    "channel": "channels",
}

# How our words are used, for those that foreign ones are explained by.
EXAMPLES = {
    "conv": "conv 3x3 x64 pad=1",
    "fc": "fc 10",
    "maxpool": "maxpool 2x2",
    "avgpool": "avgpool 2x2",
    "upconv": "upconv 2x2/2 x64",
    "dropout": "dropout 0.5",
    "add": "add { | conv 3x3 x64 pad=1 | }",
    "concat": "concat { | conv 1x1 x64 | maxpool 3x3/1 same }",
    "lrn": "lrn 5",
}


def plain(word: str) -> str:
    """A word without capitals, underlines and rank: `max_pool2d` and `MaxPooling2D` are told apart by nothing else."""
    return _RANK.sub("", word.lower().replace("_", "").replace("-", ""))


def meanings(word: str) -> tuple[str, ...]:
    """Our words for a foreign one, the likeliest first; empty where it is none."""
    return _MEANINGS.get(plain(word), ())


def instead_of_operation(word: str) -> str | None:
    """What to write for something that is no layer here: `return`, `Sequential`, `lr`."""
    return _STATEMENTS.get(plain(word))


def instead_of_parameter(word: str) -> str | None:
    """What to write for a parameter that no layer has: `in_channels`, `activation`."""
    return _PARAMETERS.get(plain(word))


def instead_of_value(word: str) -> str | None:
    """What to write for a value of another language: `True`, `None`."""
    return _VALUES.get(word)


def word_meant(word: str) -> str | None:
    """Our word for one that a parameter takes elsewhere: `edge` for `replicate`; None where it is none."""
    return _WORDS.get(word)


def example(word: str) -> str | None:
    """What is written for a foreign layer, for instance: `conv 3x3 x64 pad=1`; None where it is none."""
    for meaning in meanings(word):
        return EXAMPLES.get(meaning, meaning)
    return None
