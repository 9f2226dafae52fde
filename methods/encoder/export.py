"""Export an encoder as a SentenceTransformer folder, for programs without ehibench."""

from pathlib import Path

from methods.encoder.encoder import Encoder


def export_encoder(encoder: Encoder, folder: Path) -> None:
    """Write a model into `folder` whose `encode_query` and `encode_document` return E(x) in fp32.

    The head becomes a Dense module after the transformer's own, the normalisation a Normalize.
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
        default_prompt_name=None,  # as in Encoder, a kind without a declared prompt gets none
        similarity_fn_name="dot",
    )
    model.save(str(folder), create_model_card=False)
