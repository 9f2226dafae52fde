"""Export an encoder as a SentenceTransformer folder, for programs without ehibench."""

from pathlib import Path

from methods.encoder.declared import PROMPT_NAMES
from methods.encoder.encoder import Encoder


def export_encoder(encoder: Encoder, folder: Path) -> None:
    """Write a model into `folder` whose `encode_query` and `encode_document` return E(x) in fp32.

    The head becomes a Dense module after the transformer's own, the normalisation a Normalize. A
    Router with a tower for queries and one for documents stays as it is.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize
    from torch import eye, nn

    transformer, dimensions = encoder.transformer, encoder.profile.dimensions
    modules: list[nn.Module] = list(transformer)
    if transformer.truncate_dim is not None:  # before the head, while a model does so at the end
        with transformer.truncate_embeddings(None):
            width = transformer.get_embedding_dimension() or dimensions
        first = eye(dimensions, width)
        modules.append(Dense(width, dimensions, False, nn.Identity(), init_weight=first))
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
    used: dict[str, str] = {kind: encoder.prompt(kind) for kind in PROMPT_NAMES}
    model = SentenceTransformer(
        modules=modules,
        device=encoder.device,
        prompts={name: text for name, text in {**transformer.prompts, **used}.items() if text},
        default_prompt_name=None,  # a prompt that both kinds share is saved under both names
        similarity_fn_name="dot",
    )
    model.save(str(folder), create_model_card=False)
