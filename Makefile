# GNU make. `make avatar` and `make test` set up .venv by themselves when it is missing or out of date.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup avatar test lint type gallery pictures bench

setup: $(READY)

# A stamp, so that the installation runs again when what is to be installed changes, and only then.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,diffusion]'
	touch $@

avatar: $(READY)
	$(BIN)/personify create "a grumpy teapot who loves astronomy" --seed 7 --out avatars --force
	@echo "Watch it:  $(CURDIR)/avatars/a-grumpy-teapot-who-loves-astronomy/greeting.mp4"
	@echo "Its face:  $(CURDIR)/avatars/a-grumpy-teapot-who-loves-astronomy/portrait.png"

test: $(READY)
	$(BIN)/pytest -n auto

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
