"""What `bin/bench` is made of. launch.py and memory.py use the standard library only; the loads need the installation's Python."""
