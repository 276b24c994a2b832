# Names for the commands in scripts/make.py, which does the work on every system.
PYTHON ?= python3
TARGETS := book test check run chat lab

help:
	@$(PYTHON) scripts/make.py help

$(TARGETS):
	@$(PYTHON) scripts/make.py $@

.PHONY: help $(TARGETS)
.NOTPARALLEL:
