"""What can be plugged in. The bases hold retry, time-outs, metrics and cancellation; a provider overrides one small method."""
