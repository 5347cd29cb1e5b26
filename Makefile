SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
# Debian puts Mosquitto where a user's PATH may not look.
export PATH := $(PATH):/usr/sbin

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
BOARDS := $(patsubst boards/%/board.json,%,$(wildcard boards/*/board.json))
SOURCES := firmware boards host_tools tests tools

# Which stubs a board's firmware is checked against.
STUBS_virtual := unix
STUBS_pico_w := rp2-rpi_pico_w
STUBS_pico_w_24 := rp2-rpi_pico_w
STUBS_esp32 := esp32

DOOR ?= 3
SEED ?= 42
BREAK ?=
MOMENTS ?= 20
CUTS ?=
FLIPS ?=
ONLY ?=
LOG ?=
HOURS ?= 50
SCENARIO ?=
BOARD ?= virtual

INSTALLED := .venv/.installed
COSMIC_RAY := .venv/.cosmic-ray
UMQTT := build/vendor/umqtt/simple.py
PICO_IMAGE := build/images/.pico_w

##@ Use
.PHONY: demo
demo: setup ## play the story on the virtual bench: DOOR=3 SEED=42 BREAK=swap_doors (all optional)
	@$(BIN)/lockerctl demo --door $(DOOR) --seed $(SEED) $(if $(BREAK),--break $(BREAK))

.PHONY: emulate
# The defaults of BOARD and DOOR are for the other targets: only what was asked for counts here.
emulate: setup mosquitto $(PICO_IMAGE) ## a short story on the real image in an emulated board: DOOR=3 SEED=42 BOARD=pico_w, pico_w_24 or esp32 (where a QEMU has it)
	@$(BIN)/lockerctl emulate $(if $(filter file,$(origin DOOR)),,--door $(DOOR)) --seed $(SEED) --board $(if $(filter file,$(origin BOARD)),pico_w,$(BOARD))

.PHONY: emulate-pulse
emulate-pulse: setup $(PICO_IMAGE) ## what can go wrong in a coil's pulse, on the real image: MOMENTS=20 BREAK=no_boot or claimed
	@$(BIN)/python -m emulator.pulse --moments $(MOMENTS) $(if $(BREAK),--break $(BREAK))

.PHONY: simulate
simulate: setup ## hours of faults against the whole firmware in virtual time: HOURS=50 SEED=7 BREAK=claim_late SCENARIO=file
	@$(BIN)/python -m simulation --hours $(HOURS) --seed $(SEED) $(if $(BREAK),--break $(BREAK)) \
	  $(if $(SCENARIO),--scenario $(SCENARIO)) $(ARGS)

.PHONY: build
build: setup ## compile the firmware into build/firmware/BOARD: BOARD=virtual, pico_w, pico_w_24 or esp32
	@$(BIN)/python -m lockerctl.build $(BOARD)

.PHONY: flash
flash: setup ## the pinned MicroPython image onto a board: BOARD=esp32 PORT=/dev/ttyUSB0 (a Pico in BOOTSEL needs no PORT)
	@$(BIN)/lockerctl flash --board $(BOARD) $(if $(PORT),--port $(PORT)) $(ARGS)

.PHONY: deploy
deploy: setup ## the firmware onto a board, whole or not at all: BOARD=pico_w PORT=/dev/ttyACM0 ARGS="--dry-run --json"
	@$(BIN)/lockerctl deploy --board $(BOARD) --port $(if $(PORT),$(PORT),$(error PORT=... is missing; lockerctl ports lists them)) $(ARGS)

.PHONY: images
images: setup ## fetch and verify the MicroPython images of boards/images.lock
	@$(BIN)/python -m lockerctl.images

.PHONY: power-cuts
power-cuts: setup ## the power goes in any flash write, on real littlefs: CUTS=5000 SEED=42 BREAK=late_claim ONLY=LIFE.CUT LOG=file to go on from
	@$(BIN)/python -m power_cut --cuts $(or $(CUTS),5000) --seed $(SEED) $(if $(LOG),--log $(LOG)) $(if $(BREAK),--break $(BREAK)) $(if $(ONLY),--only $(ONLY)) $(ARGS)

.PHONY: power-cuts-emulated
power-cuts-emulated: setup $(PICO_IMAGE) ## the same with the whole firmware on the real image: CUTS=20 SEED=42
	@$(BIN)/python -m power_cut.emulated --cuts $(or $(CUTS),20) --seed $(SEED) $(ARGS)

.PHONY: shred-rounds
shred-rounds: setup ## collected parcels' keys leave the flash, on real littlefs, the power cut in between: ROUNDS=1000 SEED=42 BREAK=no_shredder
	@$(BIN)/python -m power_cut.shred_rounds --rounds $(or $(ROUNDS),1000) --seed $(SEED) $(if $(BREAK),--break $(BREAK))

.PHONY: bit-rot
bit-rot: setup ## single bits flip in a station's file system: FLIPS=2000 SEED=42 BREAK=no_anchors
	@$(BIN)/python -m power_cut --flips $(or $(FLIPS),2000) --seed $(SEED) $(if $(BREAK),--break $(BREAK))

.PHONY: perf
perf: setup $(PICO_IMAGE) ## every budget with its figure, into build/perf.json: ARGS="--strict" or ARGS="doors size"
	@$(BIN)/python -m emulator.perf $(ARGS)

.PHONY: clock-lab
clock-lab: setup ## clocks and code windows over months, in 32-bit floats, beside naive ones: SEED=42
	@$(BIN)/python -m labs.clock_lab --seed $(SEED)

.PHONY: lockout-lab
lockout-lab: setup ## what guessing codes day and night comes to, and what it costs honest people: SEED=42
	@$(BIN)/python -m labs.lockout_lab --seed $(SEED)

##@ Check
.PHONY: model
model: setup ## every state of two doors, on the real code, and mutants that must be caught
	@$(BIN)/python -m model

.PHONY: mutants
mutants: setup $(COSMIC_RAY) ## small wrong changes of the door core that a unit test must notice
	@$(BIN)/python -m model.mutation

.PHONY: test
test: mosquitto oathtool lint types layers size unit model simulate-50 ## everything below, then all tests, the search of every state and 50 simulated hours

# Neither ARGS, which narrows the tests, nor another SEED: what CI plays is always the same.
.PHONY: simulate-50
simulate-50: setup
	@$(BIN)/python -m simulation --hours 50 --seed 42

.PHONY: unit
unit: setup mosquitto oathtool $(PICO_IMAGE) ## all tests, without the static checks: ARGS="-k name"
ifneq ($(ARGS),)
	@$(BIN)/python -m pytest -q $(ARGS)
else
	@# The emulated boards keep one core busy for as long as everything else takes.
	@echo "unit: tests on the emulated boards go on beside the others, and are shown after them"
	@mkdir -p build; \
	$(BIN)/python -m pytest -q tests/emulator > build/emulated.log 2>&1 & emulated=$$!; \
	bad=0; $(BIN)/python -m pytest -q --ignore=tests/emulator || bad=1; \
	wait $$emulated || bad=1; cat build/emulated.log; exit $$bad
endif

.PHONY: lint
lint: setup ## style, spelling and dead code
	@bad=0; \
	$(BIN)/ruff check -q --output-format concise $(SOURCES) || bad=1; \
	$(BIN)/ruff format --check -q --output-format concise $(SOURCES) || { echo "format: make fmt puts this right"; bad=1; }; \
	$(BIN)/codespell $(SOURCES) Makefile pyproject.toml $(wildcard *.md) || bad=1; \
	$(BIN)/vulture || bad=1; \
	[ $$bad = 1 ] || echo "lint: ok"; exit $$bad

.PHONY: types
types: $(BOARDS:%=types-%) types-host ## mypy: firmware and HAL against each port's stubs, host tools on CPython

types-host: setup
	@echo -n "host: "
	@MYPYPATH=host_tools:firmware $(BIN)/mypy --cache-dir build/mypy/host host_tools tools

# The board's build comes first for its generated safe_pins.py.
types-%: setup build/stubs/%/.installed
	@$(BIN)/python -m lockerctl.build $* > build/types-$*.log || { cat build/types-$*.log; exit 1; }
	@echo -n "$*: "
	@MYPYPATH=build/stubs/$*:firmware:boards/$*:boards:build/firmware/$*:build/vendor \
	  $(BIN)/mypy --cache-dir build/mypy/$* --custom-typeshed-dir build/stubs/$* --follow-imports silent \
	  --explicit-package-bases --platform linux \
	  firmware/locker $(wildcard firmware/main.py firmware/boot.py) \
	  $(wildcard boards/$*/hal.py boards/$*/safe.py)

.PHONY: layers
layers: setup ## the one-way rule: who may import what
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python tools/imports.py

.PHONY: size
size: setup ## compiled size by package, against the budget
	@$(BIN)/python tools/size.py

##@ Keep
.PHONY: setup
setup: $(INSTALLED) $(UMQTT) ## the virtual environment and what the builds need (other targets do it themselves)
	@:

.PHONY: fmt
fmt: setup ## put the style right
	@$(BIN)/ruff check -q --fix $(SOURCES) || true
	@$(BIN)/ruff format -q $(SOURCES)

.PHONY: lock
lock: setup ## resolve pyproject.toml's pins again into requirements.lock
	@$(BIN)/python tools/lock.py

.PHONY: clean
clean: ## remove everything that make has made
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find firmware boards host_tools tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile

$(INSTALLED): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Latchwork needs Python 3.11 or newer: make PYTHON=...")'
	@echo "setup: installing the pinned packages into .venv (about half a minute, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "no venv: on Debian, apt-get install python3-venv" >&2; exit 1; }
	@$(PIP) install -c requirements.lock -e '.[dev]'
	@touch $@

$(COSMIC_RAY): pyproject.toml requirements.lock | $(INSTALLED)
	@echo "setup: installing cosmic-ray"
	@$(PIP) install -c requirements.lock -e '.[mutation]'
	@touch $@

$(UMQTT): host_tools/lockerctl/vendor.py | $(INSTALLED)
	@echo "setup: fetching umqtt.simple"
	@$(BIN)/python -m lockerctl.vendor
	@touch $@

$(PICO_IMAGE): boards/images.lock | $(INSTALLED)
	@echo "setup: fetching the Pico W image"
	@$(BIN)/python -m lockerctl.images pico_w
	@touch $@

# Not an intermediate file to make: it stays.
.PRECIOUS: build/stubs/%/.installed
build/stubs/%/.installed: requirements.lock | $(INSTALLED)
	@echo "setup: fetching the type stubs for $*"
	@rm -rf $(@D)
	@$(PIP) install -c requirements.lock --target $(@D) micropython-$(STUBS_$*)-stubs
	@touch $@

# Debian's packages for the tests: a real broker, and a second opinion on one-time codes.
.PHONY: mosquitto oathtool
mosquitto oathtool:
	@command -v $@ > /dev/null && exit 0; \
	if [ "$$(id -u)" != 0 ]; then \
	  echo "The tests need $@: sudo apt-get install $@" >&2; exit 1; \
	fi; \
	echo "setup: installing $@"; \
	export DEBIAN_FRONTEND=noninteractive; \
	install="apt-get install -y -qq --no-install-recommends $@"; \
	mkdir -p build; \
	{ $$install || { apt-get update -qq && $$install; }; } > build/apt-$@.log 2>&1 \
	  || { tail build/apt-$@.log >&2; exit 1; }
