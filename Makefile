# GNU make. `make avatar` and `make test` set up .venv by themselves when it is missing or out of date.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup avatar ui test slow cluster lint type gallery pictures bench

setup: $(READY)

# torchaudio's wheel has a compiled part for CUDA alone, which fails to load beside a torch without CUDA. It only reads and
# writes sound files, which Personify does by itself, so it is left out there; what Coqui's models use is plain torch.
define without_cuda
import importlib.util, pathlib, shutil, torch
if torch.version.cuda is None:
    shutil.rmtree(pathlib.Path(importlib.util.find_spec("torchaudio").origin).with_name("lib"), ignore_errors=True)
endef
export without_cuda

# A stamp, so that the installation runs again when what is to be installed changes, and only then.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,diffusion,coqui]'
	$(BIN)/python -c "$$without_cuda"
	touch $@

avatar: $(READY)
	$(BIN)/personify create "a grumpy teapot who loves astronomy" --seed 7 --out avatars --force
	@echo "Watch it:  $(CURDIR)/avatars/a-grumpy-teapot-who-loves-astronomy/greeting.mp4"
	@echo "Its face:  $(CURDIR)/avatars/a-grumpy-teapot-who-loves-astronomy/portrait.png"

ui: $(READY)
	$(BIN)/personify ui --open

test: $(READY)
	$(BIN)/pytest -n auto

slow: $(READY)
	$(BIN)/pytest -n auto -m "slow and not cluster"

# A process for each test: Ray doesn't reliably start a second cluster in one that has had a first.
cluster: $(READY)
	tests=$$($(BIN)/pytest -m cluster --collect-only tests/test_batch_*.py) && printf '%s\n' "$$tests" | grep :: \
	  | xargs -r -d '\n' -n 1 $(BIN)/pytest -p no:xdist -m cluster

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

type: $(READY)
	$(BIN)/mypy

gallery: $(READY)
	$(BIN)/python -m personify.eval.gallery --out gallery

pictures: $(READY)
	$(BIN)/python -m personify.eval.pictures

bench: $(READY)
	$(BIN)/personify bench speed
