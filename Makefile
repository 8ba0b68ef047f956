# Two commands: `make run` shows the whole thing on this machine, `make test` checks it.
#
#   make run                 start everything, run the samples, keep serving until Ctrl-C
#   make run ONCE=1          the same, then end: status 0 when every run finished, else 1
#   make run CONTROL=aws     control plane on DynamoDB and SQS (of the embedded AWS) instead of SQLite
#   make run SAMPLES=0       only serve
#   make test                lint, types, layers and all tests
#   make taskrunner          build dist/taskrunner.pyz, the Task Runner as one file
#   make clean               forget the embedded state

.PHONY: run test taskrunner venv format clean

run: venv
	@exec .venv/bin/python -m local $(if $(ONCE),--once) $(if $(CONTROL),--control $(CONTROL)) \
	    $(if $(filter 0,$(SAMPLES)),--no-samples) $(if $(PORT),--port $(PORT)) </dev/null

test: venv
	@sh infra/test

venv:
	@sh infra/venv

taskrunner: venv
	@.venv/bin/python -m taskrunner.build

format: venv
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

clean:
	rm -rf .penstock
