"""How any service is asked: where it is and with which key, what its answer means, what it costs and lists."""
