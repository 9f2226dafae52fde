# make run          EHI and IVF on hpo, at a tenth of the documents
# make test         the tests
# make check        formatting, lint, types
# make gate         quality and speed on hpo, compared with the committed baseline; CHECK="--junit FILE"
#                   passes options to ehibench check
# make baseline     measure that baseline again
# make contest-hpo  measure the methods on hpo with three seeds; saves results/reference/contest-hpo.*.
#                   contest-wordnet, contest-scifact SCIFACT=FOLDER and contest-nl2bash NL2BASH=FOLDER
#                   do so for these datasets; the folders are in BEIR layout
# make report       writes reports/reference and the results in README.md from what contests saved
# make bench        quality and speed on hpo, compared with their targets: minutes
# make bench-scale  growth from ten thousand to a million documents: an hour, 24 GiB of memory

PYTHON ?= python3
VENV := .venv
# faiss-gpu if nvidia-smi works, else faiss-cpu; never both.
DEVICE := $(shell nvidia-smi >/dev/null 2>&1 && echo gpu || echo cpu)
INSTALLED := $(VENV)/installed-$(DEVICE)
PIP := $(VENV)/bin/python -m pip install --quiet --constraint constraints.txt

# The gate runs one seed; the other seeds of the baseline show the noise. Its depth is the baseline's.
GUARDED := --methods ehi,ivf,exact --budget 0.05 --depth 100 --preset quick --device cpu
BASELINE := results/reference/gate.jsonl.xz
BENCHES := $(addprefix tests/benches/bench_,hpo.py heights.py search.py frontier.py training.py)

.PHONY: run test check gate baseline report bench bench-scale
.PHONY: contest-hpo contest-scifact contest-nl2bash contest-wordnet

run: $(INSTALLED)
	$(VENV)/bin/ehibench run --methods ehi,ivf --budget 0.1

test: $(INSTALLED)
	$(VENV)/bin/python -m pytest

check: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

gate: $(INSTALLED)
	rm -rf results/runs/gate
	$(VENV)/bin/ehibench run $(GUARDED) --seed 0 --out results/runs/gate
	$(VENV)/bin/ehibench check $(BASELINE) results/runs/gate --seed 0 $(CHECK)

baseline: $(INSTALLED)
	rm -rf results/runs/baseline
	$(VENV)/bin/ehibench run $(GUARDED) --seed 0,1,2 --out results/runs/baseline
	$(VENV)/bin/ehibench baseline results/runs/baseline $(BASELINE)

# A contest measures a dataset in a run folder, or continues there, and saves the records to a file
# that is committed. Every method chooses its leaves, lists and links for each budget, on the tuning
# queries. Some cannot meet every budget: their records say so, and run exits with 2, which is not a
# reason to stop.
comma := ,
MENU = $(foreach key,$(2),--choose $(key)=$(subst :,$(comma),$(1)))
LEAVES = $(call MENU,$(1),ehi.branching ivf.lists ivfpq.lists scann.leaves)
LINKS := $(call MENU,8:16:32,hnsw.neighbours faiss_hnsw.neighbours)
RUN := $(VENV)/bin/ehibench run --preset quick --device cpu --seed 0,1,2
CONTEST = $(RUN) --out results/runs/$@
SAVE = $(VENV)/bin/ehibench baseline results/runs/$@ results/reference/$@.jsonl.xz
FEW := --methods ehi,ivf,hnsw,exact --set timing.seconds=0.1 --set timing.rounds=3 \
	$(call MENU,8:16:32,hnsw.neighbours)

contest-hpo: ON_HPO = $(CONTEST) --set timing.seconds=0.3 --choose tree.reorder=0,30 $(LINKS)
contest-hpo: $(INSTALLED)
	$(ON_HPO) --methods all --budget 0.01,0.02,0.05,0.1 $(call LEAVES,512:1024)
	$(ON_HPO) --methods ehi,ivf,ivfpq,scann,hnsw,faiss-hnsw --budget-by macs \
		--budget 0.01,0.015,0.02,0.03,0.05 $(call LEAVES,128:256:512) || test $$? = 2
	$(ON_HPO) --methods ehi,ivf,scann,hnsw,faiss-hnsw --budget-by latency \
		--budget 0.025,0.035,0.05,0.075,0.1 $(call LEAVES,256:512:1024) || test $$? = 2
	$(SAVE)

contest-scifact: $(INSTALLED)
	$(CONTEST) $(FEW) --dataset beir:$(or $(SCIFACT),$(error add SCIFACT=FOLDER, in BEIR layout)) \
		--budget 0.017,0.032,0.064,0.127 --set training.batch_size=64 \
		$(call MENU,64:128:256,ehi.branching ivf.lists) || test $$? = 2
	$(SAVE)

contest-nl2bash: $(INSTALLED)
	$(CONTEST) $(FEW) --dataset beir:$(or $(NL2BASH),$(error add NL2BASH=FOLDER, in BEIR layout)) \
		--budget 0.005,0.01,0.02,0.05,0.1 \
		$(call MENU,256:512:1024,ehi.branching ivf.lists) || test $$? = 2
	$(SAVE)

contest-wordnet: $(INSTALLED)
	$(CONTEST) $(FEW) --dataset wordnet --budget 0.005,0.01,0.02,0.05 || test $$? = 2
	$(SAVE)

SAVED := $(wildcard results/reference/contest-*.jsonl.xz)

report: $(INSTALLED)
	$(if $(SAVED),rm -rf reports/reference,$(error nothing is saved yet; start with make contest-hpo))
	$(VENV)/bin/ehibench report $(SAVED) --out reports/reference
	$(VENV)/bin/python -m harness.report.paper.front_page README.md reports/reference

bench: $(INSTALLED)
	$(PIP) --editable ".[$(DEVICE),bench]"
	$(VENV)/bin/python -m pytest -s $(BENCHES)

bench-scale: $(INSTALLED)
	$(VENV)/bin/python -m tests.benches.bench_scale

# pip compiles hnswlib; without a compiler, everything else still works.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) --editable ".[$(DEVICE),bm25,scann,ngt,data,dev]"
	@$(PIP) hnswlib || echo "hnswlib was not compiled: method hnsw stays unavailable until it is"
	touch $@
