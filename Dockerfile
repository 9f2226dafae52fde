# docker build -t ehibench . && docker run --rm -v "$PWD:/work" ehibench run --dataset beir:my-data
# With a GPU: docker build --build-arg DEVICE=gpu, and docker run --gpus all.
FROM python:3.11-slim

ARG DEVICE=cpu

# pip compiles hnswlib; without it, everything else still works.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends g++ wordnet-base \
    && rm -rf /var/lib/apt/lists/*

COPY pyproject.toml constraints.txt README.md LICENSE ehibench_start.py /source/
COPY ehibench /source/ehibench
COPY harness /source/harness
COPY methods /source/methods
COPY results/published /source/results/published
RUN pip install --no-cache-dir --constraint /source/constraints.txt \
        "/source[$DEVICE,bm25,scann,ngt,data,notebook,parquet]" \
    && (pip install --no-cache-dir --constraint /source/constraints.txt hnswlib \
        || echo "hnswlib was not compiled: method hnsw stays unavailable") \
    && rm -rf /source

ENV EHIBENCH_CACHE=/cache
VOLUME ["/cache"]
WORKDIR /work
ENTRYPOINT ["ehibench"]
CMD ["--help"]
