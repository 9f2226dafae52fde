"""An encoder as a SentenceTransformer folder, for programs that know nothing of ours."""

from pathlib import Path

from methods.encoder.encoder import Encoder


def export_encoder(encoder: Encoder, folder: Path) -> None:
    """Write into `folder` the model whose `encode_query` and `encode_document` are E(x) in fp32.

    A head becomes a Dense module behind the transformer's own, and the normalisation a Normalize.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize
    from torch import nn

    transformer = encoder.transformer
    modules: list[nn.Module] = list(transformer)
    if encoder.head is not None:
        dense = Dense(
            encoder.head.in_features,
            encoder.head.out_features,
            activation_function=nn.Identity(),
            init_weight=encoder.head.weight.detach(),
            init_bias=encoder.head.bias.detach(),
        )
        modules.append(dense)
    if encoder.settings.normalise:
        modules.append(Normalize())
    model = SentenceTransformer(
        modules=modules,
        device=encoder.device,
        prompts={kind: text for kind, text in transformer.prompts.items() if text},
        default_prompt_name=None,  # a text of a kind without a prompt gets none, as in Encoder
        similarity_fn_name="dot",
    )
    model.save(str(folder), create_model_card=False)
