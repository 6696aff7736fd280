"""Models of other packages, set to compute what ours do; each is imported when it is built."""

from torch import nn

SIZE, CLASSES = 32, 10


def timm_resnet(*blocks: int) -> nn.Module:
    """Return timm's ResNet, with the stem of small images."""
    from timm.models.resnet import BasicBlock, ResNet

    model = ResNet(BasicBlock, blocks, num_classes=CLASSES)
    model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    model.maxpool = nn.Identity()
    return model


def timm_convmixer() -> nn.Module:
    """Return timm's ConvMixer."""
    from timm.models.convmixer import ConvMixer

    return ConvMixer(dim=256, depth=16, kernel_size=8, patch_size=1, num_classes=CLASSES)


def timm_mlp_mixer() -> nn.Module:
    """Return timm's MLP-Mixer; its ratios count in channels, also for tokens."""
    from timm.models.mlp_mixer import MlpMixer

    return MlpMixer(
        num_classes=CLASSES,
        img_size=SIZE,
        patch_size=1,
        num_blocks=5,
        embed_dim=128,
        mlp_ratio=(2 * SIZE**2 / 128, 2),
        proj_drop_rate=0.5,
    )


def timm_vit() -> nn.Module:
    """Return timm's ViT."""
    from timm.models.vision_transformer import VisionTransformer

    return VisionTransformer(
        img_size=SIZE,
        patch_size=1,
        num_classes=CLASSES,
        embed_dim=128,
        depth=10,
        num_heads=4,
        mlp_ratio=2,
        qkv_bias=False,
        pos_drop_rate=0.5,
        proj_drop_rate=0.5,
        attn_drop_rate=0.5,
    )


def vit_pytorch_vit() -> nn.Module:
    """Return vit-pytorch's ViT, without its norms around the layer of the patches."""
    from vit_pytorch.vit import ViT

    model = ViT(
        image_size=SIZE,
        patch_size=1,
        num_classes=CLASSES,
        dim=128,
        depth=10,
        heads=4,
        dim_head=32,
        mlp_dim=256,
        dropout=0.5,
        emb_dropout=0.5,
    )
    rearrange, _, linear, _ = model.to_patch_embedding
    model.to_patch_embedding = nn.Sequential(rearrange, linear)
    return model


def vit_pytorch_cvt() -> nn.Module:
    """Return vit-pytorch's CvT, its three stages of one width and without strides."""
    from vit_pytorch.cvt import CvT

    stage = {
        "emb_dim": 128,
        "emb_kernel": 3,
        "emb_stride": 1,
        "proj_kernel": 3,
        "kv_proj_stride": 1,
        "heads": 4,
        "mlp_mult": 2,
    }
    stages = {f"s{i}_{name}": value for i in (1, 2, 3) for name, value in stage.items()}
    return CvT(num_classes=CLASSES, s1_depth=2, s2_depth=2, s3_depth=1, dropout=0.5, **stages)


def nystrom_attention() -> nn.Module:
    """Return CNV's mixer by nystrom-attention."""
    from nystrom_attention import NystromAttention

    return NystromAttention(128, dim_head=32, heads=4, num_landmarks=64, dropout=0.5)


def performer_attention(*, generalized_attention: bool) -> nn.Module:
    """Return CPV's mixer by performer-pytorch; ``generalized_attention`` is the ReLU kernel."""
    from performer_pytorch import SelfAttention

    return SelfAttention(
        128,
        heads=4,
        dim_head=32,
        nb_features=110,
        generalized_attention=generalized_attention,
        dropout=0.5,
        qkv_bias=True,
    )


def linear_attention() -> nn.Module:
    """Return CLTV's mixer by linear-attention-transformer."""
    from linear_attention_transformer.linear_attention_transformer import SelfAttention

    return SelfAttention(128, heads=4, dim_head=32)
