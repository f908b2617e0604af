"""What `make bench` measures: the product against a peer or a limit of the same run;
docs/benchmarks.md says how."""
